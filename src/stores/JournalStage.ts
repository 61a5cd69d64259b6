/** Rows that have their place and are not on disk yet. Owns: `seq`, versions and keys while they wait; every read counts them in. */
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import { alertIdOf } from "#schemas/JournalEvent.ts"
import type { Expected, Place } from "#src/ports/Journal.ts"
import type * as JournalCodec from "./JournalCodec.ts"
import type { JournalFile, Placed } from "./JournalFile.ts"

export type Answer =
  | { readonly _tag: "Placed"; readonly place: Place }
  | { readonly _tag: "Conflict"; readonly found: number }
  | { readonly _tag: "KeyTaken"; readonly seq: number }

export interface Request {
  readonly stream: string
  readonly expected: Expected
  /** Held by the request's last row. */
  readonly key: string | undefined
  /** Nobody can have taken the key up to here. */
  readonly keyAfterSeq: number
  readonly events: ReadonlyArray<JournalEvent>
  readonly entries: ReadonlyArray<JournalCodec.Entry>
}

/** Streams whose last version is remembered; keys taken last, whose holders need not be looked for. */
const headsMax = 10_000
const keysMax = 20_000

/** An append is written whole. */
interface Waiting extends Placed {
  /** Where its append ends. */
  readonly endSeq: number
}

export const make = (file: JournalFile, onPlaced: (rows: ReadonlyArray<JournalRow>) => void) => {
  const heads = new Map<string, number>()
  /** The newest, oldest first; all that were taken after `keysSeq`. */
  const keys = new Map<string, number>()
  let keysSeq = file.lastSeq()
  let placed: Array<Waiting> = []
  let rows: Array<JournalRow> = []
  let seq = file.lastSeq()

  const headOf = (stream: string): number => {
    const known = heads.get(stream)
    if (known !== undefined) return known
    if (heads.size >= headsMax && placed.length === 0) heads.clear()
    const version = file.headOf(stream)
    heads.set(stream, version)
    return version
  }

  const holderOf = (key: string, afterSeq: number): number => keys.get(key) ?? (afterSeq >= keysSeq ? 0 : file.holderOf(key))

  const take = (key: string): void => {
    keys.set(key, seq)
    if (keys.size <= keysMax) return
    for (const [oldest, at] of keys) {
      if (keys.size <= keysMax || at > file.lastSeq()) return
      keys.delete(oldest)
      keysSeq = at
    }
  }

  const place = (atMs: number, { entries, events, expected, key, keyAfterSeq, stream }: Request): Answer => {
    const version = headOf(stream)
    if (expected !== "any" && expected !== version) return { _tag: "Conflict", found: version }
    const holder = key === undefined ? 0 : holderOf(key, keyAfterSeq)
    if (holder > 0) return { _tag: "KeyTaken", seq: holder }
    const added: Array<JournalRow> = []
    const end: Place = { seq: seq + entries.length, version: version + entries.length }
    entries.forEach((entry, index) => {
      const event = events[index]
      if (event === undefined) return
      const at = { seq: seq + index + 1, atMs, stream, version: version + index + 1 }
      placed.push({ ...entry, ...at, key: index === entries.length - 1 ? key : undefined, endSeq: end.seq })
      added.push({ ...at, event })
    })
    seq = end.seq
    heads.set(stream, end.version)
    if (key !== undefined) take(key)
    rows.push(...added)
    if (added.length > 0) onPlaced(added)
    return { _tag: "Placed", place: end } // those who were told may have taken places since
  }

  return {
    place,
    lastSeq: () => seq,
    count: () => placed.length,
    /** The oldest of them: so many, and what the last append among them has left. */
    oldest: (many: number): { readonly placed: ReadonlyArray<Placed>; readonly rows: ReadonlyArray<JournalRow> } => {
      const [first, last] = [placed[0], placed[many - 1]]
      if (first === undefined || last === undefined) return { placed, rows }
      const count = last.endSeq - first.seq + 1
      return { placed: placed.slice(0, count), rows: rows.slice(0, count) }
    },
    /** So many of the oldest are on disk now. */
    written: (count: number): void => {
      placed = placed.slice(count)
      rows = rows.slice(count)
    },
    after: (afterSeq: number): ReadonlyArray<JournalRow> => rows.filter((row) => row.seq > afterSeq),
    inStream: (stream: string, afterVersion: number): ReadonlyArray<JournalRow> =>
      rows.filter((row) => row.stream === stream && row.version > afterVersion),
    ofAlert: (alertId: string, beside: string | undefined): ReadonlyArray<JournalRow> =>
      rows.filter(({ event, stream }) =>
        alertIdOf(event) === alertId && (beside === undefined || stream === beside || !stream.startsWith("account/"))),
    at: (wanted: number): JournalRow | undefined => rows.find((row) => row.seq === wanted)
  }
}
export type JournalStage = ReturnType<typeof make>
