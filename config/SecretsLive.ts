/**
 * Resolves every secret the configuration names, once, at start. Owns: which missing ones are made (those that are ours to choose:
 * a lane's secret under `secrets/` and the operator's token), and what to do about the others.
 */
import * as NodePath from "node:path"
import { Effect, Layer, Option, Redacted, Result, Schema } from "effect"
import type { SecretRef } from "#schemas/config/Secret.ts"
import * as Environment from "./Environment.ts"
import { type House, HouseConfig } from "./House.ts"
import * as Mask from "./Mask.ts"
import * as SecretFile from "./SecretFile.ts"
import { Secrets } from "./Secrets.ts"
import { Settings } from "./Settings.ts"

export const SecretProblem = Schema.Struct({ usedBy: Schema.String, secret: Schema.String, expected: Schema.String, got: Schema.String, remedy: Schema.String })
export type SecretProblem = typeof SecretProblem.Type

/** Names and places, never a value. */
export class SecretsInvalid extends Schema.TaggedError<SecretsInvalid>()("SecretsInvalid", { problems: Schema.Array(SecretProblem) }) {
  override get message() {
    return this.problems.map(({ usedBy, secret, expected, got, remedy }) =>
      `${secret} (${usedBy}): expected ${expected}, got ${got}; ${remedy}`
    ).join("\n")
  }
}

/** A secret the house needs; `isOurs`: made when it is missing. */
interface Wanted {
  readonly ref: SecretRef
  readonly usedBy: string
  readonly isOurs: boolean
}

const madeIn = `secrets${NodePath.sep}`
const operatorToken: Wanted = { ref: { $file: "operator-token" }, usedBy: "the operator's listener", isOurs: true }

/** One name per secret: `$env NAME`, `$file path`. */
export const nameOf = (ref: SecretRef): string => "$env" in ref ? `$env ${ref.$env}` : `$file ${ref.$file}`

const wantedBy = (house: House): ReadonlyArray<Wanted> =>
  Array.from(house.lanes.values(), ({ id, secret }) => ({
    ref: secret,
    usedBy: `lane ${id}`,
    isOurs: "$file" in secret && NodePath.normalize(secret.$file).startsWith(madeIn)
  }))

type Resolved = Result.Result<SecretFile.Found, Omit<SecretProblem, "usedBy" | "secret">>

const longEnough = (found: SecretFile.Found, remedy: string): Resolved =>
  found.value.length >= Mask.lengthMin ? Result.succeed(found) : Result.fail({
    expected: `at least ${Mask.lengthMin} characters (it could not be masked)`,
    got: found.value.length === 0 ? "an empty one" : `${found.value.length}`,
    remedy
  })

const fromFile = (dataFolder: string, file: string, isOurs: boolean): Effect.Effect<Resolved> => {
  const path = NodePath.resolve(dataFolder, file)
  const remedy = `write it to ${path} with mode 0600`
  const readOrMake = Effect.sync((): Resolved => {
    try {
      return longEnough(SecretFile.read(path), remedy)
    } catch (error) {
      const code = SecretFile.codeOf(error)
      if (code !== "ENOENT") return Result.fail({ expected: "a file that can be read", got: code, remedy: `check ${path}` })
    }
    if (!isOurs) return Result.fail({ expected: "a file", got: "nothing", remedy })
    try {
      return Result.succeed({ value: SecretFile.make(path), isOpen: false })
    } catch (error) {
      return Result.fail({ expected: "a folder that can be written", got: SecretFile.codeOf(error), remedy: `check ${NodePath.dirname(path)}` })
    }
  })
  return Effect.tap(readOrMake, (resolved) =>
    Result.isSuccess(resolved) && resolved.success.isOpen
      ? Effect.logWarning(`${path} can be read by others on this machine: chmod 600 it`)
      : Effect.void)
}

const make = Effect.gen(function*() {
  const { home, dataFolder } = yield* Settings
  const provider = yield* Environment.providerIn(home)
  const known = new Map<string, Redacted.Redacted>()

  const fromEnvironment = (name: string): Effect.Effect<Resolved> =>
    Effect.map(Environment.variable(provider, name), Option.match({
      onNone: (): Resolved =>
        Result.fail({ expected: "a variable", got: "nothing", remedy: `set ${name} in the environment or in .env` }),
      onSome: (value) => longEnough({ value, isOpen: false }, `set a longer ${name}`)
    }))

  /** All of them, known from then on, or everything that is missing. */
  const resolve = Effect.fnUntraced(function*(wanted: ReadonlyArray<Wanted>) {
    const problems: Array<SecretProblem> = []
    for (const { ref, usedBy, isOurs } of wanted) {
      const name = nameOf(ref)
      if (known.has(name)) continue
      const resolved = yield* "$env" in ref ? fromEnvironment(ref.$env) : fromFile(dataFolder, ref.$file, isOurs)
      if (Result.isSuccess(resolved)) known.set(name, Redacted.make(resolved.success.value))
      else problems.push({ usedBy, secret: name, ...resolved.failure })
    }
    if (problems.length > 0) return yield* new SecretsInvalid({ problems })
  })

  const house = yield* (yield* HouseConfig).current
  yield* resolve([operatorToken, ...wantedBy(house)])

  const get = Effect.fnUntraced(function*(ref: SecretRef) {
    // A reload may name one that was not asked for at start.
    yield* resolve([{ ref, usedBy: "configuration", isOurs: false }])
    const value = known.get(nameOf(ref))
    return value === undefined ? yield* Effect.die(new Error(`${nameOf(ref)} was not resolved`)) : value
  }, Effect.orDie)

  let masked = 0
  let cover = Mask.make([])
  const mask = (text: string): string => {
    if (masked !== known.size) {
      cover = Mask.make(Array.from(known.values(), Redacted.value))
      masked = known.size
    }
    return cover(text)
  }
  return Secrets.of({ get, mask, operatorToken: yield* get(operatorToken.ref) })
})

export const layer: Layer.Layer<Secrets, SecretsInvalid, Settings | HouseConfig> = Layer.effect(Secrets, make)

/** Given values, for tests and simulation: `{ "$file secrets/webhook-secret": "..." }`. */
export const layerOf = (values: Readonly<Record<string, string>>, token: string): Layer.Layer<Secrets> =>
  Layer.succeed(Secrets, Secrets.of({
    get: (ref) => {
      const value = values[nameOf(ref)]
      return value === undefined ? Effect.die(new Error(`${nameOf(ref)} was not given`)) : Effect.succeed(Redacted.make(value))
    },
    mask: Mask.make([token, ...Object.values(values)]),
    operatorToken: Redacted.make(token)
  }))
