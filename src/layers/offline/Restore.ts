/** `restore`: a backup becomes a data folder again, and the person is told what it does not hold. */
import { existsSync } from "node:fs"
import * as NodePath from "node:path"
import { parseArgs } from "node:util"
import { Console, Effect, Option } from "effect"
import * as Environment from "#config/Environment.ts"
import * as Load from "#config/Load.ts"
import { Settings } from "#config/Settings.ts"
import * as Offline from "#src/layers/offline/Offline.ts"
import * as Restore from "#src/stores/Restore.ts"

interface Asked {
  readonly from: string
  readonly data: string | undefined
  readonly isForced: boolean
}

const fileMark = "$file "
const envMark = "$env "

/** Those that this machine lacks; a backup holds none. */
const missing = Effect.fnUntraced(function*(names: ReadonlyArray<string>, dataFolder: string) {
  const { home } = yield* Settings
  const provider = yield* Environment.providerIn(home)
  const found: Array<string> = []
  for (const name of names) {
    const isThere = name.startsWith(fileMark)
      ? existsSync(NodePath.resolve(dataFolder, name.slice(fileMark.length)))
      : Option.isSome(yield* Environment.variable(provider, name.slice(envMark.length)))
    if (!isThere) found.push(name)
  }
  return found
})

const secretLine = (name: string, dataFolder: string): string => {
  if (name.startsWith(envMark)) return `set ${name.slice(envMark.length)} in the environment or in .env: no backup holds a secret`
  const path = NodePath.resolve(dataFolder, name.slice(fileMark.length))
  return `put ${path} back from where you keep it: no backup holds a secret. If it is made anew at the start, its senders have to be given the new one`
}

/** What to do next, one sentence each. */
const next = Effect.fnUntraced(function*({ manifest }: Restore.Restored, dataFolder: string) {
  const { configFolder, dataFolder: usual } = yield* Settings
  const variables = dataFolder === usual ? "" : `INTERLOCK_DATA=${dataFolder} `
  const inUse = yield* Effect.option(Load.fromFolder(configFolder))
  const isSame = Option.isSome(inUse) && inUse.value.hash === manifest.configHash
  const ownConfig = NodePath.join(dataFolder, "config")
  return [
    "keep the house that made this backup stopped for good: both would trade the same accounts",
    ...(yield* missing(manifest.secrets, dataFolder)).map((name) => secretLine(name, dataFolder)),
    ...(isSame ? [] : [`the configuration in ${configFolder} is not the backup's: compare it with ${ownConfig}, or start with INTERLOCK_CONFIG=${ownConfig}`]),
    `stop your senders until it has settled: alerts that came after ${manifest.madeAt} are not known here, so one that is sent again counts as new`,
    `start it with \`${variables}npm start\`: every account asks its venue what happened since, and takes no new risk before it knows`,
    `then look at \`interlock tail --since ${manifest.seq}\`: a position that the venue opened or closed since is told as drift and not touched; set such accounts right at the venue, and \`interlock flatten\` closes there what is open`
  ]
})

const restore = ({ data, from, isForced }: Asked, isJson: boolean) =>
  Effect.gen(function*() {
    const dataFolder = data === undefined ? (yield* Settings).dataFolder : NodePath.resolve(data)
    const restored = yield* Restore.restore({ from: NodePath.resolve(from), dataFolder, isForced })
    const { aside, manifest } = restored
    const todo = yield* next(restored, dataFolder)
    yield* Console.log(isJson
      ? JSON.stringify({ dataFolder, seq: manifest.seq, madeAt: manifest.madeAt, version: manifest.version, aside: aside ?? null, next: todo })
      : [
        `restored ${dataFolder} as it was at ${manifest.madeAt}, journal row ${manifest.seq} (made by version ${manifest.version})`,
        ...(aside === undefined ? [] : [`what was there before lies in ${aside}`]),
        "next:",
        ...todo.map((line, index) => `  ${index + 1}. ${line}`)
      ].join("\n"))
    return Offline.exitCodes.done
  }).pipe(Effect.provide(Settings.layer))

const usage = "restore <folder of a backup> [--data <folder>] [--force] [--json]"

const parse = (args: ReadonlyArray<string>) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { data: { type: "string" }, force: { type: "boolean", default: false }, json: { type: "boolean", default: false } }
    })
  } catch {
    return undefined
  }
}

export const run = (args: ReadonlyArray<string>): void => {
  const found = parse(args)
  const [from, ...more] = found?.positionals ?? []
  if (found === undefined || from === undefined || more.length > 0) return Offline.usage(usage, args.includes("--json"))
  const { data, force, json } = found.values
  Offline.run(restore({ from, data, isForced: force }, json), json)
}
