/** The fold of a fill: onto its order, and onto the bracket that holds it, whichever of both has ended meanwhile. */
import { BigDecimal } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import type { ClientOrderId } from "#schemas/Ids.ts"
import type { Order } from "#schemas/Order.ts"
import * as Levels from "#src/risk/runner/Levels.ts"
import * as Runner from "#src/risk/runner/State.ts"
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
      joined: 0,
      elsewhere: [],
      excess: 0,
      closing: undefined
    }
    : { ...current, orderIds: [order.id, ...current.orderIds], joined: current.joined + 1 }
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

const joined = ({ elsewhere }: Book.Bracket): Book.Bracket["elsewhere"] => elsewhere.map((part) => ({ ...part, isJoined: true }))

/** News after the end: its bracket lives again, or joins the one that came after it on the instrument. Undefined: it is forgotten. */
export const revived = (book: Book.Book, { id, instrumentId }: Order): Book.Book | undefined => {
  const current = book.brackets.get(instrumentId)
  if (current?.orderIds.includes(id)) return book
  const ended = book.endedBrackets.findLast(({ orderIds }) => orderIds.includes(id))
  if (ended === undefined) return undefined
  const bracket = current === undefined
    ? { ...ended, joined: ended.orderIds.length, elsewhere: joined(ended), excess: 0, closing: undefined }
    : {
      ...current,
      orderIds: [...ended.orderIds, ...current.orderIds],
      joined: ended.orderIds.length + current.joined,
      elsewhere: [...joined(ended), ...current.elsewhere]
    }
  return {
    ...book,
    brackets: Book.put(book.brackets, instrumentId, bracket),
    endedBrackets: book.endedBrackets.filter((other) => other !== ended)
  }
}

/** What was joined moves it: an exit that opens adds, and an entry that closes was what that exit was for. */
const excessOf = (book: Book.Book, bracket: Book.Bracket, { id, leg, side }: Order, addedLots: number): number => {
  const held = Math.max(0, Book.netOf(book, bracket) * (bracket.isLong ? 1 : -1))
  const isOpening = (side === "buy") === bracket.isLong
  const isIts = bracket.orderIds.indexOf(id) < bracket.joined && isOpening !== (leg === "entry")
  return Math.min(held, bracket.excess + (isIts ? (isOpening ? addedLots : -addedLots) : 0))
}

/** A runner may have moved the stop since the addition was decided: it does not go back. */
const joinedPlan = ({ isLong, plan, runner }: Book.Bracket, next: Book.Bracket["plan"]): Book.Bracket["plan"] => {
  const stop = runner === undefined ? next.stop : Levels.better(isLong, next.stop, plan.stop)
  return stop === undefined ? next : { ...next, stop }
}

export const received = (book: Book.Book, orderId: ClientOrderId, fill: Fill, isInferred: boolean): Book.Book => {
  const known = book.orders.get(orderId)
  if (known === undefined || known.fills.has(fill.id)) return book
  const reopened = revived(book, known.order) ?? adopted(book, known.order, fill)
  const filled = Book.withOrder(reopened, orderId, (before) => Book.addFill(before, fill, isInferred))
  const { alertId, instrumentId, leg } = known.order
  const addedLots = (filled.orders.get(orderId)?.filled ?? 0) - (reopened.orders.get(orderId)?.filled ?? 0)
  return {
    ...Book.withBracket(filled, instrumentId, (bracket) => {
      const { nextPlan, plan } = bracket
      const isAddition = leg === "entry" && nextPlan?.alertId === alertId
      return {
        ...bracket,
        excess: excessOf(filled, bracket, known.order, addedLots),
        plan: isAddition ? joinedPlan(bracket, nextPlan.plan) : plan,
        runner: isAddition ? Runner.added(bracket.runner) : bracket.runner,
        nextPlan: isAddition ? undefined : nextPlan,
        lastFillAtMs: Math.max(bracket.lastFillAtMs, fill.atMs)
      }
    }),
    lastFillAtMs: Math.max(book.lastFillAtMs, fill.atMs)
  }
}
