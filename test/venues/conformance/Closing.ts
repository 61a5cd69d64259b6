/** Ways out of a position, and brackets that know theirs. */
import { assert } from "@effect/vitest"
import { Effect, Option } from "effect"
import { ask, failure, group, id, isRefusal, lots, outside, ticks, trading, wait, pass } from "./Bench.ts"

const inPart = Effect.gen(function*() {
  const { account, close, connection, instrument, net, place } = yield* trading
  yield* place("a", "sell", 3)
  yield* wait
  yield* close("c1", 1)
  yield* wait
  assert.strictEqual(yield* net, -2)
  yield* close("c2", 9)
  yield* wait
  assert.strictEqual(yield* net, 0)
  isRefusal(yield* failure(connection.closePosition(account, instrument.id, id("c3"))))
  yield* place("b", "buy", 2)
  yield* wait
  yield* close("c4")
  yield* wait
  assert.strictEqual(yield* net, 0)
})

const twice = Effect.gen(function*() {
  const { account, connection, instrument, net, place } = yield* trading
  yield* place("a", "buy", 3)
  yield* wait
  const closing = (name: string, count?: number) => Effect.exit(connection.closePosition(account, instrument.id, id(name), count === undefined ? undefined : lots(count)))
  yield* ask(Effect.all([closing("c1", 2), closing("c2", 2), closing("c3")], { concurrency: 3 }))
  yield* wait
  assert.strictEqual(yield* net, 0)
})

const onlyReducing = Effect.gen(function*() {
  const { net, place } = yield* trading
  yield* place("a", "buy", 1)
  yield* wait
  yield* Effect.ignore(place("b", "sell", 3, { reduceOnly: true, leg: "exit" }))
  yield* wait
  assert.strictEqual(yield* net, 0)
  yield* Effect.ignore(place("c", "sell", 1, { reduceOnly: true, leg: "exit" }))
  yield* wait
  assert.strictEqual(yield* net, 0)
})

/** As the house does it: out, then whatever is left is cancelled; a price that comes later meets nothing. */
const withExitsResting = Effect.gen(function*() {
  const { account, close, connection, instrument, moves, net, place, working } = yield* trading
  yield* place("a", "buy", 2)
  yield* wait
  yield* place("stop", "sell", 2, { stop: 27_400, leg: "stop" })
  yield* place("target", "sell", 2, { limit: 27_900, leg: "target" })
  yield* close("out")
  yield* wait
  yield* ask(connection.cancelAll(account, instrument.id))
  assert.deepStrictEqual([yield* net, yield* working], [0, []])
  yield* moves(27_300)
  yield* wait
  assert.strictEqual(yield* net, 0)
})

export const closing = group("Closing", [
  { title: "a position is closed in part, then as a whole, never beyond", run: inPart },
  { title: "two closes at once never open the other side", run: twice },
  { title: "a position is closed while its exits rest, and none of them fills later", run: withExitsResting },
  { title: "an order that may only reduce never opens", needs: ["reduce-only"], run: onlyReducing }
])

const refused = Effect.gen(function*() {
  const { bracket, connection, instrument, working } = yield* trading
  assert.strictEqual(yield* failure(connection.submitBracket(bracket({ limit: 27_000 }), instrument)), "Unsupported")
  assert.deepStrictEqual(yield* working, [])
})

const held = Effect.gen(function*() {
  const { bracket, connection, instrument, moves, net, stateOf, working } = yield* trading
  yield* ask(connection.submitBracket(bracket({ limit: 27_590 }), instrument))
  assert.deepStrictEqual(yield* working, ["entry Accepted", "stop Held", "target Held"])
  yield* moves(27_580)
  yield* wait
  assert.deepStrictEqual([yield* net, yield* working], [2, ["stop Accepted", "target Accepted"]])
  yield* moves(27_380)
  yield* wait
  assert.deepStrictEqual([yield* net, yield* working], [0, []])
  assert.deepStrictEqual([yield* stateOf("stop"), yield* stateOf("target")], ["Filled 2/2", "Canceled 0/2"])
})

const byTarget = Effect.gen(function*() {
  const { bracket, connection, instrument, moves, net, stateOf, working } = yield* trading
  yield* ask(connection.submitBracket(bracket(), instrument))
  yield* wait
  yield* moves(27_910)
  yield* wait
  assert.deepStrictEqual([yield* net, yield* working], [0, []])
  assert.deepStrictEqual([yield* stateOf("stop"), yield* stateOf("target")], ["Canceled 0/2", "Filled 2/2"])
})

const withEntry = Effect.gen(function*() {
  const { account, bracket, connection, instrument, working } = yield* trading
  yield* ask(connection.submitBracket(bracket({ limit: 27_500 }), instrument))
  yield* ask(connection.cancel(account, id("entry")))
  assert.deepStrictEqual(yield* working, [])
})

const stopAlone = Effect.gen(function*() {
  const { bracket, connection, instrument, moves, net, working } = yield* trading
  const { entry, stop } = bracket()
  yield* ask(connection.submitBracket({ entry, stop }, instrument))
  yield* wait
  assert.deepStrictEqual([yield* net, yield* working], [2, ["stop Accepted"]])
  yield* moves(27_390)
  yield* wait
  assert.deepStrictEqual([yield* net, yield* working], [0, []])
})

const movedChild = Effect.gen(function*() {
  const { account, bracket, connection, instrument, moves, net, report, stateOf } = yield* trading
  yield* ask(connection.submitBracket(bracket(), instrument))
  yield* wait
  yield* ask(connection.modify(account, id("stop"), { lots: lots(2), stop: ticks(27_500) }))
  const { lots: all, stop } = Option.getOrThrow(yield* report("stop"))
  assert.deepStrictEqual([Number(all), Number(stop)], [2, 27_500])
  yield* moves(27_490)
  yield* wait
  assert.deepStrictEqual([yield* net, yield* stateOf("target")], [0, "Canceled 0/2"])
})

/** The venue took it in and says no later: nothing may look as if it stood. */
const childRejected = Effect.gen(function*() {
  const { bracket, connection, instrument, net, stateOf, working } = yield* trading
  const { venue } = yield* outside
  venue.faults.strike("F18")
  yield* ask(connection.submitBracket(bracket(), instrument))
  yield* wait
  assert.strictEqual(yield* net, 2)
  assert.strictEqual(yield* stateOf("stop"), "Rejected 0/2")
  assert.notInclude((yield* working).join(), "stop")
})

/** As large as what is held, or not there at all: never larger. */
const afterPart = Effect.gen(function*() {
  const { connection, instrument, net, order, report } = yield* trading
  const { venue } = yield* outside
  venue.faults.strike("F14")
  yield* ask(connection.submitBracket({ entry: order("entry", "buy", 5), stop: order("stop", "sell", 5, { stop: 27_400, leg: "stop", reduceOnly: true }) }, instrument))
  yield* wait
  const is = yield* net
  assert.isTrue(is > 0 && is < 5)
  const { filledLots, lots: all, status } = Option.getOrThrow(yield* report("stop"))
  if (status === "Accepted") assert.strictEqual(Number(all), is)
  else assert.deepStrictEqual([status, Number(filledLots)], ["Canceled", 0])
})

/** The children had their numbers already. */
const parentRejected = Effect.gen(function*() {
  const { connection, instrument, net, order, working } = yield* trading
  const entry = order("entry", "buy", 2, { stop: 27_500 })
  const stop = order("stop", "sell", 2, { stop: 27_400, leg: "stop", reduceOnly: true })
  yield* Effect.ignore(ask(connection.submitBracket({ entry, stop }, instrument)))
  yield* wait
  assert.include(["0 ", "2 stop Accepted"], `${yield* net} ${(yield* working).join()}`)
})

const siblingStays = Effect.gen(function*() {
  const { account, bracket, connection, instrument, moves, net, working } = yield* trading
  const { venue } = yield* outside
  yield* ask(connection.submitBracket(bracket(), instrument))
  yield* wait
  venue.faults.strike("F19")
  yield* moves(27_390)
  yield* wait
  assert.deepStrictEqual([yield* net, yield* working], [0, ["target Accepted"]])
  yield* ask(connection.cancel(account, id("target")))
  assert.deepStrictEqual(yield* working, [])
})

const parentRefused = Effect.gen(function*() {
  const { bracket, connection, instrument, net, working } = yield* trading
  const { symbol, venue } = yield* outside
  venue.market.open(symbol, false)
  assert.strictEqual(yield* failure(connection.submitBracket(bracket(), instrument)), "Refused marketClosed")
  venue.market.open(symbol, true)
  yield* pass(5)
  assert.deepStrictEqual([yield* net, yield* working], [0, []])
})

export const brackets = group("Brackets", [
  { title: "a bracket is refused, and nothing of it is placed", needs: ["no native brackets"], run: refused },
  { title: "a bracket's children wait for their entry, then one of them ends the other", needs: ["native brackets"], run: held },
  { title: "a target that fills takes the stop along", needs: ["native brackets"], run: byTarget },
  { title: "with the entry its children go", needs: ["native brackets"], run: withEntry },
  { title: "a bracket of a stop alone", needs: ["native brackets"], run: stopAlone },
  { title: "a child that was moved keeps its size and its sibling", needs: ["native brackets"], run: movedChild },
  { title: "a child that the venue rejects late is told as rejected", needs: ["native brackets", "refused child"], run: childRejected },
  { title: "after a part of the entry a child is as large as what is held", needs: ["native brackets", "races"], run: afterPart },
  { title: "a sibling that the venue forgot is shown, and can be cancelled", needs: ["native brackets", "races"], run: siblingStays },
  { title: "an entry that is rejected after its children were made takes them along", needs: ["native brackets"], run: parentRejected },
  { title: "with a refused entry nothing of the bracket is there", needs: ["native brackets", "exchange"], run: parentRefused }
])
