/** A person's word on an Unknown order: what it brings counts until the venue says its own. */
import { BigDecimal, Result } from "effect"
import type { AccountCommand } from "#schemas/AccountCommand.ts"
import { FillId, VenueOrderId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Book from "#src/lifecycle/Book.ts"
import { end } from "#src/lifecycle/Decide.ts"
import * as Elsewhere from "#src/lifecycle/Elsewhere.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import { reason } from "#src/lifecycle/Refuse.ts"
import * as Units from "#src/orders/Units.ts"
import { type Decided, done } from "./Decided.ts"
import { again, find, type Named, refused } from "./Named.ts"

const { FillReceived, OrderAttested, OrderCanceled, OrderWithheld } = JournalEvent.cases

type Command = Extract<AccountCommand, { readonly _tag: "Attest" }>

const untilItSpeaks = "if the venue says otherwise later, its word counts"

const notUnknown = ({ order: { id }, status }: Book.BookedOrder): Reason =>
  reason("NotUnknown", `order ${id} is ${status}: only an Unknown order waits for a person's word`, { orderId: id, status })

const tooMany = ({ bracket: { instrument }, known }: Named, lots: number): Reason => {
  const text = (n: number) => BigDecimal.format(Units.quantityOf(instrument, n))
  return reason("MoreThanOrdered", `order ${known.order.id} has ${text(Book.remaining(known))} ${instrument.root} left to execute, not ${text(lots)}`, {
    asked: text(lots), left: text(Book.remaining(known)), filled: text(known.filled)
  })
}

const mayHaveFilled = ({ filled, venueOrderId }: Book.BookedOrder): boolean => filled > 0 || venueOrderId !== undefined

/** Where the venue once knew it, it is over; where it never did, it never left. */
const notExecuted = (known: Book.BookedOrder, { nowMs }: Facts): JournalEvent => {
  const { alertId, id: orderId } = known.order
  return mayHaveFilled(known)
    ? OrderCanceled.make({ alertId, orderId, atMs: nowMs })
    : OrderWithheld.make({ alertId, orderId, retry: false, reason: reason("Attested", "an operator attests that it was not executed") })
}

/** Sent as one with its entry: what never came to be had no children. */
const sentAsOne = (book: Book.Book, { bracket, known }: Named): ReadonlyArray<Book.BookedOrder> =>
  known.order.leg !== "entry" || bracket.plan.mode !== "native" ? [] : Book.ordersOf(book, bracket).filter((other) =>
    other.order.leg !== "entry" && other.status === "Unknown" && other.order.alertId === known.order.alertId && !mayHaveFilled(other))

const executed = (book: Book.Book, { known }: Named, command: Command, of: NonNullable<Command["executed"]>, { nowMs }: Facts): ReadonlyArray<JournalEvent> => {
  const { alertId, id: orderId, instrumentId, side } = known.order
  const filledLots = known.filled + of.lots
  return [
    ...Elsewhere.withExplained(book, FillReceived.make({
      alertId,
      orderId,
      fill: {
        id: FillId.make(`attested-${command.commandId}`),
        clientOrderId: orderId,
        venueOrderId: known.venueOrderId ?? VenueOrderId.make("unknown"),
        instrumentId,
        side,
        lots: of.lots,
        price: of.price,
        fee: BigDecimal.make(0n, 0),
        atMs: nowMs
      },
      evidence: "attested",
      seenAtMs: nowMs
    })),
    ...filledLots < known.order.lots ? [OrderCanceled.make({ alertId, orderId, atMs: nowMs })] : []
  ]
}

export const attest = (book: Book.Book, command: Command, facts: Facts): Decided => {
  const { commandId, executed: of, orderId } = command
  const before = again(book, commandId)
  if (before !== undefined) return before
  const found = find(book, orderId)
  if (Result.isFailure(found)) return refused(commandId, found.failure)
  const { bracket: { instrument }, known } = found.success
  if (known.status !== "Unknown") return refused(commandId, notUnknown(known))
  if (of !== undefined && of.lots > Book.remaining(known)) return refused(commandId, tooMany(found.success, of.lots))
  const follows = of === undefined
    ? [known, ...sentAsOne(book, found.success)].flatMap((one) => [OrderAttested.make({ alertId: commandId, orderId: one.order.id }), notExecuted(one, facts)])
    : [OrderAttested.make({ alertId: commandId, orderId, executed: of }), ...executed(book, found.success, command, of, facts)]
  const what = of === undefined
    ? "not executed"
    : `executed, ${known.order.side} ${BigDecimal.format(Units.quantityOf(instrument, of.lots))} ${instrument.id} at ${BigDecimal.format(of.price)}`
  return done(`${known.order.leg} ${orderId} counts as ${what}; ${untilItSpeaks}`, [...follows, ...end(commandId, "done")])
}
