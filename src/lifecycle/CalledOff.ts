/** Entries that wait their turn and lose it: an operator stopped what they belong to. What reduces a position keeps its turn. */
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { ApprovedSignal } from "#schemas/Signal.ts"
import type { Reason } from "#schemas/Verdict.ts"
import type * as Book from "./Book.ts"
import { end, isWayOut } from "./Decide.ts"
import type { Facts } from "./Facts.ts"
import { latchedReason } from "./Refuse.ts"
import * as Stopped from "./Stopped.ts"

const { SignalTaken } = JournalEvent.cases

/** The second half of a reversal ends in its own turn: the first is still at work. */
const mayBeCalledOff = (book: Book.Book, { alertId, signal, ...approved }: ApprovedSignal, facts: Facts): boolean =>
  (signal.action === "buy" || signal.action === "sell") && (book.alerts.get(alertId)?.kind ?? "none") === "none" &&
  !isWayOut(book, { alertId, signal, ...approved }, facts)

export const callOff = (book: Book.Book, facts: Facts, whyOf: (approved: ApprovedSignal) => Reason | undefined): ReadonlyArray<JournalEvent> =>
  book.queue.flatMap(({ approved }) => {
    const why = whyOf(approved)
    return why === undefined || !mayBeCalledOff(book, approved, facts) ? [] : [
      SignalTaken.make({ alertId: approved.alertId }),
      ...end(approved.alertId, "denied", why)
    ]
  })

/** As long as a kill or a block holds. */
export const whileStopped = (book: Book.Book, facts: Facts): ReadonlyArray<JournalEvent> =>
  callOff(book, facts, (approved) => {
    const scope = Stopped.latchOn(Stopped.ofSignal(approved), facts)
    return scope === undefined ? undefined : { ...latchedReason(scope), rule: "Killed" }
  })
