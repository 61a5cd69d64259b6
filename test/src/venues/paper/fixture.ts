/** The paper venue on virtual time over a scripted market, and orders for it. */
import { Clock, Effect, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import { AccountId, AlertId, ClientOrderId, InstrumentId, LoginId } from "#schemas/Ids.ts"
import { type Instrument, Lots, Ticks } from "#schemas/Instrument.ts"
import type { Order } from "#schemas/Order.ts"
import * as QuoteBook from "#src/feeds/QuoteBook.ts"
import type { Adapter, Connection, VenueError } from "#src/ports/Venue.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import { house, type Json } from "#test/support/house.ts"
import * as Market from "#test/support/market.ts"
import * as Ledger from "#test/support/paperLedger.ts"

export const account = AccountId.make("paper-1")
export const mes = InstrumentId.make("MESZ26")
export const loginId = LoginId.make("paper-demo")
export const id = (text: string) => ClientOrderId.make(text)
/** 2026-11-02 15:00 UTC, a Monday: the December contract is in front. */
export const startMs = 1_793_631_600_000

const plain = { slippage: { unit: "ticks", value: 0 }, latencyMs: 40, quoteEveryMs: 250 }

const houseOf = (paper: { readonly [key: string]: Json }) => house({ venues: { "paper-demo": { paper: { ...plain, ...paper } } } })

/** What the caller believes of the contract; the venue goes by its own catalogue. */
export const instrument: Instrument = Option.getOrThrow(Resolve.byId(houseOf({}).instruments, mes))

/** Everything that outlives the house. `paper` changes the login's settings. */
export const world = (paper: { readonly [key: string]: Json } = {}) =>
  Layer.mergeAll(HouseConfig.layerOf(houseOf(paper)), Ledger.layer, Market.layer, QuoteBook.layer)

/** Signs in, as the venue's clock goes on. */
export const signIn = Effect.fnUntraced(function*(adapter: Adapter) {
  const { current } = yield* HouseConfig
  const login = (yield* current).logins.get(loginId)
  if (login === undefined) return yield* Effect.die("no login in the fixture")
  return yield* ask(adapter.connect(login))
})

/** Lets the answer's way pass. */
export const ask = <A, E, R>(request: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(request)
    yield* TestClock.adjust("40 millis")
    return yield* Fiber.join(fiber)
  })

export const begin: Effect.Effect<void> = Effect.flatMap(Clock.currentTimeMillis, (nowMs) => nowMs < startMs ? TestClock.setTime(startMs) : Effect.void)

/** So long that every working order has met one more quote. */
export const nextQuote = TestClock.adjust("250 millis")

type Terms = Partial<Omit<Order, "limit" | "stop" | "instrumentId">> & { readonly limit?: number; readonly stop?: number; readonly instrumentId?: string }

export const order = (name: string, side: "buy" | "sell", lots: number, { instrumentId, limit, stop, ...terms }: Terms = {}): Order => ({
  id: id(name),
  accountId: account,
  alertId: AlertId.make("alert-1"),
  instrumentId: InstrumentId.make(instrumentId ?? mes),
  instrumentVersion: 1,
  leg: "entry",
  generation: 1,
  side,
  lots: Lots.make(lots),
  type: limit === undefined ? (stop === undefined ? "market" : "stop") : stop === undefined ? "limit" : "stopLimit",
  timeInForce: "gtc",
  reduceOnly: false,
  ...(limit === undefined ? {} : { limit: Ticks.make(limit) }),
  ...(stop === undefined ? {} : { stop: Ticks.make(stop) }),
  ...terms
})

export const bracket = (lots: number, stop: number, target: number, terms: Terms = {}) => ({
  entry: order("entry", "buy", lots, terms),
  stop: order("stop", "sell", lots, { stop, leg: "stop", reduceOnly: true }),
  target: order("target", "sell", lots, { limit: target, leg: "target", reduceOnly: true })
})

export const refusalOf = <A, R>(request: Effect.Effect<A, VenueError, R>) =>
  Effect.map(Effect.flip(ask(request)), (error) => (error._tag === "Refused" ? `${error.kind}: ${error.reason}` : error._tag))

/** `status filled/lots`, or `none`. */
export const stateOf = (connection: Connection, name: string) =>
  Effect.map(ask(connection.orderByClientId(account, id(name))), Option.match({
    onNone: () => "none",
    onSome: ({ filledLots, lots, status }) => `${status} ${filledLots}/${lots}`
  }))

export const netOf = (connection: Connection) =>
  Effect.map(ask(connection.positions(account)), (positions) => positions.map(({ instrumentId, net }) => `${instrumentId} ${net}`).join())

