/** What must hold once the house has come to rest: our journal beside the venue's own ledger, read apart from each other. */
import { Effect, HashMap, Schema } from "effect"
import { AccountId, type LoginId } from "#schemas/Ids.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import type { Order } from "#schemas/Order.ts"
import * as Book from "#src/lifecycle/Book.ts"
import { evolve } from "#src/lifecycle/Evolve.ts"
import * as VenueBook from "#src/matching/Book.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import { rows } from "./runtime.ts"

const Row = Schema.fromJsonString(Schema.Struct({ account: AccountId, events: Schema.Array(VenueBook.BookEvent) }))

/** The venue's books, by account. */
export const venueBooks = Effect.fnUntraced(function*(logins: ReadonlyArray<string>) {
  const ledger = yield* PaperLedger
  const books = new Map<string, VenueBook.Book>()
  for (const login of logins) {
    for (const text of (yield* ledger.read(login as LoginId)).rows) {
      const { account, events } = yield* Schema.decodeUnknownEffect(Row)(text)
      books.set(account, events.reduce(VenueBook.evolve, books.get(account) ?? VenueBook.empty(account)))
    }
  }
  return books
})

const ofAccount = (all: ReadonlyArray<JournalRow>, account: string) =>
  all.flatMap(({ event, stream }) => stream === `account/${account}` ? [event] : [])

export const bookOf = (all: ReadonlyArray<JournalRow>, account: string): Book.Book => ofAccount(all, account).reduce(evolve, Book.empty)

const outcomesMissing = (all: ReadonlyArray<JournalRow>): ReadonlyArray<string> => {
  const found: Array<string> = []
  const count = (alertId: string, stream: string) =>
    all.filter(({ event, stream: of }) => of === stream && event._tag === "OutcomeReached" && event.alertId === alertId).length
  for (const { event } of all) {
    if (event._tag !== "AlertAccepted") continue
    const { alertId } = event
    const gated = all.flatMap((row) => row.event._tag === "AlertGated" && row.event.alertId === alertId ? [row.event] : [])
    const settled = all.filter((row) => row.event._tag === "AlertSettled" && row.event.alertId === alertId).length
    if (gated.length !== 1) found.push(`${alertId}: gated ${gated.length} times`)
    if (settled !== 1) found.push(`${alertId}: settled ${settled} times`)
    for (const account of gated[0]?.blocked === undefined ? gated[0]?.accounts ?? [] : []) {
      const n = count(alertId, `account/${account}`)
      if (n !== 1) found.push(`${alertId}: ${n} outcomes of ${account}`)
    }
  }
  return found
}

const fillsWrong = (account: string, orders: ReadonlyMap<string, Order>, events: ReturnType<typeof ofAccount>, venue: VenueBook.Book) => {
  const found: Array<string> = []
  const entries = new Map<string, Set<string>>()
  for (const { clientOrderId = "?" } of venue.fills) {
    const order = orders.get(clientOrderId)
    if (order === undefined) found.push(`${account}: filled at the venue and not intended: ${clientOrderId}`)
    else if (order.leg === "entry") entries.set(order.alertId, (entries.get(order.alertId) ?? new Set()).add(order.id))
  }
  for (const [alertId, ids] of entries) if (ids.size > 1) found.push(`${account}: ${ids.size} entries of ${alertId} filled`)
  const ours = events.flatMap((event) => event._tag === "FillReceived" ? [event.evidence === "inferred" ? `inferred ${event.fill.id}` : event.fill.id] : [])
  const theirs = venue.fills.map(({ id }) => id)
  if (ours.toSorted().join() !== theirs.toSorted().join()) found.push(`${account}: our fills ${ours.join()}, the venue's ${theirs.join()}`)
  return found
}

const positionsWrong = (account: string, book: Book.Book, venue: VenueBook.Book): ReadonlyArray<string> => {
  const found: Array<string> = []
  const ids = new Set([...book.brackets.keys(), ...HashMap.keys(venue.positions), ...Array.from(venue.orders.values(), ({ ticket }) => ticket.instrumentId)])
  for (const id of ids) {
    const bracket = book.brackets.get(id)
    const ours = bracket === undefined ? 0 : Book.netOf(book, bracket)
    const theirs = VenueBook.positionOf(venue, id).net
    if (ours !== theirs) found.push(`${account}: ${id} is ${ours} in the journal, ${theirs} at the venue`)
    const working = Array.from(venue.orders.values()).filter(({ status, ticket }) =>
      ticket.instrumentId === id && ticket.type === "stop" && status !== "Held" && ticket.side === (theirs > 0 ? "sell" : "buy"))
    const covered = working.reduce((sum, { filledLots, lots }) => sum + lots - filledLots, 0)
    if (theirs !== 0 && covered !== Math.abs(theirs)) found.push(`${account}: ${id} holds ${theirs}, its stops cover ${covered}`)
    if (theirs === 0 && venue.orders.size > 0 && bracket === undefined) found.push(`${account}: flat in ${id}, ${venue.orders.size} orders left`)
  }
  return found
}

/** What is wrong, in words; nothing when all is well. */
export const findings = Effect.fnUntraced(function*(logins: ReadonlyArray<string> = ["paper-demo"]) {
  const all = yield* rows
  const found = [...outcomesMissing(all)]
  for (const [account, venue] of yield* venueBooks(logins)) {
    const events = ofAccount(all, account)
    const orders = new Map<string, Order>(events.flatMap((event) => event._tag === "OrderIntended" ? [[event.order.id, event.order] as const] : []))
    found.push(...fillsWrong(account, orders, events, venue), ...positionsWrong(account, bookOf(all, account), venue))
  }
  return found
})
