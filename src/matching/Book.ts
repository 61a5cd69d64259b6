/**
 * One account's book at a matching venue: what was sent, what rests, what is held. Owns: the shapes and the fold of its events.
 * Not here: when an order fills (`Match.ts`), what may be asked (`Commands.ts`).
 */
import { BigDecimal, HashMap, Option, Schema } from "effect"
import { PositiveDecimal } from "#schemas/Decimal.ts"
import { Fill } from "#schemas/Fill.ts"
import { AccountId, ClientOrderId, InstrumentId, VenueOrderId } from "#schemas/Ids.ts"
import { Lots, Ticks } from "#schemas/Instrument.ts"
import { Order, OrderReport } from "#schemas/Order.ts"
import * as Position from "#src/matching/Position.ts"

/** What the venue keeps of an order as it was sent. */
export const Ticket = Schema.Struct({
  id: ClientOrderId,
  instrumentId: InstrumentId,
  side: Order.fields.side,
  lots: Lots,
  type: Order.fields.type,
  limit: Order.fields.limit,
  stop: Order.fields.stop,
  timeInForce: Order.fields.timeInForce,
  expiresAtMs: Order.fields.expiresAtMs,
  reduceOnly: Schema.Boolean,
  /** A close: bound to the position even where the venue knows no reduce-only. */
  isClose: Schema.Boolean
})
export type Ticket = typeof Ticket.Type

/** An order as it stands. `lots`, `limit` and `stop` are those in force, `ticket` is what was sent. */
export const Booked = Schema.Struct({
  ticket: Ticket,
  venueOrderId: VenueOrderId,
  lots: Lots,
  filledLots: Schema.Int,
  status: OrderReport.fields.status,
  limit: Schema.optionalKey(Ticks),
  stop: Schema.optionalKey(Ticks),
  /** The entry's id, on the entry and on its children. */
  bracket: Schema.optionalKey(ClientOrderId),
  /** A stop that was reached: from then on a market or limit order. */
  isTriggered: Schema.Boolean,
  /** Where a day order or an expiry ends it. */
  endsAtMs: Schema.optionalKey(Schema.Finite),
  reason: Schema.optionalKey(Schema.String)
})
export type Booked = typeof Booked.Type

const placement = {
  ticket: Ticket,
  venueOrderId: VenueOrderId,
  bracket: Schema.optionalKey(ClientOrderId)
}

export const BookEvent = Schema.TaggedUnion({
  Placed: { ...placement, isHeld: Schema.Boolean, endsAtMs: Schema.optionalKey(Schema.Finite) },
  /** Understood and turned down: a look-up finds it with its reason. */
  Rejected: { ...placement, reason: Schema.String },
  Modified: { id: ClientOrderId, lots: Lots, limit: Schema.optionalKey(Ticks), stop: Schema.optionalKey(Ticks) },
  Triggered: { id: ClientOrderId },
  /** `ticks` and `tickValue` are the fill's price once more, in what money is made of. */
  Filled: { id: ClientOrderId, fill: Fill, ticks: Ticks, tickValue: PositiveDecimal },
  /** A bracket's child follows its entry's fills, or its sibling's. A held one becomes active by it. */
  Sized: { id: ClientOrderId, lots: Lots, reason: Schema.String },
  Ended: { id: ClientOrderId, status: Schema.Literals(["Canceled", "Expired"]), reason: Schema.String }
})
export type BookEvent = typeof BookEvent.Type

/** At least so many closed orders of an account can still be looked up, and their ids are still known as used; at most twice as many. */
export const closedKeptMin = 1_000
/** The latest fills of an account that `fillsSince` can still give. */
export const fillsKeptMax = 2_000

export interface Book {
  readonly account: AccountId
  /** Not yet closed, in the order they came. */
  readonly orders: ReadonlyMap<ClientOrderId, Booked>
  /** Two generations: when the younger is full, the older is forgotten. */
  readonly closed: HashMap.HashMap<ClientOrderId, Booked>
  readonly closedBefore: HashMap.HashMap<ClientOrderId, Booked>
  /** Open ones only. */
  readonly positions: HashMap.HashMap<InstrumentId, Position.Position>
  /** Won by closing, before fees; and the fees. In the account's currency. */
  readonly realised: BigDecimal.BigDecimal
  readonly fees: BigDecimal.BigDecimal
  readonly fills: ReadonlyArray<Fill>
  /** So many venue order ids and fill ids were given. */
  readonly orderCount: number
  readonly fillCount: number
}

const zero = BigDecimal.make(0n, 0)

export const empty = (account: AccountId): Book => ({
  account,
  orders: new Map(),
  closed: HashMap.empty(),
  closedBefore: HashMap.empty(),
  positions: HashMap.empty(),
  realised: zero,
  fees: zero,
  fills: [],
  orderCount: 0,
  fillCount: 0
})

export const find = (book: Book, id: ClientOrderId): Booked | undefined =>
  book.orders.get(id) ?? Option.getOrUndefined(Option.orElse(HashMap.get(book.closed, id), () => HashMap.get(book.closedBefore, id)))

export const positionOf = (book: Book, instrumentId: InstrumentId): Position.Position =>
  Option.getOrElse(HashMap.get(book.positions, instrumentId), () => Position.flat)

export const nextVenueOrderId = (book: Book, ahead = 0): VenueOrderId => VenueOrderId.make(`${book.account}-o${book.orderCount + 1 + ahead}`)

/** As the venue answers for it. */
export const reportOf = (booked: Booked): OrderReport => ({
  clientOrderId: booked.ticket.id,
  venueOrderId: booked.venueOrderId,
  instrumentId: booked.ticket.instrumentId,
  side: booked.ticket.side,
  lots: booked.lots,
  filledLots: booked.filledLots,
  status: booked.status,
  ...(booked.limit === undefined ? {} : { limit: booked.limit }),
  ...(booked.stop === undefined ? {} : { stop: booked.stop }),
  ...(booked.reason === undefined ? {} : { reason: booked.reason })
})

const isClosed = ({ status }: Booked): boolean => status === "Filled" || status === "Canceled" || status === "Expired" || status === "Rejected"

const put = (book: Book, booked: Booked): Book => {
  const { id } = booked.ticket
  if (!isClosed(booked)) return { ...book, orders: new Map(book.orders).set(id, booked) }
  const orders = new Map(book.orders)
  orders.delete(id)
  const isFull = HashMap.size(book.closed) >= closedKeptMin
  return {
    ...book,
    orders,
    closed: HashMap.set(isFull ? HashMap.empty<ClientOrderId, Booked>() : book.closed, id, booked),
    closedBefore: isFull ? book.closed : book.closedBefore
  }
}

const change = (book: Book, id: ClientOrderId, f: (booked: Booked) => Booked): Book => {
  const booked = book.orders.get(id)
  return booked === undefined ? book : put(book, f(booked))
}

const newlyBooked = ({ ticket, venueOrderId, bracket }: Pick<Booked, "ticket" | "venueOrderId"> & { readonly bracket?: ClientOrderId }) => ({
  ticket,
  venueOrderId,
  lots: ticket.lots,
  filledLots: 0,
  isTriggered: false,
  ...(ticket.limit === undefined ? {} : { limit: ticket.limit }),
  ...(ticket.stop === undefined ? {} : { stop: ticket.stop }),
  ...(bracket === undefined ? {} : { bracket })
})

const filled = (book: Book, { fill, id, tickValue, ticks }: typeof BookEvent.cases.Filled.Type): Book => {
  const { position, realised } = Position.add(positionOf(book, fill.instrumentId), fill.side, fill.lots, ticks, tickValue)
  const paid: Book = {
    ...book,
    positions: position.net === 0 ? HashMap.remove(book.positions, fill.instrumentId) : HashMap.set(book.positions, fill.instrumentId, position),
    realised: BigDecimal.sum(book.realised, realised),
    fees: BigDecimal.sum(book.fees, fill.fee),
    fills: [...book.fills.slice(-(fillsKeptMax - 1)), fill],
    fillCount: book.fillCount + 1
  }
  return change(paid, id, (booked) => {
    const filledLots = booked.filledLots + fill.lots
    return { ...booked, filledLots, status: filledLots >= booked.lots ? "Filled" : "PartlyFilled" }
  })
}

export const evolve = (book: Book, event: BookEvent): Book =>
  BookEvent.match(event, {
    Placed: (placed) => put({ ...book, orderCount: book.orderCount + 1 }, {
      ...newlyBooked(placed),
      status: placed.isHeld ? "Held" : "Accepted",
      ...(placed.endsAtMs === undefined ? {} : { endsAtMs: placed.endsAtMs })
    }),
    Rejected: (rejected) => put({ ...book, orderCount: book.orderCount + 1 }, {
      ...newlyBooked(rejected),
      status: "Rejected",
      reason: rejected.reason
    }),
    Modified: ({ id, limit, lots, stop }) => change(book, id, (booked) => ({
      ...booked,
      lots,
      ...(limit === undefined ? {} : { limit }),
      ...(stop === undefined ? {} : { stop })
    })),
    Triggered: ({ id }) => change(book, id, (booked) => ({ ...booked, isTriggered: true })),
    Filled: (event) => filled(book, event),
    Sized: ({ id, lots, reason }) => change(book, id, (booked) => ({
      ...booked,
      lots,
      reason,
      status: booked.status === "Held" ? "Accepted" : booked.status
    })),
    Ended: ({ id, reason, status }) => change(book, id, (booked) => ({ ...booked, status, reason }))
  })
