/** Where a price meets resting orders. Owns: triggers, the order in which a move reaches them, gaps, expiry. The price is the bid, the ask one tick above. */
import type * as Ledger from "./Ledger.ts"
import * as Market from "./Market.ts"
import * as Trade from "./Trade.ts"

type Order = Ledger.Order

/** One move meets so many fills at most: children of children do not go on for ever. */
const fillsPerMoveMax = 10_000

const sidePrice = (order: Order, price: number): number => order.side === "buy" ? price + 1 : price

/** The bid at which it acts, and from which side the market comes there. */
const triggerOf = (order: Order): { readonly at: number; readonly isAbove: boolean } | undefined => {
  const isLimit = order.limit !== undefined && (order.type === "limit" || order.isTriggered)
  if (isLimit && order.limit !== undefined) return order.side === "buy" ? { at: order.limit - 1, isAbove: false } : { at: order.limit, isAbove: true }
  if (order.stop === undefined) return undefined
  return order.side === "buy" ? { at: order.stop - 1, isAbove: true } : { at: order.stop, isAbove: false }
}

/** The bid at which a move from one price to another makes it act; undefined: not reached. */
const reachedAt = (order: Order, from: number, to: number): number | undefined => {
  const trigger = triggerOf(order)
  if (trigger === undefined) return from
  if (trigger.isAbove ? from >= trigger.at : from <= trigger.at) return from
  return (trigger.isAbove ? to >= trigger.at : to <= trigger.at) ? trigger.at : undefined
}

const act = (ledger: Ledger.Ledger, atMs: number, order: Order, price: number): void => {
  if (order.type === "stopLimit" && !order.isTriggered) order.isTriggered = true
  else Trade.fill(ledger, atMs, order, sidePrice(order, price))
}

const first = (book: Ledger.Book, from: number, to: number): { readonly order: Order; readonly price: number } | undefined => {
  let found: { readonly order: Order; readonly price: number } | undefined
  for (const order of book.working) {
    const price = reachedAt(order, from, to)
    if (price !== undefined && (found === undefined || Math.abs(price - from) < Math.abs(found.price - from))) found = { order, price }
  }
  return found
}

export const move = (ledger: Ledger.Ledger, atMs: number, book: Ledger.Book, { isGap, to }: Market.Move): void => {
  let at = isGap ? to : book.price
  for (let count = 0; count < fillsPerMoveMax; count++) {
    const next = first(book, at, to)
    if (next === undefined) break
    at = next.price
    book.price = at
    act(ledger, atMs, next.order, at)
  }
  book.price = to
}

const expire = (ledger: Ledger.Ledger, atMs: number, book: Ledger.Book): void => {
  for (const order of book.working.filter(({ expiresAt }) => expiresAt !== undefined && expiresAt <= atMs)) Trade.end(ledger, atMs, order, "expired")
}

/** The market goes on to this instant: what it meets on its way is filled. */
export const advance = (ledger: Ledger.Ledger, atMs: number, book: Ledger.Book): void => {
  if (book.isOpen && book.working.length > 0) {
    for (const one of Market.moves(book.walk, book.script, book.cursorMs, atMs)) {
      if (book.working.length === 0) break
      move(ledger, atMs, book, one)
    }
    expire(ledger, atMs, book)
  }
  book.cursorMs = atMs
  book.price = Market.priceAt(book.walk, book.script, atMs)
}

/** A new order, or new prices of one: what can be done at once is done. */
export const meet = (ledger: Ledger.Ledger, atMs: number, book: Ledger.Book): void => {
  if (book.isOpen) move(ledger, atMs, book, { to: book.price, isGap: false })
}
