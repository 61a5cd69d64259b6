/** I6: once all has settled, journal and venue agree on orders, fills, positions and cash, to the last digit. */
import * as Decimal from "./Decimal.ts"
import * as Fold from "./Fold.ts"
import * as Venues from "./Venues.ts"
import { lotsOf, quantityOf, type Rule, type World } from "./World.ts"

/** The venue's words for what the journal calls them. */
const words: Readonly<Record<string, ReadonlyArray<string>>> = {
  held: ["Held"],
  working: ["Accepted", "PartlyFilled"],
  partly: ["PartlyFilled", "Accepted"],
  filled: ["Filled"],
  canceled: ["Canceled", "Expired"],
  expired: ["Expired", "Canceled"],
  rejected: ["Rejected"]
}

/** One that was adopted goes by the venue's own id. */
const bookedOf = ({ adopted, row, venueOrderId }: Fold.Order, book: Venues.Book): Venues.VenueOrder | undefined =>
  book.byClientId.get(row.id) ?? (adopted === undefined || venueOrderId === undefined ? undefined : book.orders.get(venueOrderId))

type Difference = readonly [message: string, expected: string, got: string]

const ofOrder = (order: Fold.Order, book: Venues.Book): Difference | undefined => {
  if (order.adopted === "position") return undefined
  const there = bookedOf(order, book)
  if (there === undefined) {
    const isOpen = Fold.isLive(order) && order.status !== "Unknown" // one that never came may stay Unknown: not found proves nothing
    return isOpen || order.filled > order.provisional ? ["an order is open in the journal that the venue never had", "no such order there", order.status] : undefined
  }
  const filled = quantityOf(order, order.filled)
  if (filled !== undefined && filled !== there.filled) return ["journal and venue differ on how much was filled", Decimal.text(there.filled), Decimal.text(filled)]
  if (order.isAttested) return undefined
  const isFilledAsFar = order.status === "Filled" && there.status === "canceled" && there.filled > 0n // it was made smaller as it ended
  if (words[there.status]?.includes(order.status) === false && !isFilledAsFar) return ["journal and venue differ on an order's state", there.status, order.status]
  if (!Venues.isAlive(there)) return undefined
  const lots = quantityOf(order, order.lots)
  if (lots !== undefined && lots !== there.qty && there.status !== "held") return ["journal and venue differ on an order's size", Decimal.text(there.qty), Decimal.text(lots)]
  const tick = Decimal.orZero(order.instrument?.tickSize)
  const stop = order.stop === undefined ? undefined : BigInt(order.stop) * tick
  return stop === undefined || there.stop === undefined || Decimal.parse(there.stop) === stop ? undefined
    : ["journal and venue differ on a stop's price", there.stop, Decimal.text(stop)]
}

/** Fees and cost of an order whose fills are all the venue's own. */
const ofFills = (order: Fold.Order, book: Venues.Book): Difference | undefined => {
  const there = bookedOf(order, book)
  if (there === undefined || order.adopted !== undefined || order.provisional > 0 || order.instrument === undefined) return undefined
  const cost = Decimal.times(order.cost, Decimal.orZero(order.instrument.lotSize))
  if (cost !== there.cost) return ["journal and venue differ on what an order cost", Decimal.text(there.cost), Decimal.text(cost)]
  return order.fees === there.fees ? undefined : ["journal and venue differ on an order's fees", Decimal.text(there.fees), Decimal.text(order.fees)]
}

export const make = (world: World): Rule => {
  const { fold, report } = world

  const positions = (book: Venues.Book, atMs: number): void => {
    const of = fold.accounts.get(book.account)
    for (const id of new Set([...book.positions.keys(), ...of?.holdings.keys() ?? []])) {
      const held = of?.holdings.get(id)
      const there = book.positions.get(id)?.net ?? 0n
      const lots = lotsOf(world, id, there) ?? (there === 0n ? 0 : undefined)
      const told = (held?.net ?? 0) + (held?.drift ?? 0)
      if (lots === undefined ? held === undefined && !book.hasForeign : lots !== told) {
        report({
          invariant: "I6", atMs, venue: book.venue, account: book.account, instrumentId: id, message: `journal and venue differ on the position of ${id}`,
          expected: Decimal.text(there), got: `${told} lots (${held?.net ?? 0} of ours, ${held?.drift ?? 0} shown as drift)`
        })
      }
    }
  }

  /** Of a flat account: what it began with, and what its trades brought. */
  const cash = (book: Venues.Book, atMs: number): void => {
    const of = fold.accounts.get(book.account)
    const isUnsure = [...of?.holdings.values() ?? []].some(({ live }) => [...live].some(({ status }) => status === "Unknown")) // its trade is open: it may fill yet
    const isFlat = [...book.positions.values()].every(({ net }) => net === 0n)
    if (of === undefined || book.cash === undefined || book.firstCash === undefined || !isFlat || isUnsure || book.hasForeign || of.isInexact) return
    const told = [...of.trades.values()].reduce((sum, { pnl }) => sum + pnl, book.firstCash)
    if (told === book.cash) return
    report({
      invariant: "I6", atMs, venue: book.venue, account: book.account, message: "journal and venue differ on the cash of a flat account",
      expected: Decimal.text(book.cash), got: Decimal.text(told)
    })
  }

  const orders = (atMs: number): void => {
    for (const order of fold.orders.values()) {
      const book = world.bookOf(order.account)
      const differs = book === undefined ? undefined : ofOrder(order, book) ?? ofFills(order, book)
      if (book === undefined || differs === undefined) continue
      report({
        invariant: "I6", atMs, venue: book.venue, account: order.account, alertId: order.row.alertId, orderId: order.row.id,
        message: differs[0], expected: differs[1], got: differs[2]
      })
    }
  }

  return {
    end: (atMs, isSettled) => {
      if (!isSettled) return
      orders(atMs)
      for (const { books } of world.venues.values()) {
        for (const book of books.values()) {
          positions(book, atMs)
          cash(book, atMs)
        }
      }
    }
  }
}
