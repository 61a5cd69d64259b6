/** A journal as it was recorded: read only, oldest first. Takes a data folder's `journal.sqlite`, a backup's, or a copy. */
import { DatabaseSync } from "node:sqlite"
import { Result, Schema } from "effect"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import * as JournalCodec from "#src/stores/JournalCodec.ts"

export class JournalUnreadable extends Schema.TaggedError<JournalUnreadable>()("JournalUnreadable", { path: Schema.String, detail: Schema.String }) {
  override get message() {
    return `${this.path} cannot be read as a journal (${this.detail}): name a journal.sqlite, with its -wal beside it where there is one`
  }
}

export interface Recorded {
  readonly installationId: string
  readonly rows: ReadonlyArray<JournalRow>
  /** Rows that this version cannot read. */
  readonly unreadable: number
}

const select = "select seq, at_ms as atMs, stream, version, type, body from journal order by seq"

const storedOf = (row: Record<string, unknown>): JournalCodec.Stored => ({
  seq: Number(row["seq"]), atMs: Number(row["atMs"]), stream: String(row["stream"]), version: Number(row["version"]), type: String(row["type"]), body: String(row["body"])
})

const read = (path: string): Recorded => {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    const meta = db.prepare("select value from meta where name = 'installation'").get()
    const { rows, unreadable } = JournalCodec.decodeAll(db.prepare(select).all().map(storedOf))
    return { installationId: String(meta?.["value"] ?? ""), rows, unreadable: unreadable.length }
  } finally {
    db.close()
  }
}

export const open = (path: string): Result.Result<Recorded, JournalUnreadable> => {
  try {
    return Result.succeed(read(path))
  } catch (error) {
    return Result.fail(new JournalUnreadable({ path, detail: error instanceof Error ? error.message : String(error) }))
  }
}
