/** A request whose answer fails: what is known of it afterwards, and that nothing is done twice. */
import { assert } from "@effect/vitest"
import { Clock, Effect, Option } from "effect"
import type { FaultName } from "#src/simulation/venues/shared/Faults.ts"
import { ask, failure, group, id, lots, outside, pass, ticks, trading, tradingAgain, wait } from "./Bench.ts"

/** A contract that was asked for once is known: the next request is the order itself. */
const known = Effect.gen(function*() {
  const words = yield* trading
  yield* words.place("before", "buy", 1, { limit: 20_000 })
  yield* pass(1)
  return words
})

/** Surely not executed, and the port says nothing else. */
const nothingLeft = (fault: FaultName, word: RegExp) => Effect.gen(function*() {
  const { connect, connection, instrument, order } = yield* known
  const { venue } = yield* outside
  venue.faults.strike(fault)
  assert.match(yield* failure(connection.submit(order("a", "buy", 1), instrument)), word)
  yield* pass(20)
  const { net, stateOf } = yield* tradingAgain(() => connect)
  assert.deepStrictEqual([yield* stateOf("a"), yield* net], ["none", 0])
})

/** Executed, and nobody said so: never a no, and found by its name. */
const doneUnheard = (fault: FaultName) => Effect.gen(function*() {
  const { connection, fills, instrument, net, order, stateOf } = yield* trading
  const { venue } = yield* outside
  venue.faults.strike(fault)
  assert.strictEqual(yield* failure(connection.submit(order("a", "buy", 2), instrument)), "Ambiguous")
  yield* pass(10)
  assert.deepStrictEqual([yield* stateOf("a"), yield* net, yield* fills], ["Filled 2/2", 2, ["a buy 2"]])
})

/** Its answer comes late or too late. */
const slow = Effect.gen(function*() {
  const { connection, fills, instrument, net, order, stateOf } = yield* trading
  const { venue } = yield* outside
  venue.faults.strike("F5", 20_000)
  assert.strictEqual(yield* failure(connection.submit(order("a", "buy", 2), instrument)), "Ambiguous")
  yield* pass(30)
  assert.deepStrictEqual([yield* stateOf("a"), yield* net, yield* fills], ["Filled 2/2", 2, ["a buy 2"]])
})

const lostOnTheWay = Effect.gen(function*() {
  const { connection, fills, instrument, net, order, stateOf } = yield* known
  const { venue } = yield* outside
  venue.faults.strike("F2")
  assert.strictEqual(yield* failure(connection.submit(order("a", "buy", 2), instrument)), "Ambiguous")
  yield* pass(10)
  assert.deepStrictEqual([yield* stateOf("a"), yield* net, yield* fills], ["none", 0, []])
})

const bracketUnheard = Effect.gen(function*() {
  const { bracket, connection, instrument, moves, net, working } = yield* trading
  const { venue } = yield* outside
  venue.faults.strike("F3")
  assert.strictEqual(yield* failure(connection.submitBracket(bracket({ limit: 27_590 }), instrument)), "Ambiguous")
  yield* pass(5)
  assert.deepStrictEqual(yield* working, ["entry Accepted", "stop Held", "target Held"])
  yield* moves(27_580)
  yield* wait
  assert.deepStrictEqual([yield* net, yield* working], [2, ["stop Accepted", "target Accepted"]])
})

const cancelUnheard = Effect.gen(function*() {
  const { account, connection, place, stateOf, working } = yield* trading
  const { venue } = yield* outside
  yield* place("a", "buy", 1, { limit: 27_000 })
  venue.faults.strike("F3")
  assert.strictEqual(yield* failure(connection.cancel(account, id("a"))), "Ambiguous")
  yield* pass(2)
  assert.deepStrictEqual([yield* stateOf("a"), yield* working], ["Canceled 0/1", []])
})

const changeUnheard = Effect.gen(function*() {
  const { account, connection, place, report } = yield* trading
  const { venue } = yield* outside
  yield* place("a", "sell", 1, { stop: 27_400 })
  venue.faults.strike("F3")
  assert.strictEqual(yield* failure(connection.modify(account, id("a"), { lots: lots(1), stop: ticks(27_450) })), "Ambiguous")
  yield* pass(2)
  assert.strictEqual(Number(Option.getOrThrow(yield* report("a")).stop), 27_450)
})

const closeUnheard = Effect.gen(function*() {
  const { account, connection, fills, instrument, net, place, stateOf } = yield* trading
  const { venue } = yield* outside
  yield* place("a", "buy", 2)
  yield* wait
  venue.faults.strike("F3")
  assert.strictEqual(yield* failure(connection.closePosition(account, instrument.id, id("out"))), "Ambiguous")
  yield* pass(5)
  assert.deepStrictEqual([yield* stateOf("out"), yield* net], ["Filled 2/2", 0])
  assert.deepStrictEqual([...yield* fills].sort(), ["a buy 2", "out sell 2"])
})

/** Six kinds of damage: none is a no to what was done, none is taken for more than it says. */
const damaged = Effect.gen(function*() {
  const { connection, instrument, order } = yield* known
  const { venue } = yield* outside
  const words: Array<string> = []
  for (const name of ["a", "b", "c", "d", "e", "f"]) {
    venue.faults.strike("F28")
    const answer = yield* Effect.result(ask(connection.submit(order(name, "buy", 1, { limit: 27_700 }), instrument)))
    words.push(answer._tag === "Success" ? "taken" : answer.failure._tag)
    venue.faults.off()
    yield* pass(1)
  }
  for (const word of words) assert.match(word, /^(taken|Ambiguous|Unavailable)$/)
  yield* pass(40)
  const { fills: seen, net } = yield* tradingAgain(({ afterRestart }) => afterRestart)
  assert.strictEqual(yield* net, (yield* seen).length)
  assert.strictEqual(new Set(yield* seen).size, (yield* seen).length)
})

const requestsSince = (ledger: ReadonlyArray<{ readonly kind: string }>, n: number) => ledger.slice(n).filter(({ kind }) => kind === "request").length

/** Silence as long as it is asked for; then the same goes. */
const limited = Effect.gen(function*() {
  const { connection, instrument, order, place, stateOf } = yield* known
  const { venue } = yield* outside
  venue.faults.strike("F24", 5_000)
  const no = yield* Effect.flip(ask(connection.submit(order("a", "buy", 1), instrument)))
  if (no._tag !== "RateLimited") return assert.fail(no._tag)
  const before = venue.ledger.length
  assert.strictEqual(yield* failure(connection.submit(order("a", "buy", 1), instrument)), "RateLimited")
  assert.strictEqual(requestsSince(venue.ledger, before), 0)
  yield* pass(Math.ceil(no.retryAfterMs / 1_000) + 1)
  yield* place("a", "buy", 1)
  yield* wait
  assert.strictEqual(yield* stateOf("a"), "Filled 1/1")
})

const penalised = Effect.gen(function*() {
  const { fills, connection, instrument, order, place } = yield* known
  const { venue } = yield* outside
  venue.faults.strike("F25", 15_000)
  const no = yield* Effect.flip(ask(connection.submit(order("a", "buy", 1), instrument)))
  if (no._tag !== "RateLimited") return assert.fail(no._tag)
  yield* pass(Math.ceil(no.retryAfterMs / 1_000))
  yield* place("a", "buy", 1)
  yield* wait
  assert.deepStrictEqual(yield* fills, ["a buy 1"])
})

/** Too early it would wait longer: so it is not even sent. */
const ticketTooEarly = Effect.gen(function*() {
  const { connection, instrument, order } = yield* known
  const { venue } = yield* outside
  venue.faults.strike("F25", 15_000)
  assert.strictEqual(yield* failure(connection.submit(order("a", "buy", 1), instrument)), "RateLimited")
  yield* pass(5)
  const before = venue.ledger.length
  assert.strictEqual(yield* failure(connection.submit(order("a", "buy", 1), instrument)), "RateLimited")
  assert.strictEqual(requestsSince(venue.ledger, before), 0)
})

/** The last rung: every call would begin the hour anew. */
const lockedOut = Effect.gen(function*() {
  const { connection, instrument, net, order, place, stateOf } = yield* known
  const { venue } = yield* outside
  venue.faults.set([{ name: "F24", every: 1 }])
  assert.strictEqual(yield* failure(connection.submit(order("a", "buy", 1), instrument)), "RateLimited")
  assert.strictEqual(yield* failure(connection.cancelAll(order("x", "buy", 1).accountId)), "RateLimited")
  venue.faults.off()
  const before = venue.ledger.length
  yield* Effect.ignore(ask(connection.positions(order("x", "buy", 1).accountId)))
  assert.strictEqual(yield* failure(connection.closePosition(order("x", "buy", 1).accountId, instrument.id, id("c"))), "RateLimited")
  yield* pass(3_000)
  assert.strictEqual(requestsSince(venue.ledger, before), 0)
  yield* pass(700)
  yield* place("b", "buy", 1)
  yield* wait
  assert.deepStrictEqual([yield* stateOf("b"), yield* net], ["Filled 1/1", 1])
})

/** What is asked over a socket counts like anything else, and what it is told counts for all. */
const lockedOutBySocket = Effect.gen(function*() {
  const { account, connection, instrument } = yield* known
  const { venue } = yield* outside
  const nowMs = yield* Clock.currentTimeMillis
  venue.faults.set([{ name: "F24", every: 1 }])
  for (let count = 0; count < 3; count++) {
    assert.strictEqual(yield* failure(connection.bars(instrument.id, nowMs - 600_000, nowMs, 60_000)), "RateLimited")
    yield* pass(61)
  }
  venue.faults.off()
  const before = venue.ledger.length
  assert.strictEqual(yield* failure(connection.positions(account)), "RateLimited")
  yield* pass(3_000)
  assert.strictEqual(requestsSince(venue.ledger, before), 0)
  yield* pass(700)
  assert.isAbove((yield* ask(connection.bars(instrument.id, nowMs - 600_000, nowMs, 60_000))).length, 5)
})

export const answers = group("Answers that fail", [
  { title: "no connection: surely nothing left", needs: ["wire"], run: nothingLeft("F1", /^Unavailable$/) },
  { title: "no such name, no trust: surely nothing left", needs: ["wire"], run: nothingLeft("F9", /^Unavailable$/) },
  { title: "a refusal inside a 200 is no order", needs: ["wire"], run: nothingLeft("F26", /^(Refused \w+|Ambiguous)$/) },
  { title: "a token that ran out before the order: surely nothing left", needs: ["token"], run: nothingLeft("F31", /^Unauthenticated$/) },
  { title: "an acknowledgement that is lost: the order is found, once", needs: ["wire"], run: doneUnheard("F3") },
  { title: "a server's error after the order was done: the order is found, once", needs: ["wire"], run: doneUnheard("F27") },
  { title: "an answer that comes too late: the order is found, once", needs: ["wire"], run: slow },
  { title: "a request that is lost on its way is nothing, and nobody says that it is known", needs: ["wire"], run: lostOnTheWay },
  { title: "a bracket whose acknowledgement is lost is there with its children, under their names", needs: ["wire", "native brackets"], run: bracketUnheard },
  { title: "a cancel whose answer is lost has cancelled", needs: ["wire"], run: cancelUnheard },
  { title: "a change whose answer is lost is in force", needs: ["wire"], run: changeUnheard },
  { title: "a close whose answer is lost has closed, and is found by its name", needs: ["wire"], run: closeUnheard },
  { title: "damaged answers are neither a yes nor a no", needs: ["wire"], run: damaged },
  { title: "a rate limit is kept: what can wait is not even sent", needs: ["wire"], run: limited },
  { title: "a penalty is waited out, then the same order is taken once", needs: ["wire"], run: penalised },
  { title: "a penalty's ticket is not used before its time", needs: ["tickets"], run: ticketTooEarly },
  { title: "locked out: nothing at all is sent for an hour", needs: ["tickets"], run: lockedOut },
  { title: "locked out by what was asked over a socket: the same silence", needs: ["tickets"], run: lockedOutBySocket }
])
