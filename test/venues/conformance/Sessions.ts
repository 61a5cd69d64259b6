/** Signing in, staying in, being thrown out. */
import { assert } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { ask, Bench, endOf, failure, group, id, listening, outside, pass, trading, tradingAgain, wait } from "./Bench.ts"

const claims = Effect.gen(function*() {
  const { account, connection, expected, sibling } = yield* trading
  assert.deepStrictEqual(connection.capabilities, expected)
  assert.includeMembers([...connection.accounts], [account, sibling])
})

const nobody = Effect.gen(function*() {
  const { asNobody } = yield* Bench
  assert.strictEqual(yield* failure(asNobody), "Unauthenticated")
})

const signInsOf = ({ ledger }: { readonly ledger: ReadonlyArray<{ readonly kind: string; readonly what?: string }> }) =>
  ledger.filter(({ kind, what }) => kind === "request" && what?.includes("accesstokenrequest")).length

/** The venue counts five an hour, failures too; a program that tries on is locked out for every login of this address. */
const countedSignIns = Effect.gen(function*() {
  const { asNobody } = yield* Bench
  const { venue } = yield* outside
  const words: Array<string> = []
  for (let count = 0; count < 8; count++) {
    words.push(yield* failure(asNobody))
    yield* pass(20)
  }
  assert.deepStrictEqual(words, [...Array.from({ length: 4 }, () => "Unauthenticated"), ...Array.from({ length: 4 }, () => "RateLimited")])
  assert.strictEqual(signInsOf(venue), 4)
})

const captcha = Effect.gen(function*() {
  const { connect } = yield* Bench
  const { venue } = yield* outside
  venue.faults.strike("F25")
  assert.strictEqual(yield* failure(connect), "RateLimited")
  yield* pass(3_000)
  assert.strictEqual(yield* failure(connect), "RateLimited")
  assert.strictEqual(signInsOf(venue), 1)
  yield* pass(700)
  const { net } = yield* trading
  assert.strictEqual(yield* net, 0)
})

const whileDown = Effect.gen(function*() {
  const { connect } = yield* Bench
  const { venue } = yield* outside
  venue.outage("refused")
  assert.strictEqual(yield* failure(connect), "Unavailable")
  venue.outage("maintenance")
  yield* pass(20)
  assert.match(yield* failure(connect), /^(Unavailable|Ambiguous)$/)
  venue.outage(undefined)
  yield* pass(20)
  const { net } = yield* trading
  assert.strictEqual(yield* net, 0)
})

const throughMaintenance = Effect.gen(function*() {
  const { connect, connection, order, place, instrument } = yield* trading
  const { venue } = yield* outside
  const { fiber } = yield* listening(connection)
  yield* place("a", "buy", 1)
  yield* place("stop", "sell", 1, { stop: 27_400, leg: "stop" })
  venue.faults.strike("F34", 60_000)
  yield* pass(5)
  assert.isDefined(endOf(fiber))
  assert.match(yield* failure(connection.submit(order("b", "buy", 1), instrument)), /^(Unavailable|Ambiguous)$/)
  yield* pass(60)
  const again = yield* tradingAgain(() => connect)
  assert.deepStrictEqual([yield* again.net, yield* again.working, yield* again.stateOf("b")], [1, ["stop Accepted"], "none"])
})

const closedAtOnce = Effect.gen(function*() {
  const { connect } = yield* Bench
  const { venue } = yield* outside
  venue.faults.strike("F6")
  const first = yield* Effect.exit(Effect.gen(function*() {
    const connection = yield* ask(connect)
    const { fiber } = yield* listening(connection)
    yield* pass(2)
    return endOf(fiber)
  }))
  assert.isTrue(first._tag === "Failure" || first.value !== undefined)
  yield* pass(20)
  const { net } = yield* trading
  assert.strictEqual(yield* net, 0)
})

/** Longer than a token lives. */
const staysIn = Effect.gen(function*() {
  const { account, connection, fills, order, instrument } = yield* trading
  const { fiber } = yield* listening(connection)
  for (let quarter = 0; quarter < 7; quarter++) {
    yield* ask(connection.submit(order(`a${quarter}`, "buy", 1), instrument))
    yield* pass(900)
  }
  assert.isUndefined(endOf(fiber))
  assert.strictEqual((yield* fills).length, 7)
  assert.isDefined(account)
})

/** The renewal comes while the venue is still at it: three seconds after it left, at either venue's time of renewal. */
const renewedMeanwhile = Effect.gen(function*() {
  const { connection, fills, instrument, order } = yield* trading
  const { venue } = yield* outside
  const { fiber } = yield* listening(connection)
  const startMs = yield* Clock.currentTimeMillis
  for (const [name, atMs] of [["a", 3_536_000], ["b", 4_496_000]] as const) {
    yield* TestClock.adjust(startMs + atMs - (yield* Clock.currentTimeMillis))
    venue.faults.strike("F5", 6_000)
    yield* ask(connection.submit(order(name, "buy", 1), instrument))
    yield* pass(10)
  }
  assert.isUndefined(endOf(fiber))
  assert.deepStrictEqual([...yield* fills].sort(), ["a buy 1", "b buy 1"])
})

const renewalRefused = Effect.gen(function*() {
  const { connect, connection, place } = yield* trading
  const { venue } = yield* outside
  yield* place("a", "buy", 1, { limit: 27_000 })
  const { fiber } = yield* listening(connection)
  venue.faults.strike("F32")
  for (let minutes = 0; minutes < 1_500 && endOf(fiber) === undefined; minutes += 15) yield* pass(900)
  assert.isDefined(endOf(fiber))
  yield* pass(20)
  const again = yield* tradingAgain(() => connect)
  assert.deepStrictEqual(yield* again.working, ["a Accepted"])
})

const tokenRevoked = Effect.gen(function*() {
  const { account, connect, connection, instrument, net, place } = yield* trading
  const { venue } = yield* outside
  yield* place("a", "buy", 1)
  yield* wait
  yield* pass(20)
  venue.faults.strike("F31")
  assert.strictEqual(yield* failure(connection.closePosition(account, instrument.id, id("out"))), "Unauthenticated")
  yield* pass(20)
  assert.strictEqual(yield* (yield* tradingAgain(() => connect)).net, 1)
  yield* ask((yield* tradingAgain(() => connect)).connection.closePosition(account, instrument.id, id("out")))
  yield* wait
  void net
  assert.strictEqual(yield* (yield* tradingAgain(() => connect)).net, 0)
})

const thrownOut = Effect.gen(function*() {
  const { connect, connection, place } = yield* trading
  const { venue } = yield* outside
  yield* place("stop", "sell", 1, { stop: 27_400, leg: "stop" })
  const { fiber } = yield* listening(connection)
  yield* pass(20)
  venue.faults.strike("F33")
  yield* pass(20)
  assert.isDefined(endOf(fiber))
  yield* Effect.ignore(ask(Effect.scoped(connect)))
  yield* pass(20)
  const again = yield* tradingAgain(() => connect)
  assert.deepStrictEqual(yield* again.working, ["stop Accepted"])
})

export const sessions = group("Sessions", [
  { title: "claims what it can", run: claims },
  { title: "a name that the venue does not know is told as such", needs: ["wire"], run: nobody },
  { title: "sign-ins are counted here before the venue counts them", needs: ["counted sign-ins"], run: countedSignIns },
  { title: "a captcha at sign-in: an hour of silence, then in", needs: ["counted sign-ins"], run: captcha },
  { title: "a venue that is down is tried in vain, and reached when it is back", needs: ["wire"], run: whileDown },
  { title: "a stream closed as soon as it is open", needs: ["stream"], run: closedAtOnce },
  { title: "through maintenance: what rests is there afterwards, what was asked meanwhile is not", needs: ["wire"], run: throughMaintenance },
  { title: "renewals pass unnoticed, in the middle of orders too", needs: ["token"], run: staysIn },
  { title: "a renewal in the middle of an order's way: one order, no end", needs: ["token"], run: renewedMeanwhile },
  { title: "a renewal that is refused ends the connection, the next sign-in is taken", needs: ["token"], run: renewalRefused },
  { title: "a token revoked before a close: nothing closed, and the next one closes", needs: ["token"], run: tokenRevoked },
  { title: "thrown out by another sign-in: the connection ends, the next finds all", needs: ["token"], run: thrownOut }
])
