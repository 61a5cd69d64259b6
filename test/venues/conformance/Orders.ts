/** Every type of order: what it waits for, where it fills, how it ends. */
import { assert } from "@effect/vitest"
import { BigDecimal, Clock, Effect, Option } from "effect"
import { AccountId } from "#schemas/Ids.ts"
import { ask, failure, group, id, isRefusal, lots, pass, ticks, trading, wait } from "./Bench.ts"

const marketOrder = Effect.gen(function*() {
  const { account, connection, instrument, net, place, stateOf } = yield* trading
  const before = yield* ask(connection.balances(account))
  const startMs = yield* Clock.currentTimeMillis
  const { venueOrderId } = yield* place("a", "buy", 2)
  yield* wait
  assert.strictEqual(yield* stateOf("a"), "Filled 2/2")
  assert.strictEqual(yield* net, 2)
  const fills = yield* ask(connection.fillsSince(account, startMs))
  assert.strictEqual(fills.reduce((sum, fill) => sum + fill.lots, 0), 2)
  for (const fill of fills) {
    assert.deepInclude(fill, { clientOrderId: id("a"), venueOrderId, instrumentId: instrument.id, side: "buy" })
    assert.strictEqual(BigDecimal.format(fill.price), "6900.25")
  }
  const after = yield* ask(connection.balances(account))
  assert.strictEqual(BigDecimal.format(BigDecimal.subtract(before.amount, after.amount)), "1.24")
  assert.strictEqual(after.currency, "USD")
})

const limitOrder = Effect.gen(function*() {
  const { account, connection, moves, place, report, stateOf, working } = yield* trading
  yield* place("a", "buy", 2, { limit: 27_500 })
  assert.deepStrictEqual(yield* working, ["a Accepted"])
  yield* ask(connection.modify(account, id("a"), { lots: lots(3), limit: ticks(27_550) }))
  const { limit, lots: all, side } = Option.getOrThrow(yield* report("a"))
  assert.deepStrictEqual([all, limit, side], [lots(3), ticks(27_550), "buy"])
  yield* moves(27_540)
  yield* wait
  assert.strictEqual(yield* stateOf("a"), "Filled 3/3")
  assert.deepStrictEqual(yield* working, [])
  isRefusal(yield* failure(connection.modify(account, id("a"), { lots: lots(4), limit: ticks(27_550) })))
})

const throughTheMarket = Effect.gen(function*() {
  const { account, connection, place, stateOf } = yield* trading
  yield* place("a", "buy", 1, { limit: 27_700 })
  yield* wait
  assert.strictEqual(yield* stateOf("a"), "Filled 1/1")
  const [fill] = yield* ask(connection.fillsSince(account, 0))
  assert.strictEqual(fill === undefined ? undefined : BigDecimal.format(fill.price), "6900.25")
})

const stopOrder = Effect.gen(function*() {
  const { moves, net, place, stateOf } = yield* trading
  yield* place("a", "sell", 1, { stop: 27_500 })
  yield* wait
  assert.strictEqual(yield* stateOf("a"), "Accepted 0/1")
  yield* moves(27_480)
  yield* wait
  assert.deepStrictEqual([yield* stateOf("a"), yield* net], ["Filled 1/1", -1])
})

const stopThroughGap = Effect.gen(function*() {
  const { account, connection, moves, place } = yield* trading
  yield* place("a", "sell", 1, { stop: 27_500 })
  yield* moves(27_300)
  yield* wait
  const [fill] = yield* ask(connection.fillsSince(account, 0))
  assert.strictEqual(fill === undefined ? undefined : BigDecimal.format(fill.price), "6825")
})

const movedStop = Effect.gen(function*() {
  const { account, connection, moves, place, stateOf } = yield* trading
  yield* place("a", "sell", 1, { stop: 27_500 })
  yield* ask(connection.modify(account, id("a"), { lots: lots(1), stop: ticks(27_400) }))
  yield* moves(27_450)
  yield* wait
  assert.strictEqual(yield* stateOf("a"), "Accepted 0/1")
  yield* moves(27_390)
  yield* wait
  assert.strictEqual(yield* stateOf("a"), "Filled 1/1")
})

const stopLimitOrder = Effect.gen(function*() {
  const { account, connection, moves, place, stateOf } = yield* trading
  yield* place("a", "buy", 1, { stop: 27_650, limit: 27_660 })
  yield* wait
  assert.strictEqual(yield* stateOf("a"), "Accepted 0/1")
  yield* moves(27_700)
  yield* wait
  assert.strictEqual(yield* stateOf("a"), "Accepted 0/1", "beyond its limit it waits")
  yield* moves(27_655)
  yield* wait
  assert.strictEqual(yield* stateOf("a"), "Filled 1/1")
  const [fill] = yield* ask(connection.fillsSince(account, 0))
  assert.isTrue(fill !== undefined && BigDecimal.isLessThanOrEqualTo(fill.price, BigDecimal.fromStringUnsafe("6915")))
})

/** A no, or filled at once: what must not be is a stop that seems to stand. */
const stopOnWrongSide = Effect.gen(function*() {
  const { account, connection, instrument, net, order, stateOf, working } = yield* trading
  const wrong = yield* Effect.exit(ask(connection.submit(order("a", "sell", 1, { stop: 27_650 }), instrument)))
  yield* wait
  assert.deepStrictEqual(yield* working, [])
  assert.include(wrong._tag === "Failure" ? ["none", "Rejected 0/1"] : ["Rejected 0/1", "Filled 1/1"], yield* stateOf("a"))
  assert.strictEqual(yield* net, (yield* ask(connection.fillsSince(account, 0))).length === 0 ? 0 : -1)
})

const immediate = Effect.gen(function*() {
  const { net, place, stateOf, working } = yield* trading
  yield* place("a", "buy", 1, { limit: 27_500, timeInForce: "ioc" })
  yield* wait
  assert.deepStrictEqual([yield* working, yield* net], [[], 0])
  assert.match(yield* stateOf("a"), /^(Canceled|Expired) 0\/1$/)
})

const withDeadline = Effect.gen(function*() {
  const { moves, net, place, stateOf, working } = yield* trading
  const nowMs = yield* Clock.currentTimeMillis
  yield* place("a", "buy", 1, { limit: 27_500, expiresAtMs: nowMs + 60_000 })
  yield* pass(50)
  assert.deepStrictEqual(yield* working, ["a Accepted"])
  yield* pass(20)
  yield* moves(27_400)
  yield* wait
  assert.deepStrictEqual([yield* stateOf("a"), yield* net], ["Expired 0/1", 0])
})

const cancelled = Effect.gen(function*() {
  const { account, connection, moves, net, place, stateOf, working } = yield* trading
  yield* place("a", "buy", 1, { limit: 27_000 })
  yield* ask(connection.cancel(account, id("a")))
  assert.deepStrictEqual([yield* stateOf("a"), yield* working], ["Canceled 0/1", []])
  isRefusal(yield* failure(connection.cancel(account, id("a"))))
  yield* moves(26_900)
  yield* wait
  assert.strictEqual(yield* net, 0)
})

const cancelTooLate = Effect.gen(function*() {
  const { account, connection, moves, net, place, stateOf } = yield* trading
  yield* place("a", "buy", 1, { limit: 27_500 })
  yield* moves(27_490)
  yield* wait
  isRefusal(yield* failure(connection.cancel(account, id("a"))))
  assert.deepStrictEqual([yield* stateOf("a"), yield* net], ["Filled 1/1", 1])
})

const allOfOne = Effect.gen(function*() {
  const { account, connection, instrument, place, working } = yield* trading
  yield* place("a", "buy", 1, { limit: 27_000 })
  yield* place("b", "sell", 1, { limit: 28_000 })
  yield* ask(connection.cancelAll(account, { ...instrument, id: "PF_XBTUSD" as typeof instrument.id }.id))
  assert.deepStrictEqual(yield* working, ["a Accepted", "b Accepted"])
  yield* ask(connection.cancelAll(account, instrument.id))
  assert.deepStrictEqual(yield* working, [])
})

const neverPlaced = Effect.gen(function*() {
  const { account, connection, stateOf } = yield* trading
  assert.strictEqual(yield* stateOf("never"), "none")
  assert.strictEqual(yield* failure(connection.cancel(account, id("never"))), "Refused notFound")
  assert.strictEqual(yield* failure(connection.modify(account, id("never"), { lots: lots(1) })), "Refused notFound")
})

const strangersAccount = Effect.gen(function*() {
  const { connection, instrument, order } = yield* trading
  const stranger = AccountId.make("nobody")
  assert.strictEqual(yield* failure(connection.submit(order("a", "buy", 1, { accountId: stranger }), instrument)), "Refused invalid")
  assert.strictEqual(yield* failure(connection.positions(stranger)), "Refused invalid")
})

const otherSteps = Effect.gen(function*() {
  const { connection, instrument, net, order, stateOf } = yield* trading
  const other = { ...instrument, version: 2, tickSize: BigDecimal.fromStringUnsafe("0.5") }
  assert.strictEqual(yield* failure(connection.submit(order("a", "buy", 1, { instrumentVersion: 2 }), other)), "Refused invalid")
  assert.strictEqual(yield* net, 0)
  assert.match(yield* stateOf("a"), /^(none|Rejected 0\/1)$/)
})

const manyAtOnce = Effect.gen(function*() {
  const { connection, instrument, net, order, working } = yield* trading
  const names = Array.from({ length: 10 }, (_, index) => `a${index}`)
  yield* ask(Effect.forEach(names, (name) => connection.submit(order(name, "buy", 1, { limit: 27_500 }), instrument), { concurrency: "unbounded" }))
  assert.deepStrictEqual(yield* working, names.map((name) => `${name} Accepted`))
  assert.strictEqual(yield* net, 0)
})

const inParts = Effect.gen(function*() {
  const { account, connection, net, outside, place, report } = yield* trading
  outside?.venue.faults.strike("F14")
  yield* place("a", "buy", 5)
  yield* wait
  const { filledLots, status } = Option.getOrThrow(yield* report("a"))
  const fills = yield* ask(connection.fillsSince(account, 0))
  assert.isAbove(fills.length, outside === undefined ? 1 : 0)
  assert.strictEqual(fills.reduce((sum, fill) => sum + fill.lots, 0), filledLots)
  assert.strictEqual(yield* net, Number(filledLots))
  assert.strictEqual(status, filledLots === 5 ? "Filled" : "Canceled")
})

const smallerThanFilled = Effect.gen(function*() {
  const { account, connection, place, report } = yield* trading
  yield* place("a", "buy", 3, { limit: 27_500 })
  yield* ask(connection.modify(account, id("a"), { lots: lots(1), limit: ticks(27_500) }))
  assert.strictEqual(Number(Option.getOrThrow(yield* report("a")).lots), 1)
})

/** Two masters: the venue may refuse one of them, but there is one order and one truth about it. */
const twoChanges = Effect.gen(function*() {
  const { account, connection, place, report, working } = yield* trading
  yield* place("a", "buy", 1, { limit: 27_500 })
  const change = (limit: number) => Effect.exit(connection.modify(account, id("a"), { lots: lots(1), limit: ticks(limit) }))
  const [one, other] = yield* ask(Effect.all([change(27_510), change(27_520)], { concurrency: 2 }))
  const possible = [...(one._tag === "Success" ? [27_510] : []), ...(other._tag === "Success" ? [27_520] : [])]
  assert.include(possible, Number(Option.getOrThrow(yield* report("a")).limit))
  assert.deepStrictEqual(yield* working, ["a Accepted"])
})

const twoAccounts = Effect.gen(function*() {
  const { account, connection, net, order, place, sibling, instrument } = yield* trading
  yield* place("a", "buy", 1)
  yield* ask(connection.submit(order("b", "sell", 2, { accountId: sibling }), instrument))
  yield* ask(connection.submit(order("c", "sell", 1, { accountId: sibling, limit: 28_000 }), instrument))
  yield* wait
  const netOf = (of: AccountId) => Effect.map(ask(connection.positions(of)), (all) => all.map((row) => Number(row.net)).filter((count) => count !== 0))
  assert.deepStrictEqual([yield* net, yield* netOf(sibling)], [1, [-2]])
  yield* ask(connection.cancelAll(account))
  assert.strictEqual((yield* ask(connection.workingOrders(sibling))).length, 1)
  isRefusal(yield* failure(connection.cancel(account, id("c"))))
  assert.strictEqual((yield* ask(connection.workingOrders(sibling))).length, 1)
})

export const orders = group("Orders", [
  { title: "a market order fills, and every way of asking says so", run: marketOrder },
  { title: "a limit rests, is changed, and fills where it now lies", run: limitOrder },
  { title: "a limit beyond the market fills at the market's price", run: throughTheMarket },
  { title: "a stop waits for its price", run: stopOrder },
  { title: "a stop that the market jumps over pays the gap", run: stopThroughGap },
  { title: "a stop that was moved goes by its new price alone", run: movedStop },
  { title: "a stop-limit wakes at its stop, and never fills beyond its limit", run: stopLimitOrder },
  { title: "a stop on the wrong side of the market never seems to stand", run: stopOnWrongSide },
  { title: "what may only fill at once never rests", run: immediate },
  { title: "what has a deadline expires there", run: withDeadline },
  { title: "fills in parts add up to the order, the position and each other", run: inParts },
  { title: "a cancelled order is gone, is not cancelled twice, and fills no more", run: cancelled },
  { title: "a cancel that comes after the fill is refused, and the fill counts", run: cancelTooLate },
  { title: "all orders of an instrument go at once, those of another stay", run: allOfOne },
  { title: "an order is made smaller", run: smallerThanFilled },
  { title: "of two changes at once one is in force, and the report says which", run: twoChanges },
  { title: "ten orders at once are ten orders, each under its own name", run: manyAtOnce },
  { title: "two accounts of one login never mix", run: twoAccounts },
  { title: "what was never placed is not found, and is no evidence of anything else", run: neverPlaced },
  { title: "an account of somebody else is refused before anything leaves", run: strangersAccount },
  { title: "an entry in an instrument whose steps differ does not leave", run: otherSteps }
])
