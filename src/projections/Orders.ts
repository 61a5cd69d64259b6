/** Every order, from its intent to its end. */
import { HashMap, HashSet, Option } from "effect"
import type { OrderView } from "#schemas/contracts/Views.ts"
import type { ClientOrderId, VenueOrderId } from "#schemas/Ids.ts"
import type { Instrument, Ticks } from "#schemas/Instrument.ts"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import type { Order, OrderStatus } from "#schemas/Order.ts"
import { lotsText, priceOf, quantityOf } from "#src/orders/Units.ts"
import * as Bounded from "./Bounded.ts"
import * as Catalog from "./Catalog.ts"
import * as Tally from "./Tally.ts"
import * as Text from "./Text.ts"

/** Ended orders kept in memory; those that have not ended are kept on top. */
export const ordersMax = 10_000

export interface Entry {
  readonly seq: number
  readonly createdAtMs: number
  readonly order: Order
  readonly venueOrderId: VenueOrderId | undefined
  readonly status: OrderStatus
  readonly reason: string | undefined
  readonly fills: Tally.Tally
  /** A cancel is on its way. */
  readonly isCanceling: boolean
}

export interface State {
  readonly orders: Bounded.Bounded<ClientOrderId, Entry>
  /** Ids that have not ended. */
  readonly open: HashSet.HashSet<ClientOrderId>
  readonly catalog: Catalog.State
}

export const empty: State = { orders: Bounded.empty(ordersMax), open: HashSet.empty(), catalog: Catalog.empty }

const ends: ReadonlySet<OrderStatus> = new Set<OrderStatus>(["Withheld", "Rejected", "Filled", "Canceled", "Expired"])

export const hasEnded = (status: OrderStatus): boolean => ends.has(status)

export const evolve = (state: State, row: JournalRow): State => {
  const { event } = row
  if (event._tag === "EntryDecided") return { ...state, catalog: Catalog.evolve(state.catalog, row) }
  if (event._tag === "PositionAdopted") {
    const known = { ...state, catalog: Catalog.evolve(state.catalog, row) }
    return event.resting.reduce((all, { order, venueOrderId }) => put(all, { ...begun(row, order), venueOrderId, status: "Accepted" }), known)
  }
  if (event._tag === "OrderIntended") return put(state, begun(row, event.order))
  if (!("orderId" in event)) return state
  const entry = find(state, event.orderId)
  return entry === undefined ? state : put(state, step(entry, event))
}

const begun = ({ atMs, seq }: JournalRow, order: Order): Entry =>
  ({ seq, createdAtMs: atMs, order, venueOrderId: undefined, status: "Intended", reason: undefined, fills: Tally.empty, isCanceling: false })

const put = (state: State, entry: Entry): State => ({
  ...state,
  orders: Bounded.put(state.orders, entry.order.id, entry, { max: ordersMax, ageOf: seqOf, mayDrop: ({ status }) => hasEnded(status) }),
  open: hasEnded(entry.status) ? HashSet.remove(state.open, entry.order.id) : HashSet.add(state.open, entry.order.id)
})

const seqOf = (entry: Entry): number => entry.seq

export const find = (state: State, id: ClientOrderId): Entry | undefined => Option.getOrUndefined(HashMap.get(state.orders.entries, id))

type OrderEvent = Extract<JournalEvent, { readonly orderId: ClientOrderId }>

const step = (entry: Entry, event: OrderEvent): Entry => {
  switch (event._tag) {
    case "OrderAccepted":
      return { ...settle(entry, event.held ? "Held" : "Accepted"), venueOrderId: event.venueOrderId }
    case "OrderRejected":
      return settle(entry, "Rejected", event.reason)
    case "OrderWithheld":
      return settle(entry, "Withheld", event.reason.message)
    case "OrderUnknown":
      return settle(entry, "Unknown", event.cause)
    case "AttestationOverruled":
      return { ...entry, status: "Unknown", reason: event.reason, fills: Tally.withoutInferred(entry.fills) }
    case "OrderCanceled":
      return settle(entry, "Canceled")
    case "OrderExpired":
      return settle(entry, "Expired")
    case "CancelIntended":
      return { ...entry, isCanceling: true }
    case "ChangeRefused":
      return { ...entry, reason: event.reason, isCanceling: false }
    case "OrderModified": {
      const { limit, lots, stop } = event
      const order = { ...entry.order, lots, ...(limit === undefined ? {} : { limit }), ...(stop === undefined ? {} : { stop }) }
      return { ...entry, order, status: byFills({ ...entry, order }, entry.status) }
    }
    case "FillReceived": {
      const filled = { ...entry, fills: Tally.add(entry.fills, event.fill, event.evidence), venueOrderId: entry.venueOrderId ?? event.fill.venueOrderId }
      return { ...filled, status: byFills(filled, entry.status) }
    }
    default:
      return entry
  }
}

/** An end is final; an acknowledgement that comes late does not undo a fill. */
const settle = (entry: Entry, status: OrderStatus, reason?: string): Entry =>
  hasEnded(entry.status) ? entry : { ...entry, status: hasEnded(status) ? status : byFills(entry, status), reason: reason ?? entry.reason }

/** A fill is evidence: a late one counts even after a cancel. */
const byFills = (entry: Entry, status: OrderStatus): OrderStatus => {
  const { lots } = Tally.total(entry.fills)
  if (lots >= entry.order.lots) return "Filled"
  return lots > 0 && !hasEnded(status) && status !== "Unknown" ? "PartlyFilled" : status
}

/** What is left to fill. */
export const remaining = ({ fills, order }: Entry): number => Math.max(0, order.lots - Tally.total(fills).lots)

/** All that have not ended. */
export const working = (state: State): ReadonlyArray<Entry> =>
  Array.from(state.open).flatMap((id) => find(state, id) ?? []).sort((a, b) => a.seq - b.seq)

export const view = (state: State, { createdAtMs, fills, order, reason, status, venueOrderId }: Entry): OrderView => {
  const instrument = Catalog.find(state.catalog, order.instrumentId, order.instrumentVersion)
  const sum = Tally.total(fills)
  const average = Tally.averageOf(sum)
  return {
    clientOrderId: order.id,
    venueOrderId: venueOrderId ?? null,
    accountId: order.accountId,
    alertId: order.alertId,
    leg: order.leg,
    symbol: order.instrumentId,
    side: order.side,
    type: order.type,
    quantity: quantityText(instrument, order.lots),
    ...(order.limit === undefined ? {} : { limitPrice: priceText(instrument, order.limit) }),
    ...(order.stop === undefined ? {} : { stopPrice: priceText(instrument, order.stop) }),
    filled: quantityText(instrument, sum.lots),
    avgPrice: average === undefined ? null : Text.average(average),
    status,
    ...(reason === undefined ? {} : { reason }),
    createdAtMs
  }
}

/** Without its instrument (never decided on here) a number of lots or ticks is all that can be said. */
export const quantityText = (instrument: Instrument | undefined, lots: number): string =>
  instrument === undefined ? lotsText(lots) : Text.decimal(quantityOf(instrument, lots))

export const priceText = (instrument: Instrument | undefined, ticks: Ticks): string =>
  instrument === undefined ? Text.ticks(ticks) : Text.decimal(priceOf(instrument, ticks))

export const page = (state: State, asked: { readonly since?: number; readonly limit?: number }, limitDefault: number): ReadonlyArray<OrderView> =>
  Bounded.page(state.orders, seqOf, asked, limitDefault).map((entry) => view(state, entry))
