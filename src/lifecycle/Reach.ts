/** How each alert stands with this account: the outcome it reached, or why it has not. Judged by the orders alone. */
import type { AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Outcome, PendingCause, Reason } from "#schemas/Verdict.ts"
import * as Book from "./Book.ts"
import * as Exposure from "./Exposure.ts"
import { changesRefusedMax } from "./Protect.ts"

const { OutcomePending, OutcomeReached } = JournalEvent.cases

type Standing =
  | { readonly _tag: "Reached"; readonly outcome: Outcome; readonly reason?: Reason }
  | { readonly _tag: "Pending"; readonly cause: PendingCause }

const reached = (outcome: Outcome, reason?: Reason): Standing => ({ _tag: "Reached", outcome, ...(reason === undefined ? {} : { reason }) })
const pending = (cause: PendingCause): Standing => ({ _tag: "Pending", cause })

const venueSaid = (text: string | undefined): Reason => ({ rule: "Venue", message: text ?? "the venue gave no reason", facts: {} })

const killed: Reason = { rule: "Killed", message: "an operator stopped what it belongs to: the entry was called back", facts: {} }

const ofEntry = (work: Book.AlertWork, entry: Book.BookedOrder): Standing => {
  if (Book.isTerminal(entry.status) && Book.isLive(entry)) return pending("working")
  switch (entry.status) {
    case "Filled":
      return reached("filled")
    case "Canceled":
      return reached(entry.filled > 0 ? "partlyFilled" : "canceled", entry.isKilled ? killed : undefined)
    case "Expired":
      return reached(entry.filled > 0 ? "partlyFilled" : "expired")
    case "Rejected":
      return reached("rejected", venueSaid(entry.reason))
    case "Withheld":
      return work.mayRedecide
        ? pending("reconciling")
        : reached("denied", { rule: "Withheld", message: entry.reason ?? "it never left", facts: {} })
    case "Unknown":
      return pending("unknown")
    case "Accepted":
    case "PartlyFilled":
      return pending(entry.order.type === "market" ? "working" : "restingLimit")
    case "Intended":
    case "Held":
      return pending("working")
  }
}

const ofClose = (book: Book.Book, work: Book.AlertWork): Standing => {
  const closing = work.instrumentIds.flatMap((id) => {
    const bracket = book.brackets.get(id)
    return bracket?.closing === undefined ? [] : [bracket]
  })
  if (closing.length === 0) return reached("done")
  const waits = closing.map((bracket) => Exposure.of(book, bracket)).some(({ exits, held }) => held !== 0 && exits.length === 0)
  if (work.cause === "waitingForOpen" && waits) return pending("waitingForOpen")
  const isUnknown = closing.some((bracket) => Exposure.of(book, bracket).exits.some(({ status }) => status === "Unknown"))
  return pending(isUnknown ? "unknown" : "working")
}

const ofCancel = (orders: ReadonlyArray<Book.BookedOrder>): Standing => {
  const unknown = orders.some(({ status }) => status === "Unknown")
  if (orders.some((order) => Book.isLive(order) && order.refusals >= changesRefusedMax)) {
    return reached("rejected", { rule: "CancelRefused", message: "the venue keeps refusing to cancel the entry", facts: {} })
  }
  if (orders.some(Book.isLive)) return pending(unknown ? "unknown" : "working")
  return orders.every(({ status }) => status === "Filled")
    ? reached("nothingToDo", { rule: "AlreadyFilled", message: "filled before the cancel could reach it", facts: {} })
    : reached("done")
}

const ofUpdate = (book: Book.Book, work: Book.AlertWork): Standing => {
  const brackets = work.instrumentIds.flatMap((id) => book.brackets.get(id) ?? [])
  const open = brackets.filter((bracket) => bracket.closing === undefined)
  if (open.length === 0) return reached("nothingToDo", { rule: "NoPosition", message: "closed before its protection could be moved", facts: {} })
  const children = open.flatMap((bracket) => {
    const x = Exposure.of(book, bracket)
    return [...x.stops.map((order) => [order, order.order.stop === bracket.plan.stop] as const),
      ...x.targets.map((order) => [order, order.order.limit === bracket.plan.target] as const)]
  })
  if (children.every(([, isThere]) => isThere)) return reached("done")
  return children.some(([order, isThere]) => !isThere && order.refusals >= changesRefusedMax)
    ? reached("rejected", venueSaid("the venue refused to move the order"))
    : pending("working")
}

/** An entry's price, changed by hand. */
const ofChange = (book: Book.Book, { asked, orderIds }: Book.AlertWork): Standing => {
  const known = orderIds.map((id) => book.orders.get(id))[0]
  if (known !== undefined && (asked?.limit ?? known.order.limit) === known.order.limit && (asked?.stop ?? known.order.stop) === known.order.stop) {
    return reached("done")
  }
  if (known === undefined || Book.isTerminal(known.status)) {
    return reached("nothingToDo", { rule: "OrderEnded", message: `the order ended first${known === undefined ? "" : `: ${known.status}`}`, facts: {} })
  }
  return known.modifyAsked || !book.isReconciled ? pending("working") : reached("rejected", venueSaid(known.reason))
}

const standing = (book: Book.Book, alertId: AlertId, work: Book.AlertWork): Standing | undefined => {
  if (book.queue.some(({ approved }) => approved.alertId === alertId)) return undefined
  const orders = work.orderIds.flatMap((id) => book.orders.get(id) ?? [])
  switch (work.kind) {
    case "entry": {
      const entry = orders.findLast(({ order }) => order.leg === "entry")
      return entry === undefined ? undefined : ofEntry(work, entry)
    }
    case "close":
      return ofClose(book, work)
    case "cancel":
      return ofCancel(orders)
    case "update":
      return ofUpdate(book, work)
    case "change":
      return ofChange(book, work)
    case "none":
      return undefined
  }
}

/** Rows for every alert whose standing is new. */
export const news = (book: Book.Book): ReadonlyArray<JournalEvent> => {
  const events: Array<JournalEvent> = []
  for (const [alertId, work] of book.alerts.live) {
    const now = standing(book, alertId, work)
    if (now === undefined) continue
    if (now._tag === "Reached") {
      const reason = now.reason === undefined ? {} : { reason: now.reason }
      events.push(OutcomeReached.make({ alertId, outcome: now.outcome, orderIds: work.orderIds, ...reason }))
    } else if (work.cause !== now.cause) {
      events.push(OutcomePending.make({ alertId, cause: now.cause }))
    }
  }
  return events
}
