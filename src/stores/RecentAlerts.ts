/** Rows of the newest alerts, for a follower who tells their stories: most are told before the journal would have to be read again. */
import { alertIdOf, type JournalRow } from "#schemas/JournalEvent.ts"

/** Rows kept; the oldest alerts go first, and are read from the journal. */
const rowsMax = 8_192

const isFirst = ({ event }: JournalRow): boolean => event._tag === "AlertAccepted" || event._tag === "AlertRefused"

export const make = () => {
  const byAlert = new Map<string, Array<JournalRow>>()
  let count = 0

  const forget = () => {
    for (const [id, rows] of byAlert) {
      if (count <= rowsMax) return
      byAlert.delete(id)
      count -= rows.length
    }
  }

  return {
    /** Only what begins under these eyes is known whole. */
    add: (row: JournalRow): void => {
      const id = alertIdOf(row.event)
      if (id === undefined) return
      const rows = byAlert.get(id)
      if (rows !== undefined) rows.push(row)
      else if (isFirst(row)) byAlert.set(id, [row])
      else return
      count += 1
      if (count > rowsMax) forget()
    },
    /** All rows of an alert so far, of the accounts' streams only this one; undefined if it is not known whole. */
    beside: (id: string, stream: string): ReadonlyArray<JournalRow> | undefined =>
      byAlert.get(id)?.filter((row) => row.stream === stream || !row.stream.startsWith("account/"))
  }
}
