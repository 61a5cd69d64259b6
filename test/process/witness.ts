/** What lies in a data folder, read without the house: its journal, and the paper venue's own books beside it. */
import * as NodePath from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Schema } from "effect"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Book from "#src/matching/Book.ts"

const read = (data: string, file: string, query: string): ReadonlyArray<Record<string, unknown>> => {
  const db = new DatabaseSync(NodePath.join(data, file), { readOnly: true })
  try {
    return db.prepare(query).all()
  } finally {
    db.close()
  }
}

const decodeEvent = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.toCodecJson(JournalEvent)))

/** Every row of the journal, oldest first. */
export const journal = (data: string) =>
  read(data, "journal.sqlite", "select seq, at_ms, stream, body from journal order by seq").map((row) =>
    ({ seq: Number(row["seq"]), atMs: Number(row["at_ms"]), stream: String(row["stream"]), event: decodeEvent(row["body"]) }))

const decodeEntry = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({ account: Schema.String, events: Schema.Array(Book.BookEvent) })))

/** What the venue says it did, per account. Short of its first compaction. */
export const venue = (data: string) => {
  const net = new Map<string, number>()
  const placed: Array<string> = []
  const fills: Array<string> = []
  for (const row of read(data, "paper.sqlite", "select body from entry order by place")) {
    const { account, events } = decodeEntry(row["body"])
    for (const event of events) {
      if (event._tag === "Placed" || event._tag === "Rejected") placed.push(`${account} ${event.ticket.id}`)
      if (event._tag !== "Filled") continue
      const { id, instrumentId, lots, side } = event.fill
      fills.push(`${account} ${id}`)
      const key = `${account} ${instrumentId}`
      net.set(key, (net.get(key) ?? 0) + (side === "buy" ? lots : -lots))
    }
  }
  return { placed, fills, net: [...net].filter(([, lots]) => lots !== 0).map(([key, lots]) => `${key} ${lots}`).sort() }
}
