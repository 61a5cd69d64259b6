/** The journal of a data folder, read beside the house or after it. */
import * as NodePath from "node:path"
import { DatabaseSync } from "node:sqlite"
import type { Encoded } from "#src/simulation/oracle/Shapes.ts"
import * as JournalFile from "#src/stores/JournalFile.ts"

const pageRows = 10_000
const path = (data: string): string => NodePath.join(data, "journal.sqlite")

interface Stored {
  readonly seq: number
  readonly atMs: number
  readonly stream: string
  readonly version: number
  readonly body: string
}

const rowOf = ({ atMs, body, seq, stream, version }: Stored): Encoded => ({ seq, atMs, stream, version, event: JSON.parse(body) })

/** What is committed while somebody writes: each call gives the rows that are new. */
export const follow = (data: string) => {
  const db = new DatabaseSync(path(data), { readOnly: true })
  const after = db.prepare("select seq, at_ms as atMs, stream, version, body from journal where seq > ? order by seq")
  let seq = 0
  return {
    next: (): ReadonlyArray<Encoded> => {
      const rows = after.all(seq).map((row) => rowOf({
        seq: Number(row["seq"]), atMs: Number(row["atMs"]), stream: String(row["stream"]), version: Number(row["version"]), body: String(row["body"])
      }))
      seq = rows.at(-1)?.seq ?? seq
      return rows
    },
    close: () => db.close()
  }
}

/** All of it, through the house's own store, when nobody writes. */
export const all = (data: string): ReadonlyArray<Encoded> => {
  const file = JournalFile.open({ path: path(data) })
  const rows: Array<Encoded> = []
  for (let seq = 0; seq < file.lastSeq(); seq = rows.at(-1)?.seq ?? file.lastSeq()) for (const stored of file.readAfter(seq, pageRows)) rows.push(rowOf(stored))
  file.close()
  return rows
}
