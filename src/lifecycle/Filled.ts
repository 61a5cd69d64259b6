/** The fold of a fill: onto its order, and onto the bracket that holds it, whichever of both has ended meanwhile. */
import { BigDecimal } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import type { ClientOrderId } from "#schemas/Ids.ts"
import type { Order } from "#schemas/Order.ts"
import * as Book from "./Book.ts"

const zero = BigDecimal.make(0n, 0)

/** Its own bracket is forgotten: it counts from here, with the one on its instrument or with one made of what the order knows. */
const adopted = (book: Book.Book, order: Order, fill: Fill): Book.Book => {
  const known = book.traded.get(order.instrumentId)
  const current = book.brackets.get(order.instrumentId)
  if (known === undefined && current === undefined) return book
  const bracket: Book.Bracket | undefined = current === undefined
    ? known && {
      alertId: order.alertId,
      strategy: known.strategy,
      instrument: known.instrument,
      isLong: (order.leg === "entry") === (order.side === "buy"),
      plan: { mode: "managed" },
      nextPlan: undefined,
      deadlineAtMs: undefined,
      openedAtMs: fill.atMs,
      lastFillAtMs: 0,
      orderIds: [order.id],
      elsewhere: [],
      closing: undefined
    }
    : { ...current, orderIds: [order.id, ...current.orderIds] }
  if (bracket === undefined) return book
  const anew = Book.withOrder(book, order.id, (before) => ({
    ...before,
    status: before.status === "Filled" ? "Canceled" : before.status, // more than all of it: nothing of it works on
    filled: 0,
    counted: 0,
    cost: zero,
    fees: zero,
    inferred: { lots: 0, price: zero }
  }))
  return { ...anew, brackets: Book.put(anew.brackets, order.instrumentId, bracket) }
}

/** News after the end: its bracket lives again, or joins the one that came after it on the instrument. Undefined: it is forgotten. */
export const revived = (book: Book.Book, { id, instrumentId }: Order): Book.Book | undefined => {
  const current = book.brackets.get(instrumentId)
  if (current?.orderIds.includes(id)) return book
  const ended = book.endedBrackets.findLast(({ orderIds }) => orderIds.includes(id))
  if (ended === undefined) return undefined
  const bracket = current === undefined
    ? { ...ended, closing: undefined }
    : { ...current, orderIds: [...ended.orderIds, ...current.orderIds], elsewhere: [...ended.elsewhere, ...current.elsewhere] }
  return {
    ...book,
    brackets: Book.put(book.brackets, instrumentId, bracket),
    endedBrackets: book.endedBrackets.filter((other) => other !== ended)
  }
}

export const received = (book: Book.Book, orderId: ClientOrderId, fill: Fill, isInferred: boolean): Book.Book => {
  const known = book.orders.get(orderId)
  if (known === undefined || known.fills.has(fill.id)) return book
  const reopened = revived(book, known.order) ?? adopted(book, known.order, fill)
  const filled = Book.withOrder(reopened, orderId, (before) => Book.addFill(before, fill, isInferred))
  const { alertId, instrumentId, leg } = known.order
  return {
    ...Book.withBracket(filled, instrumentId, ({ nextPlan, plan, ...bracket }) => {
      const isAddition = leg === "entry" && nextPlan?.alertId === alertId
      return {
        ...bracket,
        plan: isAddition ? nextPlan.plan : plan,
        nextPlan: isAddition ? undefined : nextPlan,
        lastFillAtMs: Math.max(bracket.lastFillAtMs, fill.atMs)
      }
    }),
    lastFillAtMs: Math.max(book.lastFillAtMs, fill.atMs)
  }
}
