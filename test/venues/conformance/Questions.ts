/** What a venue answers when asked: of now, of before, to whoever was not there. */
import { assert } from "@effect/vitest"
import { BigDecimal, Clock, Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { ask, type Bench, group, id, listening, lots, outside, pass, ticks, trading, tradingAgain, wait, type Words } from "./Bench.ts"

const changesNothing = Effect.gen(function*() {
  const { account, connection, place } = yield* trading
  yield* place("a", "buy", 2)
  yield* place("b", "buy", 1, { limit: 27_000 })
  yield* wait
  const look = Effect.all([
    ask(connection.orderByClientId(account, id("a"))), ask(connection.workingOrders(account)), ask(connection.positions(account)),
    ask(connection.balances(account)), ask(connection.fillsSince(account, 0))
  ])
  assert.deepStrictEqual(yield* look, yield* look)
})

const fillsSince = Effect.gen(function*() {
  const { account, connection, place } = yield* trading
  const startMs = yield* Clock.currentTimeMillis
  yield* place("a", "buy", 1)
  yield* wait
  const between = yield* Clock.currentTimeMillis
  yield* TestClock.adjust("5 minutes")
  yield* place("b", "sell", 1)
  yield* wait
  const namesSince = (sinceMs: number) => Effect.map(ask(connection.fillsSince(account, sinceMs)), (all) => {
    assert.strictEqual(new Set(all.map((fill) => fill.id)).size, all.length)
    return all.map(({ clientOrderId }) => clientOrderId)
  })
  assert.deepStrictEqual(yield* namesSince(startMs), [id("a"), id("b")])
  assert.deepStrictEqual(yield* namesSince(between + 240_000), [id("b")])
  assert.deepStrictEqual(yield* namesSince(yield* Effect.map(Clock.currentTimeMillis, (nowMs) => nowMs + 3_600_000)), [])
})

const wholeBars = Effect.gen(function*() {
  const { connection, instrument } = yield* trading
  const nowMs = yield* Clock.currentTimeMillis
  const bars = yield* ask(connection.bars(instrument.id, nowMs - 600_000, nowMs, 60_000))
  assert.isAbove(bars.length, 5)
  for (const [index, { closeAtMs, high, low, open, openAtMs }] of bars.entries()) {
    assert.strictEqual(closeAtMs - openAtMs, 60_000)
    assert.isTrue(low <= open && open <= high && closeAtMs <= nowMs)
    assert.isTrue(index === 0 || (bars[index - 1]?.closeAtMs ?? 0) <= openAtMs)
  }
})

/** 5 USD a point of MES: ten points won, less two fees. */
const whatWasWon = Effect.gen(function*() {
  const { account, close, connection, moves, place } = yield* trading
  const before = yield* ask(connection.balances(account))
  yield* place("a", "buy", 1)
  yield* wait
  yield* moves(27_641)
  yield* wait
  yield* close("out")
  yield* wait
  const after = yield* ask(connection.balances(account))
  assert.strictEqual(BigDecimal.format(BigDecimal.subtract(after.amount, before.amount)), "48.76")
})

const feesOfFills = Effect.gen(function*() {
  const { account, connection, place } = yield* trading
  const { heard } = yield* listening(connection)
  yield* place("a", "buy", 2)
  yield* pass(5)
  const fills = yield* ask(connection.fillsSince(account, 0))
  assert.strictEqual(BigDecimal.format(fills.reduce((sum, { fee }) => BigDecimal.sum(sum, fee), BigDecimal.make(0n, 0))), "1.24")
  assert.include(heard.join(), "fill a")
})

const everyState = Effect.fnUntraced(function*({ account, connection, moves, place }: Words) {
  yield* place("filled", "buy", 1)
  yield* place("resting", "buy", 1, { limit: 27_000 })
  yield* place("waiting", "sell", 1, { stop: 27_100 })
  yield* place("gone", "buy", 1, { limit: 27_000 })
  yield* ask(connection.cancel(account, id("gone")))
  yield* moves(27_600)
  yield* wait
})

const sameAgain = (connecting: (bench: Bench["Service"]) => Bench["Service"]["connect"], secondsAway: number) => Effect.gen(function*() {
  const first = yield* trading
  yield* everyState(first)
  const names = ["filled", "resting", "waiting", "gone"]
  const before = yield* Effect.forEach(names, first.report)
  yield* pass(secondsAway)
  const then = yield* tradingAgain(connecting)
  assert.deepStrictEqual(yield* then.working, ["resting Accepted", "waiting Accepted"])
  assert.deepStrictEqual(yield* Effect.forEach(names, then.report), before)
  assert.strictEqual(yield* then.net, 1)
  assert.deepStrictEqual(yield* then.fills, ["filled buy 1"])
})

const heldAgain = Effect.gen(function*() {
  const { bracket, connection, instrument } = yield* trading
  yield* ask(connection.submitBracket(bracket({ limit: 27_590 }), instrument))
  const { account, connection: later, moves, working, net } = yield* tradingAgain(({ afterRestart }) => afterRestart)
  assert.deepStrictEqual(yield* working, ["entry Accepted", "stop Held", "target Held"])
  yield* moves(27_580)
  yield* wait
  assert.deepStrictEqual([yield* net, yield* working], [2, ["stop Accepted", "target Accepted"]])
  yield* ask(later.cancel(account, id("target")))
  assert.deepStrictEqual(yield* working, ["stop Accepted"])
})

const filledWhileAway = Effect.gen(function*() {
  const { connect, moves, place, afterRestart } = yield* trading
  yield* place("a", "buy", 2, { limit: 27_500 })
  yield* moves(27_490)
  yield* wait
  const again = yield* tradingAgain(() => connect)
  assert.deepStrictEqual([yield* again.stateOf("a"), yield* again.net, yield* again.fills], ["Filled 2/2", 2, ["a buy 2"]])
  const later = yield* tradingAgain(() => afterRestart)
  assert.deepStrictEqual([yield* later.stateOf("a"), yield* later.net, yield* later.fills], ["Filled 2/2", 2, ["a buy 2"]])
})

/** The day's session is over, and the process is another one: what rests is still known by its name. */
const daysLater = Effect.gen(function*() {
  const account = yield* Effect.scoped(Effect.gen(function*() {
    const words = yield* trading
    yield* words.place("entry", "buy", 1, { limit: 27_000 })
    yield* words.place("stop", "sell", 1, { stop: 26_900, leg: "stop" })
    yield* ask(words.connection.modify(words.account, id("stop"), { lots: lots(1), stop: ticks(26_800) }))
    return words.account
  }))
  yield* TestClock.adjust("25 hours")
  const { connection: later, stateOf, working } = yield* tradingAgain(({ afterRestart }) => afterRestart)
  assert.deepStrictEqual(yield* working, ["entry Accepted", "stop Accepted"])
  assert.strictEqual(yield* stateOf("entry"), "Accepted 0/1")
  yield* ask(later.cancel(account, id("entry")))
  yield* ask(later.cancel(account, id("stop")))
  assert.deepStrictEqual(yield* working, [])
})

/** Half a minute ago nothing was held. Whoever believes that would enter again, or not protect. */
const ofThePast = Effect.gen(function*() {
  const { account, connection, place } = yield* trading
  const { venue } = yield* outside
  yield* pass(40)
  yield* place("a", "buy", 1)
  yield* pass(5)
  venue.faults.strike("F29")
  const positions = yield* Effect.exit(ask(connection.positions(account)))
  if (positions._tag === "Success") assert.strictEqual(Number(positions.value.find(({ net }) => net !== 0)?.net), 1)
})

const notYetFound = Effect.gen(function*() {
  const { account, connection, place, stateOf } = yield* trading
  const { venue } = yield* outside
  yield* place("a", "buy", 1, { limit: 27_000 })
  venue.faults.strike("F30")
  const first = yield* Effect.exit(ask(connection.orderByClientId(account, id("a"))))
  const { lookupProvesAfterMs } = connection.capabilities
  if (first._tag === "Success" && Option.isNone(first.value)) assert.isTrue(lookupProvesAfterMs === undefined || lookupProvesAfterMs > 5_000)
  yield* pass(6)
  assert.strictEqual(yield* stateOf("a"), "Accepted 0/1")
})

export const questions = group("Questions", [
  { title: "asking changes nothing: twice the same answers", run: changesNothing },
  { title: "fills asked for from any time before are there once each, and none is missing", run: fillsSince },
  { title: "fills say what they cost", needs: ["fees"], run: feesOfFills },
  { title: "bars are whole, in ticks, oldest first", run: wholeBars },
  { title: "the balance is what was won less what it cost", run: whatWasWon },
  { title: "the next connection finds every order in its state, under its name", run: sameAgain(({ connect }) => connect, 1) },
  { title: "the next process, which remembers nothing, does so too", run: sameAgain(({ afterRestart }) => afterRestart, 1) },
  { title: "a day later it still knows what rests by its name", run: daysLater },
  { title: "held children are found held, come to work, and can be cancelled", needs: ["native brackets"], run: heldAgain },
  { title: "what filled while nobody listened is found as filled", run: filledWhileAway },
  { title: "a picture of the past is not taken for now", needs: ["pictures"], run: ofThePast },
  { title: "\"not found\" of an order that is live proves nothing before its time", needs: ["pictures"], run: notYetFound }
])
