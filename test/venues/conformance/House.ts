/** The whole house over a venue: an alert as bytes at one end, the venue's own books at the other. */
import { assert } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import { LoginId } from "#schemas/Ids.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import * as PaperWitness from "#src/simulation/PaperWitness.ts"
import type { LedgerRecord } from "#src/simulation/venues/shared/Records.ts"
import type { Venue } from "#src/simulation/venues/shared/Venue.ts"
import type * as Tradovate from "#src/simulation/venues/tradovate/Tradovate.ts"
import { house, type Overrides } from "#test/support/house.ts"
import { MarketScript } from "#test/support/market.ts"
import { life, lifeOver, outcomes, pass, rows, startMs, tags, world } from "#test/support/runtime.ts"
import * as ReferenceFixture from "#test/venues/reference/fixture.ts"
import { ledgerOf, send } from "#test/venues/story.ts"
import * as TradovateFixture from "#test/venues/tradovate/fixture.ts"
import type { Group, Scenario } from "./Scenario.ts"

type Life = ReturnType<typeof life>
/** What a story in a life of the house may use: whatever that life gives, and what outlives it. */
type InLife = Layer.Success<Life> | Layer.Success<typeof world> | HouseBench

/** One account of two contracts an order. Its market begins at 27600 bid, 27601 ask. */
export class HouseBench extends Context.Service<HouseBench, {
  readonly account: string
  readonly login: LoginId
  /** The venue's books. */
  readonly ledger: Effect.Effect<ReadonlyArray<LedgerRecord>, never, InLife>
  readonly moves: (bid: number) => Effect.Effect<void, never, InLife>
  /** Where its market begins, if not there by itself. */
  readonly start: Effect.Effect<void, never, InLife>
  /** One life of the house: what is in memory goes with it. */
  readonly life: Life
  readonly outside: { readonly venue: Venue; readonly account: string; readonly symbol: string } | undefined
}>()("test/venues/HouseBench") {}

/** Beside it there is nobody. */
const only = (accounts: Overrides["accounts"], account: string): Overrides["accounts"] => ({
  "paper-1": null, "paper-2": null, "paper-3": null, ...Object.fromEntries(Object.entries(accounts ?? {}).map(([id, settings]) => [id, id === account ? settings : null]))
})

const two = { sizing: { futures: { kind: "fixed", quantity: "2" } } } as const

const paperLogin = LoginId.make("paper-demo")
const paperSettings = { slippage: { unit: "ticks", value: 0 }, latencyMs: 40, quoteEveryMs: 250 }

/** Its ledger, in the words in which every venue's is read. */
const witnessed = Effect.gen(function*() {
  const { current } = yield* HouseConfig
  const configured = yield* current
  const records: Array<unknown> = []
  const witness = PaperWitness.make(() => configured, (_, record) => records.push({ n: records.length + 1, atMs: 0, ...record }))
  for (const row of (yield* (yield* PaperLedger).read(paperLogin)).rows) witness.onRow(paperLogin, row)
  return records as ReadonlyArray<LedgerRecord>
})

export const paperHouse = (switches: { readonly nativeBrackets?: boolean; readonly reduceOnly?: boolean; readonly oca?: boolean }) => Layer.effect(HouseBench, Effect.gen(function*() {
  yield* TestClock.setTime(startMs)
  const moves = (bid: number) => Effect.flatMap(MarketScript, (script) => script.set("MESZ26", bid, bid + 1))
  return HouseBench.of({
    account: "paper-1", login: paperLogin, start: moves(27_600), ledger: witnessed, moves, outside: undefined,
    life: life({ venues: { "paper-demo": { paper: { ...paperSettings, ...switches } } }, accounts: { "paper-2": null, "paper-3": null } })
  })
}))

const wired = (venue: Venue, at: string) => ({
  start: Effect.void,
  ledger: Effect.sync(() => venue.ledger),
  moves: (bid: number) => Effect.sync(() => venue.market.set("MESZ26", (bid / 4).toFixed(2))),
  outside: { venue, account: at, symbol: "MESZ26" }
})

export const referenceHouse = (style: "native" | "plain") => Layer.effect(HouseBench, Effect.gen(function*() {
  yield* TestClock.setTime(startMs)
  const venue = yield* Effect.provide(ReferenceFixture.FakeVenue, yield* Layer.build(ReferenceFixture.fake(style)))
  const { accounts, venues } = ReferenceFixture.overrides({}, two)
  const config = Layer.merge(HouseConfig.layerOf(house({ venues: venues ?? {}, accounts: only(accounts, "ref-a") ?? {} })), ReferenceFixture.secrets)
  return HouseBench.of({
    ...wired(venue, "A1"), account: "ref-a", login: ReferenceFixture.loginId,
    life: lifeOver<HouseConfig, never, never>(config, Layer.provide(VenuesLive.layer, ReferenceFixture.transportsOf(venue)))
  })
}))

export const tradovateHouse = (switches: Parameters<typeof Tradovate.make>[0]["switches"]) => Layer.effect(HouseBench, Effect.gen(function*() {
  yield* TestClock.setTime(startMs)
  const venue: Tradovate.Tradovate = yield* Effect.provide(TradovateFixture.FakeVenue, yield* Layer.build(TradovateFixture.fake(switches === undefined ? {} : { switches })))
  const { accounts, venues } = TradovateFixture.overrides({}, two)
  const config = Layer.merge(HouseConfig.layerOf(house({ venues: venues ?? {}, accounts: only(accounts, "tv-a") ?? {} })), TradovateFixture.secrets)
  return HouseBench.of({
    ...wired(venue, "DEMO1"), account: "tv-a", login: TradovateFixture.loginId,
    life: lifeOver<HouseConfig, never, never>(config, Layer.provide(VenuesLive.layer, TradovateFixture.transportsOf(venue)))
  })
}))

/** One life, two seconds after it began. */
export const living = <A, E>(story: Effect.Effect<A, E, InLife>): Effect.Effect<A, E, HouseBench | Layer.Success<typeof world>> =>
  Effect.flatMap(HouseBench, (bench) => Effect.provide(Effect.andThen(Effect.andThen(bench.start, pass(2)), story), bench.life))

export const { net, records, working } = ledgerOf<InLife>(Effect.flatMap(HouseBench, (bench) => Effect.map(bench.ledger, (ledger) => ({ ledger }))))
export const moves = (bid: number) => Effect.flatMap(HouseBench, (bench) => bench.moves(bid))
export const outside = Effect.flatMap(HouseBench, (bench) => bench.outside === undefined ? Effect.die("a scenario that does not say that it needs a venue outside") : Effect.succeed(bench.outside))
export const told = Effect.flatMap(HouseBench, ({ account }) => tags(account))
export const count = (tag: string) => Effect.map(told, (all) => all.filter((one) => one === tag).length)
export const outcomeOf = (alert: string) => Effect.flatMap(HouseBench, ({ account }) => Effect.map(outcomes(alert), (all) => all[account]))
export const connections = Effect.flatMap(HouseBench, ({ login }) => Effect.map(rows, (all) => all.filter(({ event }) => event._tag === "SessionConnected" && event.login === login).length))

export const buy = (fields: Parameters<typeof send>[1] = { stopTicks: 40 }) => send("buy", fields)
export const exit = send("exit")
export const limitEntry = { orderType: "limit", limitPrice: "6890", stopTicks: 40 } as const

/** Whatever rests protects what is held, lot for lot. */
export const isProtected = Effect.gen(function*() {
  const held = Number(yield* net)
  const stops = (yield* working).filter((order) => / stop /.test(order))
  assert.deepStrictEqual(stops.map((order) => order.split(" ").slice(0, 3).join(" ")), held === 0 ? [] : [`${held > 0 ? "sell" : "buy"} stop ${Math.abs(held)}`])
})
export const isFlat = Effect.gen(function*() {
  assert.deepStrictEqual([yield* net, yield* working], ["0", []])
})

export const group = (title: string, scenarios: ReadonlyArray<Scenario<HouseBench | Layer.Success<typeof world>>>): Group<HouseBench | Layer.Success<typeof world>> => ({ title, scenarios })
export { pass }
