/** Between the venue's words and ours, both ways. Pure and exact: what does not fit is a failure with its reason, never rounded. */
import { BigDecimal, Result } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import { FillId, type InstrumentId, VenueOrderId } from "#schemas/Ids.ts"
import { type Instrument, Lots, NetLots, Ticks } from "#schemas/Instrument.ts"
import type { BracketOrder, Order, OrderReport } from "#schemas/Order.ts"
import type { Bar, Quote } from "#schemas/Quote.ts"
import type { PositionReport } from "#schemas/VenueEvent.ts"
import type * as Wire from "#src/venues/reference/Wire.ts"
import * as Names from "#src/venues/shared/Names.ts"
import * as Steps from "#src/venues/shared/Steps.ts"

/** The steps in which prices and quantities of one symbol are counted. */
export type Spec = Pick<Instrument, "tickSize" | "lotSize">
type Clean = (said: string) => string
type Read<A> = Result.Result<A, string>

const steps = <B>(what: string, value: BigDecimal.BigDecimal, step: BigDecimal.BigDecimal, make: (count: number) => B): Read<B> => {
  const count = Steps.whole(value, step)
  return count === undefined ? Result.fail(`${what} ${BigDecimal.format(value)} is no multiple of ${BigDecimal.format(step)}`) : Result.succeed(make(count))
}

const lotsIn = (what: string, value: BigDecimal.BigDecimal, { lotSize }: Spec): Read<Lots> =>
  BigDecimal.isPositive(value) ? steps(what, value, lotSize, Lots.make) : Result.fail(`${what} ${BigDecimal.format(value)} is not above zero`)

const priceIn = (what: string, value: BigDecimal.BigDecimal | null | undefined, { tickSize }: Spec): Read<Ticks | undefined> =>
  value === undefined || value === null ? Result.succeed(undefined) : steps(what, value, tickSize, Ticks.make)

const statuses = {
  held: "Held", working: "Accepted", partly: "PartlyFilled", filled: "Filled", canceled: "Canceled", rejected: "Rejected", expired: "Expired"
} as const satisfies Record<Wire.Order["status"], OrderReport["status"]>

export const reportOf = (order: Wire.Order, spec: Spec, clean: Clean): Read<OrderReport> => Result.gen(function*() {
  const lots = yield* lotsIn("quantity", order.qty, spec)
  const filledLots = yield* steps("filled quantity", order.filled, spec.lotSize, (count) => count)
  if (filledLots < 0 || filledLots > lots) return yield* Result.fail(`${filledLots} of ${lots} lots are said to be filled`)
  const limit = yield* priceIn("limit", order.limit, spec)
  const stop = yield* priceIn("stop", order.stop, spec)
  const named = Names.clientOrderIdOf(order.clientId)
  const report: OrderReport = {
    clientOrderId: named ?? Names.strangerId(order.orderId),
    venueOrderId: VenueOrderId.make(order.orderId),
    instrumentId: Names.instrumentIdOf(order.symbol),
    side: order.side,
    lots,
    filledLots,
    status: statuses[order.status],
    ...(limit === undefined ? {} : { limit }),
    ...(stop === undefined ? {} : { stop }),
    ...(order.reason === undefined || order.reason === null ? {} : { reason: clean(order.reason) }),
    ...(named === undefined && (order.clientId === undefined || order.clientId === null) ? { isOutOfReach: true } : {})
  }
  return report
})

export const fillOf = (fill: Wire.Fill, spec: Spec): Read<Fill> => Result.gen(function*() {
  const lots = yield* lotsIn("quantity", fill.qty, spec)
  if (!BigDecimal.isPositive(fill.price)) return yield* Result.fail(`a price of ${BigDecimal.format(fill.price)}`)
  const clientOrderId = Names.clientOrderIdOf(fill.clientId)
  const read: Fill = {
    id: FillId.make(fill.fillId),
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
    venueOrderId: VenueOrderId.make(fill.orderId),
    instrumentId: Names.instrumentIdOf(fill.symbol),
    side: fill.side,
    lots,
    price: fill.price,
    fee: fill.fee,
    atMs: fill.at
  }
  return read
})

export const positionOf = ({ net, symbol }: Wire.Position, { lotSize }: Spec): Read<PositionReport> =>
  Result.map(steps("position", net, lotSize, NetLots.make), (lots) => ({ instrumentId: Names.instrumentIdOf(symbol), net: lots }))

/** Never of the future: a venue whose clock is ahead would be believed for ever. */
export const quoteOf = ({ ask, at, bid, last, symbol }: Wire.Quote, { tickSize }: Spec, source: string, nowMs: number): Read<Quote> =>
  Result.gen(function*() {
    const [bidTicks, askTicks, lastTicks] = [
      yield* steps("bid", bid, tickSize, Ticks.make), yield* steps("ask", ask, tickSize, Ticks.make), yield* steps("last", last, tickSize, Ticks.make)
    ]
    if (bidTicks <= 0 || bidTicks > askTicks || lastTicks <= 0) return yield* Result.fail(`bid ${bidTicks}, ask ${askTicks}, last ${lastTicks} ticks`)
    const quote: Quote = {
      instrumentId: Names.instrumentIdOf(symbol), bid: bidTicks, ask: askTicks, last: lastTicks, atMs: Math.min(at, nowMs), source, isSimulated: true
    }
    return quote
  })

export const barOf = (bar: Wire.Bar, instrumentId: InstrumentId, { lotSize, tickSize }: Spec, barMs: number): Read<Bar> => Result.gen(function*() {
  const ticks = (what: string, value: BigDecimal.BigDecimal) => steps(what, value, tickSize, Ticks.make)
  const read: Bar = {
    instrumentId,
    openAtMs: bar.at,
    closeAtMs: bar.at + barMs,
    open: yield* ticks("open", bar.open),
    high: yield* ticks("high", bar.high),
    low: yield* ticks("low", bar.low),
    close: yield* ticks("close", bar.close),
    volume: yield* steps("volume", bar.volume, lotSize, (count) => count)
  }
  return read
})

export const quantityText = ({ lotSize }: Spec, lots: number): string => Steps.text(lotSize, lots)
export const priceText = ({ tickSize }: Spec, ticks: number): string => Steps.text(tickSize, ticks)

/** `reduceOnly` only where the venue keeps it: elsewhere it would promise what nobody does. */
export const orderBody = (order: Order, account: string, spec: Spec, knowsReduceOnly: boolean) => ({
  account,
  clientId: order.id,
  symbol: order.instrumentId,
  side: order.side,
  type: order.type,
  qty: quantityText(spec, order.lots),
  ...(order.limit === undefined ? {} : { limit: priceText(spec, order.limit) }),
  ...(order.stop === undefined ? {} : { stop: priceText(spec, order.stop) }),
  tif: order.timeInForce,
  ...(order.expiresAtMs === undefined ? {} : { expiresAt: order.expiresAtMs }),
  ...(order.reduceOnly && knowsReduceOnly ? { reduceOnly: true } : {})
})

export const bracketBody = ({ entry, stop, target }: BracketOrder, account: string, spec: Spec) => ({
  ...orderBody(entry, account, spec, true),
  protect: {
    ...(stop?.stop === undefined ? {} : { stop: { clientId: stop.id, stop: priceText(spec, stop.stop) } }),
    ...(target?.limit === undefined ? {} : { target: { clientId: target.id, limit: priceText(spec, target.limit) } })
  }
})

export const changeBody = (change: { readonly lots: Lots; readonly stop?: Ticks; readonly limit?: Ticks }, account: string, spec: Spec) => ({
  account,
  qty: quantityText(spec, change.lots),
  ...(change.stop === undefined ? {} : { stop: priceText(spec, change.stop) }),
  ...(change.limit === undefined ? {} : { limit: priceText(spec, change.limit) })
})

/** What the venue and the catalogue say differently of one instrument. Undefined: they agree. */
export const disagreement = ({ pointValue, step, tick }: Wire.Listed, { lotSize, tickSize, tickValue }: Instrument): string | undefined => {
  const differs = (what: string, theirs: BigDecimal.BigDecimal, ours: BigDecimal.BigDecimal) =>
    BigDecimal.equals(theirs, ours) ? [] : [`${what} ${BigDecimal.format(theirs)} there, ${BigDecimal.format(ours)} here`]
  const all = [
    ...differs("tick", tick, tickSize),
    ...differs("lot", step, lotSize),
    ...differs("value of one tick", BigDecimal.multiply(BigDecimal.multiply(pointValue, tick), step), tickValue)
  ]
  return all.length === 0 ? undefined : all.join(", ")
}
