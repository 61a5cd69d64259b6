/** All books of one paper login, in memory and in its ledger. Owns: that nothing is known to anybody before it is in the ledger. */
import { Effect, Schema } from "effect"
import { AccountId, type LoginId } from "#schemas/Ids.ts"
import * as Book from "#src/matching/Book.ts"
import * as Snapshot from "#src/matching/Snapshot.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import { Unavailable } from "#src/ports/Venue.ts"

/** After so many rows the ledger is replaced by a snapshot. */
export const rowsBetweenSnapshots = 5_000

/** What one request or one quote did to one account: all of it or nothing. */
const Row = Schema.fromJsonString(Schema.Struct({ account: AccountId, events: Schema.Array(Book.BookEvent) }))
const Books = Schema.fromJsonString(Schema.Struct({ version: Schema.Literal(1), books: Schema.Array(Snapshot.Snapshot) }))

const encodeRow = Schema.encodeEffect(Row)
const decodeRow = Schema.decodeUnknownEffect(Row)
const encodeBooks = Schema.encodeEffect(Books)
const decodeBooks = Schema.decodeUnknownEffect(Books)

export interface Books {
  readonly all: () => Iterable<Book.Book>
  readonly of: (account: AccountId) => Book.Book
  /** Returns once it is in the ledger. Failing to write is a defect. */
  readonly commit: (account: AccountId, events: ReadonlyArray<Book.BookEvent>) => Effect.Effect<void>
}

export const recall = Effect.fnUntraced(function*(login: LoginId) {
  const ledger = yield* PaperLedger
  const books = new Map<AccountId, Book.Book>()
  const of = (account: AccountId) => books.get(account) ?? Book.empty(account)
  const fold = (account: AccountId, events: ReadonlyArray<Book.BookEvent>) => {
    books.set(account, events.reduce(Book.evolve, of(account)))
  }

  const { rows, snapshot } = yield* ledger.read(login)
  const told = (error: Schema.SchemaError) =>
    new Unavailable({ reason: `the paper ledger of ${login} cannot be read, move it away to start anew: ${error.message}` })
  if (snapshot !== undefined) {
    const { books: kept } = yield* Effect.mapError(decodeBooks(snapshot), told)
    for (const book of kept) books.set(book.account, Snapshot.restore(book))
  }
  for (const text of rows) {
    const { account, events } = yield* Effect.mapError(decodeRow(text), told)
    fold(account, events)
  }

  let rowsSince = rows.length
  const commit = Effect.fnUntraced(function*(account: AccountId, events: ReadonlyArray<Book.BookEvent>) {
    if (events.length === 0) return
    yield* ledger.append(login, [yield* Effect.orDie(encodeRow({ account, events }))])
    fold(account, events)
    rowsSince++
    if (rowsSince < rowsBetweenSnapshots) return
    const text = yield* Effect.orDie(encodeBooks({ version: 1, books: Array.from(books.values(), Snapshot.of) }))
    yield* ledger.compact(login, text)
    rowsSince = 0
  })
  const recalled: Books = { all: () => books.values(), of, commit }
  return recalled
})
