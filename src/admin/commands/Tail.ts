/** The journal as it grows: one line for people per row, and the row itself, secrets masked. */
import { Array, Effect, Schema, Stream } from "effect"
import { Secrets } from "#config/Secrets.ts"
import { TailLine } from "#schemas/contracts/Commands.ts"
import { JournalRow } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"
import type * as Books from "#src/projections/Books.ts"
import * as Catalog from "#src/projections/Catalog.ts"
import * as Orders from "#src/projections/Orders.ts"
import * as Sentences from "#src/projections/Sentences.ts"
import { Views } from "../Views.ts"

const encodeRow = Schema.encodeSync(JournalRow)
const codec = Schema.fromJsonString(Schema.toCodecJson(TailLine))
const encode = Schema.encodeSync(codec)
const decode = Schema.decodeSync(codec)

const lineOf = ({ orders }: Books.State, row: JournalRow): TailLine => {
  const scene: Sentences.Scene = {
    signal: undefined,
    orderOf: (id) => Orders.find(orders, id)?.order,
    instrumentOf: (id, version) => Catalog.find(orders.catalog, id, version)
  }
  const text = Sentences.of(row, scene).map((sentence) => sentence.text).join(" ")
  return { seq: row.seq, atMs: row.atMs, stream: row.stream, event: row.event._tag, text, detail: encodeRow(row) }
}

export const make = Effect.gen(function*() {
  const journal = yield* Journal
  const secrets = yield* Secrets
  const views = yield* Views

  const masked = (line: TailLine): TailLine => decode(secrets.mask(encode(line)))

  return ({ since }: { readonly since?: number }) =>
    Stream.unwrap(Effect.map(journal.status, ({ seq }) => journal.follow(since ?? seq))).pipe(
      Stream.mapArrayEffect((rows) => Effect.map(views.current, (books) => Array.map(rows, (row) => masked(lineOf(books, row)))))
    )
})
