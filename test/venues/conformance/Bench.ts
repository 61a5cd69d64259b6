/** An account, an instrument and a market that goes where it is told, behind the port; and short words for what is done and seen there. */
import { assert } from "@effect/vitest"
import { type Cause, Context, Effect, Fiber, Option, type Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { type AccountId, AlertId, ClientOrderId, type LoginId } from "#schemas/Ids.ts"
import { type Instrument, Lots, Ticks } from "#schemas/Instrument.ts"
import type { Order } from "#schemas/Order.ts"
import type { VenueEvent } from "#schemas/VenueEvent.ts"
import type { Capabilities, Connection, VenueError } from "#src/ports/Venue.ts"
import type { Venue } from "#src/simulation/venues/shared/Venue.ts"
import type { Group, Scenario } from "./Scenario.ts"

type Connecting = Effect.Effect<Connection, VenueError, Scope.Scope>

/** What a venue lays on for its trial. Its market begins at 27600 bid, 27601 ask. */
export class Bench extends Context.Service<Bench, {
  readonly expected: Capabilities
  readonly connect: Connecting
  /** In a new life of the process, which remembers nothing. */
  readonly afterRestart: Connecting
  /** With a name that the venue does not know. */
  readonly asNobody: Connecting
  /** A login that has paid for no market data. */
  readonly unentitled: Connecting
  readonly login: LoginId
  readonly account: AccountId
  /** On the same login. */
  readonly sibling: AccountId
  readonly instrument: Instrument
  /** The bid from now on, in ticks; the ask is one above. */
  readonly moves: (bid: number) => Effect.Effect<void>
  /** Where the venue is a wire with a person behind it: what he can do, and his name for the account. */
  readonly outside: { readonly venue: Venue; readonly account: string; readonly symbol: string } | undefined
}>()("test/venues/Bench") {}

/** So much time that an answer has come that nothing keeps. */
const answerMs = 50
/** So much time that whatever rests has met the market and has been told. */
export const marketMs = 2_100
const patienceSteps = 200

/** Time passes until there is an answer. */
export const ask = <A, E, R>(request: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => Effect.gen(function*() {
  const fiber = yield* Effect.forkChild(request)
  yield* TestClock.adjust(`${answerMs} millis`)
  for (let step = 0; step < patienceSteps && fiber.pollUnsafe() === undefined; step++) yield* TestClock.adjust("250 millis")
  return yield* Fiber.join(fiber)
})
export const wait = TestClock.adjust(`${marketMs} millis`)
/** Seconds in which things happen; many of them in longer steps. */
export const pass = (seconds: number) => seconds > 120
  ? Effect.repeat(TestClock.adjust("5 seconds"), { times: Math.ceil(seconds / 5) - 1 })
  : Effect.repeat(TestClock.adjust("500 millis"), { times: seconds * 2 - 1 })

export const id = (text: string) => ClientOrderId.make(text)
export const lots = (count: number) => Lots.make(count)
export const ticks = (count: number) => Ticks.make(count)

type Terms = Partial<Omit<Order, "limit" | "stop">> & { readonly limit?: number; readonly stop?: number }

const orderFor = ({ account, instrument }: Bench["Service"]) => (name: string, side: "buy" | "sell", count: number, { limit, stop, ...terms }: Terms = {}): Order => ({
  id: id(name), accountId: account, alertId: AlertId.make("alert-1"), instrumentId: instrument.id, instrumentVersion: instrument.version, leg: "entry",
  generation: 1, side, lots: lots(count), type: limit === undefined ? (stop === undefined ? "market" : "stop") : stop === undefined ? "limit" : "stopLimit",
  timeInForce: "gtc", reduceOnly: false,
  ...(limit === undefined ? {} : { limit: ticks(limit) }),
  ...(stop === undefined ? {} : { stop: ticks(stop) }),
  ...terms
})

/** What came of a request that did not do what it should: the port's word, and the kind of a refusal. */
export const failure = <A, R>(request: Effect.Effect<A, VenueError, R>) =>
  Effect.map(Effect.flip(ask(request)), (error) => error._tag === "Refused" ? `Refused ${error.kind}` : error._tag)

/** Short words over one connection. */
const wordsOver = (bench: Bench["Service"], connection: Connection) => {
  const { account, instrument } = bench
  const order = orderFor(bench)
  const report = (name: string) => ask(connection.orderByClientId(account, id(name)))
  const stateOf = (name: string) => Effect.map(report(name), Option.match({
    onNone: () => "none",
    onSome: ({ filledLots, lots: all, status }) => `${status} ${filledLots}/${all}`
  }))
  const net = Effect.map(ask(connection.positions(account)), (all) => all.find(({ instrumentId }) => instrumentId === instrument.id)?.net ?? 0)
  const working = Effect.map(ask(connection.workingOrders(account)), (all) => all.map(({ clientOrderId, status }) => `${clientOrderId} ${status}`).sort())
  const place = (...terms: Parameters<typeof order>) => ask(connection.submit(order(...terms), instrument))
  const close = (name: string, count?: number) => ask(connection.closePosition(account, instrument.id, id(name), count === undefined ? undefined : lots(count)))
  const bracket = (terms: Terms = {}) => ({
    entry: order("entry", "buy", 2, terms),
    stop: order("stop", "sell", 2, { stop: 27_400, leg: "stop", reduceOnly: true }),
    target: order("target", "sell", 2, { limit: 27_900, leg: "target", reduceOnly: true })
  })
  const fills = Effect.map(ask(connection.fillsSince(account, 0)), (all) => all.map((fill) => `${fill.clientOrderId ?? "nobody"} ${fill.side} ${fill.lots}`))
  return { ...bench, connection, order, report, stateOf, net, working, place, close, bracket, fills }
}
export type Words = ReturnType<typeof wordsOver>

/** A connection, and short words for what is done and seen over it. */
export const trading = Effect.gen(function*() {
  const bench = yield* Bench
  return wordsOver(bench, yield* ask(bench.connect))
})
export const tradingAgain = (connecting: (bench: Bench["Service"]) => Connecting) => Effect.gen(function*() {
  const bench = yield* Bench
  return wordsOver(bench, yield* ask(connecting(bench)))
})

/** The person behind the venue. Only for scenarios that say that they need him. */
export const outside = Effect.flatMap(Bench, (bench) => bench.outside === undefined ? Effect.die("a scenario that does not say that it needs a venue outside") : Effect.succeed(bench.outside))

const told = (event: VenueEvent): string => {
  if (event._tag === "OrderChanged") return `${event.report.clientOrderId} ${event.report.status}`
  return event._tag === "Filled" ? `fill ${event.fill.clientOrderId ?? "nobody"} ${event.fill.lots}` : `net ${event.position.net}`
}

export const listening = Effect.fnUntraced(function*({ events }: Connection) {
  const heard: Array<string> = []
  const fillIds: Array<string> = []
  const fiber = yield* Effect.forkChild(Stream.runForEach(events, ({ account, event }) => Effect.sync(() => {
    heard.push(`${account}: ${told(event)}`)
    if (event._tag === "Filled") fillIds.push(event.fill.id)
  })))
  yield* Effect.yieldNow
  return { heard, fiber, fillIds }
})

/** That it ended, and with the port's word for why. */
export const endOf = <A>(fiber: Fiber.Fiber<A, VenueError>): string | undefined => {
  const exit = fiber.pollUnsafe()
  if (exit === undefined) return undefined
  if (exit._tag === "Success") return "no error"
  const failed = exit.cause.reasons.find((reason): reason is Cause.Fail<VenueError> => reason._tag === "Fail")
  return failed?.error._tag ?? "defect"
}

export const isRefusal = (word: string): void => assert.match(word, /^Refused/)

/** Each with connections that end with it. */
export const group = (title: string, scenarios: ReadonlyArray<Scenario<Bench | Scope.Scope>>): Group<Bench> =>
  ({ title, scenarios: scenarios.map((scenario) => ({ ...scenario, run: Effect.scoped(scenario.run) })) })
