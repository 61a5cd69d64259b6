/** What an account makes of an approved signal. An entry is decided in `Enter`; here all that closes, cancels or moves, and whose turn it is. */
import { BigDecimal, Result } from "effect"
import type { AlertId, InstrumentId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { Lots } from "#schemas/Instrument.ts"
import { type ApprovedSignal, isReducing } from "#schemas/Signal.ts"
import type { Outcome, PendingCause, Reason } from "#schemas/Verdict.ts"
import * as Conform from "#src/orders/Conform.ts"
import * as Units from "#src/orders/Units.ts"
import * as Book from "./Book.ts"
import * as Enter from "./Enter.ts"
import * as Exposure from "./Exposure.ts"
import type { Facts } from "./Facts.ts"
import * as Move from "./Move.ts"
import { mayCancel } from "./Protect.ts"
import * as Refuse from "./Refuse.ts"

const { CancelIntended, CloseDecided, OutcomeReached, ProtectionMoved, SignalQueued, SignalTaken } = JournalEvent.cases

/** More entries than this never wait in one account; what reduces risk always may. */
export const queueMax = 256

export const end = (alertId: AlertId, outcome: Outcome, reason?: Reason): ReadonlyArray<JournalEvent> => [
  OutcomeReached.make({ alertId, outcome, orderIds: [], ...(reason === undefined ? {} : { reason }) })
]

const nothing = (approved: ApprovedSignal, message: string): ReadonlyArray<JournalEvent> =>
  end(approved.alertId, "nothingToDo", {
    rule: "NothingToDo",
    message,
    facts: { instrument: approved.instrument.id, strategy: approved.signal.strategy }
  })

/** No room for one more entry. */
const isFull = (book: Book.Book, { alertId }: ApprovedSignal): boolean =>
  book.queue.filter(({ approved }) => !isReducing(approved.signal.action) && approved.alertId !== alertId).length >= queueMax

const isEntry = ({ signal }: ApprovedSignal): boolean => signal.action === "buy" || signal.action === "sell"

/** Its own brackets only: what another strategy opened is not its to close. */
const ownBrackets = (book: Book.Book, { instrument, signal }: ApprovedSignal): ReadonlyArray<Book.Bracket> =>
  [...book.brackets.values()].filter((bracket) =>
    bracket.strategy === signal.strategy && (signal.action === "flatten" || bracket.instrument.id === instrument.id)
  )

const hasAnything = (book: Book.Book, bracket: Book.Bracket): boolean => {
  const x = Exposure.of(book, bracket)
  return x.held !== 0 || x.entries.length > 0
}

/** Its fate is on the way: whoever wants to change it waits for that. */
const isSettling = ({ cancelAsked, status }: Book.BookedOrder): boolean =>
  cancelAsked || status === "Intended" || status === "Unknown" || Book.isTerminal(status)

/** Entries of the same strategy and instrument that still wait: overtaken by what closes. */
const overtaken = (book: Book.Book, approved: ApprovedSignal): ReadonlyArray<JournalEvent> =>
  book.queue.filter(({ approved: other }) =>
    other.alertId !== approved.alertId && isEntry(other) && other.signal.strategy === approved.signal.strategy &&
    (approved.signal.action === "flatten" || other.instrument.id === approved.instrument.id)
  ).flatMap(({ approved: other }) => [
    SignalTaken.make({ alertId: other.alertId }),
    ...end(other.alertId, "canceled", {
      rule: "Overtaken",
      message: `alert ${approved.alertId} (${approved.signal.action}) came before its turn`,
      facts: { by: approved.alertId }
    })
  ])

const closeOf = (
  book: Book.Book,
  approved: ApprovedSignal,
  bracket: Book.Bracket,
  reason: "signal" | "reverse" | "flatten"
): JournalEvent => {
  const { held } = Exposure.of(book, bracket)
  const asked = approved.signal.quantity === undefined || reason !== "signal"
    ? held
    : Units.lotsOf(bracket.instrument, approved.signal.quantity)
  const lots = asked + pendingOf(book, bracket)
  return CloseDecided.make({
    alertId: approved.alertId,
    instrumentId: bracket.instrument.id,
    reason,
    ...(lots < held ? { lots: Lots.make(lots) } : {})
  })
}

/** Lots that a close in progress has still to close: another one adds to it. */
const pendingOf = (book: Book.Book, bracket: Book.Bracket): number => {
  const { closing } = bracket
  if (closing === undefined) return 0
  return closing.lots === undefined ? Infinity : Book.openOf(book, bracket, closing, closing.lots)
}

/** A part smaller than one lot closes nothing: never the whole position instead. */
const tooSmall = ({ instrument, signal }: ApprovedSignal): Reason | undefined =>
  signal.quantity === undefined || Units.lotsOf(instrument, signal.quantity) > 0
    ? undefined
    : Conform.belowMinimum(instrument, BigDecimal.format(signal.quantity), "The quantity to close")

const close = (book: Book.Book, approved: ApprovedSignal): ReadonlyArray<JournalEvent> => {
  const own = ownBrackets(book, approved).filter((bracket) => hasAnything(book, bracket))
  const dropped = overtaken(book, approved)
  if (own.length === 0) {
    return dropped.length > 0
      ? [...dropped, ...end(approved.alertId, "done")]
      : nothing(approved, "no position and no working entry of this strategy to close")
  }
  const reason = approved.signal.action === "flatten" ? "flatten" : "signal"
  const small = reason === "signal" ? tooSmall(approved) : undefined
  if (small !== undefined) return end(approved.alertId, "denied", small)
  return [...dropped, ...own.map((bracket) => closeOf(book, approved, bracket, reason))]
}

const cancel = (book: Book.Book, approved: ApprovedSignal): ReadonlyArray<JournalEvent> => {
  const entries = ownBrackets(book, approved).flatMap((bracket) => Exposure.of(book, bracket).entries)
  const dropped = overtaken(book, approved)
  const working = entries.filter(mayCancel)
  if (working.length > 0) {
    return [...dropped, ...working.map(({ order }) => CancelIntended.make({ alertId: approved.alertId, orderId: order.id, why: "alert" }))]
  }
  if (dropped.length > 0) return [...dropped, ...end(approved.alertId, "done")]
  if (entries.length === 0) return nothing(approved, "no working entry of this strategy to cancel")
  return entries.some(isSettling) ? queue(approved, "working") : end(approved.alertId, "rejected", {
    rule: "CancelRefused",
    message: "the venue keeps refusing to cancel the entry",
    facts: {}
  })
}

const update = (book: Book.Book, approved: ApprovedSignal): ReadonlyArray<JournalEvent> => {
  const bracket = book.brackets.get(approved.instrument.id)
  if (bracket === undefined || bracket.strategy !== approved.signal.strategy || Exposure.of(book, bracket).held <= 0) {
    return nothing(approved, "no position of this strategy whose protection could be moved")
  }
  if (bracket.closing !== undefined) return nothing(approved, "the position is being closed")
  const entryTicks = Enter.averageEntryTicks(book, bracket)
  const { stopLoss, takeProfit } = approved.signal
  const stop = stopLoss === undefined ? undefined : Move.stop(bracket, stopLoss, entryTicks)
  const target = takeProfit === undefined ? undefined : Move.target(bracket, takeProfit, entryTicks)
  if (stop === undefined && target === undefined) {
    return end(approved.alertId, "denied", {
      rule: "UpdateWithoutLevel",
      message: "an update names the new stop (sl) or target (tp)",
      facts: {}
    })
  }
  const wrong = [stop, target].find((moved) => moved !== undefined && Result.isFailure(moved))
  if (wrong !== undefined && Result.isFailure(wrong)) return end(approved.alertId, "denied", wrong.failure)
  return [ProtectionMoved.make({
    alertId: approved.alertId,
    instrumentId: bracket.instrument.id,
    ...(stop !== undefined && Result.isSuccess(stop) ? { stop: stop.success } : {}),
    ...(target !== undefined && Result.isSuccess(target) ? { target: target.success } : {})
  })]
}

const queue = (approved: ApprovedSignal, cause: PendingCause): ReadonlyArray<JournalEvent> => [
  SignalQueued.make({ alertId: approved.alertId, cause, approved })
]

const queueEntry = (book: Book.Book, approved: ApprovedSignal, cause: PendingCause): ReadonlyArray<JournalEvent> =>
  isFull(book, approved)
    ? end(approved.alertId, "failed", { rule: "QueueFull", message: "too many alerts wait for this account", facts: { max: String(queueMax) } })
    : queue(approved, cause)

/** An entry against its own strategy's position. */
const opposite = (book: Book.Book, approved: ApprovedSignal, bracket: Book.Bracket, facts: Facts): ReadonlyArray<JournalEvent> => {
  const policy = facts.strategies.get(approved.signal.strategy)?.onOppositeSide ?? "deny"
  switch (policy) {
    case "exit": {
      const small = tooSmall(approved)
      return small === undefined ? [closeOf(book, approved, bracket, "signal")] : end(approved.alertId, "denied", small)
    }
    case "reverse":
      return [closeOf(book, approved, bracket, "reverse"), ...queue(approved, "working")]
    case "deny":
      return end(approved.alertId, "denied", Refuse.oppositeSide(bracket))
  }
}

const entry = (book: Book.Book, approved: ApprovedSignal, isLong: boolean, facts: Facts): ReadonlyArray<JournalEvent> => {
  const bracket = book.brackets.get(approved.instrument.id)
  if (bracket === undefined) return Enter.enter(book, approved, isLong, facts)
  if (bracket.strategy !== approved.signal.strategy) return end(approved.alertId, "denied", Refuse.instrumentOwned(bracket))
  if (bracket.closing !== undefined || !hasAnything(book, bracket)) return queueEntry(book, approved, "working")
  if (bracket.isLong !== isLong) return opposite(book, approved, bracket, facts)
  const policy = facts.strategies.get(approved.signal.strategy)?.onSameSide ?? "deny"
  const { entries, held } = Exposure.of(book, bracket)
  if (policy === "replace" && held === 0 && entries.some((order) => mayCancel(order) || isSettling(order))) {
    return [
      ...entries.filter(mayCancel).map(({ order }) => CancelIntended.make({ alertId: order.alertId, orderId: order.id, why: "replaced" })),
      ...queueEntry(book, approved, "working")
    ]
  }
  if (entries.length > 0) return end(approved.alertId, "denied", Refuse.entryInFlight(bracket))
  return policy === "add" ? Enter.enter(book, approved, isLong, facts) : end(approved.alertId, "denied", Refuse.sameSide(bracket))
}

/** `reverse` closes, proves flat, then enters the other way as a decision of its own. */
const reverse = (book: Book.Book, approved: ApprovedSignal): ReadonlyArray<JournalEvent> => {
  const bracket = ownBrackets(book, approved).find((own) => Exposure.of(book, own).held > 0)
  if (bracket === undefined) return nothing(approved, "no position of this strategy to reverse")
  const turned: ApprovedSignal = { ...approved, signal: { ...approved.signal, action: bracket.isLong ? "sell" : "buy" } }
  return [...overtaken(book, approved), closeOf(book, approved, bracket, "reverse"), ...queue(turned, "working")]
}

/** It reduces what this account holds for its strategy: no filter and no age stops it. The entry of a reversal is judged at its own turn. */
export const isWayOut = (book: Book.Book, approved: ApprovedSignal, facts: Facts): boolean => {
  const { action, strategy } = approved.signal
  const own = ownBrackets(book, approved)
  if (isReducing(action)) return own.length > 0
  const policy = facts.strategies.get(strategy)?.onOppositeSide
  return own.some((bracket) => bracket.closing === undefined && hasAnything(book, bracket) &&
    (action === "reverse" || (bracket.isLong !== (action === "buy") && (policy === "exit" || policy === "reverse"))))
}

/** A reversal whose entry never left is an entry by now: its closing half is done. */
const turnedAs = (book: Book.Book, approved: ApprovedSignal): ApprovedSignal => {
  if (approved.signal.action !== "reverse") return approved
  const ids = book.alerts.get(approved.alertId)?.orderIds ?? []
  const order = ids.flatMap((id) => book.orders.get(id) ?? []).findLast((booked) => booked.order.leg === "entry")?.order
  return order === undefined ? approved : { ...approved, signal: { ...approved.signal, action: order.side } }
}

/** A command whose turn it is. */
export const act = (book: Book.Book, approved: ApprovedSignal, facts: Facts): ReadonlyArray<JournalEvent> => {
  if (!isWayOut(book, approved, facts)) {
    const skipped = Refuse.filtered(approved, facts) ?? Refuse.paused(approved, facts)
    if (skipped !== undefined) return end(approved.alertId, "skipped", skipped)
    const late = Refuse.tooLate(approved, facts)
    if (late !== undefined) return end(approved.alertId, "expired", late)
  }
  switch (approved.signal.action) {
    case "buy":
      return entry(book, approved, true, facts)
    case "sell":
      return entry(book, approved, false, facts)
    case "reverse":
      return reverse(book, approved)
    case "exit":
    case "flatten":
      return close(book, approved)
    case "cancel":
      return cancel(book, approved)
    case "update":
      return update(book, approved)
  }
}

/** A new alert; one that is known changes nothing, unless its entry surely never left. */
export const consider = (book: Book.Book, received: ApprovedSignal, facts: Facts): ReadonlyArray<JournalEvent> => {
  const work = book.alerts.get(received.alertId)
  if (work?.outcome !== undefined || (work !== undefined && !work.mayRedecide)) return []
  const approved = turnedAs(book, received)
  const isOut = isWayOut(book, approved, facts)
  const mayPass = isOut || (Refuse.filtered(approved, facts) ?? Refuse.paused(approved, facts)) === undefined
  if (!mayPass || (book.isReconciled && facts.powers !== undefined)) return act(book, approved, facts)
  if (book.queue.some((queued) => queued.approved.alertId === approved.alertId)) return []
  return isOut || isReducing(approved.signal.action) ? queue(approved, "reconciling") : queueEntry(book, approved, "reconciling")
}

/** Ends an alert from outside, unless it is already at work here: then it ends by itself. */
export const conclude = (book: Book.Book, alertId: AlertId, outcome: Outcome, reason: Reason): ReadonlyArray<JournalEvent> => {
  const work = book.alerts.get(alertId)
  const isQueued = book.queue.some(({ approved }) => approved.alertId === alertId)
  if (work?.outcome !== undefined || (work !== undefined && work.kind !== "none" && !work.mayRedecide && !isQueued)) return []
  return [
    ...(isQueued ? [SignalTaken.make({ alertId })] : []),
    OutcomeReached.make({ alertId, outcome, reason, orderIds: work?.orderIds ?? [] })
  ]
}

const isBusy = (book: Book.Book, id: InstrumentId): boolean => {
  const bracket = book.brackets.get(id)
  if (bracket === undefined) return false
  return bracket.closing !== undefined || !hasAnything(book, bracket) ||
    Exposure.of(book, bracket).entries.some(isSettling)
}

/** The next alert in the queue whose turn has come, decided. */
export const next = (book: Book.Book, facts: Facts): ReadonlyArray<JournalEvent> => {
  if (!book.isReconciled || facts.powers === undefined) return []
  const ready = book.queue.find(({ approved, cause }, index) =>
    (cause === "reconciling" || !isBusy(book, approved.instrument.id)) &&
    !book.queue.slice(0, index).some((earlier) => earlier.approved.instrument.id === approved.instrument.id)
  )
  if (ready === undefined) return []
  const { approved } = ready
  return [SignalTaken.make({ alertId: approved.alertId }), ...act(book, approved, facts)]
}
