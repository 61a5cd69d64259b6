/** `config check`: everything that a start or a reload would say of a configuration, without a house. Nothing is made or changed. */
import * as NodePath from "node:path"
import { parseArgs } from "node:util"
import { Console, Effect, Result } from "effect"
import { type ConfigProblem, lineOf } from "#config/ConfigInvalid.ts"
import type { House } from "#config/House.ts"
import * as HouseLive from "#config/HouseLive.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import { Settings } from "#config/Settings.ts"
import * as Offline from "#src/layers/offline/Offline.ts"

/** A secret is named in its lane. */
const ofSecret = ({ expected, got, remedy, secret, usedBy }: SecretsLive.SecretProblem): ConfigProblem =>
  ({ file: "lanes.json", path: secret, entry: usedBy, expected, got, remedy })

const found = Effect.gen(function*() {
  const house = yield* Effect.mapError(HouseLive.read, ({ all }) => all)
  yield* Effect.mapError(SecretsLive.check(house), ({ problems }): ReadonlyArray<ConfigProblem> => problems.map(ofSecret))
  return house
})

const countsOf = ({ accounts, calendars, instruments, lanes, logins, strategies }: House) => ({
  lanes: lanes.size, strategies: strategies.size, accounts: accounts.size, logins: logins.size, instruments: instruments.length, calendars: calendars.size
})

const check = (folder: string | undefined, isJson: boolean) =>
  Effect.gen(function*() {
    const settings = yield* Settings
    const configFolder = folder === undefined ? settings.configFolder : NodePath.resolve(folder)
    const result = yield* Effect.result(Effect.provideService(found, Settings, { ...settings, configFolder }))
    if (Result.isFailure(result)) {
      const problems = result.failure
      const lines = [...problems.map(lineOf), `${configFolder}: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}`]
      yield* Console.log(isJson ? JSON.stringify({ ok: false, folder: configFolder, problems }) : lines.join("\n"))
      return Offline.exitCodes.failed
    }
    const counts = countsOf(result.success)
    const { hash } = result.success
    const text = Object.entries(counts).map(([name, count]) => `${count} ${count === 1 ? name.replace(/ies$/, "y").replace(/s$/, "") : name}`).join(", ")
    yield* Console.log(isJson ? JSON.stringify({ ok: true, folder: configFolder, hash, counts }) : `ok: ${configFolder}\n${text}\nhash ${hash}`)
    return Offline.exitCodes.done
  }).pipe(Effect.provide(Settings.layer))

const options = { config: { type: "string" }, json: { type: "boolean", default: false } } as const

const parse = ([what, ...rest]: ReadonlyArray<string>): { readonly config?: string | undefined; readonly json: boolean } | undefined => {
  try {
    return what === "check" ? parseArgs({ args: rest, options }).values : undefined
  } catch {
    return undefined
  }
}

export const run = (args: ReadonlyArray<string>): void => {
  const asked = parse(args)
  if (asked === undefined) return Offline.usage("config check [--config <folder>] [--json]", args.includes("--json"))
  Offline.run(check(asked.config, asked.json), asked.json)
}
