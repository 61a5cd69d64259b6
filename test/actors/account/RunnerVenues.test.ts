/** The runner on venues behind a network: what their own ledgers show of one position, from its entry to flat. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { house, type Json, type Overrides } from "#test/support/house.ts"
import { lifeOver, outcomes, pass, rows, startMs, world } from "#test/support/runtime.ts"
import * as Reference from "#test/venues/reference/fixture.ts"
import { ledgerOf, send } from "#test/venues/story.ts"
import * as Tradovate from "#test/venues/tradovate/fixture.ts"

const runner = { firstTarget: { ticks: 20, portion: "0.5" }, breakEven: { atFirstTarget: true, offsetTicks: 2 }, trail: { ticks: 15, stepTicks: 4 } }

/** One account alone, two contracts at a time. */
const configured = ({ accounts, venues }: Overrides, other: string) => house({
  venues: venues ?? {},
  accounts: { ...accounts, [other]: null, "paper-1": null, "paper-2": null, "paper-3": null },
  strategies: { "demo-futures": { runner, defaultTarget: null } }
})

const sized: { readonly [key: string]: Json } = { sizing: { futures: { kind: "fixed", quantity: "2" } } }
const referenceLife = (venue: Parameters<typeof Reference.transportsOf>[0]) => lifeOver<HouseConfig, never, never>(
  Layer.merge(HouseConfig.layerOf(configured(Reference.overrides({}, sized), "ref-b")), Reference.secrets), Layer.provide(VenuesLive.layer, Reference.transportsOf(venue))
)
const tradovateLife = (venue: Parameters<typeof Tradovate.transportsOf>[0]) => lifeOver<HouseConfig, never, never>(
  Layer.merge(HouseConfig.layerOf(configured(Tradovate.overrides({}, sized), "tv-b")), Tradovate.secrets), Layer.provide(VenuesLive.layer, Tradovate.transportsOf(venue))
)

type Life = Layer.Success<ReturnType<typeof referenceLife>> | Layer.Success<typeof world>

/** A venue as its own ledger shows it, and lives of the house over it, one story each. */
interface Bench<R> {
  readonly account: string
  readonly net: Effect.Effect<string, never, R>
  readonly working: Effect.Effect<ReadonlyArray<string>, never, R>
  readonly market: (price: string) => Effect.Effect<void, never, R>
  readonly lives: (...stories: ReadonlyArray<Effect.Effect<void, never, R | Life>>) => Effect.Effect<void>
}

const onReference = (style: "native" | "plain"): Bench<Reference.FakeVenue> => ({
  account: "ref-a",
  ...ledgerOf(Reference.FakeVenue),
  market: (price) => Effect.map(Reference.FakeVenue, ({ market }) => market.set("MESZ26", price)),
  lives: (...stories) => Effect.gen(function*() {
    const venue = yield* Reference.FakeVenue
    for (const story of stories) yield* Effect.provide(Effect.andThen(pass(3), story), referenceLife(venue))
  }).pipe(Effect.provide(Layer.merge(world, Layer.unwrap(Effect.as(TestClock.setTime(startMs), Reference.fake(style))))))
})

const onTradovate = (): Bench<Tradovate.FakeVenue> => ({
  account: "tv-a",
  ...ledgerOf(Tradovate.FakeVenue),
  market: (price) => Effect.map(Tradovate.FakeVenue, ({ market }) => market.set("MESZ26", price)),
  lives: (...stories) => Effect.gen(function*() {
    const venue = yield* Tradovate.FakeVenue
    for (const story of stories) yield* Effect.provide(Effect.andThen(pass(3), story), tradovateLife(venue))
  }).pipe(Effect.provide(Layer.merge(world, Layer.unwrap(Effect.as(TestClock.setTime(startMs), Tradovate.fake())))))
})

const steps = Effect.map(rows, (all) => all.flatMap(({ event }) => event._tag === "RunnerStepped" ? [event.step] : []))

const tell = <R>({ account, lives, market, net, working }: Bench<R>) => {
  const entered = Effect.gen(function*() {
    yield* market("6900.25")
    yield* pass(1)
    const entry = yield* send("buy", { sl: "40t" })
    yield* pass(5)
    assert.strictEqual((yield* outcomes(entry))[account], "filled")
    assert.include((yield* working).join(), "sell stop 2")
  })
  const firstOut = Effect.gen(function*() {
    yield* market("6905.5") // 20 ticks
    yield* pass(8)
    assert.strictEqual(yield* net, "1")
    assert.deepStrictEqual(yield* working, ["sell stop 1 6901"])
  })
  const trailed = Effect.gen(function*() {
    yield* market("6915") // 60 ticks
    yield* pass(8)
    assert.deepStrictEqual(yield* working, ["sell stop 1 6911.25"])
    yield* market("6912")
    yield* pass(3)
    assert.deepStrictEqual(yield* working, ["sell stop 1 6911.25"])
  })
  const out = Effect.gen(function*() {
    yield* market("6908") // through the stop
    yield* pass(8)
    assert.deepStrictEqual([yield* net, yield* working], ["0", []])
    assert.deepStrictEqual((yield* steps).filter((step) => step !== "trailed"), ["started", "firstTarget", "breakEven"])
  })

  it.effect("half out at the first target, break-even, trailed, out on a gap", () =>
    lives(entered.pipe(Effect.andThen(firstOut), Effect.andThen(trailed), Effect.andThen(out))))

  it.effect("the same over a restart in each phase", () => lives(entered, firstOut, trailed, out))
}

describe("reference, native", () => tell(onReference("native")))
describe("reference, plain", () => tell(onReference("plain")))
describe("tradovate", () => tell(onTradovate()))
