/** What a venue says unasked: whole, once, of the right account; and that its silence is noticed. */
import { assert } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Scope, Stream } from "effect"
import type { Quote } from "#schemas/Quote.ts"
import type { FaultName } from "#src/simulation/venues/shared/Faults.ts"
import { ask, Bench, endOf, group, id, listening, marketMs, outside, pass, ticks, trading, tradingAgain, wait } from "./Bench.ts"

const unasked = Effect.gen(function*() {
  const { account, connection, moves, place } = yield* trading
  const { heard } = yield* listening(connection)
  yield* place("a", "buy", 2, { limit: 27_500 })
  yield* wait
  assert.include(heard, `${account}: a Accepted`)
  yield* moves(27_490)
  yield* wait
  for (const word of ["a Filled", "fill a 2", "net 2"]) assert.include(heard, `${account}: ${word}`)
  yield* place("b", "buy", 1, { limit: 27_000 })
  yield* ask(connection.cancel(account, id("b")))
  yield* wait
  assert.include(heard, `${account}: b Canceled`)
})

const quoteOf = Effect.gen(function*() {
  const { connection, instrument, login, moves } = yield* trading
  const heard: Array<Quote> = []
  yield* Effect.forkChild(Stream.runForEach(connection.quotes, (quote) => Effect.sync(() => heard.push(quote))))
  yield* wait
  yield* moves(27_650)
  yield* wait
  const last = heard.findLast(({ instrumentId }) => instrumentId === instrument.id)
  assert.deepInclude(last, { bid: ticks(27_650), ask: ticks(27_651), source: login })
  assert.isAtMost((yield* Clock.currentTimeMillis) - (last?.atMs ?? 0), marketMs)
})

const quotesWhileShut = Effect.gen(function*() {
  const { connection, instrument } = yield* trading
  const { symbol, venue } = yield* outside
  const heard: Array<Quote> = []
  yield* Effect.forkChild(Stream.runForEach(connection.quotes, (quote) => Effect.sync(() => heard.push(quote))))
  yield* wait
  venue.market.open(symbol, false)
  const before = heard.filter(({ instrumentId }) => instrumentId === instrument.id).length
  venue.market.set(symbol, "6950")
  yield* pass(20)
  assert.strictEqual(heard.filter(({ instrumentId }) => instrumentId === instrument.id).length, before)
})

const blind = Effect.gen(function*() {
  const { connection, net, place } = yield* tradingAgain(({ unentitled }) => unentitled)
  const heard: Array<Quote> = []
  yield* Effect.forkChild(Stream.runForEach(connection.quotes, (quote) => Effect.sync(() => heard.push(quote))))
  yield* place("a", "buy", 1)
  yield* pass(20)
  assert.deepStrictEqual([heard.length, yield* net], [0, 1])
})

const secondSignIn = Effect.gen(function*() {
  const { connect, connection } = yield* trading
  const { fiber } = yield* listening(connection)
  yield* ask(connect)
  yield* wait
  assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
})

const signedOut = Effect.gen(function*() {
  const bench = yield* Bench
  const scope = yield* Scope.make()
  const connection = yield* ask(Scope.provide(bench.connect, scope))
  const { fiber } = yield* listening(connection)
  yield* Scope.close(scope, Exit.void)
  yield* wait
  assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
})

/** Whatever is late, doubled or in the wrong order: the end is told, fills are known by their ids, and pictures are right. */
const inAnyOrder = (fault: FaultName) => Effect.gen(function*() {
  const { account, connection, fills, moves, net, place, stateOf } = yield* trading
  const { venue } = yield* outside
  const { fillIds, heard } = yield* listening(connection)
  venue.faults.set([{ name: fault, every: 1 }])
  yield* place("a", "buy", 2)
  yield* place("b", "sell", 2, { limit: 27_650 })
  yield* pass(3)
  yield* moves(27_660)
  yield* pass(10)
  venue.faults.off()
  assert.includeMembers(heard, [`${account}: a Filled`, `${account}: b Filled`])
  assert.deepStrictEqual([yield* stateOf("a"), yield* stateOf("b"), yield* net], ["Filled 2/2", "Filled 2/2", 0])
  assert.deepStrictEqual([...yield* fills].sort(), ["a buy 2", "b sell 2"])
  assert.strictEqual(new Set(fillIds).size, 2)
  assert.strictEqual(heard.filter((word) => word.startsWith(`${account}: net`)).at(-1), `${account}: net 0`)
})

/** Either it is told all the same, or the connection ends: the next one's pictures have it. */
const lostFrame = Effect.gen(function*() {
  const { account, connection, connect, place } = yield* trading
  const { venue } = yield* outside
  const { fiber, heard } = yield* listening(connection)
  venue.faults.strike("F10")
  yield* place("a", "buy", 2)
  yield* pass(40)
  const hasEnded = endOf(fiber) !== undefined
  assert.isTrue(hasEnded || heard.includes(`${account}: fill a 2`) || heard.includes(`${account}: a Filled`))
  const { fills, net } = hasEnded ? yield* tradingAgain(() => connect) : yield* tradingAgain(({ afterRestart }) => afterRestart)
  assert.deepStrictEqual([yield* net, yield* fills], [2, ["a buy 2"]])
})

const silent = (fault: FaultName, seconds: number) => Effect.gen(function*() {
  const { connect, connection } = yield* trading
  const { venue } = yield* outside
  const { fiber } = yield* listening(connection)
  yield* pass(5)
  venue.faults.strike(fault)
  yield* pass(seconds)
  assert.isDefined(endOf(fiber))
  const again = yield* tradingAgain(() => connect)
  assert.strictEqual(yield* again.net, 0)
})

const oneBeatMissed = Effect.gen(function*() {
  const { account, connection, place } = yield* trading
  const { venue } = yield* outside
  const { fiber, heard } = yield* listening(connection)
  venue.faults.strike("F8")
  yield* pass(60)
  yield* place("a", "buy", 1)
  yield* pass(3)
  assert.isUndefined(endOf(fiber))
  assert.include(heard, `${account}: fill a 1`)
})

/** Damage of every kind, one after the other: the house hears the truth or the end, never something else. */
const unreadable = Effect.gen(function*() {
  const { afterRestart, moves, place } = yield* trading
  const { account, venue } = yield* outside
  yield* place("a", "buy", 2, { limit: 27_500 })
  const { connection: reading } = yield* tradingAgain(() => afterRestart)
  const { fiber, heard } = yield* listening(reading)
  yield* pass(1)
  venue.faults.set([{ name: "F28", every: 1 }])
  yield* moves(27_490)
  yield* pass(5)
  venue.faults.off()
  yield* pass(35)
  assert.isTrue(endOf(fiber) !== undefined || heard.some((word) => word.endsWith("fill a 2")), heard.join())
  for (const word of heard) assert.match(word, /(a (Accepted|PartlyFilled|Filled)|fill a 2|net [02])$/)
  assert.isDefined(account)
  const { fills, net } = yield* tradingAgain((bench) => bench.afterRestart)
  assert.deepStrictEqual([yield* net, yield* fills], [2, ["a buy 2"]])
})

export const telling = group("What it tells", [
  { title: "what happens is told unasked, of the right account", run: unasked },
  { title: "quotes come in ticks, under the login's name", run: quoteOf },
  { title: "a market that is shut gives no quotes", needs: ["exchange"], run: quotesWhileShut },
  { title: "without paid market data there are no quotes, and all else goes on", needs: ["entitlements"], run: blind },
  { title: "a second sign-in ends the first with an error", run: secondSignIn },
  { title: "what was signed out says no more", run: signedOut },
  { title: "fills told twice are two fills to nobody", needs: ["stream"], run: inAnyOrder("F11") },
  { title: "a fill told before its request is answered", needs: ["stream"], run: inAnyOrder("F12") },
  { title: "a fill told before the acceptance", needs: ["stream"], run: inAnyOrder("F13") },
  { title: "a position told before its fill", needs: ["stream"], run: inAnyOrder("F22") },
  { title: "a frame that is lost is asked for, or ends the connection", needs: ["stream"], run: lostFrame },
  { title: "frames and answers that cannot be read say nothing false", needs: ["stream"], run: unreadable },
  { title: "a stream that falls silent ends the connection", needs: ["stream"], run: silent("F7", 45) },
  { title: "one heartbeat missed ends nothing", needs: ["stream"], run: oneBeatMissed }
])
