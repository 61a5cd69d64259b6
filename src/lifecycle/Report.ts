/** What the venue says of our orders, as events. Repeats, wrong order and half answers change nothing twice. */
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { Lots } from "#schemas/Instrument.ts"
import type { Fill } from "#schemas/Fill.ts"
import type { ClientOrderId } from "#schemas/Ids.ts"
import { manualLane } from "#schemas/Manual.ts"
import type { OrderReport } from "#schemas/Order.ts"
import type { RequestResult, SessionRequest } from "#schemas/SessionRequest.ts"
import type { VenueEvent } from "#schemas/VenueEvent.ts"
import * as Attested from "./Attested.ts"
import * as Book from "./Book.ts"
import * as Elsewhere from "./Elsewhere.ts"
import { evolve } from "./Evolve.ts"

const {
  ChangeRefused, FillReceived, OrderAccepted, OrderCanceled, OrderExpired, OrderModified, OrderRejected, OrderUnknown, OrderWithheld
} = JournalEvent.cases

/** A found order is ours only if side, instrument and quantity agree; a child's quantity follows its parent's fills. */
export const isOurs = ({ order }: Book.BookedOrder, report: OrderReport): boolean =>
  order.side === report.side && order.instrumentId === report.instrumentId

const modifiedBy = (known: Book.BookedOrder, report: OrderReport): ReadonlyArray<JournalEvent> => {
  const { order } = known
  const isSame = order.lots === report.lots && (report.stop === undefined || order.stop === report.stop) &&
    (report.limit === undefined || order.limit === report.limit)
  return isSame || report.lots <= 0 ? [] : [OrderModified.make({
    alertId: order.alertId,
    orderId: order.id,
    lots: Lots.make(report.lots),
    ...(report.stop === undefined ? {} : { stop: report.stop }),
    ...(report.limit === undefined ? {} : { limit: report.limit })
  })]
}

/** Filled, and it was smaller there than our book has it: a change that came too late was accepted all the same. */
const smallerBy = ({ filled, order }: Book.BookedOrder, { lots }: OrderReport): ReadonlyArray<JournalEvent> =>
  lots < order.lots && lots >= filled ? [OrderModified.make({ alertId: order.alertId, orderId: order.id, lots })] : []

/** Ended unfilled at another size than our book has: a change that nobody told of. What fills late is measured by the venue's. */
const endedAt = ({ filled, order: { alertId, id, lots: ours } }: Book.BookedOrder, { filledLots, lots }: OrderReport): ReadonlyArray<JournalEvent> =>
  lots === ours || lots <= Math.max(filled, filledLots) ? [] : [OrderModified.make({ alertId, orderId: id, lots })]

export const ofReport = (book: Book.Book, report: OrderReport, nowMs: number): ReadonlyArray<JournalEvent> => {
  const known = book.orders.get(report.clientOrderId)
  if (known === undefined || !isOurs(known, report)) return []
  const contradiction = Attested.contradiction(known, report)
  if (contradiction !== undefined) {
    const overruled = Attested.overrule(known, contradiction)
    return [overruled, ...ofReport(evolve(book, overruled), report, nowMs)]
  }
  if (Book.isTerminal(known.status)) return []
  const { alertId, id: orderId } = known.order
  switch (report.status) {
    case "Held":
    case "Accepted":
    case "PartlyFilled": {
      const held = report.status === "Held"
      const isNews = held ? known.status === "Intended" || known.status === "Unknown"
        : known.status === "Intended" || known.status === "Unknown" || known.status === "Held"
      return [
        ...(isNews ? [OrderAccepted.make({ alertId, orderId, venueOrderId: report.venueOrderId, held })] : []),
        ...(held ? [] : modifiedBy(known, report))
      ]
    }
    case "Rejected":
      return [OrderRejected.make({ alertId, orderId, reason: report.reason ?? "the venue gave no reason" })]
    case "Canceled":
      return [...endedAt(known, report), OrderCanceled.make({ alertId, orderId, filledLots: report.filledLots, atMs: nowMs })]
    case "Expired":
      return [...endedAt(known, report), OrderExpired.make({ alertId, orderId, filledLots: report.filledLots })]
    case "Filled":
      return smallerBy(known, report) // its fills say so, one by one
  }
}

export const ofFill = (book: Book.Book, fill: Fill, evidence: "event" | "query", nowMs: number): ReadonlyArray<JournalEvent> => {
  const known = fill.clientOrderId === undefined ? undefined : book.orders.get(fill.clientOrderId)
  if (known === undefined || known.order.side !== fill.side || known.fills.has(fill.id)) return []
  return Elsewhere.withExplained(book, FillReceived.make({ alertId: known.order.alertId, orderId: known.order.id, fill, evidence, seenAtMs: nowMs }))
}

const ofEvent = (book: Book.Book, event: VenueEvent, nowMs: number): ReadonlyArray<JournalEvent> => {
  switch (event._tag) {
    case "OrderChanged":
      return ofReport(book, event.report, nowMs)
    case "Filled":
      return ofFill(book, event.fill, "event", nowMs)
    case "PositionChanged":
      return [] // positions are judged as a whole, against a whole picture: `Reconcile`
  }
}

/** Each is judged on what the ones before it left. */
export const ofEvents = (book: Book.Book, events: ReadonlyArray<VenueEvent>, nowMs: number): ReadonlyArray<JournalEvent> => {
  const all: Array<JournalEvent> = []
  let now = book
  for (const event of events) {
    const news = ofEvent(now, event, nowMs)
    all.push(...news)
    now = news.reduce(evolve, now)
  }
  return all
}

/** Fills are missing, or it is over there and something of it lives on here. */
const isShort = (known: Book.BookedOrder | undefined, { filledLots, status }: OrderReport): boolean =>
  known !== undefined && (known.filled < filledLots || (status === "Filled" && !Book.isTerminal(known.status)))

/** After its own news: does the venue hint at a fill that has not come? Then a picture is due, not in its turn but now. */
export const isOwed = (book: Book.Book, event: VenueEvent): boolean => {
  switch (event._tag) {
    case "OrderChanged":
      return isShort(book.orders.get(event.report.clientOrderId), event.report)
    case "PositionChanged": {
      const { instrumentId, net } = event.position
      const bracket = book.brackets.get(instrumentId)
      return net !== (bracket === undefined ? 0 : Book.netOf(book, bracket)) + (book.drift.get(instrumentId) ?? 0)
    }
    case "Filled":
      return false
  }
}

/** An entry that surely never left may be decided anew; a ticket may not: a person is watching. */
export const mayRedecide = ({ order }: Book.BookedOrder): boolean => order.leg === "entry" && order.lane !== manualLane

const submitted = (book: Book.Book, id: ClientOrderId, result: RequestResult): ReadonlyArray<JournalEvent> => {
  const known = book.orders.get(id)
  if (known === undefined || (known.status !== "Intended" && known.status !== "Unknown")) return []
  const { alertId } = known.order
  switch (result._tag) {
    case "Accepted":
      return result.venueOrderId === undefined ? [] : [
        OrderAccepted.make({ alertId, orderId: id, venueOrderId: result.venueOrderId, held: false })
      ]
    case "Refused":
      return [OrderRejected.make({ alertId, orderId: id, reason: result.reason })]
    case "Withheld":
      return [OrderWithheld.make({ alertId, orderId: id, reason: result.reason, retry: result.retry && mayRedecide(known) })]
    case "Unknown":
      return known.status === "Unknown" ? [] : [OrderUnknown.make({ alertId, orderId: id, cause: result.cause })]
  }
}

/** Accepted with its parent: the venue's own report says when it works. */
const childrenOf = (book: Book.Book, request: Extract<SessionRequest, { readonly _tag: "SubmitBracket" }>, result: RequestResult) => {
  const { stop, target } = request.bracket
  const children = [stop, target].flatMap((child) => child === undefined ? [] : [child.id])
  if (result._tag !== "Accepted") return children.flatMap((id) => submitted(book, id, result))
  return children.flatMap((id) => {
    const known = book.orders.get(id)
    return (known?.status !== "Intended" && known?.status !== "Unknown") || result.venueOrderId === undefined ? [] : [
      OrderAccepted.make({ alertId: known.order.alertId, orderId: id, venueOrderId: result.venueOrderId, held: true })
    ]
  })
}

const changed = (book: Book.Book, id: ClientOrderId, result: RequestResult, accepted: () => ReadonlyArray<JournalEvent>) => {
  const known = book.orders.get(id)
  if (known === undefined || Book.isTerminal(known.status)) return []
  const refused = (reason: string) => [ChangeRefused.make({ alertId: known.order.alertId, orderId: id, reason })]
  switch (result._tag) {
    case "Accepted":
      return accepted()
    case "Refused":
      return refused(result.reason)
    case "Withheld":
      return refused(result.reason.message)
    case "Unknown":
      return refused(`no answer: ${result.cause}`) // asking again is harmless: it is the same order
  }
}

/** Its event was faster than its answer. */
const isAlready = ({ modifyAsked, order }: Book.BookedOrder, { limit, lots, stop }: Extract<SessionRequest, { readonly _tag: "Modify" }>): boolean =>
  !modifyAsked && order.lots === lots && (stop ?? order.stop) === order.stop && (limit ?? order.limit) === order.limit

/** The fate of what was asked. A cancel's acceptance is not its end: the venue's event is. */
export const ofAnswer = (book: Book.Book, request: SessionRequest, result: RequestResult): ReadonlyArray<JournalEvent> => {
  switch (request._tag) {
    case "Submit":
      return submitted(book, request.order.id, result)
    case "SubmitBracket":
      return [...submitted(book, request.bracket.entry.id, result), ...childrenOf(book, request, result)]
    case "Cancel":
      return changed(book, request.orderId, result, () => [])
    case "Modify":
      return changed(book, request.orderId, result, () => {
        const known = book.orders.get(request.orderId)
        return known === undefined || isAlready(known, request) ? [] : [OrderModified.make({
          alertId: known.order.alertId,
          orderId: request.orderId,
          lots: request.lots,
          ...(request.stop === undefined ? {} : { stop: request.stop }),
          ...(request.limit === undefined ? {} : { limit: request.limit })
        })]
      })
    case "Snapshot":
      return []
  }
}
