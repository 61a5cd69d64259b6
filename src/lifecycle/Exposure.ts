/** What a bracket has at stake, derived from its orders: position, confirmed stops, what is still on its way. */
import { BigDecimal } from "effect"
import type { Leg } from "#schemas/Order.ts"
import * as Book from "./Book.ts"
import * as Elsewhere from "./Elsewhere.ts"

export interface Exposure {
  readonly all: ReadonlyArray<Book.BookedOrder>
  /** Lots held in the bracket's direction; below zero: more was closed than opened. */
  readonly held: number
  readonly entries: ReadonlyArray<Book.BookedOrder>
  readonly stops: ReadonlyArray<Book.BookedOrder>
  readonly targets: ReadonlyArray<Book.BookedOrder>
  readonly exits: ReadonlyArray<Book.BookedOrder>
  /** Lots of stops that the venue confirmed as working. */
  readonly confirmedStop: number
  /** Confirmed or on their way; an Unknown one counts as none. */
  readonly plannedStop: number
}

const lotsOf = (orders: ReadonlyArray<Book.BookedOrder>) => orders.reduce((sum, order) => sum + Book.remaining(order), 0)

export const isWorking = ({ status }: Pick<Book.BookedOrder, "status">): boolean => status === "Accepted" || status === "PartlyFilled"

const measured = (book: Book.Book, bracket: Book.Bracket, all: ReadonlyArray<Book.BookedOrder>): Exposure => {
  const live = (leg: Leg) => all.filter((order) => order.order.leg === leg && Book.isLive(order))
  const stops = live("stop")
  return {
    all,
    held: Book.netOf(book, bracket) * (bracket.isLong ? 1 : -1),
    entries: live("entry"),
    stops,
    targets: live("target"),
    exits: live("exit"),
    confirmedStop: lotsOf(stops.filter(isWorking)),
    plannedStop: lotsOf(stops.filter((order) => order.status !== "Unknown" && !order.cancelAsked))
  }
}

/** Values do not change: a bracket whose orders are the same ones is exposed as before. Most are, whatever happens to one of them. */
const known = new WeakMap<Book.Bracket, { orders: Book.Book["orders"]; readonly exposure: Exposure }>()

export const of = (book: Book.Book, bracket: Book.Bracket): Exposure => {
  const before = known.get(bracket)
  if (before?.orders === book.orders) return before.exposure
  const all = Book.ordersOf(book, bracket)
  if (before !== undefined && all.length === before.exposure.all.length && all.every((order, n) => order === before.exposure.all[n])) {
    before.orders = book.orders
    return before.exposure
  }
  const exposure = measured(book, bracket, all)
  known.set(bracket, { orders: book.orders, exposure })
  return exposure
}

/** A position without a confirmed stop of its size, protection being ours to keep. */
export const isExposed = (book: Book.Book, bracket: Book.Bracket): boolean => {
  if (bracket.plan.mode === "external") return false
  const { confirmedStop, held } = of(book, bracket)
  return held > confirmedStop
}

/** Something here is for us to protect or to close, or may become so any moment: it does not wait until somebody else is done with the login. */
export const cannotWait = (book: Book.Book): boolean => {
  const isWayOutQueued = book.queue.some(({ approved: { signal: { action } } }) => action === "exit" || action === "flatten")
  return [...book.brackets.values()].some((bracket) => {
    const { entries, held } = of(book, bracket)
    return bracket.closing !== undefined || isExposed(book, bracket) || (bracket.plan.mode === "managed" && entries.length > 0) ||
      (isWayOutQueued && (held !== 0 || entries.length > 0))
  })
}

/** Lots that would be held if every order that adds risk filled: what caps count. One that was closed too much is held on the other side. */
export const atRiskLots = (book: Book.Book, bracket: Book.Bracket): number => {
  const { entries, held } = of(book, bracket)
  return Math.abs(held) + lotsOf(entries)
}

/** Cash moved by the bracket's fills and by what was closed elsewhere, in price x lots: sells less buys. */
export const flowOf = (book: Book.Book, bracket: Book.Bracket): BigDecimal.BigDecimal => [
  ...Book.ordersOf(book, bracket).map(({ cost, order: { side } }) => ({ cost, side })),
  ...bracket.elsewhere.map((part) => ({ cost: Elsewhere.costOf(part), side: part.side }))
].reduce((sum, { cost, side }) => side === "sell" ? BigDecimal.sum(sum, cost) : BigDecimal.subtract(sum, cost), BigDecimal.make(0n, 0))

export const feesOf = (book: Book.Book, bracket: Book.Bracket): BigDecimal.BigDecimal =>
  Book.ordersOf(book, bracket).reduce((sum, { fees }) => BigDecimal.sum(sum, fees), BigDecimal.make(0n, 0))
