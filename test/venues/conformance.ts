/**
 * What every adapter must do, whatever it speaks behind the port. A venue's own test hands over a bench: an account, an instrument, a market
 * that goes where it is told.
 */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Clock, Context, Effect, Exit, Fiber, type Layer, Option, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { AccountId, AlertId, ClientOrderId, type LoginId } from "#schemas/Ids.ts"
import { type Instrument, Lots, Ticks } from "#schemas/Instrument.ts"
import type { Order } from "#schemas/Order.ts"
import type { Quote } from "#schemas/Quote.ts"
import type { VenueEvent } from "#schemas/VenueEvent.ts"
import type { Capabilities, Connection, VenueError } from "#src/ports/Venue.ts"

/** What a venue lays on for its trial. Its market begins at 27600 bid, 27601 ask. */
export class Bench extends Context.Service<Bench, {
  readonly connect: Effect.Effect<Connection, VenueError, Scope.Scope>
  readonly login: LoginId
  readonly account: AccountId
  readonly instrument: Instrument
  /** The bid from now on, in ticks; the ask is one above. */
  readonly moves: (bid: number) => Effect.Effect<void>
}>()("test/venues/Bench") {}

/** So much time that an answer has come. */
const answerMs = 50
/** So much time that whatever rests has met the market and has been told. */
const marketMs = 2_100

const ask = <A, E, R>(request: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => Effect.gen(function*() {
  const fiber = yield* Effect.forkChild(request)
  yield* TestClock.adjust(`${answerMs} millis`)
  return yield* Fiber.join(fiber)
})
const wait = TestClock.adjust(`${marketMs} millis`)

const id = (text: string) => ClientOrderId.make(text)
const lots = (count: number) => Lots.make(count)
const ticks = (count: number) => Ticks.make(count)

type Terms = Partial<Omit<Order, "limit" | "stop">> & { readonly limit?: number; readonly stop?: number }

const orderFor = ({ account, instrument }: Bench["Service"]) => (name: string, side: "buy" | "sell", count: number, { limit, stop, ...terms }: Terms = {}): Order => ({
  id: id(name), accountId: account, alertId: AlertId.make("alert-1"), instrumentId: instrument.id, instrumentVersion: instrument.version, leg: "entry",
  generation: 1, side, lots: lots(count), type: limit === undefined ? (stop === undefined ? "market" : "stop") : stop === undefined ? "limit" : "stopLimit",
  timeInForce: "gtc", reduceOnly: false,
  ...(limit === undefined ? {} : { limit: ticks(limit) }),
  ...(stop === undefined ? {} : { stop: ticks(stop) }),
  ...terms
})

const failure = <A, R>(request: Effect.Effect<A, VenueError, R>) =>
  Effect.map(Effect.flip(ask(request)), (error) => error._tag === "Refused" ? `Refused ${error.kind}` : error._tag)

/** A connection, and short words for what is done and seen over it. */
const trading = Effect.gen(function*() {
  const bench = yield* Bench
  const connection = yield* ask(bench.connect)
  const { account, instrument } = bench
  const order = orderFor(bench)
  const stateOf = (name: string) => Effect.map(ask(connection.orderByClientId(account, id(name))), Option.match({
    onNone: () => "none",
    onSome: ({ filledLots, lots: all, status }) => `${status} ${filledLots}/${all}`
  }))
  const net = Effect.map(ask(connection.positions(account)), (all) => all.find(({ instrumentId }) => instrumentId === instrument.id)?.net ?? 0)
  const working = Effect.map(ask(connection.workingOrders(account)), (all) => all.map(({ clientOrderId, status }) => `${clientOrderId} ${status}`).sort())
  const place = (...terms: Parameters<typeof order>) => ask(connection.submit(order(...terms), instrument))
  return { ...bench, connection, order, stateOf, net, working, place }
})

const told = (event: VenueEvent): string => {
  if (event._tag === "OrderChanged") return `${event.report.clientOrderId} ${event.report.status}`
  return event._tag === "Filled" ? `fill ${event.fill.clientOrderId} ${event.fill.lots}` : `net ${event.position.net}`
}

const listening = Effect.fnUntraced(function*({ events }: Connection) {
  const heard: Array<string> = []
  const fiber = yield* Effect.forkChild(Stream.runForEach(events, ({ account, event }) => Effect.sync(() => heard.push(`${account}: ${told(event)}`))))
  yield* Effect.yieldNow
  return { heard, fiber }
})

const orders = (over: Layer.Layer<Bench>) => {
  it.effect("a market order fills, and every way of asking says so", () => Effect.gen(function*() {
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
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("a limit rests, is changed, and fills where it now lies", () => Effect.gen(function*() {
    const { account, connection, moves, place, stateOf, working } = yield* trading
    yield* place("a", "buy", 2, { limit: 27_500 })
    assert.deepStrictEqual(yield* working, ["a Accepted"])
    yield* ask(connection.modify(account, id("a"), { lots: lots(3), limit: ticks(27_550) }))
    const report = Option.getOrThrow(yield* ask(connection.orderByClientId(account, id("a"))))
    assert.deepStrictEqual([report.lots, report.limit, report.side], [lots(3), ticks(27_550), "buy"])
    yield* moves(27_540)
    yield* wait
    assert.strictEqual(yield* stateOf("a"), "Filled 3/3")
    assert.deepStrictEqual(yield* working, [])
    assert.match(yield* failure(connection.modify(account, id("a"), { lots: lots(4), limit: ticks(27_550) })), /^Refused/)
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("a stop waits for its price", () => Effect.gen(function*() {
    const { moves, net, place, stateOf } = yield* trading
    yield* place("a", "sell", 1, { stop: 27_500 })
    yield* wait
    assert.strictEqual(yield* stateOf("a"), "Accepted 0/1")
    yield* moves(27_480)
    yield* wait
    assert.deepStrictEqual([yield* stateOf("a"), yield* net], ["Filled 1/1", -1])
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("a cancelled order is gone, and is not cancelled twice", () => Effect.gen(function*() {
    const { account, connection, place, stateOf, working } = yield* trading
    yield* place("a", "buy", 1, { limit: 27_000 })
    yield* ask(connection.cancel(account, id("a")))
    assert.deepStrictEqual([yield* stateOf("a"), yield* working], ["Canceled 0/1", []])
    assert.match(yield* failure(connection.cancel(account, id("a"))), /^Refused/)
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("all orders of an instrument go at once, those of another stay", () => Effect.gen(function*() {
    const { account, connection, instrument, place, working } = yield* trading
    yield* place("a", "buy", 1, { limit: 27_000 })
    yield* place("b", "sell", 1, { limit: 28_000 })
    yield* ask(connection.cancelAll(account, { ...instrument, id: "PF_XBTUSD" as typeof instrument.id }.id))
    assert.deepStrictEqual(yield* working, ["a Accepted", "b Accepted"])
    yield* ask(connection.cancelAll(account, instrument.id))
    assert.deepStrictEqual(yield* working, [])
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("what was never placed is not found, and is no evidence of anything else", () => Effect.gen(function*() {
    const { account, connection, stateOf } = yield* trading
    assert.strictEqual(yield* stateOf("never"), "none")
    assert.strictEqual(yield* failure(connection.cancel(account, id("never"))), "Refused notFound")
    assert.strictEqual(yield* failure(connection.modify(account, id("never"), { lots: lots(1) })), "Refused notFound")
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("an account of somebody else is refused before anything leaves", () => Effect.gen(function*() {
    const { connection, instrument, order } = yield* trading
    const stranger = AccountId.make("nobody")
    assert.strictEqual(yield* failure(connection.submit(order("a", "buy", 1, { accountId: stranger }), instrument)), "Refused invalid")
    assert.strictEqual(yield* failure(connection.positions(stranger)), "Refused invalid")
  }).pipe(Effect.scoped, Effect.provide(over)))
}

const closing = (over: Layer.Layer<Bench>, { reduceOnly }: Capabilities) => {
  it.effect("a position is closed in part, then as a whole, never beyond", () => Effect.gen(function*() {
    const { account, connection, instrument, net, place } = yield* trading
    yield* place("a", "sell", 3)
    yield* wait
    yield* ask(connection.closePosition(account, instrument.id, id("c1"), lots(1)))
    yield* wait
    assert.strictEqual(yield* net, -2)
    yield* ask(connection.closePosition(account, instrument.id, id("c2"), lots(9)))
    yield* wait
    assert.strictEqual(yield* net, 0)
    assert.match(yield* failure(connection.closePosition(account, instrument.id, id("c3"))), /^Refused/)
    yield* place("b", "buy", 2)
    yield* wait
    yield* ask(connection.closePosition(account, instrument.id, id("c4")))
    yield* wait
    assert.strictEqual(yield* net, 0)
  }).pipe(Effect.scoped, Effect.provide(over)))

  if (!reduceOnly) return
  it.effect("an order that may only reduce never opens", () => Effect.gen(function*() {
    const { net, place } = yield* trading
    yield* place("a", "buy", 1)
    yield* wait
    yield* Effect.ignore(place("b", "sell", 3, { reduceOnly: true, leg: "exit" }))
    yield* wait
    assert.strictEqual(yield* net, 0)
    yield* Effect.ignore(place("c", "sell", 1, { reduceOnly: true, leg: "exit" }))
    yield* wait
    assert.strictEqual(yield* net, 0)
  }).pipe(Effect.scoped, Effect.provide(over)))
}

const brackets = (over: Layer.Layer<Bench>, { nativeBrackets }: Capabilities) => {
  const bracketed = Effect.map(trading, (all) => ({
    ...all,
    bracket: (terms: Terms = {}) => ({
      entry: all.order("entry", "buy", 2, terms),
      stop: all.order("stop", "sell", 2, { stop: 27_400, leg: "stop", reduceOnly: true }),
      target: all.order("target", "sell", 2, { limit: 27_900, leg: "target", reduceOnly: true })
    })
  }))

  if (!nativeBrackets) {
    it.effect("a bracket is refused, and nothing of it is placed", () => Effect.gen(function*() {
      const { bracket, connection, instrument, working } = yield* bracketed
      assert.strictEqual(yield* failure(connection.submitBracket(bracket({ limit: 27_000 }), instrument)), "Unsupported")
      assert.deepStrictEqual(yield* working, [])
    }).pipe(Effect.scoped, Effect.provide(over)))
    return
  }

  it.effect("a bracket's children wait for their entry, then one of them ends the other", () => Effect.gen(function*() {
    const { bracket, connection, instrument, moves, net, stateOf, working } = yield* bracketed
    yield* ask(connection.submitBracket(bracket({ limit: 27_590 }), instrument))
    assert.deepStrictEqual(yield* working, ["entry Accepted", "stop Held", "target Held"])
    yield* moves(27_580)
    yield* wait
    assert.deepStrictEqual([yield* net, yield* working], [2, ["stop Accepted", "target Accepted"]])
    yield* moves(27_380)
    yield* wait
    assert.deepStrictEqual([yield* net, yield* working], [0, []])
    assert.deepStrictEqual([yield* stateOf("stop"), yield* stateOf("target")], ["Filled 2/2", "Canceled 0/2"])
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("with the entry its children go", () => Effect.gen(function*() {
    const { account, bracket, connection, instrument, working } = yield* bracketed
    yield* ask(connection.submitBracket(bracket({ limit: 27_500 }), instrument))
    yield* ask(connection.cancel(account, id("entry")))
    assert.deepStrictEqual(yield* working, [])
  }).pipe(Effect.scoped, Effect.provide(over)))
}

const reading = (over: Layer.Layer<Bench>) => {
  it.effect("asking changes nothing: twice the same answers", () => Effect.gen(function*() {
    const { account, connection, place } = yield* trading
    yield* place("a", "buy", 2)
    yield* place("b", "buy", 1, { limit: 27_000 })
    yield* wait
    const look = Effect.all([
      ask(connection.orderByClientId(account, id("a"))), ask(connection.workingOrders(account)), ask(connection.positions(account)),
      ask(connection.balances(account)), ask(connection.fillsSince(account, 0))
    ])
    assert.deepStrictEqual(yield* look, yield* look)
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("fills asked for from any time before are there once each, and none is missing", () => Effect.gen(function*() {
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
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("bars are whole, in ticks, oldest first", () => Effect.gen(function*() {
    const { connection, instrument } = yield* trading
    const nowMs = yield* Clock.currentTimeMillis
    const bars = yield* ask(connection.bars(instrument.id, nowMs - 600_000, nowMs, 60_000))
    assert.isAbove(bars.length, 5)
    for (const [index, { closeAtMs, high, low, open, openAtMs }] of bars.entries()) {
      assert.strictEqual(closeAtMs - openAtMs, 60_000)
      assert.isTrue(low <= open && open <= high && closeAtMs <= nowMs)
      assert.isTrue(index === 0 || (bars[index - 1]?.closeAtMs ?? 0) <= openAtMs)
    }
  }).pipe(Effect.scoped, Effect.provide(over)))
}

const telling = (over: Layer.Layer<Bench>) => {
  it.effect("what happens is told unasked, of the right account", () => Effect.gen(function*() {
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
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("quotes come in ticks, under the login's name", () => Effect.gen(function*() {
    const { connection, instrument, login, moves } = yield* trading
    const heard: Array<Quote> = []
    yield* Effect.forkChild(Stream.runForEach(connection.quotes, (quote) => Effect.sync(() => heard.push(quote))))
    yield* wait
    yield* moves(27_650)
    yield* wait
    const last = heard.findLast(({ instrumentId }) => instrumentId === instrument.id)
    assert.deepInclude(last, { bid: ticks(27_650), ask: ticks(27_651), source: login })
    assert.isAtMost((yield* Clock.currentTimeMillis) - (last?.atMs ?? 0), marketMs)
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("a second sign-in ends the first with an error", () => Effect.gen(function*() {
    const { connect, connection } = yield* trading
    const { fiber } = yield* listening(connection)
    yield* ask(connect)
    yield* wait
    assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
  }).pipe(Effect.scoped, Effect.provide(over)))

  it.effect("what was signed out says no more", () => Effect.gen(function*() {
    const bench = yield* Bench
    const scope = yield* Scope.make()
    const connection = yield* ask(Scope.provide(bench.connect, scope))
    const { fiber } = yield* listening(connection)
    yield* Scope.close(scope, Exit.void)
    yield* wait
    assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
  }).pipe(Effect.scoped, Effect.provide(over)))
}

/** `bench` is made anew for each trial, with a world of its own. */
export const conformance = (name: string, expected: Capabilities, bench: Layer.Layer<Bench>) => {
  describe(`${name}: orders`, () => orders(bench))
  describe(`${name}: closing`, () => closing(bench, expected))
  describe(`${name}: brackets`, () => brackets(bench, expected))
  describe(`${name}: questions`, () => reading(bench))
  describe(`${name}: what it tells`, () => telling(bench))
  it.effect(`${name}: claims what it can`, () => Effect.gen(function*() {
    const { connection, account } = yield* trading
    assert.deepStrictEqual(connection.capabilities, expected)
    assert.include(connection.accounts, account)
  }).pipe(Effect.scoped, Effect.provide(bench)))
}
