/** A house on virtual time over configuration files of its own: they can be edited and loaded again while it trades. */
import { chmodSync } from "node:fs"
import { ConfigProvider, Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import * as HouseLive from "#config/HouseLive.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import { Settings } from "#config/Settings.ts"
import type { ReloadReceipt } from "#schemas/contracts/Commands.ts"
import * as Reloading from "#src/admin/commands/Reloading.ts"
import { folder, write } from "./folder.ts"
import { houseTexts, type Overrides } from "./house.ts"
import { lifeOver, pass, rows, secret, startMs, world } from "./runtime.ts"
import * as Faults from "./venueFaults.ts"

/** The folder that the house is read from. */
export class Home extends Context.Service<Home, { readonly path: string }>()("test/support/Home") {}

const config = "mine"
const secretFile = "data/secrets/webhook-secret"

const writeSecret = (home: string, value: string) =>
  Effect.andThen(write(home, { [secretFile]: `${value}\n` }), Effect.sync(() => chmodSync(`${home}/${secretFile}`, 0o600)))

const configuration = (home: string, variables: Readonly<Record<string, string>>) =>
  Layer.succeed(Home, Home.of({ path: home })).pipe(
    Layer.merge(SecretsLive.layer),
    Layer.provideMerge(HouseLive.layer),
    Layer.provide(Settings.layerIn(home)),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord({ INTERLOCK_CONFIG: config, ...variables })))
  )

export interface Setting {
  readonly overrides?: Overrides
  readonly variables?: Readonly<Record<string, string>>
  readonly atMs?: number
}

/** A test in one life of such a house, over a venue that can be broken. */
export const inFiles = <A, E, R>({ atMs = startMs, overrides = {}, variables = {} }: Setting, test: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const home = yield* folder
    yield* write(`${home}/${config}`, houseTexts(overrides))
    yield* writeSecret(home, secret)
    yield* TestClock.setTime(atMs)
    return yield* Effect.provide(Effect.scoped(Effect.andThen(pass(1), test)), lifeOver(configuration(home, variables), Faults.layer))
  }).pipe(Effect.scoped, Effect.provide(world))

/** The files as a person left them: the default ones, changed. */
export const edit = (overrides: Overrides, broken: Readonly<Record<string, string>> = {}) =>
  Effect.flatMap(Home, ({ path }) => write(`${path}/${config}`, { ...houseTexts(overrides), ...broken }))

export const editSecret = (value: string) => Effect.flatMap(Home, ({ path }) => writeSecret(path, value))

export const told = { who: "cli:ann", why: "test" } as const

export const reload = (dryRun = false) => Effect.flatMap(Reloading.make, ({ Reload }) => Reload({ dryRun, ...told }))

/** As an operator does it: edit, reload. */
export const change = (overrides: Overrides) => Effect.andThen(edit(overrides), reload())

/** What it says no to. */
export const refused = (overrides: Overrides) => Effect.flip(change(overrides))

export const hash = Effect.flatMap(HouseConfig, ({ current }) => Effect.map(current, (house) => house.hash))

/** Configurations that the journal holds, oldest first. */
export const applied = Effect.map(rows, (all) => all.flatMap(({ event }) => event._tag === "ConfigApplied" ? [event.hash] : []))

/** Sessions begun and lost. */
export const sessions = Effect.map(rows, (all) => all.flatMap(({ event }) =>
  event._tag === "SessionConnected" || event._tag === "SessionLost" ? [`${event._tag} ${event.login}`] : []))

export const effects = ({ changes }: ReloadReceipt) => changes.map(({ effect, path }) => `${path} ${effect}`)
