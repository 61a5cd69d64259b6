/** What the session is asked once a commit is durable. Only what this commit intends: a later life looks up, it never sends again. */
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Order } from "#schemas/Order.ts"
import { SessionRequest } from "#schemas/SessionRequest.ts"
import type * as Book from "./Book.ts"

const { Cancel, Modify, Submit, SubmitBracket } = SessionRequest.cases

/** `book` is after the commit. */
export const requests = (book: Book.Book, committed: ReadonlyArray<JournalEvent>, accountId: Order["accountId"]): ReadonlyArray<SessionRequest> => {
  const intended = committed.flatMap((event) => event._tag === "OrderIntended" ? [event.order] : [])
  const decided = new Map(committed.flatMap((event) =>
    event._tag === "EntryDecided" ? [[event.instrument.id, event] as const] : []
  ))
  const withParent = new Set<Order>()
  const asked: Array<SessionRequest> = []
  for (const order of intended) {
    if (withParent.has(order)) continue
    const decision = decided.get(order.instrumentId)
    const instrument = decision?.instrument ?? book.brackets.get(order.instrumentId)?.instrument
    if (instrument === undefined) continue
    if (order.leg !== "entry" || decision?.plan.mode !== "native" || decision.alertId !== order.alertId) {
      asked.push(Submit.make({ order, instrument }))
      continue
    }
    const child = (leg: Order["leg"]) => intended.find((other) => other.leg === leg && other.instrumentId === order.instrumentId)
    const stop = child("stop")
    const target = child("target")
    for (const leg of [stop, target]) if (leg !== undefined) withParent.add(leg)
    asked.push(SubmitBracket.make({
      bracket: { entry: order, ...(stop === undefined ? {} : { stop }), ...(target === undefined ? {} : { target }) },
      instrument
    }))
  }
  for (const event of committed) {
    if (event._tag === "CancelIntended") asked.push(Cancel.make({ accountId, orderId: event.orderId }))
    if (event._tag === "ModifyIntended") {
      const { limit, lots, orderId, stop } = event
      asked.push(Modify.make({
        accountId,
        orderId,
        lots,
        ...(stop === undefined ? {} : { stop }),
        ...(limit === undefined ? {} : { limit })
      }))
    }
  }
  return asked
}
