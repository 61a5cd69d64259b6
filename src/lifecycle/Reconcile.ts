/** Our book beside the venue's own picture: over what we believe as well as over what the venue returns. */
import { BigDecimal } from "effect"
import { type ClientOrderId, FillId, type InstrumentId, VenueOrderId } from "#schemas/Ids.ts"
import { Lots, NetLots } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"
import * as Units from "#src/orders/Units.ts"
import * as Attested from "./Attested.ts"
import * as Book from "./Book.ts"
import * as Elsewhere from "./Elsewhere.ts"
import { evolve } from "./Evolve.ts"
import * as Exposure from "./Exposure.ts"
import type { Facts } from "./Facts.ts"
import * as Foreign from "./Foreign.ts"
import * as Missing from "./Missing.ts"
import { foreignFills, netOf, theirsOf } from "./Picture.ts"
import { changesRefusedMax, mayCancel } from "./Protect.ts"
import * as Report from "./Report.ts"
import * as Strangers from "./Strangers.ts"

const {
  AccountReconciled, AccountRecovering, CancelIntended, ChangeRefused, DriftEnded, DriftFound, FillReceived, OrderAccepted, OrderCanceled,
  OrderUnknown, OrderWithheld
} = JournalEvent.cases

/** What one picture shows and a second must show again before it counts. */
export interface Suspicions {
  /** A difference of position. */
  readonly positions: ReadonlyMap<InstrumentId, Missing.Suspicion>
  /** Since when an order has been gone, or been there although its cancel was asked for or it is over. */
  readonly orders: ReadonlyMap<ClientOrderId, number>
  /** What is not ours and is to be taken over or closed. */
  readonly foreign: Foreign.Waits
}

export const noSuspicions: Suspicions = { positions: new Map(), orders: new Map(), foreign: Foreign.noWaits }

/** The wall clock was stepped. */
export const shifted = ({ foreign, orders, positions: all }: Suspicions, byMs: number): Suspicions => ({
  positions: new Map([...all].map(([id, one]) => [id, { ...one, sinceMs: one.sinceMs === undefined ? undefined : one.sinceMs + byMs }])),
  orders: new Map([...orders].map(([id, sinceMs]) => [id, sinceMs + byMs])),
  foreign: Foreign.shifted(foreign, byMs)
})

/** The venue proved that it never saw the order. */
export const neverArrivedRule = "NeverArrived"

/** A cancel that the venue accepted shows within this time, milliseconds; one that does not is asked for again. */
const cancelWithinMs = 2_000

export interface Reconciled {
  readonly events: ReadonlyArray<JournalEvent>
  readonly suspicions: Suspicions
}

interface OfOrders {
  readonly events: ReadonlyArray<JournalEvent>
  readonly suspicions: ReadonlyMap<ClientOrderId, number>
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

const inferred = (known: Book.BookedOrder, lots: number, price: BigDecimal.BigDecimal, nowMs: number) =>
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
    if (known === undefined || report.filledLots <= known.filled || !Report.isOurs(known, report)) return []
    const price = priceOf(book, known, facts)
    if (price === undefined) return []
    return Elsewhere.withExplained(book, inferred(known, report.filledLots - known.filled, price, facts.nowMs), theirsOf(snapshot, known.order.instrumentId))
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
const uncancelled = (book: Book.Book, snapshot: AccountSnapshot, { orders: before }: Suspicions): OfOrders => {
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

/** Over by all we know, and at work at the venue, where it would open a position: it is called back. */
const undead = (book: Book.Book, snapshot: AccountSnapshot, { orders: before }: Suspicions): OfOrders => {
  const suspicions = new Map<ClientOrderId, number>()
  const events = snapshot.orders.flatMap(({ clientOrderId: orderId, instrumentId, side, status }) => {
    const known = book.orders.get(orderId)
    const isWorking = status === "Accepted" || status === "PartlyFilled"
    const reduces = side === "sell" ? theirsOf(snapshot, instrumentId) > 0 : theirsOf(snapshot, instrumentId) < 0
    if (known === undefined || !isWorking || reduces || !Book.isTerminal(known.status) || known.attested !== undefined) return []
    if (known.cancelAsked || known.refusals >= changesRefusedMax) return []
    const sinceMs = before.get(orderId)
    if (sinceMs !== undefined && snapshot.atMs - sinceMs >= cancelWithinMs) {
      return [CancelIntended.make({ alertId: known.order.alertId, orderId, why: "sibling" })]
    }
    suspicions.set(orderId, sinceMs ?? snapshot.atMs)
    return []
  })
  return { events, suspicions }
}

const agrees = (book: Book.Book, snapshot: AccountSnapshot, id: InstrumentId): boolean =>
  theirsOf(snapshot, id) - netOf(book, id) === (book.drift.get(id) ?? 0)

const vanished = (book: Book.Book, snapshot: AccountSnapshot, { orders: before }: Suspicions): OfOrders => {
  const suspicions = new Map<ClientOrderId, number>()
  const events = snapshot.notFound.flatMap((id): ReadonlyArray<JournalEvent> => {
    const known = book.orders.get(id)
    if (known === undefined) return []
    const { alertId, instrumentId } = known.order
    const withheld = (retry: boolean) => OrderWithheld.make({
      alertId,
      orderId: id,
      reason: { rule: neverArrivedRule, message: "the venue proves that it never saw this order", facts: {} },
      retry
    })
    if (snapshot.lookupIsProof && Attested.mayBeDisproven(known)) {
      return [Attested.overrule(known, "the venue proves that it never saw this order"), withheld(false)]
    }
    if (Book.isTerminal(known.status)) return []
    const neverSeen = known.status === "Unknown" && known.filled === 0 && known.venueOrderId === undefined
    if (snapshot.lookupIsProof && neverSeen) return [withheld(Report.mayRedecide(known))]
    const isForgotten = snapshot.lookupIsProof && known.venueOrderId !== undefined && agrees(book, snapshot, instrumentId)
    if (isForgotten && known.status === "Unknown" && before.has(id)) {
      return [OrderCanceled.make({ alertId, orderId: id, atMs: snapshot.atMs })]
    }
    if (isForgotten) suspicions.set(id, snapshot.atMs)
    return known.status === "Unknown" ? [] : [OrderUnknown.make({ alertId, orderId: id, cause: "the venue does not find it" })]
  })
  return { events, suspicions }
}

/** The same picture shows it at work with no more filled than the book has, and somebody else's newest fills that make up the difference. */
const isNotItsDoing = (book: Book.Book, { filled, order: { id, instrumentId } }: Book.BookedOrder, { fills, orders }: AccountSnapshot, difference: number): boolean => {
  const rests = orders.some(({ clientOrderId, filledLots, status }) =>
    clientOrderId === id && filledLots <= filled && (status === "Accepted" || status === "PartlyFilled"))
  let net = 0
  return rests && foreignFills(book, instrumentId, fills).toReversed().some(({ lots, side }) => {
    net += side === "buy" ? lots : -lots
    return net === difference
  })
}

/** One order that alone explains a difference of position. */
const explaining = (orders: ReadonlyArray<Book.BookedOrder>, id: InstrumentId, difference: number): Book.BookedOrder | undefined => {
  const side = difference > 0 ? "buy" : "sell"
  const candidates = orders.filter((known) =>
    known.order.instrumentId === id && known.order.side === side && known.status !== "Held" && Book.remaining(known) >= Math.abs(difference)
  )
  return candidates.length === 1 ? candidates[0] : undefined
}

const inferredOf = (book: Book.Book, known: Book.BookedOrder | undefined, lots: number, facts: Facts): JournalEvent | undefined => {
  const price = known === undefined ? undefined : priceOf(book, known, facts)
  return known === undefined || price === undefined ? undefined : inferred(known, lots, price, facts.nowMs)
}

/** A position of ours that the venue holds less of. Undefined: it cannot be told yet. */
const lessThere = (seen: Missing.Seen, id: InstrumentId, unexplained: number, facts: Facts): ReadonlyArray<JournalEvent> | undefined => {
  const { book, bracket, lots, snapshot } = seen
  const proven = Missing.proof(seen)
  const rivals = Missing.rivals(seen)
  const isNews = unexplained !== 0 // else two pictures have shown it before: what was somebody else's then is held against ours now
  if (proven === undefined) {
    if (Missing.isInFlight(seen)) return undefined
    const known = isNews ? explaining(rivals, id, unexplained) : undefined
    if (known !== undefined && Missing.mayComeBack(seen, known)) return undefined
    const fill = inferredOf(book, known, Math.abs(unexplained), facts)
    if (fill !== undefined) return [fill]
  }
  const theirs = theirsOf(snapshot, id)
  const shown = isNews ? [drifted(book, id, theirs, `no order of ours explains that ${Units.lotsText(lots)} of ours ${lots === 1 ? "is" : "are"} gone`)] : []
  const isOtherSide = theirs !== 0 && theirs > 0 !== bracket.isLong
  if (!Missing.isBelieved(seen, proven !== undefined || !isNews, rivals.length > 0)) return undefined
  const closed = Missing.closedElsewhere(seen, proven, facts)
  return [...shown, closed, ...isOtherSide ? [drifted(evolve(book, closed), id, theirs, "what is left is not ours")] : []]
}

const drifted = (book: Book.Book, id: InstrumentId, theirs: number, note: string): JournalEvent =>
  DriftFound.make({ instrumentId: id, ours: NetLots.make(netOf(book, id)), venue: NetLots.make(theirs), note })

interface Look {
  readonly snapshot: AccountSnapshot
  readonly askedMs: number
  readonly before: Suspicions
  readonly facts: Facts
}

/** What a second picture that shows the same settles. Undefined: nothing yet. */
const judged = (book: Book.Book, id: InstrumentId, suspected: Missing.Suspicion, { askedMs, facts, snapshot }: Look): ReadonlyArray<JournalEvent> | undefined => {
  const theirs = theirsOf(snapshot, id)
  const difference = theirs - netOf(book, id)
  const unexplained = difference - (book.drift.get(id) ?? 0)
  const attested = unexplained === 0 ? undefined : Attested.behind(book, snapshot, id, unexplained)
  if (attested !== undefined) {
    return [
      Attested.overrule(attested, "the venue's position does not have it"),
      OrderCanceled.make({ alertId: attested.order.alertId, orderId: attested.order.id, atMs: snapshot.atMs })
    ]
  }
  const bracket = book.brackets.get(id)
  const lots = Missing.lotsOf(book, bracket, theirs)
  if (bracket !== undefined && lots > 0) return lessThere({ book, bracket, snapshot, askedMs, suspected, lots }, id, unexplained, facts)
  // What the picture shows at work has closed nothing; an entry's fill may be ahead of it there.
  const closers = bracket === undefined ? [] : Missing.rivals({ book, bracket, snapshot })
  const candidates = openOrders(book).filter((order) => order.order.leg === "entry" ? !isNotItsDoing(book, order, snapshot, unexplained) : closers.includes(order))
  const known = difference === 0 ? undefined : explaining(candidates, id, unexplained)
  const fill = inferredOf(book, known, Math.abs(unexplained), facts)
  if (fill !== undefined) return [fill]
  return [difference === 0
    ? DriftEnded.make({ instrumentId: id, net: NetLots.make(theirs), note: "the venue holds what our book says" })
    : drifted(book, id, theirs, "no order of ours explains the difference")]
}

const positions = (book: Book.Book, look: Look) => {
  const { askedMs, before, snapshot } = look
  const ids = new Set([...snapshot.positions.map(({ instrumentId }) => instrumentId), ...book.brackets.keys(), ...book.drift.keys()])
  const events: Array<JournalEvent> = []
  const suspicions = new Map<InstrumentId, Missing.Suspicion>()
  for (const id of ids) {
    const ours = netOf(book, id)
    const theirs = theirsOf(snapshot, id)
    const difference = theirs - ours
    const bracket = book.brackets.get(id)
    const isLess = Missing.lotsOf(book, bracket, theirs) > 0
    if (difference === (book.drift.get(id) ?? 0) && !isLess) continue
    const earlier = before.positions.get(id)
    const isAgain = earlier?.difference === difference && earlier.ours === ours
    const isAfterFills = isAgain || askedMs > (bracket?.lastFillAtMs ?? 0)
    const suspected: Missing.Suspicion = { difference, ours, isLess, sinceMs: (isAgain ? earlier.sinceMs : undefined) ?? (isAfterFills ? askedMs : undefined) }
    const news = isAgain ? judged(book, id, suspected, look) : undefined
    if (news === undefined) suspicions.set(id, suspected)
    else events.push(...news)
  }
  return { events, suspicions }
}

/**
 * Settles by evidence all that can be settled. While a difference is only suspected the account stays as it was: ask again. `askedMs`: when
 * the picture was asked for.
 */
export const reconcile = (book: Book.Book, snapshot: AccountSnapshot, before: Suspicions, facts: Facts, askedMs = snapshot.atMs): Reconciled => {
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
  const ofOrders = [uncancelled, vanished, undead].flatMap((look) => {
    const { events: news, suspicions } = look(now, snapshot, before)
    fold(news)
    return [...suspicions]
  })
  fold(unanswered(now, snapshot))
  const strangers = Strangers.look(now, { snapshot, before: before.orders, facts })
  fold(strangers.events)
  const seen = positions(now, { snapshot, askedMs, before, facts })
  fold(seen.events)
  if (!now.isReconciled && seen.suspicions.size === 0) {
    const unknown = openOrders(now).filter(({ status }) => status === "Unknown").length
    fold([AccountReconciled.make({ atMs: facts.nowMs, unknown })])
  }
  const foreign = Foreign.look(now, { snapshot, askedMs, before: before.foreign, facts })
  fold(foreign.events)
  return { events, suspicions: { positions: seen.suspicions, orders: new Map([...ofOrders, ...strangers.suspicions]), foreign: foreign.waits } }
}
