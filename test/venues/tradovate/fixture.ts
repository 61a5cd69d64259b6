/** Tradovate in memory on virtual time, and the house's side of it: one login with two accounts, the market at 27600 bid, 27601 ask. */
import { Context, Effect, Layer } from "effect"
import type { HttpClient } from "effect/http"
import type { Socket } from "effect/socket"
import { HouseConfig } from "#config/House.ts"
import type { Secrets } from "#config/Secrets.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import type { LoginConfig } from "#schemas/config/LoginConfig.ts"
import { AccountId, LoginId } from "#schemas/Ids.ts"
import * as InMemory from "#src/simulation/venues/shared/InMemory.ts"
import * as Fake from "#src/simulation/venues/tradovate/Tradovate.ts"
import * as SessionTokens from "#src/stores/SessionTokens.ts"
import * as Tradovate from "#src/venues/tradovate/Tradovate.ts"
import * as Wanted from "#src/venues/shared/Wanted.ts"
import { house, type Json, type Overrides } from "#test/support/house.ts"

export const loginId = LoginId.make("tv-1")
export const account = AccountId.make("tv-a")
export const host = "tradovate.test"
export const user = "demo-user"
export const password = "canary-tradovate-password"
export const sec = "canary-tradovate-sec"

const instruments = [
  { symbol: "MESZ26", tick: "0.25", pointValue: "5", step: "1" },
  { symbol: "MNQZ26", tick: "0.25", pointValue: "2", step: "1" }
]

export const fakeOptions: Parameters<typeof Fake.make>[0] = {
  seed: 7,
  users: [{
    name: user, password, cid: 8, sec, hasMarketData: true,
    accounts: [{ id: "DEMO1", currency: "USD", cash: "100000", feePerLot: "0.62" }, { id: "DEMO2", currency: "USD", cash: "50000", feePerLot: "0.62" }]
  }],
  instruments
}

/** `null` takes away. */
const without = (settings: { readonly [key: string]: Json }) => Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null))

/** Login and accounts beside the default ones; `paper` is left as it is. */
export const overrides = (settings: { readonly [key: string]: Json } = {}, accounts: { readonly [key: string]: Json } = {}): Overrides => ({
  venues: { "tv-1": { venue: "tradovate", paper: null, tradovate: without({
    url: `https://${host}`, marketDataUrl: `https://${host}`, name: user, password: { $env: "TRADOVATE_PASSWORD" }, appId: "interlock", appVersion: "1.0",
    deviceId: "device-of-the-test", cid: 8, sec: { $env: "TRADOVATE_SEC" }, ...settings
  }) } },
  accounts: {
    "tv-a": { login: "tv-1", venueAccount: "DEMO1", lanes: ["futures"], assets: ["futures"], symbols: ["MES"], caps: {}, ...accounts },
    "tv-b": { login: "tv-1", venueAccount: "DEMO2", lanes: ["futures"], assets: ["futures"], symbols: ["MES"], caps: {} }
  }
})

export const secrets = SecretsLive.layerOf(
  { "$file secrets/webhook-secret": "test-webhook-secret", "$env TRADOVATE_PASSWORD": password, "$env TRADOVATE_SEC": sec }, "test-operator-token"
)

/** The fake itself: what a test breaks, moves and looks at. */
export class FakeVenue extends Context.Service<FakeVenue, Fake.Tradovate>()("test/venues/tradovate/FakeVenue") {}

/** It outlives every house over it. */
export const fake = (more: Partial<Parameters<typeof Fake.make>[0]> = {}) => Layer.effect(FakeVenue, Effect.gen(function*() {
  const made = yield* Fake.make({ ...fakeOptions, ...more })
  made.market.set("MESZ26", "6900")
  return FakeVenue.of(made)
}))

export const transportsOf = (made: Fake.Tradovate) => InMemory.layer(new Map([[host, made]]))

export const transports: Layer.Layer<HttpClient.HttpClient | Socket.WebSocketConstructor, never, FakeVenue> = Layer.unwrap(Effect.map(FakeVenue, transportsOf))

export const config = (settings: { readonly [key: string]: Json } = {}): Layer.Layer<HouseConfig | Secrets> =>
  Layer.merge(HouseConfig.layerOf(house(overrides(settings))), secrets)

/** One life's adapter; `tokens`: what lives leave to the next one. */
export const adapterOver = (tokens: ReturnType<typeof SessionTokens.inMemory>) => Effect.provide(Effect.suspend(() => Tradovate.makeWith(Wanted.make())), tokens.layer())

export const makeAdapter = Effect.suspend(() => adapterOver(SessionTokens.inMemory()))

export const login: Effect.Effect<LoginConfig, never, HouseConfig> = Effect.gen(function*() {
  const { logins } = yield* (yield* HouseConfig).current
  const found = logins.get(loginId)
  return found === undefined ? yield* Effect.die("no login in the fixture") : found
})

export const connect = Effect.gen(function*() {
  const adapter = yield* makeAdapter
  return yield* adapter.connect(yield* login)
})
