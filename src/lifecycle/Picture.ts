/** What the venue's picture and our book say of one instrument. */
import type { Fill } from "#schemas/Fill.ts"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"
import * as Book from "./Book.ts"

/** Two pictures tell more than one only if so much time lies between the questions, milliseconds. */
export const apartMs = 1_000
/** A venue may show positions as old as this: so long after something of ours happened, one that differs may be the one before it. */
export const staleMsMax = 30_000

export const netOf = (book: Book.Book, id: InstrumentId): number => {
  const bracket = book.brackets.get(id)
  return bracket === undefined ? 0 : Book.netOf(book, bracket)
}

export const theirsOf = ({ positions }: Pick<AccountSnapshot, "positions">, id: InstrumentId): number =>
  positions.find(({ instrumentId }) => instrumentId === id)?.net ?? 0

/** Of orders that are surely not ours. */
export const foreignFills = (book: Book.Book, id: InstrumentId, fills: ReadonlyArray<Fill>): ReadonlyArray<Fill> => {
  const some = fills.filter(({ instrumentId }) => instrumentId === id)
  if (some.length === 0) return some
  const ours = [...book.orders.values()].filter(({ order }) => order.instrumentId === id)
  const mayLackName = ours.some((order) => Book.isLive(order) && order.venueOrderId === undefined)
  return some.filter((fill) =>
    (fill.clientOrderId === undefined ? !mayLackName : !book.orders.has(fill.clientOrderId)) &&
    !ours.some(({ venueOrderId }) => venueOrderId === fill.venueOrderId))
}
