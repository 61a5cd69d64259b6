/** Our book beside the venue's own picture: over what we believe as well as over what the venue returns. */
import { BigDecimal } from "effect"
import { type ClientOrderId, FillId, type InstrumentId, VenueOrderId } from "#schemas/Ids.ts"
import { Lots, NetLots } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"
import * as Units from "#src/orders/Units.ts"
import * as Attested from "./Attested.ts"
import * as Book from "./Book.ts"
import { evolve } from "./Evolve.ts"
import * as Exposure from "./Exposure.ts"
import type { Facts } from "./Facts.ts"
import { changesRefusedMax, mayCancel } from "./Protect.ts"
import * as Report from "./Report.ts"

const {
  AccountReconciled, AccountRecovering, CancelIntended, ChangeRefused, DriftFound, FillReceived, OrderAccepted, OrderCanceled,
  OrderUnknown, OrderWithheld
} = JournalEvent.cases

/**
 * What one picture shows and a second must show again before it counts: per instrument a difference of position, per order since
 * when it has been gone, or been there although its cancel was asked for.
 */
export type Suspicions = ReadonlyMap<InstrumentId | ClientOrderId, number>

/** A cancel that the venue accepted shows within this time, milliseconds; one that does not is asked for again. */
const cancelWithinMs = 2_000

export interface Reconciled {
  readonly events: ReadonlyArray<JournalEvent>
  readonly suspicions: Suspicions
}

/** Orders whose fate the venue is asked for one by one. */
export const openOrders = (book: Book.Book): ReadonlyArray<Book.BookedOrder> => [...book.orders.live.values()]

/** What a picture asks for: these, and what only a person's word has settled. */
export const askedOrders = (book: Book.Book): ReadonlyArray<Book.BookedOrder> =>
  [...book.orders.values()].filter((order) => Book.isLive(order) || order.attested === "executed")

/** Something whose fate only the venue can tell: it is asked again soon. */
export const isUncertain = (book: Book.Book): boolean =>
  openOrders(book).some(({ status }) => status === "Unknown" || Book.isTerminal(status))

/** A new life or connection: what may have left without an answer is Unknown until the venue has spoken. */
export const recover = (book: Book.Book, nowMs: number): ReadonlyArray<JournalEvent> => [
  AccountRecovering.make({ atMs: nowMs }),
  ...openOrders(book).filter(({ status }) => status === "Intended").map(({ order }) =>
    OrderUnknown.make({ alertId: order.alertId, orderId: order.id, cause: "no answer before the connection or the process ended" })
  )
]

const netOf = (book: Book.Book, id: InstrumentId): number => {
  const bracket = book.brackets.get(id)
  return bracket === undefined ? 0 : Book.netOf(book, bracket)
}

const inferred = (known: Book.BookedOrder, lots: number, price: BigDecimal.BigDecimal, nowMs: number): JournalEvent =>
  FillReceived.make({
    alertId: known.order.alertId,
    orderId: known.order.id,
    fill: {
      id: FillId.make(`inferred-${known.order.id}-${known.filled + lots}`),
      clientOrderId: known.order.id,
      venueOrderId: known.venueOrderId ?? VenueOrderId.make("unknown"),
      instrumentId: known.order.instrumentId,
      side: known.order.side,
      lots: Lots.make(lots),
      price,
      fee: BigDecimal.make(0n, 0),
      atMs: nowMs
    },
    evidence: "inferred",
    seenAtMs: nowMs
  })

/** The best word on what an unreported fill cost: the order's own price, else the market, else the plan's stop. */
const priceOf = (book: Book.Book, known: Book.BookedOrder, facts: Facts): BigDecimal.BigDecimal | undefined => {
  const bracket = book.brackets.get(known.order.instrumentId)
  const quote = facts.quote(known.order.instrumentId)
  const ticks = known.order.limit ?? known.order.stop ?? quote?.last ?? bracket?.plan.stop
  return bracket === undefined || ticks === undefined ? undefined : Units.priceOf(bracket.instrument, ticks)
}

/** The venue counts more of an order as filled than its fills explain. */
const uncounted = (book: Book.Book, snapshot: AccountSnapshot, facts: Facts): ReadonlyArray<JournalEvent> =>
  snapshot.orders.flatMap((report) => {
    const known = book.orders.get(report.clientOrderId)
    if (known === undefined || report.filledLots <= known.filled) return []
    const price = priceOf(book, known, facts)
    return price === undefined ? [] : [inferred(known, report.filledLots - known.filled, price, facts.nowMs)]
  })

/** Still there although the venue refused to change it so often: it may be asked once more, or a close would wait for ever. */
const stubborn = (book: Book.Book, snapshot: AccountSnapshot): ReadonlyArray<JournalEvent> =>
  snapshot.orders.flatMap(({ clientOrderId, status, venueOrderId }) => {
    const known = book.orders.get(clientOrderId)
    const isWorking = status === "Accepted" || status === "PartlyFilled"
    return known === undefined || !isWorking || !Exposure.isWorking(known) || known.refusals < changesRefusedMax ? [] : [
      OrderAccepted.make({ alertId: known.order.alertId, orderId: clientOrderId, venueOrderId, held: false })
    ]
  })

/** Still there although its cancel was accepted: the venue did nothing, so it is asked anew. */
const uncancelled = (book: Book.Book, snapshot: AccountSnapshot, before: Suspicions): Reconciled => {
  const suspicions = new Map<ClientOrderId, number>()
  const events = snapshot.orders.flatMap(({ clientOrderId: orderId, status }) => {
    const known = book.orders.get(orderId)
    const isThere = status === "Held" || status === "Accepted" || status === "PartlyFilled"
    if (known === undefined || !isThere || !known.cancelAsked) return []
    const sinceMs = before.get(orderId)
    if (sinceMs !== undefined && snapshot.atMs - sinceMs >= cancelWithinMs) {
      return [ChangeRefused.make({ alertId: known.order.alertId, orderId, reason: "the venue accepted the cancel and did nothing" })]
    }
    suspicions.set(orderId, sinceMs ?? snapshot.atMs)
    return []
  })
  return { events, suspicions }
}

/** An alert waits for a cancel that was refused or got lost, and the order is still there: asked once more with each picture. */
const unanswered = (book: Book.Book, snapshot: AccountSnapshot): ReadonlyArray<JournalEvent> => {
  const asking = [...book.alerts.live].filter(([, { kind }]) => kind === "cancel")
  return snapshot.orders.flatMap(({ clientOrderId: orderId }) => {
    const known = book.orders.get(orderId)
    const alertId = asking.find(([, { orderIds }]) => orderIds.includes(orderId))?.[0]
    return known === undefined || alertId === undefined || !mayCancel(known) ? [] : [CancelIntended.make({ alertId, orderId, why: "alert" })]
  })
}

const agrees = (book: Book.Book, snapshot: AccountSnapshot, id: InstrumentId): boolean => {
  const theirs = snapshot.positions.find(({ instrumentId }) => instrumentId === id)?.net ?? 0
  return theirs - netOf(book, id) === (book.drift.get(id) ?? 0)
}

const vanished = (book: Book.Book, snapshot: AccountSnapshot, before: Suspicions): Reconciled => {
  const suspicions = new Map<ClientOrderId, number>()
  const events = snapshot.notFound.flatMap((id): ReadonlyArray<JournalEvent> => {
    const known = book.orders.get(id)
    if (known === undefined) return []
    const { alertId, instrumentId } = known.order
    const neverArrived = (retry: boolean) => OrderWithheld.make({
      alertId,
      orderId: id,
      reason: { rule: "NeverArrived", message: "the venue proves that it never saw this order", facts: {} },
      retry
    })
    if (snapshot.lookupIsProof && Attested.mayBeDisproven(known)) {
      return [Attested.overrule(known, "the venue proves that it never saw this order"), neverArrived(false)]
    }
    if (Book.isTerminal(known.status)) return []
    const neverSeen = known.status === "Unknown" && known.filled === 0 && known.venueOrderId === undefined
    if (snapshot.lookupIsProof && neverSeen) return [neverArrived(Report.mayRedecide(known))]
    const isForgotten = snapshot.lookupIsProof && known.venueOrderId !== undefined && agrees(book, snapshot, instrumentId)
    if (isForgotten && known.status === "Unknown" && before.has(id)) {
      return [OrderCanceled.make({ alertId, orderId: id, filledLots: known.filled, atMs: snapshot.atMs })]
    }
    if (isForgotten) suspicions.set(id, snapshot.atMs)
    return known.status === "Unknown" ? [] : [OrderUnknown.make({ alertId, orderId: id, cause: "the venue does not find it" })]
  })
  return { events, suspicions }
}

/** One order that alone explains a difference of position. */
const explaining = (book: Book.Book, id: InstrumentId, difference: number): Book.BookedOrder | undefined => {
  const side = difference > 0 ? "buy" : "sell"
  const candidates = openOrders(book).filter((known) =>
    known.order.instrumentId === id && known.order.side === side && known.status !== "Held" && Book.remaining(known) >= Math.abs(difference)
  )
  return candidates.length === 1 ? candidates[0] : undefined
}

const positions = (book: Book.Book, snapshot: AccountSnapshot, before: Suspicions, facts: Facts): Reconciled => {
  const venue = new Map(snapshot.positions.map(({ instrumentId, net }) => [instrumentId, net as number]))
  const ids = new Set([...venue.keys(), ...book.brackets.keys(), ...book.drift.keys()])
  const events: Array<JournalEvent> = []
  const suspicions = new Map<InstrumentId, number>()
  for (const id of ids) {
    const ours = netOf(book, id)
    const theirs = venue.get(id) ?? 0
    const difference = theirs - ours
    if (difference === (book.drift.get(id) ?? 0)) continue
    if (before.get(id) !== difference) {
      suspicions.set(id, difference)
      continue
    }
    const unexplained = difference - (book.drift.get(id) ?? 0)
    const attested = Attested.behind(book, snapshot, id, unexplained)
    if (attested !== undefined) {
      events.push(
        Attested.overrule(attested, "the venue's position does not have it"),
        OrderCanceled.make({ alertId: attested.order.alertId, orderId: attested.order.id, atMs: snapshot.atMs })
      )
      continue
    }
    const known = difference === 0 ? undefined : explaining(book, id, unexplained)
    const price = known === undefined ? undefined : priceOf(book, known, facts)
    events.push(
      known !== undefined && price !== undefined
        ? inferred(known, Math.abs(unexplained), price, facts.nowMs)
        : DriftFound.make({
          instrumentId: id,
          ours: NetLots.make(ours),
          venue: NetLots.make(theirs),
          note: difference === 0 ? "agreed again" : "no order of ours explains the difference"
        })
    )
  }
  return { events, suspicions }
}

/** Settles by evidence all that can be settled. While a difference is only suspected the account stays as it was: ask again. */
export const reconcile = (book: Book.Book, snapshot: AccountSnapshot, before: Suspicions, facts: Facts): Reconciled => {
  const events: Array<JournalEvent> = []
  let now = book
  const fold = (news: ReadonlyArray<JournalEvent>) => {
    events.push(...news)
    now = news.reduce(evolve, now)
  }
  for (const fill of snapshot.fills) fold(Report.ofFill(now, fill, "query", facts.nowMs))
  fold(uncounted(now, snapshot, facts))
  for (const report of snapshot.orders) fold(Report.ofReport(now, report, facts.nowMs))
  fold(stubborn(now, snapshot))
  const staying = uncancelled(now, snapshot, before)
  fold(staying.events)
  fold(unanswered(now, snapshot))
  const gone = vanished(now, snapshot, before)
  fold(gone.events)
  const judged = positions(now, snapshot, before, facts)
  fold(judged.events)
  if (!now.isReconciled && judged.suspicions.size === 0) {
    const unknown = openOrders(now).filter(({ status }) => status === "Unknown").length
    fold([AccountReconciled.make({ atMs: facts.nowMs, unknown })])
  }
  return { events, suspicions: new Map([...judged.suspicions, ...staying.suspicions, ...gone.suspicions]) }
}
