/**
 * A paper login that lives on another login's quotes, from the webhook to the fill. Account `paper-1` trades on `paper-demo`, which listens to
 * `source`. Each seed has a market of its own: whoever fills at the wrong one shows it by the price.
 */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import { AccountId, InstrumentId, LoginId } from "#schemas/Ids.ts"
import type { Fill } from "#schemas/Fill.ts"
import * as MarketLive from "#src/feeds/Market.ts"
import * as SimulatedMarket from "#src/feeds/SimulatedMarket.ts"
import { Market } from "#src/ports/Market.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import { house, type Json, type Overrides } from "#test/support/house.ts"
import { journalInMemory } from "#test/support/journal.ts"
import { begin, silent } from "#test/support/lives.ts"
import * as TestMarket from "#test/support/market.ts"
import { MarketScript } from "#test/support/market.ts"
import * as TestLedger from "#test/support/paperLedger.ts"
import { life, outcomes, pass, post, rows } from "#test/support/runtime.ts"

const seeds = { "paper-demo": 1, source: 2, stranger: 3 } as const
const plain = { slippage: { unit: "ticks", value: 0 }, lotsPerFillMax: 100 }
const mes = InstrumentId.make("MESZ26")

const overrides = (paper: { readonly [key: string]: Json } = {}): Overrides => ({
  venues: {
    "paper-demo": { paper: { ...plain, seed: seeds["paper-demo"], quotesFrom: "source", ...paper } },
    source: { paper: { ...plain, seed: seeds.source } },
    stranger: { paper: { ...plain, seed: seeds.stranger } }
  },
  accounts: { "paper-2": { login: "source", lanes: ["crypto"], assets: ["crypto"], sizing: { crypto: { kind: "fixed", quantity: "0.05" } } }, "paper-3": null }
})

/** The script is the source's market; the others stand still where nothing of it ever is. */
const apart = Layer.effect(Market, Effect.map(Market, ({ quote }) => Market.of({
  quote: (seed, instrument, atMs) =>
    seed === seeds.source ? quote(seed, instrument, atMs) : Effect.succeed(Option.some(TestMarket.price(seed * 100, seed * 100 + 1)))
}))).pipe(Layer.provideMerge(TestMarket.scripted({ MES: TestMarket.price(28_000, 28_001), PF_XBTUSD: TestMarket.price(90_000, 90_001) })))

const world = Layer.mergeAll(journalInMemory, TestLedger.layer, apart, silent)

const inWorld = <A, E, R>(story: Effect.Effect<A, E, R>) => Effect.andThen(begin, story).pipe(Effect.provide(world))
/** One life of the house; its quotes go with it. */
const lives = <A, E, R>(story: Effect.Effect<A, E, R>, paper: { readonly [key: string]: Json } = {}) =>
  Effect.andThen(pass(1), story).pipe(Effect.provide(life(overrides(paper))))

const say = Effect.fnUntraced(function*(action: string, more: { readonly [key: string]: Json } = {}) {
  const { body, status } = yield* post("futures", { action, symbol: "MES1!", strategy: "demo-futures", ...more })
  assert.strictEqual(status, 200)
  return "alertId" in body ? body.alertId : ""
})

const fills = Effect.map(rows, (all) => all.flatMap(({ event }): ReadonlyArray<Fill> => event._tag === "FillReceived" ? [event.fill] : []))
/** `side lots @ price`, in ticks of MES. */
const told = Effect.map(fills, (all) => all.map(({ lots, price, side }) => `${side} ${lots} @ ${BigDecimal.format(BigDecimal.divideUnsafe(price, BigDecimal.make(25n, 2)))}`))

const rowsOf = (login: string) => Effect.flatMap(PaperLedger, (ledger) => Effect.map(ledger.read(LoginId.make(login)), (kept) => kept.rows.length))

describe("a paper login with another login's quotes", () => {
  it.effect("fills at the simulated prices of that login's seed, not of its own", () => {
    const configured = house(overrides())
    const simulated = Layer.mergeAll(
      journalInMemory, TestLedger.layer, silent, MarketLive.Market.layer.pipe(Layer.provide(HouseConfig.layerOf(configured)))
    )
    return Effect.gen(function*() {
      yield* begin
      yield* lives(Effect.gen(function*() {
        const bought = yield* say("buy")
        yield* pass(2)
        assert.strictEqual((yield* outcomes(bought))["paper-1"], "filled")
        yield* TestClock.adjust("90 millis")
        const sold = yield* say("exit")
        yield* pass(2)
        assert.strictEqual((yield* outcomes(sold))["paper-1"], "done")
      }))
      const instrument = Option.getOrThrow(Resolve.byId(configured.instruments, mes))
      const { simulation } = configured.instruments.find(({ root }) => root === "MES")!
      const at = (seed: number, atMs: number) => SimulatedMarket.quoteAt(seed, instrument, simulation, Math.floor(atMs / 250) * 250)
      const [entry, exit, ...more] = yield* fills
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual(yield* told, [
        `buy 2 @ ${at(seeds.source, entry!.atMs).ask}`, `sell 2 @ ${at(seeds.source, exit!.atMs).bid}`
      ])
      assert.notStrictEqual(at(seeds.source, entry!.atMs).ask, at(seeds["paper-demo"], entry!.atMs).ask)
      assert.strictEqual(yield* rowsOf("source"), 0, "nothing of an order reached the login that quotes")
      assert.isAbove(yield* rowsOf("paper-demo"), 0)
    }).pipe(Effect.provide(simulated))
  })

  it.effect("while the source is silent a stop is not filled at what was said last; then at what is said first", () => inWorld(lives(Effect.gen(function*() {
    const market = yield* MarketScript
    yield* say("buy")
    yield* pass(2)
    assert.deepStrictEqual(yield* told, ["buy 2 @ 28001"])
    yield* market.set("MES", 27_970, 27_971)
    yield* pass(1)
    yield* market.silence("MES")
    yield* pass(60)
    const late = yield* say("buy")
    yield* pass(3)
    assert.deepStrictEqual(yield* told, ["buy 2 @ 28001"])
    assert.match((yield* outcomes(late))["paper-1"] ?? "", /^denied: /)
    yield* market.set("MES", 27_900, 27_901)
    yield* pass(1)
    assert.deepStrictEqual(yield* told, ["buy 2 @ 28001", "sell 2 @ 27900"], "the gap is paid in full")
    assert.strictEqual(yield* rowsOf("source"), 0)
  }))))

  it.effect("an entry without live quotes of its source is denied, whoever else quotes the instrument", () => inWorld(lives(Effect.gen(function*() {
    yield* (yield* MarketScript).silence("MES")
    yield* pass(5)
    const { latest } = yield* QuoteBook
    assert.strictEqual(Option.getOrThrow(yield* latest(mes, "stranger")).source, "stranger")
    const alertId = yield* say("buy")
    yield* pass(4)
    assert.match((yield* outcomes(alertId))["paper-1"] ?? "", /^denied: QuoteStale/)
    assert.deepStrictEqual(yield* told, [])
  }))))

  it.effect("an exit meanwhile is refused by the venue and tried until the source speaks", () => inWorld(lives(Effect.gen(function*() {
    const market = yield* MarketScript
    yield* say("buy")
    yield* pass(2)
    yield* market.silence("MES")
    yield* pass(5)
    const out = yield* say("exit")
    yield* pass(20)
    assert.isUndefined((yield* outcomes(out))["paper-1"])
    assert.deepStrictEqual(yield* told, ["buy 2 @ 28001"])
    const refused = (yield* rows).flatMap(({ event }) => event._tag === "OrderRejected" ? [event.reason] : [])
    assert.match(refused[0] ?? "", /no quote of MESZ26 from login source/)
    yield* market.set("MES", 28_020, 28_021)
    yield* pass(31)
    assert.strictEqual((yield* outcomes(out))["paper-1"], "done")
    assert.deepStrictEqual(yield* told, ["buy 2 @ 28001", "sell 2 @ 28020"])
  }))))

  it.effect("hears each quote: a touch between two of its own ticks triggers", () => inWorld(lives(Effect.gen(function*() {
    const market = yield* MarketScript
    yield* say("buy")
    yield* pass(2)
    yield* market.set("MES", 27_950, 27_951)
    yield* TestClock.adjust("250 millis")
    yield* market.set("MES", 28_000, 28_001)
    yield* pass(2)
    assert.deepStrictEqual(yield* told, ["buy 2 @ 28001", "sell 2 @ 27950"])
  }), { quoteEveryMs: 3_600_000 })))

  it.effect("a quote fills a part once; the rest waits for the next", () => inWorld(lives(Effect.gen(function*() {
    const market = yield* MarketScript
    yield* say("buy", { orderType: "limit", limitPrice: "6990.00", timeInForce: "GTC" })
    yield* pass(2)
    yield* market.set("MES", 27_950, 27_951)
    yield* TestClock.adjust("250 millis")
    yield* market.silence("MES")
    yield* pass(2)
    assert.deepStrictEqual(yield* told, ["buy 1 @ 27951"])
    yield* market.set("MES", 27_955, 27_956)
    yield* pass(1)
    assert.deepStrictEqual(yield* told, ["buy 1 @ 27951", "buy 1 @ 27956"])
  }), { quoteEveryMs: 10, lotsPerFillMax: 1 })))
})

describe("after a restart", () => {
  it.effect("what rests waits for the source's first word and fills at that", () => inWorld(Effect.gen(function*() {
    const market = yield* MarketScript
    yield* lives(Effect.andThen(say("buy"), pass(2)))
    yield* market.silence("MES")
    yield* TestClock.adjust("1 hour")
    yield* lives(Effect.gen(function*() {
      yield* pass(5)
      assert.deepStrictEqual((yield* (yield* Supervision).states).accounts.get(AccountId.make("paper-1")), "open")
      assert.deepStrictEqual(yield* told, ["buy 2 @ 28001"])
      yield* market.set("MES", 27_800, 27_801)
      yield* pass(1)
    }))
    assert.deepStrictEqual(yield* told, ["buy 2 @ 28001", "sell 2 @ 27800"])
    yield* lives(pass(3))
    assert.strictEqual((yield* told).length, 2)
  })))

  it.effect("the source also quotes what is held of a month that is not in front", () => inWorld(Effect.gen(function*() {
    const market = yield* MarketScript
    const strategies = { "demo-futures": { symbols: ["MESH27"], quotes: "any" } }
    const own = life({ ...overrides(), strategies, venues: { "paper-demo": { paper: { ...plain, seed: seeds.source } }, source: {}, stranger: {} } })
    yield* Effect.andThen(pass(1), Effect.andThen(say("buy", { symbol: "MESH27", price: "7000" }), pass(3))).pipe(Effect.provide(own))
    assert.deepStrictEqual(yield* told, ["buy 2 @ 28001"])
    yield* lives(Effect.gen(function*() {
      yield* market.set("MES", 27_900, 27_901)
      yield* pass(2)
    }))
    assert.deepStrictEqual(yield* told, ["buy 2 @ 28001", "sell 2 @ 27900"])
  })))
})
