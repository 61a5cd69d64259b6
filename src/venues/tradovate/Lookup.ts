/**
 * Questions about orders, by REST: the stream's books are checked against them, never answered from them. Owns: which reads make one order
 * whole, that all accounts of a login share one list, and that what is older than the stream's word is no answer.
 */
import { Clock, Effect, Option, Result } from "effect"
import type { ClientOrderId } from "#schemas/Ids.ts"
import type { OrderReport } from "#schemas/Order.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import * as Batch from "#src/venues/tradovate/Batch.ts"
import * as Books from "#src/venues/tradovate/Books.ts"
import type { Contracts } from "#src/venues/tradovate/Contracts.ts"
import type { Names } from "#src/venues/tradovate/Names.ts"
import type { Reading } from "#src/venues/tradovate/Reading.ts"
import * as Session from "#src/venues/tradovate/Session.ts"
import * as Translate from "#src/venues/tradovate/Translate.ts"
import type * as Wire from "#src/venues/tradovate/Wire.ts"
import type { VenueError } from "#src/ports/Venue.ts"

export interface Around {
  readonly session: Session.Session
  readonly contracts: Contracts
  readonly names: Names
  readonly reading: Reading
  /** What the stream told so far. */
  readonly heard: Books.Books
}

/** Orders named in one address. */
const idsAtOnce = 50

const chunked = (ids: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: Math.ceil(ids.length / idsAtOnce) }, (_, place) => ids.slice(place * idsAtOnce, (place + 1) * idsAtOnce))

const numberIn = (id: ClientOrderId): number | undefined => {
  const stranger = /^venue-(\d{1,15})$/.exec(id)
  return stranger === null ? undefined : Number(stranger[1])
}

const notFound = <A>(question: Effect.Effect<A, VenueError>) => question.pipe(
  Effect.asSome,
  Effect.catchIf((error) => error._tag === "Refused" && error.kind === "notFound", () => Effect.succeedNone)
)

/** The venue's rows, in these books. */
const loading = ({ names, reading, session }: Around) => {
  const list = (path: string, query: Readonly<Record<string, string>> = {}, urgency?: "urgent") => session.ask(Answers.rows, { method: "GET", path, query }, urgency)

  const take = Effect.fnUntraced(function*(books: Books.Books, kind: Books.Kind, rows: ReadonlyArray<unknown>) {
    for (const row of rows) {
      const taken = books.take(kind, row)
      if (Result.isFailure(taken)) yield* reading.told(kind, taken)
      else if (taken.success?._tag === "Command") yield* names.heard(taken.success.command)
      else if (kind === "order" && taken.success?._tag === "Order") {
        const order = books.get(taken.success.orderId)?.order
        if (order !== undefined) names.owned(order)
      }
    }
  })

  /** The day's orders: whose they are is known from here on. */
  const orders = Effect.fnUntraced(function*(urgency?: "urgent") {
    const all: Array<Wire.Order> = []
    for (const row of yield* list("/v1/order/list", {}, urgency)) {
      const read = Books.orderIn(row)
      if (Result.isFailure(read)) yield* reading.told("order", read)
      else {
        names.owned(read.success)
        all.push(read.success)
      }
    }
    return all
  })

  const isAmbiguous = (books: Books.Books) => (orderId: number) =>
    names.nameOf(orderId) === undefined || (books.get(orderId)?.versions.size ?? 0) > 1

  /** The pieces of orders whose own row is there: their commands only where they tell something. */
  const rest = Effect.fnUntraced(function*(books: Books.Books, orderIds: ReadonlyArray<number>, urgency?: "urgent") {
    const of = Effect.fnUntraced(function*(kind: Books.Kind, ids: ReadonlyArray<number>) {
      const asked = ids.length === 1
        ? [list(`/v1/${kind}/deps`, { masterid: String(ids[0]) }, urgency)]
        : chunked(ids).map((some) => list(`/v1/${kind}/ldeps`, { masterids: some.join(",") }, urgency))
      for (const rows of yield* Effect.all(asked, { concurrency: 2 })) yield* take(books, kind, rows)
    })
    yield* Effect.all([of("orderVersion", orderIds), of("fill", orderIds)], { concurrency: 2 })
    yield* of("command", orderIds.filter(isAmbiguous(books)))
    for (const orderId of orderIds) {
      const pieces = books.get(orderId)
      names.labelled(orderId, pieces === undefined ? undefined : Books.versionOf(pieces)?.text)
      names.estranged(orderId)
    }
  })

  /** First the order, then the rest: what it says of itself is never newer than its fills. */
  const one = Effect.fnUntraced(function*(books: Books.Books, orderId: number) {
    const row = yield* notFound(session.ask(Answers.one, { method: "GET", path: "/v1/order/item", query: { id: String(orderId) } }))
    if (Option.isNone(row)) return undefined
    yield* take(books, "order", [row.value])
    const pieces = books.get(orderId)
    if (pieces?.order === undefined) return yield* Session.astray("another order, or one that cannot be read")
    yield* rest(books, [orderId])
    return pieces
  })
  return { list, orders, take, rest, one }
}

export const make = Effect.fnUntraced(function*(around: Around) {
  const { contracts, heard, names, reading, session } = around
  const { list, one, orders, rest, take } = loading(around)
  const ours = new Set(session.accounts.values())

  const now = Effect.gen(function*() {
    return { house: yield* contracts.house, nowMs: yield* Clock.currentTimeMillis }
  })

  /** Whose orders they are is asked once. */
  const orderRows = yield* Batch.make(orders())
  const commandRows = yield* Batch.make(Effect.gen(function*() {
    yield* take(Books.make(), "command", yield* list("/v1/command/list"))
  }))
  const workingNow = Effect.fnUntraced(function*(urgency?: "urgent") {
    const books = Books.make()
    const all = yield* orders(urgency)
    const over = new Set(all.flatMap((order) => Translate.isTerminal(order) ? [order.id] : []))
    for (const order of all) if (ours.has(order.accountId) && !over.has(order.id)) books.listed(order)
    const live = [...books.orders().keys()]
    if (live.length > 0) yield* rest(books, live, urgency)
    return { books, live }
  })
  const working = yield* Batch.make(workingNow())

  /** Pictures of the past are none. */
  const isPast = ({ order }: Books.Pieces): boolean => {
    const told = order === undefined ? undefined : heard.get(order.id)?.order
    return told !== undefined && order !== undefined && Translate.isTerminal(told) && !Translate.isTerminal(order)
  }
  const reported = Effect.fnUntraced(function*(pieces: Books.Pieces) {
    if (isPast(pieces)) return yield* Session.astray("an order before what is already known of it")
    if (pieces.order !== undefined) yield* contracts.learn(pieces.order.contractId)
    return yield* reading.order(pieces, yield* now)
  })

  const orderIdOf = Effect.fnUntraced(function*(id: ClientOrderId) {
    const known = names.orderIdOf(id) ?? numberIn(id)
    if (known !== undefined) return known
    yield* commandRows
    return names.orderIdOf(id)
  })

  return {
    now,
    /** Undefined: the venue shows no command that bears this name. */
    orderIdOf,
    orderRows,
    commandRows,
    one,
    /** As the venue shows it: none, or all that is to know. */
    find: Effect.fnUntraced(function*(account: number, id: ClientOrderId) {
      const orderId = yield* orderIdOf(id)
      if (orderId === undefined) return Option.none<OrderReport>()
      const pieces = yield* one(Books.make(), orderId)
      if (pieces === undefined) return heard.get(orderId)?.order === undefined ? Option.none<OrderReport>() : yield* Session.astray("no order where the stream told of one")
      if (pieces.order?.accountId !== account) return yield* Session.astray("an order of another account")
      const report = yield* reported(pieces)
      if (report === undefined || report.clientOrderId !== id) return yield* Session.astray(report === undefined ? "an order that cannot be read" : "another order")
      return Option.some(report)
    }),
    working: Effect.fnUntraced(function*(account: number, urgency?: "urgent") {
      const { books, live } = yield* urgency === undefined ? working : workingNow(urgency)
      const all: Array<OrderReport> = []
      for (const orderId of live) {
        const pieces = books.get(orderId)
        if (pieces?.order?.accountId !== account) continue
        const report = yield* reported(pieces)
        if (report !== undefined) all.push(report)
      }
      return all
    })
  }
})
export type Lookup = Effect.Success<ReturnType<typeof make>>
