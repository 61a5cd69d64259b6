/** A position and its stop: what must leave now so that it is covered, at the planned price, by no more than it holds. */
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { Lots } from "#schemas/Instrument.ts"
import type * as Book from "./Book.ts"
import * as BookOf from "./Book.ts"
import * as Exposure from "./Exposure.ts"
import type { Facts } from "./Facts.ts"
import * as Intend from "./Intend.ts"

const { CancelIntended, CloseDecided, ModifyIntended, ProtectionAlarm } = JournalEvent.cases

/** From the first evidence of the fill to the confirmed stop, milliseconds; past it the position goes flat. */
export const confirmWithinMs = 2_000
/** A venue that keeps native children gets this long to size them itself. */
export const nativeGraceMs = 1_000
/** A change that the venue refused so often is not asked again. */
export const changesRefusedMax = 3

export const mayChange = (order: Book.BookedOrder, facts: Facts): boolean =>
  facts.powers?.modify === true && Exposure.isWorking(order) && !order.cancelAsked && !order.modifyAsked &&
  order.changesRefused < changesRefusedMax

export const mayCancel = (order: Book.BookedOrder): boolean =>
  !order.cancelAsked && order.changesRefused < changesRefusedMax && (Exposure.isWorking(order) || order.status === "Held")

export const cancel = (order: Book.BookedOrder, why: "closing" | "deadline" | "expired" | "sibling" | "replaced"): JournalEvent =>
  CancelIntended.make({ alertId: order.order.alertId, orderId: order.order.id, why })

const unprotected = (bracket: Book.Bracket, message: string): ReadonlyArray<JournalEvent> => [
  ProtectionAlarm.make({ alertId: bracket.alertId, instrumentId: bracket.instrument.id, message }),
  CloseDecided.make({ alertId: bracket.alertId, instrumentId: bracket.instrument.id, reason: "unprotected" })
]

const resize = (order: Book.BookedOrder, lots: number, bracket: Book.Bracket): ReadonlyArray<JournalEvent> => {
  const price = bracket.plan.stop
  return price === undefined || (order.order.lots === lots && order.order.stop === price) ? [] : [
    ModifyIntended.make({ alertId: order.order.alertId, orderId: order.order.id, lots: Lots.make(lots), stop: price })
  ]
}

/** With a venue that modifies: one stop is stretched or shrunk; what it cannot cover is added beside it. */
const byModify = (book: Book.Book, bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): ReadonlyArray<JournalEvent> => {
  if (x.stops.some(({ modifyAsked }) => modifyAsked)) return []
  const keeper = x.stops.find((order) => mayChange(order, facts))
  if (keeper === undefined) {
    return x.plannedStop < x.held ? [added(book, bracket, facts, x, x.held - x.plannedStop)] : []
  }
  const others = x.plannedStop - BookOf.remaining(keeper)
  const wanted = x.held - others
  if (wanted <= 0) return [cancel(keeper, "sibling")]
  return resize(keeper, wanted + keeper.filled, bracket)
}

/** Without: a new stop first, the old one goes once the new one is confirmed. Never a moment without. */
const byReplacing = (book: Book.Book, bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): ReadonlyArray<JournalEvent> => {
  const good = x.stops.filter(({ cancelAsked, order, status }) => order.stop === bracket.plan.stop && !cancelAsked && status !== "Unknown")
  const goodLots = good.reduce((sum, order) => sum + BookOf.remaining(order), 0)
  const confirmed = good.filter(Exposure.isWorking).reduce((sum, order) => sum + BookOf.remaining(order), 0)
  if (goodLots < x.held) return [added(book, bracket, facts, x, x.held - goodLots)]
  const superfluous = x.stops.find((order) =>
    mayCancel(order) && (good.includes(order) ? confirmed - BookOf.remaining(order) >= x.held : confirmed >= x.held)
  )
  if (superfluous !== undefined) return [cancel(superfluous, "replaced")]
  const isTooLarge = goodLots > x.held && confirmed === goodLots && facts.powers?.reduceOnly !== true
  return isTooLarge ? [added(book, bracket, facts, x, x.held)] : []
}

const added = (book: Book.Book, bracket: Book.Bracket, facts: Facts, x: Exposure.Exposure, lots: number): JournalEvent =>
  Intend.child(book, bracket, facts, {
    leg: "stop",
    lots,
    held: x.held,
    ...(bracket.plan.stop === undefined ? {} : { price: bracket.plan.stop })
  })

export const protect = (book: Book.Book, bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): ReadonlyArray<JournalEvent> => {
  if (bracket.plan.mode === "external" || bracket.plan.stop === undefined) return []
  const missing = x.held - x.confirmedStop
  const exposedForMs = missing > 0 ? facts.nowMs - (facts.exposedSinceMs(bracket.instrument.id) ?? facts.nowMs) : 0
  if (missing > 0 && exposedForMs >= confirmWithinMs) {
    return unprotected(bracket, `no confirmed stop for ${missing} of ${x.held} lots within ${confirmWithinMs} ms of the fill`)
  }
  const refused = x.all.findLast(({ order }) => order.leg === "stop")
  if (refused?.status === "Rejected" && x.plannedStop < x.held) {
    return unprotected(bracket, `the venue refused the stop: ${refused.reason ?? "no reason given"}`)
  }
  // A linked stop that grows with its entry, or went because its target filled, says so a moment later.
  const isVenuesTurn = (x.entries.length > 0 && x.stops.length > 0) || (missing > 0 && exposedForMs < nativeGraceMs)
  if (bracket.plan.mode === "native" && isVenuesTurn) return []
  if ((facts.notBeforeMs(bracket.instrument.id) ?? 0) > facts.nowMs) return []
  return facts.powers?.modify === true ? byModify(book, bracket, x, facts) : byReplacing(book, bracket, x, facts)
}
