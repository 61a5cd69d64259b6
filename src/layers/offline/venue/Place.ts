/** The configuration folder that a command may write in. Owns: that the demo which comes with the house stays as it is, and is copied instead. */
import { cpSync, existsSync, renameSync, rmSync } from "node:fs"
import * as NodePath from "node:path"
import { Data, Effect, Option } from "effect"
import * as Environment from "#config/Environment.ts"
import { fileOf, type FileName } from "#config/Files.ts"
import * as Load from "#config/Load.ts"
import { Settings } from "#config/Settings.ts"
import * as Together from "#config/Together.ts"

/** What the disk, or the place itself, has against it. Nothing was written. */
export class CannotWrite extends Data.TaggedError("CannotWrite")<{ readonly message: string }> {}

export interface Place {
  /** Where it is read now. */
  readonly folder: string
  /** Where it will stand. */
  readonly target: string
  readonly isCopy: boolean
  readonly texts: Load.Texts
  readonly dataFolder: string
}

export const find = Effect.gen(function*() {
  const { configFolder: folder, dataFolder, home } = yield* Settings
  const texts = yield* Load.readFolder(folder)
  const isCopy = folder === NodePath.join(home, "config", "default")
  const variable = yield* Environment.variable(yield* Environment.providerIn(home), "INTERLOCK_CONFIG")
  if (isCopy && Option.isSome(variable)) {
    return yield* new CannotWrite({ message: `INTERLOCK_CONFIG names ${folder}, the demo that comes with the house: copy it (\`cp -r config/default config/local\`), and let the variable name the copy or nothing` })
  }
  const place: Place = { folder, target: isCopy ? NodePath.join(home, "config", "local") : folder, isCopy, texts, dataFolder }
  return place
})

export type Changed = Readonly<Partial<Record<FileName, string>>>

const changesOf = ({ texts }: Place, folder: string, changed: Changed): ReadonlyArray<Together.Write> =>
  Object.entries(changed).map(([name, text]) => {
    const file = `${name}.json`
    return { path: NodePath.join(folder, file), text, isSecret: false, was: texts[file] ?? "" }
  })

const copied = (place: Place, changed: Changed, others: ReadonlyArray<Together.Write>) => {
  const beside = `${place.target}.${process.pid}.new`
  try {
    if (existsSync(place.target)) throw new Together.ChangedMeanwhile(place.target)
    cpSync(place.folder, beside, { recursive: true })
    Together.write(changesOf(place, beside, changed))
    Together.write(others)
    renameSync(beside, place.target)
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}

/** All of it or nothing, and no signal comes between. */
export const write = (place: Place, changed: Changed, others: ReadonlyArray<Together.Write>): Effect.Effect<void, CannotWrite> =>
  Effect.try({
    try: () => place.isCopy && Object.keys(changed).length > 0 ? copied(place, changed, others) : Together.write([...others, ...changesOf(place, place.folder, changed)]),
    catch: (error) => new CannotWrite({ message: `nothing was written: ${error instanceof Error ? error.message : "the disk refuses"}` })
  })

/** As they would be read then. */
export const textsWith = ({ texts }: Place, changed: Changed): Load.Texts =>
  ({ ...texts, ...Object.fromEntries(Object.entries(changed).map(([name, text]) => [`${name}.json`, text])) })

export const textOf = ({ texts }: Place, name: FileName): string => texts[fileOf(name)] ?? ""
