/** Between the venue's words and ours, both ways. Pure and exact: what does not fit is a failure with its reason, never rounded. */
import { BigDecimal, Result } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import { type ClientOrderId, FillId, type InstrumentId, VenueOrderId } from "#schemas/Ids.ts"
import { type Instrument, Lots, NetLots, Ticks } from "#schemas/Instrument.ts"
import type { BracketOrder, Order, OrderReport } from "#schemas/Order.ts"
import type { Bar, Quote } from "#schemas/Quote.ts"
import type { PositionReport } from "#schemas/VenueEvent.ts"
import * as Wire from "#src/venues/tradovate/Wire.ts"
import * as Steps from "#src/venues/shared/Steps.ts"

/** The steps in which prices and quantities of one contract are counted. */
export type Spec = Pick<Instrument, "tickSize" | "lotSize">
type Read<A> = Result.Result<A, string>

/** Quantities are whole contracts there, whatever a lot is here. */
export const oneContract = BigDecimal.make(1n, 0)
/** Fees are told apart from fills, later, and under no name of theirs: they show in the balance alone. */
const noFee = BigDecimal.make(0n, 0)

/** `MESZ26` is `MESZ6` there: one digit of the year. */
export const contractNameOf = (id: InstrumentId): string => id.replace(/^(.+[FGHJKMNQUVXZ])\d(\d)$/, "$1$2")

const steps = <B>(what: string, value: BigDecimal.BigDecimal, step: BigDecimal.BigDecimal, make: (count: number) => B): Read<B> => {
  const count = Steps.whole(value, step)
  return count === undefined ? Result.fail(`${what} ${BigDecimal.format(value)} is no multiple of ${BigDecimal.format(step)}`) : Result.succeed(make(count))
}

const lotsIn = (what: string, contracts: number, { lotSize }: Spec): Read<number> => steps(what, BigDecimal.fromBigInt(BigInt(contracts)), lotSize, (count) => count)

const sides = { Buy: "buy", Sell: "sell" } as const
const actions = { buy: "Buy", sell: "Sell" } as const
export const actionOf = (side: Order["side"]) => actions[side]
const opposite = { buy: "Sell", sell: "Buy" } as const

/** All that is known of one order. */
export interface Known {
  readonly order: Wire.Order
  /** In force. */
  readonly version: Wire.OrderVersion
  /** Contracts filled. */
  readonly filled: number
  readonly name: ClientOrderId
  readonly reason: string | undefined
}

/** A partly filled order still says that it works; a child that the venue has not put to work is held, and protects nothing. */
const statusOf = ({ ordStatus, parentId }: Wire.Order, filled: number, ordered: number): OrderReport["status"] | undefined => {
  switch (ordStatus) {
    case "Suspended":
      return "Held"
    case "PendingNew":
      return parentId === undefined || parentId === null ? "Accepted" : "Held"
    case "Working":
    case "PendingReplace":
    case "PendingCancel":
      return filled > 0 ? "PartlyFilled" : "Accepted"
    case "Completed":
      return filled < ordered ? "Canceled" : "Filled"
    case "Unknown":
      return undefined
    default:
      return ordStatus
  }
}

const terminal: ReadonlySet<Wire.Order["ordStatus"]> = new Set(["Filled", "Completed", "Canceled", "Expired", "Rejected"])
export const isTerminal = ({ ordStatus }: Wire.Order): boolean => terminal.has(ordStatus)

/** Of trailing stops the trigger is not told as it moves: what stands in the version is where it began. */
const stopTypes: ReadonlySet<string> = new Set(["Stop", "StopLimit", "TrailingStop", "TrailingStopLimit"])
const limitTypes: ReadonlySet<string> = new Set(["Limit", "StopLimit", "TrailingStopLimit"])

const priceIn = (what: string, isOfType: boolean, value: BigDecimal.BigDecimal | null | undefined, { tickSize }: Spec): Read<Ticks | undefined> =>
  !isOfType || value === undefined || value === null ? Result.succeed(undefined) : steps(what, value, tickSize, Ticks.make)

export const reportOf = ({ filled, name, order, reason, version }: Known, instrumentId: InstrumentId, spec: Spec): Read<OrderReport> => Result.gen(function*() {
  const lots = yield* lotsIn("quantity", version.orderQty, spec)
  const isFilled = order.ordStatus === "Filled"
  const filledLots = isFilled ? lots : yield* lotsIn("filled quantity", filled, spec)
  if (filledLots > lots) return yield* Result.fail(`${filledLots} of ${lots} lots are said to be filled`)
  const status = statusOf(order, filled, version.orderQty)
  if (status === undefined) return yield* Result.fail(`its state is ${order.ordStatus}`)
  const limit = yield* priceIn("limit", limitTypes.has(version.orderType), version.price, spec)
  const stop = yield* priceIn("stop", stopTypes.has(version.orderType), version.stopPrice, spec)
  const report: OrderReport = {
    clientOrderId: name,
    venueOrderId: VenueOrderId.make(String(order.id)),
    instrumentId,
    side: sides[order.action],
    lots: Lots.make(lots),
    filledLots,
    status,
    ...(limit === undefined ? {} : { limit }),
    ...(stop === undefined ? {} : { stop }),
    ...(reason === undefined ? {} : { reason })
  }
  return report
})

/** `name` undefined: nobody here asked for it. */
export const fillOf = (fill: Wire.Fill, name: ClientOrderId | undefined, instrumentId: InstrumentId, spec: Spec): Read<Fill> => Result.gen(function*() {
  const lots = yield* lotsIn("quantity", fill.qty, spec)
  if (!BigDecimal.isPositive(fill.price)) return yield* Result.fail(`a price of ${BigDecimal.format(fill.price)}`)
  const read: Fill = {
    id: FillId.make(String(fill.id)),
    ...(name === undefined ? {} : { clientOrderId: name }),
    venueOrderId: VenueOrderId.make(String(fill.orderId)),
    instrumentId,
    side: sides[fill.action],
    lots: Lots.make(lots),
    price: fill.price,
    fee: noFee,
    atMs: fill.timestamp
  }
  return read
})

export const positionOf = ({ netPos }: Wire.Position, instrumentId: InstrumentId, spec: Spec): Read<PositionReport> =>
  Result.map(lotsIn("position", netPos, spec), (count) => ({ instrumentId, net: NetLots.make(count) }))

/** What a contract's quote says so far. */
export interface Prices {
  readonly bid: BigDecimal.BigDecimal
  readonly offer: BigDecimal.BigDecimal
  /** Absent: nothing has been traded yet. */
  readonly trade: BigDecimal.BigDecimal | undefined
  readonly atMs: number
}

/** Never of the future: a venue whose clock is ahead would be believed for ever. */
export const quoteOf = ({ atMs, bid, offer, trade }: Prices, instrumentId: InstrumentId, { tickSize }: Spec, source: string, nowMs: number): Read<Quote> =>
  Result.gen(function*() {
    const [bidTicks, askTicks] = [yield* steps("bid", bid, tickSize, Ticks.make), yield* steps("offer", offer, tickSize, Ticks.make)]
    const lastTicks = trade === undefined ? bidTicks : yield* steps("trade", trade, tickSize, Ticks.make)
    if (bidTicks > askTicks) return yield* Result.fail(`bid ${bidTicks}, offer ${askTicks} ticks`)
    const quote: Quote = { instrumentId, bid: bidTicks, ask: askTicks, last: lastTicks, atMs: Math.min(atMs, nowMs), source, isSimulated: false }
    return quote
  })

export const barOf = (bar: Wire.Bar, instrumentId: InstrumentId, { tickSize }: Spec, barMs: number): Read<Bar> => Result.gen(function*() {
  const ticks = (what: string, value: BigDecimal.BigDecimal) => steps(what, value, tickSize, Ticks.make)
  const read: Bar = {
    instrumentId,
    openAtMs: bar.timestamp,
    closeAtMs: bar.timestamp + barMs,
    open: yield* ticks("open", bar.open),
    high: yield* ticks("high", bar.high),
    low: yield* ticks("low", bar.low),
    close: yield* ticks("close", bar.close),
    volume: Math.round((bar.upVolume ?? 0) + (bar.downVolume ?? 0))
  }
  return read
})

/** A number in JSON: the one whose shortest decimal is the price. */
const price = ({ tickSize }: Spec, ticks: number): number => Number(Steps.text(tickSize, ticks))
/** Undefined: no whole contracts. */
export const contractsOf = ({ lotSize }: Spec, lots: number): number | undefined => {
  const count = Number(Steps.text(lotSize, lots))
  return Number.isSafeInteger(count) ? count : undefined
}

/** Of the account: its name and its id, never the user's. */
export interface Owner {
  readonly accountSpec: string
  readonly accountId: number
}

const orderTypes = { market: "Market", limit: "Limit", stop: "Stop", stopLimit: "StopLimit" } as const satisfies Record<Order["type"], Wire.OrderVersion["orderType"]>
const timesInForce = { day: "Day", gtc: "GTC", ioc: "IOC" } as const satisfies Record<Order["timeInForce"], string>

/** Of every order, parent or child. Its name stands in its text, too: that is its version's, which is shown as long as the order lives, when its command is not shown any more. */
const terms = (order: Pick<Order, "id" | "type" | "limit" | "stop" | "timeInForce" | "expiresAtMs">, spec: Spec) => ({
  clOrdId: order.id,
  text: order.id,
  orderType: orderTypes[order.type],
  ...(order.limit === undefined ? {} : { price: price(spec, order.limit) }),
  ...(order.stop === undefined ? {} : { stopPrice: price(spec, order.stop) }),
  ...(order.expiresAtMs === undefined
    ? { timeInForce: timesInForce[order.timeInForce] }
    : { timeInForce: "GTD", expireTime: Wire.instantText(order.expiresAtMs) })
})

export const orderBody = (order: Order, symbol: string, contracts: number, owner: Owner, spec: Spec) =>
  ({ ...owner, ...terms(order, spec), action: actionOf(order.side), symbol, orderQty: contracts, isAutomated: true })

/** Their quantity is the parent's, their prices stand by themselves. One alone is the first. */
export const bracketBody = ({ entry, stop, target }: BracketOrder, symbol: string, contracts: number, owner: Owner, spec: Spec) => {
  const [bracket1, bracket2] = [stop, target].flatMap((child) => child === undefined ? [] : [{ ...terms(child, spec), action: opposite[entry.side] }])
  return {
    ...orderBody(entry, symbol, contracts, owner, spec),
    ...(bracket1 === undefined ? {} : { bracket1 }),
    ...(bracket2 === undefined ? {} : { bracket2 })
  }
}

/** What is not repeated is lost: all that the version in force says, but for what changes. */
export const changeBody = (
  { expireTime, maxShow, orderId, orderType, pegDifference, price: limitBefore, stopPrice, text, timeInForce }: Wire.OrderVersion,
  change: { readonly stop?: Ticks; readonly limit?: Ticks },
  contracts: number,
  spec: Spec
) => {
  const before = (value: BigDecimal.BigDecimal | null | undefined) => value === undefined || value === null ? undefined : Number(BigDecimal.format(value))
  const all = {
    price: change.limit === undefined ? before(limitBefore) : price(spec, change.limit),
    stopPrice: change.stop === undefined ? before(stopPrice) : price(spec, change.stop),
    timeInForce, expireTime, maxShow, pegDifference, text
  }
  return { orderId, orderQty: contracts, orderType, ...Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== null)), isAutomated: true }
}
