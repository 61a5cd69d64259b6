/**
 * What counts as ours of a position at the venue: what our orders brought, less what the journal knows as closed by others, and what it
 * adopted. Whatever is traded there later by somebody else changes nothing of it.
 */
import * as Decimal from "./Decimal.ts"
import * as Fold from "./Fold.ts"
import type * as Venues from "./Venues.ts"
import type { Rule, World } from "./World.ts"

export const make = (world: World, changed: (book: Venues.Book, position: Venues.Position, atMs: number) => void): Pick<Rule, "before" | "row"> => {
  const { fold } = world

  const add = (account: string, instrumentId: string, side: 1 | -1, lots: number, atMs: number): void => {
    const book = world.bookOf(account)
    const position = book?.positions.get(instrumentId)
    const instrument = fold.instruments.get(instrumentId)
    if (book === undefined || position === undefined || instrument === undefined) return
    position.ours += BigInt(side) * Decimal.ofLots(lots, instrument.lotSize)
    changed(book, position, world.isOneClock ? atMs : world.nowMs())
  }

  return {
    before: ({ atMs, event, stream }) => {
      const account = Fold.accountOf(stream)
      if (event._tag !== "ClosedElsewhere" || account === undefined) return
      const net = fold.accounts.get(account)?.holdings.get(event.instrumentId)?.net ?? 0
      add(account, event.instrumentId, net > 0 ? -1 : 1, event.lots, atMs)
    },
    row: ({ atMs, event, stream }) => {
      const account = Fold.accountOf(stream)
      if (event._tag === "PositionAdopted" && account !== undefined) {
        add(account, event.order.instrumentId, Fold.sign(event.order.side), event.order.lots, atMs)
      }
      if (event._tag !== "ElsewhereExplained" && event._tag !== "AdoptionExplained") return
      const order = fold.orders.get(event.orderId)
      if (order !== undefined) add(order.account, event.instrumentId, order.row.side === "buy" ? -1 : 1, event.lots, atMs)
    }
  }
}
