/** A position and its stop: what must leave now so that it is covered, at the planned price, by no more than it holds. */
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { Lots } from "#schemas/Instrument.ts"
import * as Units from "#src/orders/Units.ts"
import type * as Book from "./Book.ts"
import * as BookOf from "./Book.ts"
import * as Doubt from "./Doubt.ts"
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
  order.refusals < changesRefusedMax

export const mayCancel = (order: Book.BookedOrder): boolean =>
  !order.cancelAsked && order.refusals < changesRefusedMax && (Exposure.isWorking(order) || order.status === "Held")

export const cancel = (order: Book.BookedOrder, why: "closing" | "deadline" | "expired" | "sibling" | "replaced" | "leaving" | "killed"): JournalEvent =>
  CancelIntended.make({ alertId: order.order.alertId, orderId: order.order.id, why })

export const orphaned = (bracket: Book.Bracket): JournalEvent => ProtectionAlarm.make({
  alertId: bracket.alertId,
  instrumentId: bracket.instrument.id,
  message: "a fill came so late that its position and protection are no longer known: it is closed"
})

const unprotected = (bracket: Book.Bracket, message: string): ReadonlyArray<JournalEvent> => [
  ProtectionAlarm.make({ alertId: bracket.alertId, instrumentId: bracket.instrument.id, message }),
  CloseDecided.make({ alertId: bracket.alertId, instrumentId: bracket.instrument.id, reason: "unprotected" })
]

/** With a venue that modifies: stops are moved, stretched or shrunk; what they cannot cover is added beside them. */
const byModify = (book: Book.Book, bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): ReadonlyArray<JournalEvent> => {
  if (x.stops.some(({ modifyAsked }) => modifyAsked)) return []
  const planned = x.stops.filter(({ cancelAsked, status }) => !cancelAsked && status !== "Unknown")
  const changeable = planned.filter((order) => mayChange(order, facts))
  const surplus = x.plannedStop - x.held
  if (surplus > 0 && !planned.every(Exposure.isWorking)) return [] // nothing gives way to a stop that is not there yet
  const keeper = changeable.find(({ order }) => order.stop !== bracket.plan.stop) ?? (surplus === 0 ? undefined : changeable[0])
  if (keeper === undefined) return surplus < 0 ? [added(book, bracket, facts, x, -surplus)] : []
  const wanted = BookOf.remaining(keeper) - surplus
  const { stop } = bracket.plan
  return wanted <= 0 ? [cancel(keeper, "sibling")] : [ModifyIntended.make({
    alertId: keeper.order.alertId,
    orderId: keeper.order.id,
    lots: Lots.make(wanted + keeper.filled),
    ...(stop === undefined ? {} : { stop })
  })]
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

/** How long, milliseconds, a position has lacked its confirmed stop. */
export const exposedFor = (bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): number =>
  x.held > x.confirmedStop ? facts.nowMs - (facts.exposedSinceMs(bracket.instrument.id) ?? facts.nowMs) : 0

export const protect = (book: Book.Book, bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): ReadonlyArray<JournalEvent> => {
  if (BookOf.isOrphan(bracket)) {
    return [orphaned(bracket), CloseDecided.make({ alertId: bracket.alertId, instrumentId: bracket.instrument.id, reason: "unprotected" })]
  }
  if (bracket.plan.mode === "external" || bracket.plan.stop === undefined) return []
  const missing = x.held - x.confirmedStop
  const exposedForMs = exposedFor(bracket, x, facts)
  const isDoubted = Doubt.isOpen(bracket, x, facts)
  if (missing > 0 && exposedForMs >= confirmWithinMs) {
    return isDoubted ? [] : unprotected(bracket, `no confirmed stop for ${missing} of ${Units.lotsText(x.held)} within ${confirmWithinMs} ms of the fill`)
  }
  const refused = x.all.findLast(({ order }) => order.leg === "stop")
  if (refused?.status === "Rejected" && refused.refusals > 0 && x.plannedStop < x.held) {
    return isDoubted ? [] : unprotected(bracket, `the venue refused the stop: ${refused.reason ?? "no reason given"}`)
  }
  // A linked stop that grows with its entry, or went because its target filled, says so a moment later.
  const isVenuesTurn = (x.entries.length > 0 && x.stops.length > 0) || (missing > 0 && exposedForMs < nativeGraceMs)
  if (bracket.plan.mode === "native" && isVenuesTurn) return []
  if ((facts.notBeforeMs(bracket.instrument.id) ?? 0) > facts.nowMs) return []
  return facts.powers?.modify === true ? byModify(book, bracket, x, facts) : byReplacing(book, bracket, x, facts)
}
