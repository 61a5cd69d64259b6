/** The reference venue in memory on virtual time, and the house's side of it: one login with two accounts, the market at 27600 bid, 27601 ask. */
import { Context, Effect, Layer } from "effect"
import type { HttpClient } from "effect/http"
import type { Socket } from "effect/socket"
import { HouseConfig } from "#config/House.ts"
import type { Secrets } from "#config/Secrets.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import type { LoginConfig } from "#schemas/config/LoginConfig.ts"
import { AccountId, LoginId } from "#schemas/Ids.ts"
import * as InMemory from "#src/simulation/venues/shared/InMemory.ts"
import * as Fake from "#src/simulation/venues/reference/Reference.ts"
import * as Reference from "#src/venues/reference/Reference.ts"
import * as Wanted from "#src/venues/shared/Wanted.ts"
import { house, type Json, type Overrides } from "#test/support/house.ts"

export const loginId = LoginId.make("ref-1")
export const accountA = AccountId.make("ref-a")
export const host = "reference.test"
export const key = "demo"
export const secret = "canary-reference-secret"

const instruments = [
  { symbol: "MESZ26", tick: "0.25", pointValue: "5", step: "1" },
  { symbol: "MNQZ26", tick: "0.25", pointValue: "2", step: "1" },
  { symbol: "PF_XBTUSD", tick: "1", pointValue: "1", step: "0.0001" }
]

export const fakeOptions = (style: "native" | "plain") => ({
  seed: 7,
  style,
  logins: [{ key, secret, accounts: [
    { id: "A1", currency: "USD", cash: "100000", feePerLot: "0.62" },
    { id: "A2", currency: "USD", cash: "50000", feePerLot: "0.62" }
  ] }],
  instruments
})

/** Login and accounts beside the default ones; `paper` is left as it is. */
export const overrides = (settings: { readonly [key: string]: Json } = {}, accounts: { readonly [key: string]: Json } = {}): Overrides => ({
  venues: { "ref-1": { venue: "reference", paper: null, reference: { url: `https://${host}`, key, secret: { $env: "REFERENCE_SECRET" }, ...settings } } },
  accounts: {
    "ref-a": { login: "ref-1", venueAccount: "A1", lanes: ["futures"], assets: ["futures", "crypto"], caps: {}, ...accounts },
    "ref-b": { login: "ref-1", venueAccount: "A2", lanes: ["futures"], assets: ["futures", "crypto"], caps: {} }
  }
})

export const secrets = SecretsLive.layerOf({ "$file secrets/webhook-secret": "test-webhook-secret", "$env REFERENCE_SECRET": secret }, "test-operator-token")

/** The fake itself: what a test breaks, moves and looks at. */
export class FakeVenue extends Context.Service<FakeVenue, Fake.Reference>()("test/venues/FakeVenue") {}

/** It outlives every house over it. */
export const fake = (style: "native" | "plain", more: Partial<Parameters<typeof Fake.make>[0]> = {}) => Layer.effect(FakeVenue, Effect.gen(function*() {
  const made = yield* Fake.make({ ...fakeOptions(style), ...more })
  made.market.set("MESZ26", "6900")
  made.market.set("PF_XBTUSD", "90000")
  return FakeVenue.of(made)
}))

export const transportsOf = (made: Fake.Reference) => InMemory.layer(new Map([[host, made]]))

export const transports: Layer.Layer<HttpClient.HttpClient | Socket.WebSocketConstructor, never, FakeVenue> = Layer.unwrap(Effect.map(FakeVenue, transportsOf))

export const config = (settings: { readonly [key: string]: Json } = {}): Layer.Layer<HouseConfig | Secrets> =>
  Layer.merge(HouseConfig.layerOf(house(overrides(settings))), secrets)

export const makeAdapter = Effect.suspend(() => Reference.makeWith(Wanted.make()))

export const login: Effect.Effect<LoginConfig, never, HouseConfig> = Effect.gen(function*() {
  const { logins } = yield* (yield* HouseConfig).current
  const found = logins.get(loginId)
  return found === undefined ? yield* Effect.die("no login in the fixture") : found
})

export const connect = Effect.gen(function*() {
  const adapter = yield* makeAdapter
  return yield* adapter.connect(yield* login)
})
