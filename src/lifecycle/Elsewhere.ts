/**
 * What no order of ours closed: a person at the venue, a rescue, a house that lived on while this one's journal was restored. Owns: how it
 * counts in the book, and how it gives way to a fill of ours that turns out to be it.
 */
import { BigDecimal } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import { Lots } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Adopted from "./Adopted.ts"
import * as Book from "./Book.ts"
import * as Filled from "./Filled.ts"

type EventOf<Tag extends JournalEvent["_tag"]> = Extract<JournalEvent, { readonly _tag: Tag }>

const priceDigits = 10
const whole = (lots: number) => BigDecimal.fromBigInt(BigInt(lots))

export const costOf = ({ lots, price }: Pick<Book.Elsewhere, "lots" | "price">): BigDecimal.BigDecimal => BigDecimal.multiply(price, whole(lots))

/** What its position cost: nobody knows what it was closed at. */
const entryPrice = (book: Book.Book, bracket: Book.Bracket): BigDecimal.BigDecimal => {
  const entries = Book.ordersOf(book, bracket).filter(({ filled, order }) => order.leg === "entry" && filled > 0)
  const lots = entries.reduce((sum, { filled }) => sum + filled, 0)
  const cost = entries.reduce((sum, entry) => BigDecimal.sum(sum, entry.cost), BigDecimal.make(0n, 0))
  return lots === 0 ? cost : BigDecimal.normalize(BigDecimal.round(BigDecimal.divideUnsafe(cost, whole(lots)), { scale: priceDigits, mode: "half-even" }))
}

/** The fold: the book has the venue's figure now, so nothing is left to be shown as drift. */
export const closed = (book: Book.Book, { asOfMs, evidence, instrumentId, lots, price }: EventOf<"ClosedElsewhere">): Book.Book => {
  const taken = Book.withBracket(book, instrumentId, (bracket) => ({
    ...bracket,
    elsewhere: [...bracket.elsewhere, {
      side: bracket.isLong ? "sell" : "buy",
      lots,
      price: price ?? entryPrice(book, bracket),
      asOfMs,
      isProven: evidence === "fills"
    }]
  }))
  return { ...taken, drift: Book.without(taken.drift, instrumentId) }
}

const mayBe = (part: Book.Elsewhere, side: Fill["side"]): boolean => !part.isProven && part.side === side

/** The fold: so many lots were an order's own, whose fill stands beside this. The bracket lives again if it has ended. */
export const explained = (book: Book.Book, { instrumentId, lots, orderId }: EventOf<"ElsewhereExplained">): Book.Book => {
  const known = book.orders.get(orderId)
  if (known === undefined) return book
  return Book.withBracket(Filled.revived(book, known.order) ?? book, instrumentId, (bracket) => {
    let left: number = lots
    const elsewhere = bracket.elsewhere.flatMap((part) => {
      const taken = mayBe(part, known.order.side) ? Math.min(left, part.lots) : 0
      left -= taken
      return taken === part.lots ? [] : [{ ...part, lots: part.lots - taken }]
    })
    return { ...bracket, elsewhere }
  })
}

const bracketOf = (book: Book.Book, { id, instrumentId }: Book.BookedOrder["order"]): Book.Bracket | undefined => {
  const current = book.brackets.get(instrumentId)
  return current?.orderIds.includes(id) === true ? current : book.endedBrackets.findLast(({ orderIds }) => orderIds.includes(id))
}

/** Asked later than that part was seen, the venue said how much it had filled: what it fills on top of that closed no lots that were gone. */
const isLater = ({ completeAtMs }: Book.BookedOrder, { asOfMs }: Book.Elsewhere): boolean => completeAtMs > asOfMs

/**
 * How many lots of a fill have been counted as closed elsewhere: those executed before the venue was asked, and those that would close more
 * than is held. With the venue's picture beside it (`theirs`), as many as make the book what the venue holds.
 */
const lotsOf = (book: Book.Book, known: Book.BookedOrder, fill: Fill, isInferred: boolean, theirs: number | undefined): number => {
  const bracket = known.order.leg === "entry" ? undefined : bracketOf(book, known.order)
  const parts = bracket?.elsewhere.filter((part) => mayBe(part, fill.side) && !isLater(known, part)) ?? []
  if (bracket === undefined || parts.length === 0) return 0
  const sum = (some: ReadonlyArray<Book.Elsewhere>) => some.reduce((lots, part) => lots + part.lots, 0)
  const fresh = isInferred ? fill.lots : Math.max(0, fill.lots - known.inferred.lots)
  const direction = bracket.isLong ? 1 : -1
  const held = Book.netOf(book, bracket) * direction
  if (theirs !== undefined) return Math.max(0, Math.min(fresh, sum(parts), theirs * direction - (held - fresh)))
  const before = Math.min(fresh, sum(parts.filter(({ asOfMs }) => fill.atMs <= asOfMs)))
  const tooMany = Math.max(0, fresh - before - Math.max(0, held))
  return before + Math.min(tooMany, sum(parts) - before)
}

/** A fill, with what it explains ahead of it. */
export const withExplained = (book: Book.Book, event: EventOf<"FillReceived">, theirs?: number): ReadonlyArray<JournalEvent> => {
  const { alertId, evidence, fill, orderId } = event
  const known = book.orders.get(orderId)
  const isInferred = evidence === "inferred" || evidence === "attested"
  const lots = known === undefined ? 0 : lotsOf(book, known, fill, isInferred, theirs)
  const fresh = fill.lots - (isInferred ? 0 : known?.inferred.lots ?? 0)
  return [
    ...lots === 0 ? [] : [JournalEvent.cases.ElsewhereExplained.make({ alertId, instrumentId: fill.instrumentId, orderId, lots: Lots.make(lots) })],
    ...Adopted.explains(book, event, fresh - lots),
    event
  ]
}
