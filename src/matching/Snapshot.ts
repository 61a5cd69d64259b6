/** A book as plain data and back. Owns: what a compacted ledger keeps. */
import { HashMap, Schema } from "effect"
import { Decimal } from "#schemas/Decimal.ts"
import { Fill } from "#schemas/Fill.ts"
import { AccountId, InstrumentId } from "#schemas/Ids.ts"
import * as Book from "#src/matching/Book.ts"
import * as Position from "#src/matching/Position.ts"

export const Snapshot = Schema.Struct({
  account: AccountId,
  orders: Schema.Array(Book.Booked),
  closed: Schema.Array(Book.Booked),
  closedBefore: Schema.Array(Book.Booked),
  positions: Schema.Array(Schema.Struct({ instrumentId: InstrumentId, position: Position.Position })),
  realised: Decimal,
  fees: Decimal,
  fills: Schema.Array(Fill),
  orderCount: Schema.Int,
  fillCount: Schema.Int
})
export type Snapshot = typeof Snapshot.Type

export const of = (book: Book.Book): Snapshot => ({
  ...book,
  orders: [...book.orders.values()],
  closed: [...HashMap.values(book.closed)],
  closedBefore: [...HashMap.values(book.closedBefore)],
  positions: Array.from(book.positions, ([instrumentId, position]) => ({ instrumentId, position }))
})

const byId = (orders: ReadonlyArray<Book.Booked>) => orders.map((booked) => [booked.ticket.id, booked] as const)

export const restore = (snapshot: Snapshot): Book.Book => ({
  ...snapshot,
  orders: new Map(byId(snapshot.orders)),
  closed: HashMap.fromIterable(byId(snapshot.closed)),
  closedBefore: HashMap.fromIterable(byId(snapshot.closedBefore)),
  positions: HashMap.fromIterable(snapshot.positions.map(({ instrumentId, position }) => [instrumentId, position] as const))
})
