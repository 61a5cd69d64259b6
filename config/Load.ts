/** From file texts to the configuration in force. Owns: the order of checks (text, schema, cross-check) and the hash. */
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { Effect, Result, Schema } from "effect"
import { ConfigInvalid, type ConfigProblem } from "./ConfigInvalid.ts"
import * as CrossCheck from "./CrossCheck.ts"
import { type Decoded, fileOf, type FileName, files, names } from "./Files.ts"
import type { House } from "./House.ts"
import * as Jsonc from "./Jsonc.ts"
import * as Problems from "./Problems.ts"

/** File name (`accounts.json`) to its text. */
export type Texts = Readonly<Record<string, string>>

type Checked<A> = Result.Result<A, ReadonlyArray<ConfigProblem>>

const missing = (file: string, remedy: string): ConfigProblem => ({ file, path: "", expected: "this file", got: "nothing", remedy })

const copyRemedy = "copy it from config/default, or point INTERLOCK_CONFIG at the folder that has it"

const decodeFile = <A>(name: FileName, schema: Schema.Codec<A, unknown>, texts: Texts): Checked<A> => {
  const file = fileOf(name)
  const text = texts[file]
  if (text === undefined) return Result.fail([missing(file, copyRemedy)])

  const parsed = Jsonc.parse(text)
  if (Result.isFailure(parsed)) {
    const { line, column, expected, got } = parsed.failure
    return Result.fail([{ file, path: `line ${line}, column ${column}`, expected, got }])
  }
  return Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })(parsed.success).pipe(
    Result.mapError((error) => Problems.of(file, parsed.success, error.issue))
  )
}

const decodeAll = (texts: Texts): Checked<Decoded> => {
  const lanes = decodeFile("lanes", files.lanes, texts)
  const strategies = decodeFile("strategies", files.strategies, texts)
  const accounts = decodeFile("accounts", files.accounts, texts)
  const venues = decodeFile("venues", files.venues, texts)
  const instruments = decodeFile("instruments", files.instruments, texts)
  const calendars = decodeFile("calendars", files.calendars, texts)
  if (
    Result.isSuccess(lanes) && Result.isSuccess(strategies) && Result.isSuccess(accounts) &&
    Result.isSuccess(venues) && Result.isSuccess(instruments) && Result.isSuccess(calendars)
  ) {
    return Result.succeed({
      lanes: lanes.success,
      strategies: strategies.success,
      accounts: accounts.success,
      venues: venues.success,
      instruments: instruments.success,
      calendars: calendars.success
    })
  }
  const all: ReadonlyArray<Checked<unknown>> = [lanes, strategies, accounts, venues, instruments, calendars]
  return Result.fail(all.flatMap((one) => Result.isFailure(one) ? one.failure : []))
}

/** Keys in order, so that only content counts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).filter(([key]) => key !== "$schema").sort(([one], [other]) => one < other ? -1 : 1))
      : inner)

const encodedOf = (decoded: Decoded): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => {
    const schema: Schema.Codec<Decoded[FileName], unknown> = files[name]
    return [name, Schema.encodeSync(schema)(decoded[name])]
  }))

const byId = <Id, Entry extends { readonly id: Id }>(entries: ReadonlyArray<Entry>): ReadonlyMap<Id, Entry> =>
  new Map(entries.map((entry) => [entry.id, entry]))

const assemble = (decoded: Decoded): House => {
  const body = encodedOf(decoded)
  return { ...assembled(decoded), hash: createHash("sha256").update(canonical(body)).digest("hex"), body }
}

const assembled = (decoded: Decoded): Omit<House, "hash" | "body"> => ({
  lanes: byId(decoded.lanes.lanes),
  strategies: byId(decoded.strategies.strategies),
  accounts: byId(decoded.accounts.accounts),
  logins: byId(decoded.venues.logins),
  instruments: decoded.instruments.instruments,
  calendars: byId(decoded.calendars.calendars)
})

/** Pure: all problems of the texts, or the configuration they make. */
export const fromTexts = (texts: Texts): Result.Result<House, ConfigInvalid> => {
  const decoded = decodeAll(texts)
  if (Result.isFailure(decoded)) return Result.fail(ConfigInvalid.of(decoded.failure))
  const problems = CrossCheck.problems(decoded.success)
  return problems.length > 0 ? Result.fail(ConfigInvalid.of(problems)) : Result.succeed(assemble(decoded.success))
}

const readIn = (folder: string, file: string): Result.Result<string, ConfigProblem> => {
  try {
    return Result.succeed(readFileSync(NodePath.join(folder, file), "utf8"))
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown"
    const path = NodePath.join(folder, file)
    if (code === "ENOENT") return Result.fail(missing(path, copyRemedy))
    return Result.fail({ file: path, path: "", expected: "a file that can be read", got: code, remedy: "check its owner and mode" })
  }
}

/** The files of a folder as they are now. */
export const readFolder = (folder: string): Effect.Effect<Texts, ConfigInvalid> =>
  Effect.suspend(() => {
    const read = names.map((name) => ({ file: fileOf(name), text: readIn(folder, fileOf(name)) }))
    const problems = read.flatMap(({ text }) => Result.isFailure(text) ? [text.failure] : [])
    if (problems.length > 0) return Effect.fail(ConfigInvalid.of(problems))
    return Effect.succeed(Object.fromEntries(read.flatMap(({ file, text }) => Result.isSuccess(text) ? [[file, text.success]] : [])))
  })

export const fromFolder = (folder: string): Effect.Effect<House, ConfigInvalid> =>
  Effect.flatMap(readFolder(folder), (texts) => Effect.fromResult(fromTexts(texts)))
