/**
 * What one bracket needs next, judged by its state alone: the same whether a fill just came, a deadline passed or the house just
 * started. Returns one step; the caller folds it and asks again until nothing is left to do.
 */
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { Lots, type Ticks } from "#schemas/Instrument.ts"
import type { Quote } from "#schemas/Quote.ts"
import type { ProtectionPlan } from "#schemas/events/AccountEvent.ts"
import * as Hours from "#src/symbols/Hours.ts"
import * as Book from "./Book.ts"
import * as Doubt from "./Doubt.ts"
import * as Exposure from "./Exposure.ts"
import { type Facts, quoteAgeMsMax } from "./Facts.ts"
import * as Intend from "./Intend.ts"
import { cancel, confirmWithinMs, exposedFor, mayCancel, mayChange, nativeGraceMs, orphaned, protect } from "./Protect.ts"
import * as Run from "./Run.ts"
import * as Stopped from "./Stopped.ts"
import { undo } from "./Undo.ts"

const { CloseDecided, CloseEnded, ModifyIntended, OutcomePending, TradeClosed } = JournalEvent.cases

/** From its last word on an order may still arrive so long, milliseconds. */

export const isOpen = (bracket: Book.Bracket, facts: Facts): boolean => {
  const calendar = facts.calendars.get(bracket.instrument.calendar)
  return calendar === undefined || Hours.isOpen(calendar, facts.nowMs)
}

/** The venue keeps at most one of stop and target, or the trader accepted that both may fill. */
export const mayRestTarget = (plan: ProtectionPlan, facts: Facts): boolean =>
  (plan.mode === "native" && !Run.hasFirstTarget(plan) && facts.powers?.oca === true) || facts.powers?.reduceOnly === true || facts.account.restingTargets

/** A target the venue refused is watched by us instead. */
export const isTargetWatched = (bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): boolean =>
  bracket.plan.target !== undefined && x.held > 0 &&
  (!mayRestTarget(bracket.plan, facts) || x.all.findLast(({ order }) => order.leg === "target")?.status === "Rejected")

/** What its runner sees, where it has one. */
export const runs = (bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): Run.Observed | undefined =>
  bracket.plan.runner === undefined ? undefined : Run.observe(bracket, x, facts, {
    isMarketOpen: isOpen(bracket, facts), isTargetWatched: isTargetWatched(bracket, x, facts)
  })

const overdue = (bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): ReadonlyArray<JournalEvent> =>
  x.entries.filter(mayCancel).flatMap((entry) => {
    if (bracket.deadlineAtMs !== undefined && facts.nowMs >= bracket.deadlineAtMs) return [cancel(entry, "deadline")]
    // Nobody will be here to protect what it fills: only a venue that holds the stop for it may go on.
    if (facts.isLeaving && bracket.plan.mode === "managed") return [cancel(entry, "leaving")]
    const { expiresAtMs } = entry.order
    return expiresAtMs !== undefined && facts.nowMs >= expiresAtMs ? [cancel(entry, "expired")] : []
  })

/** An operator stopped what it belongs to. Judged anew at each look: an entry that is accepted later, or in the next life, goes as well. */
const called = (bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): ReadonlyArray<JournalEvent> =>
  x.entries.filter((entry) => mayCancel(entry) && Stopped.latchOn(Stopped.ofOrder(bracket, entry), facts) !== undefined)
    .map((entry) => cancel(entry, "killed"))

const siblings = (x: Exposure.Exposure): ReadonlyArray<JournalEvent> =>
  x.entries.length > 0 ? [] : [...x.stops, ...x.targets].filter(mayCancel).map((order) => cancel(order, "sibling"))

/** It was closed: nothing of it may work on, an entry that still fills least of all. What the venue holds for the entry goes with it. */
const over = (x: Exposure.Exposure): ReadonlyArray<JournalEvent> =>
  x.entries.length === 0 ? siblings(x) : [
    ...x.entries.filter(mayCancel),
    ...[...x.stops, ...x.targets].filter((order) => mayCancel(order) && Exposure.isWorking(order))
  ].map((order) => cancel(order, "closing"))

/** Said of an alert that asks for the close, not of the entry's alert that a rule's close names: that one stands as its order does. */
const waitForOpen = (book: Book.Book, closing: Book.Closing, x: Exposure.Exposure): ReadonlyArray<JournalEvent> => {
  const work = book.alerts.get(closing.alertId)
  const isNews = work?.kind === "close" && work.outcome === undefined && work.cause !== "waitingForOpen" && x.exits.length === 0
  return isNews ? [OutcomePending.make({ alertId: closing.alertId, cause: "waitingForOpen" })] : []
}

/** What is still to be closed. */
const openLots = (book: Book.Book, bracket: Book.Bracket, closing: Book.Closing, x: Exposure.Exposure): number =>
  closing.lots === undefined ? Math.abs(x.held) : Math.min(x.held, Book.openOf(book, bracket, closing, closing.lots))

/** Orders that must be gone before an exit may leave; one that nobody confirms holds it up no longer than a stop may take. */
const holdUp = (bracket: Book.Bracket, rivals: ReadonlyArray<Book.BookedOrder>, x: Exposure.Exposure, facts: Facts): boolean => {
  if (x.held < 0) return false // they are on the other side: none of them closes what was closed too much
  const isLate = exposedFor(bracket, x, facts) >= confirmWithinMs
  return rivals.some(({ status }) => !isLate || (status !== "Intended" && status !== "Unknown"))
}

/** All that was sent to close it is Unknown. */
const isLost = ({ exits }: Exposure.Exposure): boolean => exits.length > 0 && exits.every(({ status }) => status === "Unknown")

/** So many exits of unknown fate at the same time, no more. */
const exitsUnknownMax = 8

/** Each is bound to the position, whoever executes it and when: one more never opens the other side. After so many the stop comes back until somebody knows. */
const again = (book: Book.Book, bracket: Book.Bracket, exit: () => JournalEvent, x: Exposure.Exposure, facts: Facts): ReadonlyArray<JournalEvent> => {
  if ((facts.notBeforeMs(bracket.instrument.id) ?? 0) > facts.nowMs) return []
  // Bound to all that the venue holds: beside lots that are not ours one too many would take those.
  const others = (book.drift.get(bracket.instrument.id) ?? 0) * (bracket.isLong ? 1 : -1)
  if (others <= 0 && x.exits.length < exitsUnknownMax) return [exit()]
  const { mode, stop: price } = bracket.plan
  const lots = x.held - x.plannedStop
  return mode === "external" || price === undefined || lots <= 0 ? [] : [Intend.child(book, bracket, facts, { leg: "stop", lots, held: x.held, price })]
}

/** The venue's own close of all that it holds: only where all of it is ours. */
const takesOrders = (book: Book.Book, { instrument }: Book.Bracket, facts: Facts): boolean =>
  facts.powers?.closeTakesOrders === true && (book.drift.get(instrument.id) ?? 0) === 0

/** On its way to flat: entries and targets go first, the stop stays as long as the venue can promise not to double it. */
const close = (book: Book.Book, bracket: Book.Bracket, closing: Book.Closing, x: Exposure.Exposure, facts: Facts): ReadonlyArray<JournalEvent> => {
  const isWhole = closing.lots === undefined
  const entries = isWhole ? x.entries.filter(mayCancel).map((order) => cancel(order, "closing")) : []
  const lots = openLots(book, bracket, closing, x)
  if (lots <= 0) {
    if (!isWhole) return [CloseEnded.make({ alertId: closing.alertId, instrumentId: bracket.instrument.id })]
    return over(x)
  }
  if (!isOpen(bracket, facts)) return [...entries, ...waitForOpen(book, closing, x)]
  if (Doubt.holdsUp(bracket, x, facts)) return entries
  const reduceOnly = facts.powers?.reduceOnly === true
  const rivals = !isWhole || takesOrders(book, bracket, facts) ? [] : reduceOnly || isLost(x) ? x.targets : [...x.targets, ...x.stops]
  const cancels = [...entries, ...rivals.filter(mayCancel).map((order) => cancel(order, "closing"))]
  if (cancels.length > 0) return cancels
  const exit = () => Intend.child(book, bracket, facts, { leg: "exit", lots, held: x.held, cause: closing.alertId })
  if (isWhole && isLost(x)) return again(book, bracket, exit, x, facts)
  const mustWait = x.exits.length > 0 || (!reduceOnly && holdUp(bracket, rivals, x, facts)) ||
    (facts.notBeforeMs(bracket.instrument.id) ?? 0) > facts.nowMs
  return mustWait ? [] : [exit()]
}

export const isReached = (isLong: boolean, target: Ticks, { ask, bid }: Pick<Quote, "ask" | "bid">): boolean => isLong ? bid >= target : ask <= target

const watchTarget = (bracket: Book.Bracket, facts: Facts): ReadonlyArray<JournalEvent> => {
  const quote = facts.quote(bracket.instrument.id)
  const { target } = bracket.plan
  if (quote === undefined || target === undefined || facts.nowMs - quote.atMs > quoteAgeMsMax) return []
  return isReached(bracket.isLong, target, quote)
    ? [CloseDecided.make({ alertId: bracket.alertId, instrumentId: bracket.instrument.id, reason: "target" })]
    : []
}

/** A linked target that went may have gone because its stop filled: the fill says so a moment later. Until then none is sent. */
export const targetNotBeforeMs = (bracket: Book.Bracket, x: Exposure.Exposure): number => {
  const last = x.all.findLast(({ order }) => order.leg === "target")
  return bracket.plan.mode === "native" && last?.status === "Canceled" ? last.endedAtMs + nativeGraceMs : 0
}

/** Nobody changes what rests where no target is wanted there: more of it than is held would open the other side. */
const tooMuch = (x: Exposure.Exposure): ReadonlyArray<Book.BookedOrder> => {
  const resting = x.targets.filter(mayCancel)
  return resting.reduce((sum, order) => sum + Book.remaining(order), 0) > x.held ? resting : []
}

/** A person took the target away: what still rests of it is asked for until it is gone. */
const takenAway = (book: Book.Book, bracket: Book.Bracket, x: Exposure.Exposure): ReadonlyArray<Book.BookedOrder> => {
  const resting = x.targets.filter(mayCancel)
  const isAsked = () => bracket.runner?.isTargetReached === true ||
    [...book.alerts.live.values()].some(({ instrumentIds, kind }) => kind === "update" && instrumentIds.includes(bracket.instrument.id))
  return resting.length > 0 && isAsked() ? resting : tooMuch(x)
}

/** The target rests once the stop is confirmed, never for more than is held. */
const takeProfit = (book: Book.Book, bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): ReadonlyArray<JournalEvent> => {
  const { target } = bracket.plan
  if (target === undefined) return takenAway(book, bracket, x).map((order) => cancel(order, "replaced"))
  if (isTargetWatched(bracket, x, facts)) {
    const gone = tooMuch(x).map((order) => cancel(order, "replaced"))
    return gone.length > 0 || Run.awaitsFirst(bracket) ? gone : watchTarget(bracket, facts)
  }
  if (bracket.plan.mode === "native" && x.entries.length > 0) return []
  if (bracket.plan.mode !== "external" && x.confirmedStop < x.held) return []
  const planned = x.targets.filter(({ cancelAsked, status }) => !cancelAsked && status !== "Unknown")
  if (x.targets.some(({ cancelAsked, modifyAsked }) => cancelAsked || modifyAsked)) return []
  const lots = planned.reduce((sum, order) => sum + Book.remaining(order), 0)
  const changeable = planned.filter((order) => mayChange(order, facts))
  const due = Run.targetLots(bracket, x)
  const keeper = changeable.find(({ order }) => order.limit !== target) ?? (lots === due ? undefined : changeable[0])
  if (keeper !== undefined) {
    const wanted = Book.remaining(keeper) + due - lots
    return wanted <= 0 ? [cancel(keeper, "replaced")] : [
      ModifyIntended.make({ alertId: keeper.order.alertId, orderId: keeper.order.id, lots: Lots.make(wanted + keeper.filled), limit: target })
    ]
  }
  const stale = planned.filter(mayCancel)
  if (lots > due || stale.some(({ order }) => order.limit !== target)) return stale.map((order) => cancel(order, "replaced"))
  if (Math.max(targetNotBeforeMs(bracket, x), facts.notBeforeMs(bracket.instrument.id) ?? 0) > facts.nowMs) return []
  return lots < due ? [Intend.child(book, bracket, facts, { leg: "target", lots: due - lots, held: x.held, price: target })] : []
}

/** `lots` absent: of what was closed too much, all. */
const excess = (bracket: Book.Bracket, lots?: Lots): ReadonlyArray<JournalEvent> => [
  ...(Book.isOrphan(bracket) ? [orphaned(bracket)] : []),
  CloseDecided.make({ alertId: bracket.alertId, instrumentId: bracket.instrument.id, reason: "excess", ...(lots === undefined ? {} : { lots }) })
]

export const step = (book: Book.Book, bracket: Book.Bracket, facts: Facts): ReadonlyArray<JournalEvent> => {
  const x = Exposure.of(book, bracket)
  if (x.held === 0 && x.all.every((order) => !Book.isLive(order))) {
    const trade = Intend.tradeOf(book, bracket, facts)
    return [TradeClosed.make({ alertId: bracket.alertId, instrumentId: bracket.instrument.id, ...(trade === undefined ? {} : { trade }) })]
  }
  if (facts.powers === undefined) return []
  const back = called(bracket, x, facts)
  if (back.length > 0) return back
  if (!book.isReconciled) return []
  if (bracket.closing !== undefined) {
    const closing = close(book, bracket, bracket.closing, x, facts)
    const isPart = bracket.closing.lots !== undefined && x.held > 0
    return closing.length > 0 || !isPart || Doubt.holdsUp(bracket, x, facts) ? closing : protect(book, bracket, x, facts)
  }
  if (x.held < 0) return excess(bracket)
  const unasked = Math.min(bracket.excess, x.held)
  if (unasked > 0) return excess(bracket, Lots.make(unasked))
  const late = overdue(bracket, x, facts)
  if (late.length > 0) return late
  if (x.held === 0) return Book.closedOf(book, bracket) > 0 ? over(x) : siblings(x)
  if (Doubt.holdsUp(bracket, x, facts)) return []
  const undone = undo(book, bracket, x)
  if (undone.length > 0) return undone
  const runner = runs(bracket, x, facts)
  const run = runner === undefined ? [] : Run.next(bracket, runner)
  if (run.length > 0) return run
  const protection = protect(book, bracket, x, facts)
  return protection.length > 0 ? protection : takeProfit(book, bracket, x, facts)
}
