/**
 * What the venue held beyond our orders and counts as ours since. Owns: how it stands in the book, and how it gives way to a late fill of ours
 * that turns out to be it.
 */
import { BigDecimal } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import { Lots } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { manualStrategy } from "#schemas/Manual.ts"
import type { Order } from "#schemas/Order.ts"
import * as Book from "./Book.ts"
import * as Filled from "./Filled.ts"

type EventOf<Tag extends JournalEvent["_tag"]> = Extract<JournalEvent, { readonly _tag: Tag }>
type Adopted = EventOf<"PositionAdopted">

const whole = (lots: number) => BigDecimal.fromBigInt(BigInt(lots))

const asFilled = ({ asOfMs, evidence, order, price }: Adopted): Book.BookedOrder => ({
  ...Book.booked(order),
  status: "Filled",
  filled: order.lots,
  cost: BigDecimal.multiply(price, whole(order.lots)),
  wasInferred: true,
  adopted: { asOfMs, isProven: evidence === "fills" }
})

const asWorking = ({ order, venueOrderId }: Adopted["resting"][number]): Book.BookedOrder => ({ ...Book.booked(order), status: "Accepted", venueOrderId })

/** The fold. */
export const adopted = (book: Book.Book, event: Adopted): Book.Book => {
  const { alertId, asOfMs, instrument, order, plan, resting } = event
  const known = book.brackets.get(instrument.id)
  const ids = [order.id, ...resting.map((one) => one.order.id)]
  const bracket: Book.Bracket = known === undefined
    ? {
      alertId,
      strategy: manualStrategy,
      instrument,
      isLong: order.side === "buy",
      plan,
      nextPlan: undefined,
      deadlineAtMs: undefined,
      openedAtMs: asOfMs,
      lastFillAtMs: 0,
      orderIds: ids,
      joined: 0,
      elsewhere: [],
      excess: 0,
      closing: undefined
    }
    : { ...known, orderIds: [...known.orderIds, ...ids] }
  const orders = [asFilled(event), ...resting.map(asWorking)].reduce((all, one) => all.put(one.order.id, one), book.orders)
  return {
    ...book,
    orders,
    brackets: Book.put(book.brackets, instrument.id, bracket),
    traded: Book.put(book.traded, instrument.id, { instrument, strategy: bracket.strategy }),
    drift: Book.without(book.drift, instrument.id),
    strangers: resting.reduce((left, one) => Book.without(left, one.order.id), book.strangers),
    proving: event.next === "close" ? new Set(book.proving).add(instrument.id) : book.proving
  }
}

const fewer = (known: Book.BookedOrder, lots: number): Book.BookedOrder => {
  const left = Math.max(0, known.filled - lots)
  const average = known.filled === 0 ? known.cost : BigDecimal.divideUnsafe(known.cost, whole(known.filled))
  return { ...known, filled: left, cost: BigDecimal.multiply(average, whole(left)) }
}

/** The fold: so many lots were an order's own, whose fill stands beside this. Both of their brackets live again where they have ended. */
export const explained = (book: Book.Book, { adoptedId, lots, orderId }: EventOf<"AdoptionExplained">): Book.Book => {
  const part = book.orders.get(adoptedId)
  const known = book.orders.get(orderId)
  if (part === undefined || known === undefined) return book
  const withPart = Filled.revived(book, part.order) ?? book
  return Book.withOrder(Filled.revived(withPart, known.order) ?? withPart, adoptedId, (order) => fewer(order, lots))
}

const mayBe = ({ adopted: as, filled, order }: Book.BookedOrder, of: Order, fill: Fill): boolean =>
  as !== undefined && !as.isProven && filled > 0 && order.instrumentId === of.instrumentId && order.side === fill.side && fill.atMs <= as.asOfMs

/** A fill of ours that the venue executed before we took what it held for somebody else's: as many lots as are news. */
export const explains = (book: Book.Book, { alertId, fill, orderId }: EventOf<"FillReceived">, fresh: number): ReadonlyArray<JournalEvent> => {
  const known = book.orders.get(orderId)
  const part = known === undefined || fresh <= 0 ? undefined : [...book.orders.values()].find((order) => mayBe(order, known.order, fill))
  return part === undefined ? [] : [JournalEvent.cases.AdoptionExplained.make({
    alertId,
    instrumentId: fill.instrumentId,
    orderId,
    adoptedId: part.order.id,
    lots: Lots.make(Math.min(fresh, part.filled))
  })]
}
