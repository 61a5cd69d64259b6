/** What may be asked of a book. Owns: the venue's yes and no, and that an order sent twice is one order. */
import { Equal } from "effect"
import type { ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import { Lots, type Ticks } from "#schemas/Instrument.ts"
import type { BracketOrder, Order } from "#schemas/Order.ts"
import * as Book from "#src/matching/Book.ts"
import * as Match from "#src/matching/Match.ts"
import * as Position from "#src/matching/Position.ts"

const { Modified, Placed, Rejected } = Book.BookEvent.cases

/** The venue's no: certain, nothing was executed by it. */
export interface Refusal {
  readonly kind: "invalid" | "notFound" | "marketClosed"
  readonly reason: string
}

/** A refused order may leave a row: what was understood and turned down can be looked up. */
export interface Decision {
  readonly events: ReadonlyArray<Book.BookEvent>
  readonly refusal: Refusal | undefined
}

/** Orders of one account that are not closed. */
export const ordersWorkingMax = 1_000

const no = (kind: Refusal["kind"], reason: string): Decision => ({ events: [], refusal: { kind, reason } })
const yes = (events: ReadonlyArray<Book.BookEvent>): Decision => ({ events, refusal: undefined })

export const ticketOf = (order: Order): Book.Ticket => ({
  id: order.id,
  instrumentId: order.instrumentId,
  side: order.side,
  lots: order.lots,
  type: order.type,
  timeInForce: order.timeInForce,
  reduceOnly: order.reduceOnly,
  isClose: false,
  ...(order.limit === undefined ? {} : { limit: order.limit }),
  ...(order.stop === undefined ? {} : { stop: order.stop }),
  ...(order.expiresAtMs === undefined ? {} : { expiresAtMs: order.expiresAtMs })
})

const isPrice = (ticks: number | undefined): boolean => ticks !== undefined && Number.isInteger(ticks) && ticks > 0

/** Not an order at all: nothing of it is kept. */
const malformed = (ticket: Book.Ticket): string | undefined => {
  const hasLimit = ticket.type === "limit" || ticket.type === "stopLimit"
  const hasStop = ticket.type === "stop" || ticket.type === "stopLimit"
  if (!Number.isInteger(ticket.lots) || ticket.lots <= 0) return `lots must be a whole number above 0, got ${ticket.lots}`
  if (hasLimit !== (ticket.limit !== undefined)) return `a ${ticket.type} order comes ${hasLimit ? "with" : "without"} a limit price`
  if (hasStop !== (ticket.stop !== undefined)) return `a ${ticket.type} order comes ${hasStop ? "with" : "without"} a stop price`
  if (hasLimit && !isPrice(ticket.limit)) return `limit price must be whole ticks above 0, got ${ticket.limit}`
  if (hasStop && !isPrice(ticket.stop)) return `stop price must be whole ticks above 0, got ${ticket.stop}`
  return hasStop && ticket.timeInForce === "ioc" ? "a stop order cannot be immediate or cancel" : undefined
}

const throughMarket = (ticket: Book.Ticket, price: Match.Price): string | undefined =>
  ticket.stop !== undefined && Match.isStopReached(ticket.side, ticket.stop, price)
    ? `stop price already through the market: ${ticket.side} stop ${ticket.stop}, bid ${price.bid}, ask ${price.ask}, last ${price.last}`
    : undefined

/** Well formed, but not now. What an ended contract left behind can still be closed. */
const untimely = (book: Book.Book, ticket: Book.Ticket, endsAtMs: number | undefined, moment: Match.Moment): string | undefined => {
  const { atMs, instrument, price, rules } = moment
  const hasEnded = instrument.expiresAtMs !== undefined && instrument.expiresAtMs <= atMs
  if (hasEnded && !ticket.isClose) return `${instrument.id} has ended`
  if (endsAtMs !== undefined && endsAtMs <= atMs) return "its time was over before it came"
  const cannotReduce = Match.mustReduce(ticket, rules) && Position.reducibleLots(Book.positionOf(book, ticket.instrumentId), ticket.side) === 0
  return cannotReduce ? "reduce-only, and there is nothing to reduce" : throughMarket(ticket, price)
}

const idIsUsed = no("invalid", "client order id is used by another order")
const answeredBefore = ({ reason, status }: Book.Booked): Decision =>
  status === "Rejected" ? no("invalid", reason ?? "rejected") : yes([])

/** The same order again changes nothing; another one under a used id is none. */
const known = (book: Book.Book, tickets: ReadonlyArray<Book.Ticket>): Decision | undefined => {
  const found = tickets.flatMap(({ id }) => Book.find(book, id) ?? [])
  if (found.length === 0) return undefined
  const isSame = found.length === tickets.length && found.every((booked, index) => Equal.equals(booked.ticket, tickets[index]))
  const [first] = found
  return isSame && first !== undefined ? answeredBefore(first) : idIsUsed
}

const turnedDown = (book: Book.Book, tickets: ReadonlyArray<Book.Ticket>, reason: string): Decision => ({
  events: tickets.map((ticket, index) => Rejected.make({ ticket, venueOrderId: Book.nextVenueOrderId(book, index), reason })),
  refusal: { kind: "invalid", reason }
})

const crowded = (book: Book.Book): Decision | undefined =>
  book.orders.size < ordersWorkingMax ? undefined : no("invalid", `${ordersWorkingMax} orders are working already`)

/** `endsAtMs`: where its time in force or its expiry ends it. A marketable order fills on the quote that finds it. */
export const place = (book: Book.Book, ticket: Book.Ticket, endsAtMs: number | undefined, moment: Match.Moment): Decision => {
  const again = known(book, [ticket]) ?? crowded(book)
  if (again !== undefined) return again
  const nonsense = malformed(ticket)
  if (nonsense !== undefined) return no("invalid", nonsense)
  const reason = untimely(book, ticket, endsAtMs, moment)
  if (reason !== undefined) return turnedDown(book, [ticket], reason)

  const draft = Match.draftOf(book)
  draft.emit(Placed.make({ ticket, venueOrderId: Book.nextVenueOrderId(book), isHeld: false, ...(endsAtMs === undefined ? {} : { endsAtMs }) }))
  Match.matchOne(draft, ticket.id, moment)
  return yes(draft.events)
}

/** Children lie on the right side of each other and of where the entry will be. */
const crooked = (entry: Book.Ticket, children: ReadonlyArray<Book.Ticket>, { ask, bid }: Match.Price): string | undefined => {
  const strays = children.some((child) => child.side === entry.side || child.lots !== entry.lots || child.instrumentId !== entry.instrumentId)
  if (strays) return "a bracket's children take the entry's instrument and lots, on the other side"
  const stop = children.find(({ type }) => type === "stop" || type === "stopLimit")?.stop
  const target = children.find(({ type }) => type === "limit")?.limit
  const enters = entry.limit ?? entry.stop ?? (entry.side === "buy" ? bid : ask)
  const sign = entry.side === "buy" ? 1 : -1
  if (stop !== undefined && (enters - stop) * sign <= 0) return `stop price already through the market: stop ${stop}, entry at ${enters}`
  return stop !== undefined && target !== undefined && (target - stop) * sign <= 0 ? `stop ${stop} lies beyond target ${target}` : undefined
}

/** Entry and children as one. The children are held until the entry fills, and take its filled size. */
export const placeBracket = (
  book: Book.Book,
  bracket: BracketOrder,
  endsAtMsOf: (ticket: Book.Ticket) => number | undefined,
  moment: Match.Moment
): Decision => {
  const entry = ticketOf(bracket.entry)
  const children = [bracket.stop, bracket.target].flatMap((order) => order === undefined ? [] : ticketOf(order))
  const tickets = [entry, ...children]
  if (new Set(tickets.map(({ id }) => id)).size < tickets.length) return no("invalid", "a bracket's orders need different client order ids")
  const again = known(book, tickets) ?? crowded(book)
  if (again !== undefined) return again
  const nonsense = tickets.map(malformed).find((reason) => reason !== undefined)
  if (nonsense !== undefined) return no("invalid", nonsense)
  const reason = untimely(book, entry, endsAtMsOf(entry), moment) ?? crooked(entry, children, moment.price)
  if (reason !== undefined) return turnedDown(book, tickets, reason)

  const draft = Match.draftOf(book)
  tickets.forEach((ticket, index) => {
    const endsAtMs = endsAtMsOf(ticket)
    const ends = endsAtMs === undefined ? {} : { endsAtMs }
    draft.emit(Placed.make({ ticket, venueOrderId: Book.nextVenueOrderId(book, index), bracket: entry.id, isHeld: index > 0, ...ends }))
  })
  Match.matchOne(draft, entry.id, moment)
  return yes(draft.events)
}

export interface Change {
  readonly lots: Lots
  readonly stop?: Ticks
  readonly limit?: Ticks
}

export const notWorking = (book: Book.Book, id: ClientOrderId): Decision => {
  const closed = Book.find(book, id)
  return no("notFound", closed === undefined ? `no order ${id}` : `order ${id} is ${closed.status}`)
}

/** `lots` is the whole order's new size, what has filled included. A held child keeps following its entry: only its prices move. */
export const modify = (book: Book.Book, id: ClientOrderId, change: Change, price: Match.Price): Decision => {
  const booked = book.orders.get(id)
  if (booked === undefined) return notWorking(book, id)
  const { limit = booked.limit, stop = booked.stop } = change
  const lots = booked.status === "Held" ? booked.lots : change.lots
  const next: Book.Ticket = {
    ...booked.ticket,
    lots,
    ...(limit === undefined ? {} : { limit }),
    ...(stop === undefined ? {} : { stop })
  }
  const nonsense = malformed(next)
  if (nonsense !== undefined) return no("invalid", nonsense)
  if (lots <= booked.filledLots) return no("invalid", `${booked.filledLots} lots have filled, cannot shrink to ${lots}`)
  const movesStop = change.stop !== undefined && change.stop !== booked.stop
  if (movesStop && booked.isTriggered) return no("invalid", "its stop has triggered")
  const late = movesStop && booked.status !== "Held" ? throughMarket(next, price) : undefined
  if (late !== undefined) return no("invalid", late)
  return yes([Modified.make({ id, lots, ...(limit === undefined ? {} : { limit }), ...(stop === undefined ? {} : { stop }) })])
}

export const cancel = (book: Book.Book, id: ClientOrderId): Decision => {
  if (!book.orders.has(id)) return notWorking(book, id)
  const draft = Match.draftOf(book)
  Match.end(draft, id, "Canceled", "asked for")
  return yes(draft.events)
}

export const cancelAll = (book: Book.Book, instrumentId: InstrumentId | undefined): Decision => {
  const draft = Match.draftOf(book)
  for (const { ticket } of book.orders.values()) {
    if (instrumentId === undefined || ticket.instrumentId === instrumentId) Match.end(draft, ticket.id, "Canceled", "asked for")
  }
  return yes(draft.events)
}

/** At the market against what is held here; never more than that, whatever else fills meanwhile. */
export const close = (book: Book.Book, id: ClientOrderId, lots: Lots | undefined, moment: Match.Moment): Decision => {
  const { id: instrumentId } = moment.instrument
  const { net } = Book.positionOf(book, instrumentId)
  const before = Book.find(book, id)
  if (before !== undefined) {
    return before.ticket.isClose && before.ticket.instrumentId === instrumentId ? answeredBefore(before) : idIsUsed
  }
  if (net === 0) return no("notFound", `no position in ${instrumentId}`)
  const held = Math.abs(net)
  return place(book, {
    id,
    instrumentId,
    side: net > 0 ? "sell" : "buy",
    lots: Lots.make(Math.min(lots ?? held, held)),
    type: "market",
    timeInForce: "gtc",
    reduceOnly: true,
    isClose: true
  }, undefined, moment)
}
