/** The venue outlives the house: what it knew, it knows again, and its market went on. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import { Lots } from "#schemas/Instrument.ts"
import * as MarketLive from "#src/feeds/Market.ts"
import * as QuoteBook from "#src/feeds/QuoteBook.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import type { Connection } from "#src/ports/Venue.ts"
import * as Books from "#src/venues/paper/Books.ts"
import * as Paper from "#src/venues/paper/Paper.ts"
import { account, ask, begin, bracket, id, instrument, loginId, mes, netOf, nextQuote, order, refusalOf, signIn, startMs, stateOf, world } from "#test/src/venues/paper/fixture.ts"
import { house } from "#test/support/house.ts"
import { MarketScript } from "#test/support/market.ts"
import * as Ledger from "#test/support/paperLedger.ts"

/** One life of the house: signs in, does, and is gone. */
const life = <A, E, R>(during: (connection: Connection) => Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    yield* begin
    const scope = yield* Scope.make()
    const connection = yield* Scope.provide(signIn(yield* Paper.make), scope)
    const result = yield* during(connection)
    yield* Scope.close(scope, Exit.void)
    return result
  })

const picture = Effect.fnUntraced(function*(connection: Connection) {
  const { amount } = yield* ask(connection.balances(account))
  return {
    working: yield* ask(connection.workingOrders(account)),
    positions: yield* ask(connection.positions(account)),
    fills: (yield* ask(connection.fillsSince(account, 0))).map((fill) => `${fill.id} ${fill.side} ${fill.lots} ${BigDecimal.format(fill.price)} ${fill.atMs}`),
    balance: BigDecimal.format(amount),
    filled: yield* stateOf(connection, "a"),
    rejected: yield* stateOf(connection, "late")
  }
})

const busy = (connection: Connection) => Effect.gen(function*() {
  yield* ask(connection.submit(order("a", "buy", 3), instrument))
  yield* ask(connection.submit(order("b", "sell", 1), instrument))
  yield* ask(connection.submitBracket(bracket(2, 27_400, 27_900, { limit: 27_500 }), instrument))
  yield* ask(connection.submit(order("rest", "buy", 2, { limit: 27_450 }), instrument))
  yield* ask(connection.modify(account, id("rest"), { lots: Lots.make(4) }))
  yield* refusalOf(connection.submit(order("late", "buy", 1, { stop: 27_500 }), instrument))
})

describe("after a restart", () => {
  it.effect("orders, positions, fills and money are what they were", () => Effect.gen(function*() {
    const before = yield* life((connection) => Effect.andThen(busy(connection), picture(connection)))
    const after = yield* life(picture)
    assert.deepStrictEqual(after, before)
    assert.deepStrictEqual(after.working.map(({ clientOrderId, lots, status }) => `${clientOrderId} ${status} ${lots}`), ["entry Accepted 2", "stop Held 2", "target Held 2", "rest Accepted 4"])
    assert.strictEqual(after.rejected, "Rejected 0/1")
  }).pipe(Effect.provide(world())))

  it.effect("from a snapshot too", () => Effect.gen(function*() {
    const before = yield* life((connection) => Effect.andThen(busy(connection), picture(connection)))
    const ledger = yield* PaperLedger
    const rows = (yield* ledger.read(loginId)).rows
    // Rows of an order that is placed and cancelled over and over, until the ledger is compacted.
    yield* life((connection) => Effect.gen(function*() {
      for (let row = rows.length; row < Books.rowsBetweenSnapshots; row += 2) {
        yield* ask(connection.submit(order(`n${row}`, "buy", 1, { limit: 100 }), instrument))
        yield* ask(connection.cancel(account, id(`n${row}`)))
      }
    }))
    const kept = yield* ledger.read(loginId)
    assert.isDefined(kept.snapshot)
    assert.isBelow(kept.rows.length, 3)
    assert.deepStrictEqual({ ...(yield* life(picture)), filled: "", rejected: "" }, { ...before, filled: "", rejected: "" })
  }).pipe(Effect.provide(world())), 30_000)

  it.effect("a stop that the market jumped while the house was down fills at the market as it is", () => Effect.gen(function*() {
    yield* life((connection) => ask(connection.submitBracket(bracket(2, 27_500, 27_900), instrument)))
    yield* (yield* MarketScript).set("MES", 27_300, 27_301)
    yield* TestClock.adjust("10 minutes")
    yield* life((connection) => Effect.gen(function*() {
      const heard: Array<string> = []
      const fiber = yield* Effect.forkChild(Stream.runForEach(connection.events, ({ event }) => Effect.sync(() => heard.push(event._tag))))
      assert.strictEqual(yield* stateOf(connection, "stop"), "Filled 2/2")
      assert.strictEqual(yield* stateOf(connection, "target"), "Canceled 0/2")
      assert.strictEqual(yield* netOf(connection), "")
      const fills = yield* ask(connection.fillsSince(account, startMs + 60_000))
      assert.deepStrictEqual(fills.map((fill) => BigDecimal.format(fill.price)), ["6825"]) // the bid of 27300, not the stop of 27500
      yield* Fiber.interrupt(fiber)
      assert.includeMembers(heard, ["Filled", "PositionChanged"]) // told to the listener that came after it happened
    }))
  }).pipe(Effect.provide(world())))

  it.effect("an order whose acknowledgement was lost is found, and sending it again changes nothing", () => Effect.gen(function*() {
    yield* life((connection) => Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(connection.submit(order("a", "buy", 2), instrument))
      yield* TestClock.adjust("30 millis") // there, but not back
      yield* Fiber.interrupt(fiber)
      const never = yield* Effect.forkChild(connection.submit(order("n", "buy", 2), instrument))
      yield* TestClock.adjust("10 millis") // not even there
      yield* Fiber.interrupt(never)
    }))
    yield* life((connection) => Effect.gen(function*() {
      assert.strictEqual(yield* stateOf(connection, "a"), "Filled 2/2")
      assert.strictEqual(yield* stateOf(connection, "n"), "none")
      yield* ask(connection.submit(order("a", "buy", 2), instrument))
      assert.strictEqual(yield* netOf(connection), "MESZ26 2")
    }))
  }).pipe(Effect.provide(world())))
})

describe("a ledger in trouble", () => {
  const failing = (fails: { now: boolean }) =>
    Layer.effect(PaperLedger, Effect.map(PaperLedger, (ledger) => PaperLedger.of({
      ...ledger,
      append: (login, rows) => fails.now ? Effect.die("disk full") : ledger.append(login, rows)
    }))).pipe(Layer.provide(Ledger.layer))

  it.effect("nothing that is not in the ledger is told; the connection ends, the next one starts from the ledger", () => {
    const fails = { now: false }
    return Effect.gen(function*() {
      yield* life((connection) => Effect.gen(function*() {
        yield* ask(connection.submit(order("a", "buy", 1), instrument))
        const heard: Array<string> = []
        const fiber = yield* Effect.forkChild(Stream.runForEach(connection.events, ({ event }) =>
          Effect.sync(() => event._tag === "OrderChanged" && heard.push(event.report.clientOrderId))))
        yield* Effect.yieldNow
        fails.now = true
        assert.strictEqual(yield* refusalOf(connection.submit(order("b", "buy", 1), instrument)), "Ambiguous")
        assert.strictEqual(yield* refusalOf(connection.positions(account)), "Unavailable")
        assert.strictEqual((yield* Fiber.await(fiber))._tag, "Failure")
        assert.deepStrictEqual(heard, ["a"])
        fails.now = false
      }))
      yield* life((connection) => Effect.gen(function*() {
        assert.strictEqual(yield* netOf(connection), "MESZ26 1")
        assert.strictEqual(yield* stateOf(connection, "b"), "none")
      }))
    }).pipe(Effect.provide(Layer.provideMerge(failing(fails), world())))
  })

  it.effect("a caller that gives up while the ledger writes leaves the order whole", () => {
    const slow = Layer.effect(PaperLedger, Effect.map(PaperLedger, (ledger) => PaperLedger.of({
      ...ledger,
      append: (login, rows) => Effect.andThen(ledger.append(login, rows), Effect.sleep("5 millis"))
    }))).pipe(Layer.provide(Ledger.layer))
    return life((connection) => Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(connection.submit(order("a", "buy", 1), instrument))
      yield* TestClock.adjust("22 millis")
      const interrupting = yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* TestClock.adjust("5 millis")
      yield* Fiber.join(interrupting)
      assert.strictEqual(yield* stateOf(connection, "a"), "Filled 1/1")
      assert.strictEqual(yield* netOf(connection), "MESZ26 1")
    })).pipe(Effect.provide(Layer.provideMerge(slow, world())))
  })

  it.effect("one that cannot be read lets nobody in and says what to do", () => Effect.gen(function*() {
    yield* begin
    yield* (yield* PaperLedger).append(loginId, ["no json"])
    const error = yield* Effect.flip(signIn(yield* Paper.make))
    assert.strictEqual(error._tag, "Unavailable")
    assert.match("reason" in error ? error.reason : "", /move it away/)
  }).pipe(Effect.provide(world())))
})

describe("the simulated market", () => {
  const real = (seed: number) => {
    const config = HouseConfig.layerOf(house({ venues: { "paper-demo": { paper: { seed, lotsPerFillMax: 1 } } } }))
    return Layer.mergeAll(Ledger.layer, QuoteBook.layer, Layer.provideMerge(MarketLive.Market.layer, config))
  }
  /** A bracket every minute, for half an hour, closed by stop or target. */
  const session = life((connection) => Effect.gen(function*() {
    for (let minute = 0; minute < 30; minute++) {
      const last = (yield* connection.bars(mes, startMs - 60_000, startMs + 86_400_000, 60_000)).at(-1)?.close ?? 0
      const entry = order(`e${minute}`, "buy", 2)
      const bracket = {
        entry,
        stop: order(`s${minute}`, "sell", 2, { stop: last - 40, reduceOnly: true }),
        target: order(`t${minute}`, "sell", 2, { limit: last + 40, reduceOnly: true })
      }
      yield* Effect.ignore(ask(connection.submitBracket(bracket, instrument)))
      yield* TestClock.adjust("1 minute")
    }
    yield* nextQuote
    return yield* picture(connection)
  }))
  const run = (seed: number) => Effect.provide(session, real(seed))

  it.effect("same seed, same fills; another seed, others", () => Effect.gen(function*() {
    const first = yield* run(1)
    yield* TestClock.setTime(startMs)
    const second = yield* run(1)
    assert.isAbove(first.fills.length, 20)
    assert.deepStrictEqual(second, first)
    yield* TestClock.setTime(startMs)
    assert.notDeepEqual((yield* run(2)).fills, first.fills)
  }), 30_000)
})
