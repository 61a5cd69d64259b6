/**
 * When a resting order fills, and at which price. Owns: conservative matching against one quote.
 *
 * The house always takes: a limit order fills at the opposite quote once that is at its limit or beyond, never between. A stop triggers as
 * soon as the opposite quote or the last trade touches it and fills at the worse of its own price and that quote, so a gap is paid in full.
 * Market and triggered stop orders lose the slippage on top. An order is matched once per quote, stops before the rest; a bracket's child
 * that a quote has just activated waits for the next one.
 */
import { BigDecimal } from "effect"
import type { PaperSettings } from "#schemas/config/LoginConfig.ts"
import { type ClientOrderId, FillId } from "#schemas/Ids.ts"
import { type Instrument, Lots, Ticks } from "#schemas/Instrument.ts"
import type { Side } from "#schemas/Order.ts"
import type { Quote } from "#schemas/Quote.ts"
import * as Book from "#src/matching/Book.ts"
import * as Position from "#src/matching/Position.ts"

const { Ended, Filled, Sized, Triggered } = Book.BookEvent.cases

export type Price = Pick<Quote, "bid" | "ask" | "last">

export interface Rules {
  readonly slippage: PaperSettings["slippage"]
  /** Most lots of one fill. */
  readonly lotsPerFillMax: number
  readonly reduceOnly: boolean
  /** A fill of one child of a bracket takes its lots from the other. */
  readonly oca: boolean
}

/** One instrument at one instant. */
export interface Moment {
  readonly instrument: Instrument
  readonly price: Price
  readonly atMs: number
  readonly rules: Rules
  /** In the account's currency. */
  readonly feePerLot: BigDecimal.BigDecimal
}

/** Decides step by step: each event is folded before the next decision. */
export interface Draft {
  readonly book: () => Book.Book
  readonly emit: (event: Book.BookEvent) => void
  readonly events: ReadonlyArray<Book.BookEvent>
}

export const draftOf = (start: Book.Book): Draft => {
  let book = start
  const events: Array<Book.BookEvent> = []
  return {
    book: () => book,
    events,
    emit: (event) => {
      events.push(event)
      book = Book.evolve(book, event)
    }
  }
}

const basisPoints = 10_000

/** What a market order pays: the opposite quote, or the stop if that is worse, and the slippage. Never below one tick. */
const marketTicks = (side: Side, { bid, ask }: Price, stop: number | undefined, { unit, value }: Rules["slippage"]): Ticks => {
  const quoted = side === "buy" ? Math.max(ask, stop ?? ask) : Math.min(bid, stop ?? bid)
  const slipped = unit === "ticks" ? value : Math.ceil((quoted * value) / basisPoints)
  return Ticks.make(Math.max(1, side === "buy" ? quoted + slipped : quoted - slipped))
}

/** Has the market touched this stop? The same question refuses a stop that is sent too late. */
export const isStopReached = (side: Side, stop: number, { bid, ask, last }: Price): boolean =>
  side === "buy" ? Math.max(ask, last) >= stop : Math.min(bid, last) <= stop

const isStop = ({ ticket }: Book.Booked): boolean => ticket.type === "stop" || ticket.type === "stopLimit"

/** The price at which it would fill now. None: not yet. */
const fillTicks = (booked: Book.Booked, { price, rules }: Moment): Ticks | undefined => {
  const { side, type } = booked.ticket
  if (type === "market" || type === "stop") return marketTicks(side, price, booked.stop, rules.slippage)
  const opposite = side === "buy" ? price.ask : price.bid
  const isReached = booked.limit !== undefined && (side === "buy" ? opposite <= booked.limit : opposite >= booked.limit)
  return isReached ? opposite : undefined
}

export const mustReduce = (ticket: Book.Ticket, rules: Rules): boolean => ticket.isClose || (ticket.reduceOnly && rules.reduceOnly)

const reducible = (book: Book.Book, ticket: Book.Ticket): number =>
  Position.reducibleLots(Book.positionOf(book, ticket.instrumentId), ticket.side)

const childrenOf = (book: Book.Book, entry: ClientOrderId): ReadonlyArray<Book.Booked> =>
  [...book.orders.values()].filter(({ bracket, ticket }) => bracket === entry && ticket.id !== entry)

/** An entry that ends without a fill takes its children along. */
export const end = (draft: Draft, id: ClientOrderId, status: "Canceled" | "Expired", reason: string): void => {
  const booked = draft.book().orders.get(id)
  if (booked === undefined) return
  draft.emit(Ended.make({ id, status, reason }))
  if (booked.bracket !== id || booked.filledLots > 0) return
  for (const child of childrenOf(draft.book(), id)) draft.emit(Ended.make({ id: child.ticket.id, status: "Canceled", reason: "its entry ended unfilled" }))
}

const growChildren = (draft: Draft, entry: ClientOrderId, lots: number): void => {
  for (const child of childrenOf(draft.book(), entry)) {
    const before = child.status === "Held" ? 0 : child.lots
    draft.emit(Sized.make({ id: child.ticket.id, lots: Lots.make(before + lots), reason: "follows its entry" }))
  }
}

/** The bracket is on its way out: what its entry still waits for would be left without protection. */
const shrinkFamily = (draft: Draft, child: Book.Booked, entry: ClientOrderId, lots: number, rules: Rules): void => {
  end(draft, entry, "Canceled", "its bracket is closing")
  if (!rules.oca) return
  for (const sibling of childrenOf(draft.book(), entry)) {
    const { id } = sibling.ticket
    if (id === child.ticket.id) continue
    const left = sibling.lots - lots
    if (left <= sibling.filledLots) end(draft, id, "Canceled", "its sibling filled")
    else draft.emit(Sized.make({ id, lots: Lots.make(left), reason: "its sibling filled" }))
  }
}

const endUseless = (draft: Draft, moment: Moment): void => {
  for (const { status, ticket } of draft.book().orders.values()) {
    if (status === "Held" || ticket.instrumentId !== moment.instrument.id || !mustReduce(ticket, moment.rules)) continue
    if (reducible(draft.book(), ticket) === 0) end(draft, ticket.id, "Canceled", "nothing left to reduce")
  }
}

const fill = (draft: Draft, booked: Book.Booked, moment: Moment, ticks: Ticks, lots: Lots): void => {
  const { atMs, feePerLot, instrument } = moment
  const { id, side } = booked.ticket
  const { account, fillCount } = draft.book()
  draft.emit(Filled.make({
    id,
    ticks,
    tickValue: instrument.tickValue,
    fill: {
      id: FillId.make(`${account}-f${fillCount + 1}`),
      clientOrderId: id,
      venueOrderId: booked.venueOrderId,
      instrumentId: instrument.id,
      side,
      lots,
      price: BigDecimal.multiply(BigDecimal.fromBigInt(BigInt(ticks)), instrument.tickSize),
      fee: BigDecimal.multiply(BigDecimal.fromBigInt(BigInt(lots)), feePerLot),
      atMs
    }
  }))
  if (booked.bracket === id) growChildren(draft, id, lots)
  else if (booked.bracket !== undefined) shrinkFamily(draft, booked, booked.bracket, lots, moment.rules)
  endUseless(draft, moment)
}

/** One order against one quote. */
export const matchOne = (draft: Draft, id: ClientOrderId, moment: Moment): void => {
  const booked = draft.book().orders.get(id)
  if (booked === undefined || booked.status === "Held") return
  const { ticket } = booked
  if (booked.endsAtMs !== undefined && booked.endsAtMs <= moment.atMs) return end(draft, id, "Expired", "its time is over")

  const bound = mustReduce(ticket, moment.rules) ? reducible(draft.book(), ticket) : Infinity
  if (bound === 0) return end(draft, id, "Canceled", "nothing left to reduce")

  if (isStop(booked) && !booked.isTriggered) {
    if (booked.stop === undefined || !isStopReached(ticket.side, booked.stop, moment.price)) return
    draft.emit(Triggered.make({ id }))
  }
  const ticks = fillTicks(booked, moment)
  const lots = Math.min(booked.lots - booked.filledLots, moment.rules.lotsPerFillMax, bound)
  if (ticks !== undefined && lots > 0) fill(draft, booked, moment, ticks, Lots.make(lots))
  if (ticket.timeInForce === "ioc") end(draft, id, "Canceled", "immediate or cancel")
}

/** Everything that rests in one instrument, against one quote. */
export const onQuote = (book: Book.Book, moment: Moment): ReadonlyArray<Book.BookEvent> => {
  const draft = draftOf(book)
  const active = [...book.orders.values()].filter(({ status, ticket }) => ticket.instrumentId === moment.instrument.id && status !== "Held")
  const ordered = [...active.filter(isStop), ...active.filter((booked) => !isStop(booked))]
  for (const { ticket } of ordered) matchOne(draft, ticket.id, moment)
  return draft.events
}
