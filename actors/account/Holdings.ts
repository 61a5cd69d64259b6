/** The book as others may ask for it. */
import type { Holdings } from "#actors/account/Protocol.ts"
import { NetLots } from "#schemas/Instrument.ts"
import * as Book from "#src/lifecycle/Book.ts"
import { openOrders } from "#src/lifecycle/Reconcile.ts"

export const holdingsOf = (book: Book.Book): Holdings => ({
  isReconciled: book.isReconciled,
  instruments: Array.from(book.brackets.values(), (bracket) => ({
    instrumentId: bracket.instrument.id,
    net: NetLots.make(Book.netOf(book, bracket)),
    isClosing: bracket.closing !== undefined && bracket.closing.lots === undefined
  })),
  orders: openOrders(book).map(({ order: { id, instrumentId, leg }, status }) => ({ id, instrumentId, leg, isUnknown: status === "Unknown" }))
})
