/** The paper venue through its port: what a broker session sees of it. The market starts at 27600 bid, 27601 ask. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect, Exit, Fiber, Layer, Option, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { AccountId, InstrumentId } from "#schemas/Ids.ts"
import { Lots, Ticks } from "#schemas/Instrument.ts"
import type { VenueEvent } from "#schemas/VenueEvent.ts"
import { Market } from "#src/ports/Market.ts"
import type { Connection } from "#src/ports/Venue.ts"
import * as Paper from "#src/venues/paper/Paper.ts"
import { account, ask, begin, bracket, id, instrument, mes, netOf, nextQuote, order, refusalOf, signIn, startMs, stateOf, world } from "#test/src/venues/paper/fixture.ts"
import { MarketScript } from "#test/support/market.ts"

const open = Effect.gen(function*() {
  yield* begin
  return yield* signIn(yield* Paper.make)
})

const told = (event: VenueEvent): string => {
  if (event._tag === "OrderChanged") return `${event.report.clientOrderId} ${event.report.status} ${event.report.filledLots}/${event.report.lots}`
  if (event._tag === "Filled") return `${event.fill.id} ${event.fill.lots} @ ${BigDecimal.format(event.fill.price)}`
  return `${event.position.instrumentId} ${event.position.net}`
}

/** What is told while `during` runs. */
const listen = Effect.fnUntraced(function*<E, R>(connection: Connection, during: Effect.Effect<unknown, E, R>) {
  const heard: Array<string> = []
  const fiber = yield* Effect.forkChild(Stream.runForEach(connection.events, ({ event }) => Effect.sync(() => heard.push(told(event)))))
  yield* Effect.yieldNow
  yield* during
  yield* Effect.yieldNow
  yield* Fiber.interrupt(fiber)
  return heard
})

describe("orders", () => {
  it.effect("acknowledges after its latency, fills and tells", () => Effect.gen(function*() {
    const connection = yield* open
    const heard = yield* listen(connection, Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(connection.submit(order("a", "buy", 2), instrument))
      yield* TestClock.adjust("39 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* Fiber.join(fiber), { venueOrderId: "paper-1-o1" })
    }))
    assert.deepStrictEqual(heard, ["a Filled 2/2", "paper-1-f1 2 @ 6900.25", "MESZ26 2"])
    assert.strictEqual(yield* netOf(connection), "MESZ26 2")
    const [fill] = yield* ask(connection.fillsSince(account, startMs))
    assert.strictEqual(BigDecimal.format(fill?.fee ?? BigDecimal.make(0n, 0)), "1.24")
    assert.deepStrictEqual(yield* ask(connection.fillsSince(account, startMs + 3_600_000)), [])
    const balance = yield* ask(connection.balances(account))
    assert.strictEqual(`${BigDecimal.format(balance.amount)} ${balance.currency}`, "99998.76 USD")
  }).pipe(Effect.provide(world())))

  it.effect("fills in parts, quote by quote", () => Effect.gen(function*() {
    const connection = yield* open
    yield* ask(connection.submit(order("a", "buy", 5), instrument))
    assert.strictEqual(yield* stateOf(connection, "a"), "PartlyFilled 2/5")
    yield* TestClock.adjust("500 millis")
    assert.strictEqual(yield* stateOf(connection, "a"), "Filled 5/5")
  }).pipe(Effect.provide(world({ lotsPerFillMax: 2 }))))

  it.effect("the same order twice is one order", () => Effect.gen(function*() {
    const connection = yield* open
    const first = yield* ask(connection.submit(order("a", "buy", 1), instrument))
    assert.deepStrictEqual(yield* ask(connection.submit(order("a", "buy", 1), instrument)), first)
    assert.strictEqual(yield* netOf(connection), "MESZ26 1")
    assert.match(yield* refusalOf(connection.submit(order("a", "buy", 3), instrument)), /invalid: client order id/)
  }).pipe(Effect.provide(world())))

  it.effect("modify, cancel and look up", () => Effect.gen(function*() {
    const connection = yield* open
    const script = yield* MarketScript
    yield* ask(connection.submit(order("a", "buy", 2, { limit: 27_500 }), instrument))
    yield* ask(connection.modify(account, id("a"), { lots: Lots.make(3), limit: Ticks.make(27_550) }))
    yield* script.set("MES", 27_549, 27_550)
    yield* nextQuote
    assert.strictEqual(yield* stateOf(connection, "a"), "Filled 3/3")
    yield* ask(connection.submit(order("b", "buy", 2, { limit: 27_000 }), instrument))
    assert.deepStrictEqual((yield* ask(connection.workingOrders(account))).map((report) => report.clientOrderId), ["b"])
    yield* ask(connection.cancel(account, id("b")))
    assert.strictEqual(yield* stateOf(connection, "b"), "Canceled 0/2")
    assert.deepStrictEqual(yield* ask(connection.workingOrders(account)), [])
    assert.match(yield* refusalOf(connection.cancel(account, id("b"))), /notFound/)
    assert.strictEqual(yield* stateOf(connection, "never"), "none")
  }).pipe(Effect.provide(world())))

  it.effect("a day order ends as the account's day begins", () => Effect.gen(function*() {
    const connection = yield* open
    yield* ask(connection.submit(order("a", "buy", 1, { limit: 27_000, timeInForce: "day" }), instrument))
    yield* TestClock.setTime(startMs + 8 * 3_600_000 - 10_000) // 17:00 in Chicago is 23:00 UTC
    assert.strictEqual(yield* stateOf(connection, "a"), "Accepted 0/1")
    yield* TestClock.adjust("20 seconds")
    assert.strictEqual(yield* stateOf(connection, "a"), "Expired 0/1")
  }).pipe(Effect.provide(world({ quoteEveryMs: 10_000 }))))

  it.effect("what has had its time ends without a quote too", () => Effect.gen(function*() {
    const connection = yield* open
    yield* ask(connection.submit(order("a", "buy", 1, { limit: 27_000, expiresAtMs: startMs + 5_000 }), instrument))
    yield* (yield* MarketScript).silence("MES")
    yield* TestClock.adjust("4 seconds")
    assert.strictEqual(yield* stateOf(connection, "a"), "Accepted 0/1")
    yield* TestClock.adjust("2 seconds")
    assert.strictEqual(yield* stateOf(connection, "a"), "Expired 0/1")
  }).pipe(Effect.provide(world())))

  it.effect("closes a part, then the rest, and cancels all", () => Effect.gen(function*() {
    const connection = yield* open
    yield* ask(connection.submit(order("a", "sell", 3), instrument))
    yield* ask(connection.submit(order("far", "buy", 1, { limit: 100 }), instrument))
    yield* ask(connection.closePosition(account, mes, id("c1"), Lots.make(1)))
    assert.strictEqual(yield* netOf(connection), "MESZ26 -2")
    yield* ask(connection.closePosition(account, mes, id("c2")))
    assert.strictEqual(yield* netOf(connection), "")
    assert.match(yield* refusalOf(connection.closePosition(account, mes, id("c3"))), /notFound: no position/)
    yield* ask(connection.cancelAll(account))
    assert.strictEqual(yield* stateOf(connection, "far"), "Canceled 0/1")
  }).pipe(Effect.provide(world())))

  it.effect("refuses what it cannot know", () => Effect.gen(function*() {
    const connection = yield* open
    const script = yield* MarketScript
    assert.match(yield* refusalOf(connection.submit(order("a", "buy", 1, { instrumentId: "NOPE" }), instrument)), /invalid: no instrument NOPE/)
    assert.match(yield* refusalOf(connection.submit(order("a", "buy", 1, { instrumentVersion: 9 }), instrument)), /version 1/)
    assert.match(yield* refusalOf(connection.submit(order("a", "buy", 1, { stop: 27_600 }), instrument)), /already through the market/)
    assert.strictEqual(yield* stateOf(connection, "a"), "Rejected 0/1")
    yield* script.silence("MES")
    assert.match(yield* refusalOf(connection.submit(order("b", "buy", 1), instrument)), /marketClosed/)
  }).pipe(Effect.provide(world())))
})

describe("brackets and capabilities", () => {
  it.effect("a native bracket: held, active, one cancels the other", () => Effect.gen(function*() {
    const connection = yield* open
    const script = yield* MarketScript
    yield* ask(connection.submitBracket(bracket(2, 27_500, 27_700, { limit: 27_590 }), instrument))
    assert.strictEqual(yield* stateOf(connection, "stop"), "Held 0/2")
    yield* script.set("MES", 27_589, 27_590)
    yield* nextQuote
    assert.strictEqual(yield* stateOf(connection, "stop"), "Accepted 0/2")
    yield* script.set("MES", 27_700, 27_701)
    const heard = yield* listen(connection, nextQuote)
    assert.deepStrictEqual(heard.slice(-4), ["target Filled 2/2", "stop Canceled 0/2", "paper-1-f2 2 @ 6925", "MESZ26 0"])
  }).pipe(Effect.provide(world())))

  it.effect("switched off, they are unsupported or ignored", () => Effect.gen(function*() {
    const connection = yield* open
    assert.deepStrictEqual(connection.capabilities, { nativeBrackets: false, reduceOnly: false, oca: false, modify: false, closeTakesOrders: false, lookupProvesAfterMs: 0, wireEndsWithUs: true, isSimulated: true })
    assert.strictEqual(yield* refusalOf(connection.submitBracket(bracket(1, 27_500, 27_700), instrument)), "Unsupported")
    assert.strictEqual(yield* refusalOf(connection.modify(account, id("a"), { lots: Lots.make(1) })), "Unsupported")
    yield* ask(connection.submit(order("a", "sell", 1, { reduceOnly: true }), instrument))
    assert.strictEqual(yield* netOf(connection), "MESZ26 -1")
  }).pipe(Effect.provide(world({ nativeBrackets: false, reduceOnly: false, oca: false, modify: false }))))

  it.effect("names its accounts and knows no others", () => Effect.gen(function*() {
    const connection = yield* open
    assert.deepStrictEqual(connection.accounts.join(), "paper-1,paper-2,paper-3")
    const stranger = { ...order("a", "buy", 1), accountId: AccountId.make("someone") }
    assert.match(yield* refusalOf(connection.submit(stranger, instrument)), /does not belong/)
  }).pipe(Effect.provide(world())))
})

describe("market data", () => {
  it.effect("quotes every instrument of the catalogue while somebody looks", () => Effect.gen(function*() {
    const connection = yield* open
    const fiber = yield* Effect.forkChild(Stream.runCollect(Stream.take(connection.quotes, 16)))
    yield* Effect.yieldNow
    yield* nextQuote
    yield* nextQuote
    const quotes = yield* Fiber.join(fiber)
    assert.deepStrictEqual(quotes.slice(0, 8).map((quote) => quote.instrumentId), ["MESZ26", "MNQZ26", "ESZ26", "NQZ26", "MGCZ26", "MCLZ26", "PF_XBTUSD", "PF_ETHUSD"])
    assert.deepStrictEqual(quotes[8], {
      instrumentId: mes, bid: Ticks.make(27_600), ask: Ticks.make(27_601), last: Ticks.make(27_600), atMs: startMs + 500, source: "paper-demo", isSimulated: true
    })
  }).pipe(Effect.provide(world())))

  it.effect("sleeps while nothing rests and nobody looks", () => {
    const asked = { times: 0 }
    const counting = Layer.effect(Market, Effect.map(Market, (market) => Market.of({
      quote: (...question) => Effect.suspend(() => {
        asked.times++
        return market.quote(...question)
      })
    })))
    return Effect.gen(function*() {
      const connection = yield* open
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(asked.times, 0)
      yield* ask(connection.submit(order("a", "buy", 1, { limit: 27_000 }), instrument))
      yield* TestClock.adjust("1 minute")
      assert.isAtLeast(asked.times, 240)
      yield* ask(connection.cancel(account, id("a")))
      yield* nextQuote
      const { times } = asked
      yield* TestClock.adjust("30 days") // a quote every 250 ms would take minutes of real time
      assert.strictEqual(asked.times, times)
    }).pipe(Effect.provide(Layer.provideMerge(counting, world())))
  })

  it.effect("a market that fails ends the connection instead of leaving stops unwatched", () => {
    const broken = { now: false }
    const breaking = Layer.effect(Market, Effect.map(Market, (market) => Market.of({
      quote: (...question) => broken.now ? Effect.die("broken") : market.quote(...question)
    })))
    return Effect.gen(function*() {
      const connection = yield* open
      yield* ask(connection.submit(order("a", "buy", 1, { stop: 28_000 }), instrument))
      broken.now = true
      yield* nextQuote
      assert.strictEqual(yield* refusalOf(connection.positions(account)), "Unavailable")
    }).pipe(Effect.provide(Layer.provideMerge(breaking, world())))
  })

  it.effect("gives whole bars that have closed", () => Effect.gen(function*() {
    const connection = yield* open
    const bars = yield* connection.bars(mes, startMs - 180_000, startMs + 180_000, 60_000)
    assert.deepStrictEqual(bars.map((bar) => bar.openAtMs - startMs), [-180_000, -120_000, -60_000])
    assert.isTrue(bars.every((bar) => bar.low <= bar.open && bar.open <= bar.high && bar.closeAtMs - bar.openAtMs === 60_000))
    assert.match(yield* refusalOf(connection.bars(InstrumentId.make("NOPE"), 0, 1, 60_000)), /no instrument/)
  }).pipe(Effect.provide(world())))
})

describe("the end of a connection", () => {
  it.effect("a second sign-in ends the first", () => Effect.gen(function*() {
    yield* begin
    const adapter = yield* Paper.make
    const first = yield* signIn(adapter)
    const listening = yield* Effect.forkChild(Effect.exit(Stream.runDrain(first.events)))
    yield* Effect.yieldNow
    const second = yield* signIn(adapter)
    assert.strictEqual(yield* refusalOf(first.submit(order("a", "buy", 1), instrument)), "Unavailable")
    assert.match(String(Option.getOrNull(Exit.getCause(yield* Fiber.join(listening)))), /Unavailable/)
    yield* ask(second.submit(order("a", "buy", 1), instrument))
    assert.strictEqual(yield* netOf(second), "MESZ26 1")
  }).pipe(Effect.provide(world())))

  it.effect("a closed connection is of no use", () => Effect.gen(function*() {
    yield* begin
    const adapter = yield* Paper.make
    const scope = yield* Scope.make()
    const connection = yield* Scope.provide(signIn(adapter), scope)
    yield* Scope.close(scope, Exit.void)
    assert.strictEqual(yield* refusalOf(connection.positions(account)), "Unavailable")
  }).pipe(Effect.provide(world())))
})
