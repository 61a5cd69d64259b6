/** The journal as an array: rows have their place at once and are on disk a moment later. Owns: what a death leaves of it. */
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import * as Encode from "#src/simulation/machine/Encode.ts"

/** As the judge reads it. */
export interface Written {
  readonly seq: number
  readonly atMs: number
  readonly stream: string
  readonly version: number
  readonly event: { readonly _tag: string }
}

const isTagged = (value: unknown): value is { readonly _tag: string } => typeof value === "object" && value !== null && "_tag" in value

export type Journal = ReturnType<typeof make>

export const make = (of: {
  readonly wallMs: () => number
  /** Something waits for the disk. */
  readonly flushSoon: () => void
  readonly onRow: (row: Written) => void
}) => {
  const rows: Array<JournalRow> = []
  const versions = new Map<string, number>()
  const hash = Encode.hash()
  let durableSeq = 0
  let waiting: Array<{ readonly seq: number; readonly run: () => void }> = []

  const written = ({ atMs, event, seq, stream, version }: JournalRow): Written => {
    const encoded = Encode.encode(event)
    if (!isTagged(encoded)) throw new Error("a row without a tag")
    return { seq, atMs, stream, version, event: encoded }
  }

  return {
    rows: rows as ReadonlyArray<JournalRow>,
    seq: () => rows.length,
    durableSeq: () => durableSeq,
    stage: (stream: string, events: ReadonlyArray<JournalEvent>): number => {
      const atMs = of.wallMs()
      let version = versions.get(stream) ?? 0
      for (const event of events) {
        version += 1
        rows.push({ seq: rows.length + 1, atMs, stream, version, event })
      }
      versions.set(stream, version)
      if (events.length > 0) of.flushSoon()
      return rows.length
    },
    /** All that is staged is on disk now; who waited for it goes on. */
    flush: (): void => {
      for (; durableSeq < rows.length; durableSeq++) {
        const row = rows[durableSeq]
        if (row === undefined) break
        const one = written(row)
        hash.add(one)
        of.onRow(one)
      }
      const ready = waiting.filter(({ seq }) => seq <= durableSeq)
      waiting = waiting.filter(({ seq }) => seq > durableSeq)
      for (const { run } of ready) run()
    },
    /** At once, where it is. */
    durable: (seq: number, run: () => void): void => {
      if (seq <= durableSeq) run()
      else waiting.push({ seq, run })
    },
    /** A process died: what was not on disk is gone. Gives how much. */
    lose: (): number => {
      const lost = rows.splice(durableSeq)
      waiting = []
      versions.clear()
      for (const { stream, version } of rows) versions.set(stream, version)
      return lost.length
    },
    hash: hash.text
  }
}
