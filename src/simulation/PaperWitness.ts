/**
 * The paper venue's own ledger in the words in which every venue's ledger is read: plain records, made from what it wrote down for itself and
 * from what left it. Quantities and prices are decimals in the instrument's own units.
 */
import { BigDecimal, Effect, Option, Schema, Stream } from "effect"
import type { House } from "#config/House.ts"
import { AccountId, type InstrumentId, type LoginId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { OrderReport } from "#schemas/Order.ts"
import * as Book from "#src/matching/Book.ts"
import type { Adapter, Connection } from "#src/ports/Venue.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

/** As the judge takes it: `n` and `atMs` are added by whoever keeps the ledger. */
export type Record = Readonly<{ kind: string; [key: string]: unknown }>

const Row = Schema.fromJsonString(Schema.Struct({ account: AccountId, events: Schema.Array(Book.BookEvent) }))
const decodeRow = Schema.decodeUnknownSync(Row)

const statuses: Readonly<{ [status in OrderReport["status"]]: string }> = {
  Held: "held", Accepted: "working", PartlyFilled: "partly", Filled: "filled", Canceled: "canceled", Rejected: "rejected", Expired: "expired"
}

const present = (fields: { readonly [key: string]: unknown }) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

/** Ticks and lots of an instrument as decimals. */
const units = (house: () => House) => {
  const known = new Map<InstrumentId, Instrument>()
  const of = (id: InstrumentId): Instrument => {
    const found = known.get(id) ?? Option.getOrThrow(Resolve.byId(house().instruments, id, house().calendars))
    known.set(id, found)
    return found
  }
  const times = (n: number, step: BigDecimal.BigDecimal) => BigDecimal.format(BigDecimal.multiply(BigDecimal.fromBigInt(BigInt(n)), step))
  return {
    qty: (id: InstrumentId, lots: number) => times(lots, of(id).lotSize),
    price: (id: InstrumentId, ticks: number | undefined) => ticks === undefined ? undefined : times(ticks, of(id).tickSize)
  }
}

export const make = (house: () => House, write: (login: LoginId, record: Record) => void) => {
  const books = new Map<AccountId, Book.Book>()
  const cash = new Set<AccountId>()
  const { price, qty } = units(house)
  /** What was told already, once each. */
  const told = new Set<string>()

  const balanceOf = (account: AccountId): string => {
    const began = house().accounts.get(account)?.balance.amount ?? BigDecimal.make(0n, 0)
    const { fees, realised } = books.get(account) ?? Book.empty(account)
    return BigDecimal.format(BigDecimal.subtract(BigDecimal.sum(began, realised), fees))
  }

  const orderRecord = (account: AccountId, event: Extract<Book.BookEvent, { readonly _tag: "Placed" | "Rejected" }>): Record => {
    const { bracket, ticket, venueOrderId } = event
    const { id, instrumentId, isClose, limit, lots, reduceOnly, side, stop, type } = ticket
    const parent = bracket === undefined || bracket === id ? undefined : books.get(account)?.orders.get(bracket)?.venueOrderId
    return {
      kind: "order", account, orderId: venueOrderId, clientId: id, symbol: instrumentId, side, type, qty: qty(instrumentId, lots),
      reduceOnly: reduceOnly || isClose, role: parent === undefined ? "single" : type === "stop" ? "stop" : "target",
      ...present({ limit: price(instrumentId, limit), stop: price(instrumentId, stop), parent })
    }
  }

  const stateRecord = (account: AccountId, { filledLots, limit, lots, status, stop, ticket: { id, instrumentId }, venueOrderId }: Book.Booked): Record => ({
    kind: "state", account, orderId: venueOrderId, clientId: id, status: statuses[status], qty: qty(instrumentId, lots), filled: qty(instrumentId, filledLots),
    ...present({ stop: price(instrumentId, stop), limit: price(instrumentId, limit) })
  })

  const one = (login: LoginId, account: AccountId, event: Book.BookEvent) => {
    const placed = event._tag === "Placed" || event._tag === "Rejected"
    if (placed) write(login, orderRecord(account, event))
    const book = Book.evolve(books.get(account) ?? Book.empty(account), event)
    books.set(account, book)
    if (event._tag === "Filled") {
      const { clientOrderId, fee, id, instrumentId, lots, price: paid, side, venueOrderId } = event.fill
      write(login, {
        kind: "fill", account, fillId: id, orderId: venueOrderId, ...present({ clientId: clientOrderId }), symbol: instrumentId, side,
        qty: qty(instrumentId, lots), price: BigDecimal.format(paid), fee: BigDecimal.format(fee)
      })
    }
    const booked = Book.find(book, placed ? event.ticket.id : event.id)
    if (booked !== undefined && event._tag !== "Triggered") write(login, stateRecord(account, booked))
    if (event._tag !== "Filled") return
    const { instrumentId } = event.fill
    write(login, { kind: "position", account, symbol: instrumentId, net: qty(instrumentId, Book.positionOf(book, instrumentId).net) })
    write(login, { kind: "cash", account, amount: balanceOf(account) })
  }

  const tell = (login: LoginId, key: string, record: Record) => {
    if (told.has(key)) return
    told.add(key)
    write(login, record)
  }
  const tellOrder = (login: LoginId, account: AccountId, how: "stream" | "query", { status, venueOrderId }: OrderReport) =>
    tell(login, `${how} ${account} ${venueOrderId} ${status}`, { kind: "told", account, orderId: venueOrderId, status: statuses[status], how })
  const tellFill = (login: LoginId, account: AccountId, how: "stream" | "query", id: string) =>
    tell(login, `${how} ${account} ${id}`, { kind: "told", account, fillId: id, how })

  const watching = (login: LoginId, connection: Connection): Connection => ({
    ...connection,
    events: Stream.tap(connection.events, ({ account, event }) => Effect.sync(() => {
      if (event._tag === "OrderChanged") tellOrder(login, account, "stream", event.report)
      else if (event._tag === "Filled") tellFill(login, account, "stream", event.fill.id)
    })),
    workingOrders: (account) => Effect.tap(connection.workingOrders(account), (reports) =>
      Effect.sync(() => reports.forEach((report) => tellOrder(login, account, "query", report)))),
    orderByClientId: (account, id) => Effect.tap(connection.orderByClientId(account, id), (report) =>
      Effect.sync(() => Option.map(report, (found) => tellOrder(login, account, "query", found)))),
    fillsSince: (account, sinceMs) => Effect.tap(connection.fillsSince(account, sinceMs), (fills) =>
      Effect.sync(() => fills.forEach(({ id }) => tellFill(login, account, "query", id))))
  })

  return {
    /** A row as the venue wrote it down. */
    onRow: (login: LoginId, text: string): void => {
      const { account, events } = decodeRow(text)
      if (!cash.has(account)) {
        cash.add(account)
        write(login, { kind: "cash", account, amount: balanceOf(account) })
      }
      for (const event of events) one(login, account, event)
    },
    /** Its adapter, with an ear at what leaves it. */
    around: (adapter: Adapter): Adapter => ({
      ...adapter,
      connect: (login) => Effect.map(adapter.connect(login), (connection) => watching(login.id, connection))
    })
  }
}
export type PaperWitness = ReturnType<typeof make>
