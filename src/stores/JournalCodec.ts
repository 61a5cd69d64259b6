/** Events as the text of their rows, both ways. */
import { Schema } from "effect"
import { alertIdOf, JournalEvent, type JournalRow } from "#schemas/JournalEvent.ts"
import { detailOf } from "./SqliteFault.ts"

/** One event as it is written. */
export interface Entry {
  readonly type: string
  readonly alertId: string | undefined
  readonly body: string
}

/** A row as it is read. */
export interface Stored {
  readonly seq: number
  readonly atMs: number
  readonly stream: string
  readonly version: number
  readonly type: string
  readonly body: string
}

/** This version cannot read what an earlier or later one wrote. */
export class RowUndecodable extends Schema.TaggedError<RowUndecodable>()("RowUndecodable", {
  seq: Schema.Int,
  stream: Schema.String,
  type: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `journal row ${this.seq} (${this.stream}, ${this.type}) cannot be read: ${this.detail}`
  }
}

const codec = Schema.toCodecJson(JournalEvent)
const encodeEvent = Schema.encodeSync(codec)
const decodeEvent = Schema.decodeUnknownSync(codec)

/** Throws on an event that its schema forbids. */
export const encode = (event: JournalEvent): Entry => ({
  type: event._tag,
  alertId: alertIdOf(event),
  body: JSON.stringify(encodeEvent(event))
})

/** Throws `RowUndecodable`. */
export const decode = ({ seq, atMs, stream, version, type, body }: Stored): JournalRow => {
  try {
    return { seq, atMs, stream, version, event: decodeEvent(JSON.parse(body)) }
  } catch (error) {
    throw new RowUndecodable({ seq, stream, type, detail: detailOf(error) })
  }
}

export const decodeAll = (stored: ReadonlyArray<Stored>): { readonly rows: ReadonlyArray<JournalRow>; readonly unreadable: ReadonlyArray<RowUndecodable> } => {
  const rows: Array<JournalRow> = []
  const unreadable: Array<RowUndecodable> = []
  for (const one of stored) {
    try {
      rows.push(decode(one))
    } catch (error) {
      if (!(error instanceof RowUndecodable)) throw error
      unreadable.push(error)
    }
  }
  return { rows, unreadable }
}
