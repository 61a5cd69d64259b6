/**
 * What the venues' own ledgers say: each account's orders, fills, positions and cash. Owns: this picture, and which account of ours is meant
 * by a venue's name for it.
 */
import * as Decimal from "./Decimal.ts"
import type { LedgerFill, LedgerOrder, LedgerRecord, LedgerState, Side } from "./Shapes.ts"

export interface VenueOrder {
  readonly orderId: string
  readonly clientId: string | undefined
  readonly symbol: string
  readonly side: Side
  readonly type: string
  readonly role: "single" | "stop" | "target"
  readonly parent: string | undefined
  /** The venue cuts it to what it could close. */
  readonly isReduceOnly: boolean
  readonly atMs: number
  readonly n: number
  qty: Decimal.Decimal
  filled: Decimal.Decimal
  status: string
  limit: string | undefined
  stop: string | undefined
  cost: Decimal.Decimal
  fees: Decimal.Decimal
}

export interface Position {
  readonly symbol: string
  net: Decimal.Decimal
  /** Of it, what orders with an id of ours have brought. */
  ours: Decimal.Decimal
  readonly working: Set<VenueOrder>
  isOpen: boolean
  openSinceMs: number
}

export interface Book {
  readonly venue: string
  readonly name: string
  readonly account: string
  readonly login: string | undefined
  readonly orders: Map<string, VenueOrder>
  readonly byClientId: Map<string, VenueOrder>
  readonly fills: Map<string, LedgerFill>
  readonly positions: Map<string, Position>
  firstCash: Decimal.Decimal | undefined
  cash: Decimal.Decimal | undefined
  hasForeign: boolean
}

export interface Named {
  readonly account: string
  readonly login: string
}
export type Directory = Readonly<Record<string, Readonly<Record<string, Named>>>>

export interface Venue {
  readonly name: string
  readonly books: Map<string, Book>
  readonly shut: Set<string>
}

const isOver = (status: string): boolean => status === "filled" || status === "canceled" || status === "rejected" || status === "expired"

/** It could still fill. */
export const isAlive = ({ status }: VenueOrder): boolean => !isOver(status)
export const isWorking = ({ status }: VenueOrder): boolean => status === "working" || status === "partly"

export const isStop = ({ role, type }: VenueOrder): boolean => role === "stop" || type === "stop" || type === "stopLimit"

export const remaining = ({ filled, qty }: VenueOrder): Decimal.Decimal => qty > filled ? qty - filled : 0n

const bookOf = (venue: Venue, directory: Directory, name: string): Book => {
  const known = venue.books.get(name)
  if (known !== undefined) return known
  const named = directory[venue.name]?.[name]
  const made: Book = {
    venue: venue.name,
    name,
    account: named?.account ?? name,
    login: named?.login,
    orders: new Map(),
    byClientId: new Map(),
    fills: new Map(),
    positions: new Map(),
    firstCash: undefined,
    cash: undefined,
    hasForeign: false
  }
  venue.books.set(name, made)
  return made
}

export const position = (book: Book, symbol: string, shut: ReadonlySet<string>): Position => {
  const known = book.positions.get(symbol)
  if (known !== undefined) return known
  const made: Position = { symbol, net: 0n, ours: 0n, working: new Set(), isOpen: !shut.has(symbol), openSinceMs: -Infinity }
  book.positions.set(symbol, made)
  return made
}

const placed = (venue: Venue, book: Book, record: LedgerOrder & LedgerRecord): VenueOrder => {
  const order: VenueOrder = {
    orderId: record.orderId,
    clientId: record.clientId,
    symbol: record.symbol,
    side: record.side,
    type: record.type,
    role: record.role,
    parent: record.parent,
    isReduceOnly: record.reduceOnly === true,
    atMs: record.atMs,
    n: record.n,
    qty: Decimal.orZero(record.qty),
    filled: 0n,
    status: record.parent === undefined ? "working" : "held",
    limit: record.limit,
    stop: record.stop,
    cost: 0n,
    fees: 0n
  }
  book.orders.set(order.orderId, order)
  if (order.clientId === undefined) book.hasForeign = true
  else if (!book.byClientId.has(order.clientId)) book.byClientId.set(order.clientId, order)
  position(book, order.symbol, venue.shut).working.add(order)
  return order
}

const changed = (venue: Venue, book: Book, record: LedgerState): VenueOrder | undefined => {
  const order = book.orders.get(record.orderId)
  if (order === undefined) return undefined
  order.qty = Decimal.orZero(record.qty)
  order.filled = Decimal.orZero(record.filled)
  order.status = record.status
  order.stop = record.stop ?? order.stop
  order.limit = record.limit ?? order.limit
  if (!isAlive(order)) position(book, order.symbol, venue.shut).working.delete(order)
  return order
}

const signed = (side: Side, qty: Decimal.Decimal): Decimal.Decimal => (side === "buy" ? qty : -qty)

const executed = (venue: Venue, book: Book, record: LedgerFill): VenueOrder | undefined => {
  const order = book.orders.get(record.orderId)
  const at = position(book, record.symbol, venue.shut)
  const qty = Decimal.orZero(record.qty)
  book.fills.set(record.fillId, record)
  at.net += signed(record.side, qty)
  if ((order?.clientId ?? record.clientId) === undefined) book.hasForeign = true
  else at.ours += signed(record.side, qty)
  if (order === undefined) return undefined
  order.cost += Decimal.times(Decimal.orZero(record.price), qty)
  order.fees += Decimal.orZero(record.fee)
  return order
}

/** Where a record changed something. */
export interface Touched {
  readonly book: Book
  readonly position: Position | undefined
  readonly order: VenueOrder | undefined
}

/** One record onto the picture; undefined: it is about no account. */
export const evolve = (venue: Venue, directory: Directory, record: LedgerRecord): Touched | undefined => {
  switch (record.kind) {
    case "order": {
      const book = bookOf(venue, directory, record.account)
      const order = placed(venue, book, record)
      return { book, order, position: book.positions.get(order.symbol) }
    }
    case "state": {
      const book = bookOf(venue, directory, record.account)
      const order = changed(venue, book, record)
      return { book, order, position: order === undefined ? undefined : book.positions.get(order.symbol) }
    }
    case "fill": {
      const book = bookOf(venue, directory, record.account)
      const order = executed(venue, book, record)
      return { book, order, position: book.positions.get(record.symbol) }
    }
    case "position": {
      const book = bookOf(venue, directory, record.account)
      const at = position(book, record.symbol, venue.shut)
      at.net = Decimal.orZero(record.net)
      return { book, order: undefined, position: at }
    }
    case "cash": {
      const book = bookOf(venue, directory, record.account)
      book.cash = Decimal.orZero(record.amount)
      book.firstCash ??= book.cash
      return { book, order: undefined, position: undefined }
    }
    case "market": {
      if (record.open) venue.shut.delete(record.symbol)
      else venue.shut.add(record.symbol)
      for (const { positions } of venue.books.values()) {
        const at = positions.get(record.symbol)
        if (at === undefined || at.isOpen === record.open) continue
        at.isOpen = record.open
        at.openSinceMs = record.atMs
      }
      return undefined
    }
    case "request":
      return record.account === undefined ? undefined : { book: bookOf(venue, directory, record.account), order: undefined, position: undefined }
    case "told":
      return { book: bookOf(venue, directory, record.account), order: undefined, position: undefined }
    case "fault":
    case "reach":
      return undefined
  }
}
