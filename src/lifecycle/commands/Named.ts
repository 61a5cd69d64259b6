/** The order that a command names, and what every such command says no with: journaled as the command's own end. */
import { Result } from "effect"
import type { AlertId, ClientOrderId } from "#schemas/Ids.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Book from "#src/lifecycle/Book.ts"
import { end } from "#src/lifecycle/Decide.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import { reason } from "#src/lifecycle/Refuse.ts"
import { type Decided, denied, done } from "./Decided.ts"

export interface Named {
  readonly known: Book.BookedOrder
  readonly bracket: Book.Bracket
}

/** A command that is told again changes nothing. */
export const again = (book: Book.Book, commandId: AlertId): Decided | undefined =>
  book.alerts.has(commandId) ? done("decided before: nothing new was done", []) : undefined

export const refused = (commandId: AlertId, no: Reason): Decided => ({ ...denied(no), events: end(commandId, "denied", no) })

export const hasEnded = (id: ClientOrderId, status: string): Reason =>
  reason("OrderEnded", `order ${id} has ended (${status}): there is nothing to change`, { orderId: id, status })

const isUnknown = (id: ClientOrderId): Reason =>
  reason("UnknownOrder", `order ${id} may or may not have been executed, the venue is being asked: where it cannot tell, \`interlock resolve ${id}\``, { orderId: id })

export const find = (book: Book.Book, id: ClientOrderId): Result.Result<Named, Reason> => {
  const known = book.orders.get(id)
  if (known === undefined) return Result.fail(hasEnded(id, "forgotten"))
  const bracket = book.brackets.get(known.order.instrumentId)
  return bracket?.orderIds.includes(id) === true ? Result.succeed({ known, bracket }) : Result.fail(hasEnded(id, known.status))
}

/** Why nothing can be asked of the venue about this order now. */
export const unasked = ({ cancelAsked, modifyAsked, order: { id }, status }: Book.BookedOrder, facts: Facts): Reason | undefined => {
  if (Book.isTerminal(status)) return hasEnded(id, status)
  if (status === "Unknown") return isUnknown(id)
  if (facts.powers === undefined) {
    return reason("NotConnected", `login ${facts.account.login} is not connected: say it again when \`interlock status\` shows it connected`, { login: facts.account.login })
  }
  if (status === "Intended") return reason("NotAcknowledged", `the venue has not acknowledged order ${id} yet: say it again in a moment`, { orderId: id })
  if (cancelAsked) return reason("BeingCancelled", `order ${id} is being cancelled`, { orderId: id })
  return modifyAsked ? reason("BeingChanged", `order ${id} is being changed: say it again in a moment`, { orderId: id }) : undefined
}
