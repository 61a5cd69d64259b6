/**
 * Resolves every secret the configuration names, at start and again with each reload. Owns: which missing ones are made (those that are
 * ours to choose: a lane's secret under `secrets/` and the operator's token), and what to do about the others.
 */
import * as NodePath from "node:path"
import { ConfigProvider, Context, Effect, Layer, Option, Redacted, Result, Schema } from "effect"
import { secretsOf } from "#schemas/config/LoginConfig.ts"
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

const nothing = "nothing"
const madeIn = `secrets${NodePath.sep}`
const operatorToken: Wanted = { ref: { $file: "operator-token" }, usedBy: "the operator's listener", isOurs: true }

/** One name per secret: `$env NAME`, `$file path`. */
export const nameOf = (ref: SecretRef): string => "$env" in ref ? `$env ${ref.$env}` : `$file ${ref.$file}`

/** A login's are its broker's to give; one that is switched off needs none. */
const wantedBy = (house: House): ReadonlyArray<Wanted> => [
  ...Array.from(house.lanes.values(), ({ id, secret }) => ({
    ref: secret,
    usedBy: `lane ${id}`,
    isOurs: "$file" in secret && NodePath.normalize(secret.$file).startsWith(madeIn)
  })),
  ...Array.from(house.logins.values()).flatMap((login) => login.enabled
    ? secretsOf(login).map((ref) => ({ ref, usedBy: `login ${login.id}`, isOurs: false }))
    : [])
]

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
    if (!isOurs) return Result.fail({ expected: "a file", got: nothing, remedy })
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

/** Secrets that a reload took out of force stay covered in whatever text still carries them; so many of them. */
const formerMax = 1_000

/** Other secrets in place of those in force: read anew, each of them, before anything changes. */
export class SecretsSwap extends Context.Service<SecretsSwap, {
  /** What a configuration's secrets would be. Makes nothing. */
  look(house: House): Effect.Effect<{ readonly changed: ReadonlyArray<string>; readonly toMake: ReadonlyArray<string> }, SecretsInvalid>
  /** Makes those that are ours to make; `take` puts all of them into force and cannot fail. */
  prepare(house: House): Effect.Effect<{ readonly take: Effect.Effect<void> }, SecretsInvalid>
}>()("config/SecretsSwap") {}

/** Values by name, and the mask of all there ever were. */
const makeKnown = () => {
  const known = new Map<string, string>()
  let former: ReadonlyArray<string> = []
  let cover: ((text: string) => string) | undefined
  return {
    get: (name: string) => known.get(name),
    take: (found: ReadonlyMap<string, string>) => {
      for (const [name, value] of found) {
        const before = known.get(name)
        if (before !== undefined && before !== value) former = [...former, before].slice(-formerMax)
        known.set(name, value)
      }
      cover = undefined
    },
    mask: (text: string): string => {
      cover ??= Mask.make([...known.values(), ...former])
      return cover(text)
    }
  }
}

const absent = (found: Resolved): boolean => Result.isFailure(found) && found.failure.got === nothing

/** Reads secrets as they are now. */
const makeResolve = Effect.gen(function*() {
  const { home, dataFolder } = yield* Settings
  const outside = yield* ConfigProvider.ConfigProvider

  const fromEnvironment = Effect.fnUntraced(function*(name: string): Effect.fn.Return<Resolved> {
    const provider = yield* Effect.provideService(Environment.providerIn(home), ConfigProvider.ConfigProvider, outside)
    return Option.match(yield* Environment.variable(provider, name), {
      onNone: (): Resolved => Result.fail({ expected: "a variable", got: nothing, remedy: `set ${name} in the environment or in .env` }),
      onSome: (value) => longEnough({ value, isOpen: false }, `set a longer ${name}`)
    })
  })

  /** All of them, or everything that is missing. */
  return Effect.fnUntraced(function*(wanted: ReadonlyArray<Wanted>, mayMake: boolean) {
    const problems: Array<SecretProblem> = []
    const found = new Map<string, string>()
    const toMake = new Set<string>()
    for (const { ref, usedBy, isOurs } of wanted) {
      const name = nameOf(ref)
      if (found.has(name)) continue
      const resolved = yield* "$env" in ref ? fromEnvironment(ref.$env) : fromFile(dataFolder, ref.$file, isOurs && mayMake)
      if (Result.isSuccess(resolved)) found.set(name, resolved.success.value)
      else if (isOurs && absent(resolved)) toMake.add(name)
      else problems.push({ usedBy, secret: name, ...resolved.failure })
    }
    if (problems.length > 0) return yield* new SecretsInvalid({ problems })
    return { found, toMake: [...toMake] }
  })
})

/** What keeps a configuration's secrets from being had, without a house. Makes nothing. */
export const check = (house: House): Effect.Effect<void, SecretsInvalid, Settings> =>
  Effect.flatMap(makeResolve, (resolve) => Effect.asVoid(resolve(wantedBy(house), false)))

const make = Effect.gen(function*() {
  const resolve = yield* makeResolve
  const known = makeKnown()
  const house = yield* (yield* HouseConfig).current
  known.take((yield* resolve([operatorToken, ...wantedBy(house)], true)).found)

  /** One that no configuration named so far is a defect: every reload resolves its own first. */
  const get = Effect.fnUntraced(function*(ref: SecretRef) {
    const name = nameOf(ref)
    if (known.get(name) === undefined) known.take((yield* resolve([{ ref, usedBy: "configuration", isOurs: false }], false)).found)
    const value = known.get(name)
    return value === undefined ? yield* Effect.die(new Error(`${name} was not resolved`)) : Redacted.make(value)
  }, Effect.orDie)

  const secrets = Secrets.of({ get, mask: known.mask, operatorToken: yield* get(operatorToken.ref) })
  const swap = SecretsSwap.of({
    look: (house) => Effect.map(resolve(wantedBy(house), false), ({ found, toMake }) => ({
      changed: [...found].flatMap(([name, value]) => known.get(name) === undefined || known.get(name) === value ? [] : [name]),
      toMake
    })),
    prepare: (house) => Effect.map(resolve(wantedBy(house), true), ({ found }) => ({ take: Effect.sync(() => known.take(found)) }))
  })
  return Context.make(Secrets, secrets).pipe(Context.add(SecretsSwap, swap))
})

export const layer: Layer.Layer<Secrets | SecretsSwap, SecretsInvalid, Settings | HouseConfig> = Layer.effectContext(make)

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
