/** What the venue says unasked after its book has changed. */
import type { InstrumentId } from "#schemas/Ids.ts"
import { VenueEvent } from "#schemas/VenueEvent.ts"
import * as Book from "#src/matching/Book.ts"

const { Filled, OrderChanged, PositionChanged } = VenueEvent.cases

const idOf = (event: Book.BookEvent) => (event._tag === "Placed" || event._tag === "Rejected" ? event.ticket.id : event.id)

/** Each order once, as it now stands; then the fills; then where they left the positions. */
export const of = (after: Book.Book, events: ReadonlyArray<Book.BookEvent>): ReadonlyArray<VenueEvent> => {
  const fills = events.flatMap((event) => (event._tag === "Filled" ? event.fill : []))
  const orders = [...new Set(events.map(idOf))].flatMap((id) => Book.find(after, id) ?? [])
  const moved = new Set<InstrumentId>(fills.map(({ instrumentId }) => instrumentId))
  return [
    ...orders.map((booked) => OrderChanged.make({ report: Book.reportOf(booked) })),
    ...fills.map((fill) => Filled.make({ fill })),
    ...Array.from(moved, (instrumentId) =>
      PositionChanged.make({ position: { instrumentId, net: Book.positionOf(after, instrumentId).net } }))
  ]
}
