/** Between the venue's books and our words, both ways. What was read once is not read again. */
import { BigDecimal, Result } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import type { ClientOrderId, FillId, InstrumentId, VenueOrderId } from "#schemas/Ids.ts"
import type { Instrument, Lots, NetLots, Ticks } from "#schemas/Instrument.ts"
import type { BracketOrder, Order, OrderReport } from "#schemas/Order.ts"
import { RequestResult } from "#schemas/SessionRequest.ts"
import type { PositionReport, VenueEvent } from "#schemas/VenueEvent.ts"
import * as Units from "#src/orders/Units.ts"
import type * as Desk from "#src/simulation/venues/shared/Desk.ts"
import type * as Ledger from "#src/simulation/venues/shared/Ledger.ts"

const statuses = {
  held: "Held", working: "Accepted", partly: "PartlyFilled", filled: "Filled", canceled: "Canceled", rejected: "Rejected", expired: "Expired"
} as const

const kinds = {
  invalid: "invalid", margin: "margin", market_closed: "marketClosed", not_found: "notFound", disabled: "other", unsupported: "other",
  unauthenticated: "other", rate_limited: "other", maintenance: "other"
} as const

/** A name of its own for an order that has none of ours. */
const nameOf = (clientId: string | undefined, orderId: string) => (clientId ?? `venue-${orderId}`) as ClientOrderId

export type Translate = ReturnType<typeof make>

export const make = (instrumentOf: (symbol: string) => Instrument) => {
  const known = new Map<string, number>()
  const counted = (text: string, step: BigDecimal.BigDecimal, kind: string, symbol: string): number => {
    const key = `${kind}${symbol}${text}`
    const before = known.get(key)
    if (before !== undefined) return before
    const made = BigDecimal.toNumberUnsafe(BigDecimal.divideUnsafe(BigDecimal.fromStringUnsafe(text), step))
    known.set(key, made)
    return made
  }
  const size = (text: string, symbol: string) => counted(text, instrumentOf(symbol).lotSize, "q", symbol)
  const price = (text: string, symbol: string) => counted(text, instrumentOf(symbol).tickSize, "p", symbol) as Ticks

  const report = (wire: Ledger.WireOrder): OrderReport => ({
    clientOrderId: nameOf(wire.clientId, wire.orderId),
    venueOrderId: wire.orderId as VenueOrderId,
    instrumentId: wire.symbol as InstrumentId,
    side: wire.side,
    lots: size(wire.qty, wire.symbol) as Lots,
    filledLots: size(wire.filled, wire.symbol),
    status: statuses[wire.status],
    ...(wire.limit === undefined ? {} : { limit: price(wire.limit, wire.symbol) }),
    ...(wire.stop === undefined ? {} : { stop: price(wire.stop, wire.symbol) }),
    ...(wire.reason === undefined ? {} : { reason: wire.reason })
  })
  const fill = (wire: Ledger.WireFill): Fill => ({
    id: wire.fillId as FillId,
    ...(wire.clientId === undefined ? {} : { clientOrderId: wire.clientId as ClientOrderId }),
    venueOrderId: wire.orderId as VenueOrderId,
    instrumentId: wire.symbol as InstrumentId,
    side: wire.side,
    lots: size(wire.qty, wire.symbol) as Lots,
    price: BigDecimal.fromStringUnsafe(wire.price),
    fee: BigDecimal.fromStringUnsafe(wire.fee),
    atMs: wire.at
  })
  const position = (symbol: string, net: number): PositionReport => ({ instrumentId: symbol as InstrumentId, net: net as NetLots })
  return {
    report,
    fill,
    position,
    event: (event: Ledger.Event): VenueEvent => {
      switch (event.type) {
        case "order":
          return { _tag: "OrderChanged", report: report(event.order) }
        case "fill":
          return { _tag: "Filled", fill: fill(event.fill) }
        case "position":
          return { _tag: "PositionChanged", position: position(event.position.symbol, size(event.position.net, event.position.symbol)) }
      }
    }
  }
}

export const answerOf = <A>(result: Result.Result<A, Desk.Refusal>, yes: (value: A) => RequestResult): RequestResult =>
  Result.isSuccess(result) ? yes(result.success) : RequestResult.cases.Refused.make({ reason: result.failure.message, kind: kinds[result.failure.code] })

const priceText = (instrument: Instrument, at: Ticks): string => BigDecimal.format(Units.priceOf(instrument, at))
export const sizeText = (instrument: Instrument, lots: number): string => BigDecimal.format(Units.quantityOf(instrument, lots))

export const askOf = (order: Order, instrument: Instrument, knowsReduceOnly: boolean): Desk.Ask => ({
  account: `V-${order.accountId}`,
  clientId: order.id,
  symbol: order.instrumentId,
  side: order.side,
  type: order.type,
  qty: sizeText(instrument, order.lots),
  ...pricesOf(instrument, order),
  tif: order.timeInForce,
  ...(order.expiresAtMs === undefined ? {} : { expiresAt: order.expiresAtMs }),
  ...(order.reduceOnly && knowsReduceOnly ? { reduceOnly: true } : {})
})

export const bracketOf = ({ entry, stop, target }: BracketOrder, instrument: Instrument): Desk.Ask => ({
  ...askOf(entry, instrument, true),
  protect: {
    ...(stop?.stop === undefined ? {} : { stop: { clientId: stop.id, stop: priceText(instrument, stop.stop) } }),
    ...(target?.limit === undefined ? {} : { target: { clientId: target.id, limit: priceText(instrument, target.limit) } })
  }
})

export const pricesOf = (instrument: Instrument, { limit, stop }: { readonly limit?: Ticks; readonly stop?: Ticks }) => ({
  ...(limit === undefined ? {} : { limit: priceText(instrument, limit) }),
  ...(stop === undefined ? {} : { stop: priceText(instrument, stop) })
})
