/** What others do: the exchange, the venue, a hand at its screen, two things in the same moment. */
import { assert } from "@effect/vitest"
import { Effect, Option } from "effect"
import { ask, failure, group, id, listening, lots, outside, pass, ticks, trading, wait } from "./Bench.ts"

const byHand = Effect.gen(function*() {
  const { account, connection, fills, net } = yield* trading
  const at = yield* outside
  const { heard } = yield* listening(connection)
  assert.isTrue(at.venue.byHand.trade({ account: at.account, symbol: at.symbol, side: "sell", qty: "2" }))
  yield* pass(5)
  assert.deepStrictEqual([yield* net, (yield* fills).length], [-2, 1])
  assert.include(heard, `${account}: net -2`)
  assert.isTrue(heard.some((word) => word.endsWith(" 2") && word.includes(": fill ")))
  assert.isFalse((yield* fills).some((fill) => /^(a|b) /.test(fill)))
})

const closedByHand = Effect.gen(function*() {
  const { account, connection, instrument, net, place, stateOf } = yield* trading
  const at = yield* outside
  yield* place("a", "buy", 2)
  yield* place("stop", "sell", 2, { stop: 27_400, leg: "stop" })
  yield* wait
  at.venue.byHand.trade({ account: at.account, symbol: at.symbol, side: "sell", qty: "2" })
  yield* pass(2)
  assert.deepStrictEqual([yield* net, yield* stateOf("stop")], [0, "Accepted 0/2"])
  assert.match(yield* failure(connection.closePosition(account, instrument.id, id("out"))), /^Refused/)
})

const cancelledThere = Effect.gen(function*() {
  const { account, connection, place, stateOf, working } = yield* trading
  const at = yield* outside
  const { heard } = yield* listening(connection)
  yield* place("a", "buy", 1, { limit: 27_000 })
  yield* place("b", "sell", 1, { limit: 28_000 })
  assert.strictEqual(at.venue.byHand.cancelAll(at.account), 2)
  yield* pass(2)
  assert.deepStrictEqual([yield* working, yield* stateOf("a")], [[], "Canceled 0/1"])
  assert.includeMembers(heard, [`${account}: a Canceled`, `${account}: b Canceled`])
})

const changedByHand = Effect.gen(function*() {
  const { account, connection, moves, place, report, stateOf } = yield* trading
  const at = yield* outside
  const { heard } = yield* listening(connection)
  yield* place("a", "sell", 2, { stop: 27_400 })
  yield* pass(1)
  const before = heard.length
  assert.isTrue(at.venue.byHand.change(at.account, "a", { qty: "3", stop: "6862.5" }))
  yield* pass(1)
  assert.include(heard.slice(before), `${account}: a Accepted`)
  const { lots: all, stop } = Option.getOrThrow(yield* report("a"))
  assert.deepStrictEqual([Number(all), Number(stop)], [3, 27_450])
  yield* moves(27_440)
  yield* wait
  assert.strictEqual(yield* stateOf("a"), "Filled 3/3")
})

const halted = Effect.gen(function*() {
  const { account, connection, instrument, moves, net, order, place, stateOf } = yield* trading
  const { symbol, venue } = yield* outside
  yield* place("a", "buy", 1)
  yield* place("stop", "sell", 1, { stop: 27_400, leg: "stop" })
  yield* wait
  venue.market.open(symbol, false)
  assert.strictEqual(yield* failure(connection.submit(order("b", "buy", 1), instrument)), "Refused marketClosed")
  assert.strictEqual(yield* failure(connection.closePosition(account, instrument.id, id("out"))), "Refused marketClosed")
  assert.strictEqual(yield* net, 1)
  venue.market.open(symbol, true)
  yield* moves(27_390)
  yield* wait
  assert.deepStrictEqual([yield* net, yield* stateOf("b")], [0, "none"])
})

const rolled = Effect.gen(function*() {
  const { close, connection, instrument, net, order, place, stateOf } = yield* trading
  const { venue } = yield* outside
  yield* place("a", "buy", 1)
  yield* wait
  venue.faults.strike("F36", 600_000)
  assert.strictEqual(yield* failure(connection.submit(order("b", "buy", 1), instrument)).pipe(Effect.map((word) => word.split(" ")[0])), "Refused")
  yield* close("out")
  yield* wait
  assert.deepStrictEqual([yield* net, yield* stateOf("b")], [0, "none"])
})

const disabled = Effect.gen(function*() {
  const { account, close, connection, instrument, net, order, place, working } = yield* trading
  const at = yield* outside
  yield* place("a", "buy", 1)
  yield* place("b", "buy", 1, { limit: 27_000 })
  yield* wait
  at.venue.byHand.disable(at.account, 600_000)
  assert.match(yield* failure(connection.submit(order("c", "buy", 1), instrument)), /^Refused/)
  yield* ask(connection.cancel(account, id("b")))
  yield* close("out")
  yield* wait
  assert.deepStrictEqual([yield* net, yield* working], [0, []])
})

/** The venue said that it was gone. */
const fillAfterCancel = Effect.gen(function*() {
  const { account, connection, fills, net, place } = yield* trading
  const { venue } = yield* outside
  const { fillIds, heard } = yield* listening(connection)
  yield* place("a", "buy", 1, { limit: 27_000 })
  venue.faults.strike("F15", 1_000)
  yield* ask(connection.cancel(account, id("a")))
  yield* pass(5)
  assert.deepStrictEqual([yield* net, yield* fills, new Set(fillIds).size], [1, ["a buy 1"], 1])
  assert.include(heard, `${account}: net 1`)
})

/** The change was taken, and came too late. */
const fillInChange = Effect.gen(function*() {
  const { account, connection, fills, net, place, stateOf } = yield* trading
  const { venue } = yield* outside
  yield* place("a", "sell", 1, { stop: 27_400 })
  venue.faults.strike("F16")
  yield* Effect.ignore(ask(connection.modify(account, id("a"), { lots: lots(1), stop: ticks(27_450) })))
  yield* pass(3)
  assert.deepStrictEqual([yield* stateOf("a"), yield* net, yield* fills], ["Filled 1/1", -1, ["a sell 1"]])
})

const slipped = Effect.gen(function*() {
  const { moves, net, place, stateOf, fills } = yield* trading
  const { venue } = yield* outside
  yield* place("a", "buy", 1)
  yield* place("stop", "sell", 1, { stop: 27_400, leg: "stop" })
  venue.faults.strike("F17")
  yield* moves(27_390)
  yield* wait
  assert.deepStrictEqual([yield* stateOf("stop"), yield* net, yield* fills], ["Filled 1/1", 0, ["a buy 1", "stop sell 1"]])
})

const stopRejected = Effect.gen(function*() {
  const { connection, instrument, net, order, place, stateOf, working } = yield* trading
  const { venue } = yield* outside
  yield* place("a", "buy", 1)
  yield* wait
  venue.faults.strike("F18")
  yield* Effect.ignore(ask(connection.submit(order("stop", "sell", 1, { stop: 27_400, leg: "stop" }), instrument)))
  yield* wait
  assert.deepStrictEqual([yield* net, yield* working], [1, []])
  assert.match(yield* stateOf("stop"), /^(Rejected 0\/1|none)$/)
})

export const others = group("Others", [
  { title: "a trade by hand is shown, and is nobody's order", needs: ["hand"], run: byHand },
  { title: "a position closed by hand: there is nothing to close, and its stop is shown as it stands", needs: ["hand"], run: closedByHand },
  { title: "orders that the venue cancels are told as cancelled", needs: ["hand"], run: cancelledThere },
  { title: "an order that was changed by hand is told and shown as it is now", needs: ["hand"], run: changedByHand },
  { title: "a trading halt: entries and closes are refused for now, what rests goes on afterwards", needs: ["exchange"], run: halted },
  { title: "a contract that no longer takes entries is left by a close", needs: ["exchange"], run: rolled },
  { title: "an account that may only close: cancels and closes go", needs: ["exchange"], run: disabled },
  { title: "a fill after its cancel was confirmed counts once", needs: ["races"], run: fillAfterCancel },
  { title: "a fill in the moment of a change counts once", needs: ["races"], run: fillInChange },
  { title: "a stop that slips is filled and leaves nothing", needs: ["races"], run: slipped },
  { title: "a stop that the venue rejects after taking it never seems to stand", needs: ["no native brackets", "races"], run: stopRejected }
])
