/**
 * One account's memory: its orders, the bracket on each instrument, the alerts it works on. Owns: the fold of the account's own
 * events. Not here: what to do about it (`Decide`, `Plan`, `Reconcile`).
 */
import { BigDecimal } from "effect"
import type { CloseReason, ProtectionPlan, Trade } from "#schemas/events/AccountEvent.ts"
import type { Fill } from "#schemas/Fill.ts"
import type { AlertId, ClientOrderId, FillId, InstrumentId, StrategyId, VenueOrderId } from "#schemas/Ids.ts"
import type { Instrument, Lots, Ticks } from "#schemas/Instrument.ts"
import type { Order, OrderReport, OrderStatus, Side } from "#schemas/Order.ts"
import type { ApprovedSignal } from "#schemas/Signal.ts"
import type { Outcome, PendingCause } from "#schemas/Verdict.ts"
import type { State as RunnerState } from "#src/risk/runner/State.ts"
import * as Layered from "./Layered.ts"
import * as Lives from "./Lives.ts"
import * as Parted from "./Parted.ts"

export interface BookedOrder {
  readonly order: Order
  readonly status: OrderStatus
  /** Lots and cost (sum of price x lots) of all fills that count. */
  readonly filled: number
  /** Lots that the venue counted as filled when it ended: more than `filled` while a fill is still to come. */
  readonly counted: number
  readonly cost: BigDecimal.BigDecimal
  readonly fees: BigDecimal.BigDecimal
  readonly fills: ReadonlySet<FillId>
  /** Provisional lots, learned from a position or a count; the venue's own fills replace them. */
  readonly inferred: { readonly lots: number; readonly price: BigDecimal.BigDecimal }
  readonly wasInferred: boolean
  /** Settled by a person's word, and the venue has not said its own yet. */
  readonly attested: "executed" | "notExecuted" | undefined
  readonly venueOrderId: VenueOrderId | undefined
  readonly cancelAsked: boolean
  /** Its cancel was asked for because an operator stopped what it belongs to. */
  readonly isKilled: boolean
  readonly modifyAsked: boolean
  /** What was last asked for: only that ends the asking, not what an earlier change brings late. */
  readonly changeTo: { readonly lots: number; readonly stop: Ticks | undefined; readonly limit: Ticks | undefined } | undefined
  /** How often the venue said no to it or to a change of it since its plan was made: nobody asks for ever. */
  readonly refusals: number
  readonly reason: string | undefined
  /** When the venue cancelled it; 0 if it did not, or nobody knows when. */
  readonly endedAtMs: number
  /** When the venue said that it ended, with no more filled than its fills show: what it executes late is later than that. 0: it said no such thing. */
  readonly completeAtMs: number
  /** No order at all: what the venue held beyond ours, counted as ours from then on. */
  readonly adopted?: { readonly asOfMs: number; readonly isProven: boolean }
}

/** At work at the venue, and no intent of ours explains it. */
export interface Stranger {
  readonly alertId: AlertId
  readonly report: OrderReport
  readonly isOurShape: boolean
  readonly mayOpen: boolean
  /** How often its cancel was asked for in this life. */
  readonly cancels: number
}

export interface Closing {
  readonly alertId: AlertId
  readonly reason: CloseReason
  readonly lots: Lots | undefined
  /** Lots closed before this decision began: a partial close counts from here. */
  readonly closedBefore: number
}

/** One instrument's exposure from its entry until it is flat and no order of it is left. Its strategy owns the instrument so long. */
export interface Bracket {
  readonly alertId: AlertId
  readonly strategy: StrategyId
  readonly instrument: Instrument
  readonly isLong: boolean
  readonly plan: ProtectionPlan
  /** The plan of an addition: in force from its first fill. */
  readonly nextPlan: { readonly alertId: AlertId; readonly plan: ProtectionPlan } | undefined
  readonly deadlineAtMs: number | undefined
  readonly openedAtMs: number
  readonly lastFillAtMs: number
  readonly orderIds: ReadonlyArray<ClientOrderId>
  /** So many of them, the first, are of what had ended before: a late fill joined them to this one, or made it live again. */
  readonly joined: number
  /** What no order of ours closed. */
  readonly elsewhere: ReadonlyArray<Elsewhere>
  /** Lots that exits of what ended before opened, less those that its entries closed: held, and asked for by nobody. Below zero: such exits may still come. */
  readonly excess: number
  readonly closing: Closing | undefined
  /** How far its runner has come; absent: it has none, or nothing is held yet. */
  readonly runner?: RunnerState | undefined
}

/** Lots that the venue no longer holds although no order of ours closed them. */
export interface Elsewhere {
  readonly side: Side
  readonly lots: number
  readonly price: BigDecimal.BigDecimal
  /** What the venue executed before is part of it. */
  readonly asOfMs: number
  /** Somebody else's fills were seen: no fill of ours will turn out to be it. */
  readonly isProven: boolean
  /** Of a bracket that had ended and was joined to this one. */
  readonly isJoined?: true
}

export interface AlertWork {
  readonly orderIds: ReadonlyArray<ClientOrderId>
  readonly instrumentIds: ReadonlyArray<InstrumentId>
  readonly kind: "entry" | "close" | "cancel" | "update" | "change" | "none"
  /** Of a `change`: the prices that its order is to have. */
  readonly asked?: { readonly stop: Ticks | undefined; readonly limit: Ticks | undefined }
  readonly outcome: Outcome | undefined
  readonly cause: PendingCause | undefined
  /** Its entry surely never left: it may be decided anew. */
  readonly mayRedecide: boolean
}

export interface Queued {
  readonly approved: ApprovedSignal
  readonly cause: PendingCause
}

export interface Book {
  /** Apart: those of which something may still come. */
  readonly orders: Parted.Parted<ClientOrderId, BookedOrder>
  readonly brackets: ReadonlyMap<InstrumentId, Bracket>
  /** Ended, newest last: a late fill reopens its bracket, plan and all. */
  readonly endedBrackets: ReadonlyArray<Bracket>
  /** Apart: those without an outcome. */
  readonly alerts: Parted.Parted<AlertId, AlertWork>
  readonly queue: ReadonlyArray<Queued>
  /** Of every instrument that a known order names: what a bracket for its late fill is made of. */
  readonly traded: ReadonlyMap<InstrumentId, { readonly instrument: Instrument; readonly strategy: StrategyId }>
  /** Newest last; what the day's figures are made of. */
  readonly trades: ReadonlyArray<Trade>
  readonly entriesAtMs: ReadonlyArray<number>
  /** What the venue holds beyond our own orders, signed lots. */
  readonly drift: ReadonlyMap<InstrumentId, number>
  readonly strangers: ReadonlyMap<ClientOrderId, Stranger>
  /** Being closed although it was not ours: until the venue has said twice that it is gone. */
  readonly proving: ReadonlySet<InstrumentId>
  readonly isReconciled: boolean
  /** Since its last change nothing has shown that the reduced time is over; `reduceOnlyUntilMs` says when it is. */
  readonly isReduceOnly: boolean
  readonly reduceOnlyUntilMs: number
  readonly lives: Lives.Lives
  readonly lastFillAtMs: number
}

/** Bounds of what is remembered after it ended: for late fills, resends, the day's count. */
export const endedOrdersMax = 300
export const endedBracketsMax = 30
export const endedAlertsMax = 1_000
export const tradesMax = 2_000

/** An account that restarted too often takes no new risk for this long. */
export const reduceOnlyMs = 600_000

const zero = BigDecimal.make(0n, 0)

export const isTerminal = (status: OrderStatus): boolean =>
  status === "Filled" || status === "Canceled" || status === "Expired" || status === "Rejected" || status === "Withheld"

/** Something of it may still come: it works, nobody knows, or its last fills are under way. */
export const isLive = ({ counted, filled, status }: BookedOrder): boolean => !isTerminal(status) || filled < counted

export const empty: Book = {
  orders: Parted.empty(isLive),
  brackets: new Map(),
  endedBrackets: [],
  alerts: Parted.empty(({ outcome }) => outcome === undefined),
  queue: [],
  traded: new Map(),
  trades: [],
  entriesAtMs: [],
  drift: new Map(),
  strangers: new Map(),
  proving: new Set(),
  isReconciled: false,
  isReduceOnly: false,
  reduceOnlyUntilMs: 0,
  lives: Lives.born,
  lastFillAtMs: 0
}

export const remaining = ({ counted, filled, order, status }: BookedOrder): number =>
  isTerminal(status) ? Math.max(0, counted - filled) : order.lots - filled

export const booked = (order: Order): BookedOrder => ({
  order,
  status: "Intended",
  filled: 0,
  counted: 0,
  cost: zero,
  fees: zero,
  fills: new Set(),
  inferred: { lots: 0, price: zero },
  wasInferred: false,
  attested: undefined,
  venueOrderId: undefined,
  cancelAsked: false,
  isKilled: false,
  modifyAsked: false,
  changeTo: undefined,
  refusals: 0,
  reason: undefined,
  endedAtMs: 0,
  completeAtMs: 0
})

const times = (price: BigDecimal.BigDecimal, lots: number) => BigDecimal.multiply(price, BigDecimal.fromBigInt(BigInt(lots)))

/** Adds a fill; the venue's own takes the place of as much as was inferred before. */
export const addFill = (before: BookedOrder, fill: Fill, isInferred: boolean): BookedOrder => {
  const replaced = isInferred ? 0 : Math.min(before.inferred.lots, fill.lots)
  const filled = before.filled - replaced + fill.lots
  const cost = BigDecimal.sum(BigDecimal.subtract(before.cost, times(before.inferred.price, replaced)), times(fill.price, fill.lots))
  const inferredLots = isInferred ? before.inferred.lots + fill.lots : before.inferred.lots - replaced
  const status = isTerminal(before.status) && before.status !== "Filled"
    ? (filled >= before.order.lots ? "Filled" : before.status)
    : filled >= before.order.lots ? "Filled" : "PartlyFilled"
  return {
    ...before,
    status: before.status === "Unknown" && filled < before.order.lots ? "Unknown" : status,
    filled,
    cost,
    fees: BigDecimal.sum(before.fees, fill.fee),
    fills: new Set(before.fills).add(fill.id),
    inferred: { lots: inferredLots, price: isInferred ? fill.price : before.inferred.price },
    wasInferred: inferredLots > 0,
    attested: isInferred || inferredLots > 0 ? before.attested : undefined
  }
}

export const put = Layered.put
export const without = Layered.without

export const noWork: AlertWork = { orderIds: [], instrumentIds: [], kind: "none", outcome: undefined, cause: undefined, mayRedecide: false }

/** Made of a late fill alone: what it belonged to is forgotten, its stop with it. */
export const isOrphan = ({ plan }: Bracket): boolean => plan.mode === "managed" && plan.stop === undefined

export const withOrder = (book: Book, id: ClientOrderId, change: (order: BookedOrder) => BookedOrder): Book => {
  const order = book.orders.get(id)
  return order === undefined ? book : { ...book, orders: book.orders.put(id, change(order)) }
}

export const withBracket = (book: Book, id: InstrumentId, change: (bracket: Bracket) => Bracket): Book => {
  const bracket = book.brackets.get(id)
  return bracket === undefined ? book : { ...book, brackets: put(book.brackets, id, change(bracket)) }
}

/** Orders of a bracket, oldest first. */
export const ordersOf = (book: Book, bracket: Bracket): ReadonlyArray<BookedOrder> => {
  const orders: Array<BookedOrder> = []
  for (const id of bracket.orderIds) {
    const order = book.orders.get(id)
    if (order !== undefined) orders.push(order)
  }
  return orders
}

const sign = ({ side }: { readonly side: Side }) => (side === "buy" ? 1 : -1)

/** Lots that its own stops, targets and exits have closed so far, and what was closed elsewhere. Not what was joined to it: that was closed before, or late. */
export const closedOf = (book: Book, bracket: Bracket): number => {
  const closes = ({ side }: { readonly side: Side }) => (side === "sell") === bracket.isLong
  let lots = 0
  for (const id of bracket.orderIds.slice(bracket.joined)) {
    const known = book.orders.get(id)
    if (known !== undefined && known.order.leg !== "entry" && closes(known.order)) lots += known.filled
  }
  for (const part of bracket.elsewhere) if (part.isJoined !== true && closes(part)) lots += part.lots
  return lots
}

/** Of a partial close: lots it has still to close. */
export const openOf = (book: Book, bracket: Bracket, { closedBefore }: Closing, lots: number): number =>
  lots - (closedOf(book, bracket) - closedBefore)

/** Signed lots that this bracket's own orders have brought and nobody else has taken. */
export const netOf = (book: Book, bracket: Bracket): number => {
  let net = 0
  for (const { filled, order } of ordersOf(book, bracket)) net += sign(order) * filled
  for (const part of bracket.elsewhere) net += sign(part) * part.lots
  return net
}
