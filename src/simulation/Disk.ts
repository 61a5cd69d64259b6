/**
 * The house's disk, in memory: what a life commits is there for the next one, what it only staged is gone with it. Owns: the committed rows,
 * the notes for a full disk, and when there is no room.
 */
import { createHash } from "node:crypto"
import { Effect, Layer } from "effect"
import type { JournalFile, Placed } from "#src/stores/JournalFile.ts"
import { inMemory } from "#src/stores/JournalFile.ts"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"
import * as SessionTokens from "#src/stores/SessionTokens.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"

/** A commit, as one of the calls that may be failed or died at. */
export type CommitCall = (rows: ReadonlyArray<Placed>) => { readonly isWritten: boolean; readonly isFull: boolean }

/** The disk of one life; nothing reaches it once that is over. */
interface Process {
  readonly isDead: () => boolean
  /** Asked before each commit; it may end the process. */
  readonly onCommit: CommitCall
  /** After each commit, before anybody who waits for it hears of it; it may end the process. */
  readonly onCommitted: (rows: ReadonlyArray<Placed>) => void
}

/** The code of a write that met a full disk. */
const noRoom = () => Object.assign(new Error("no space left on the simulated device"), { code: "ENOSPC" })
const roomyBytes = 1e12

const push = <Key>(all: Map<Key, Array<Placed>>, key: Key, row: Placed): void => {
  const found = all.get(key)
  if (found === undefined) all.set(key, [row])
  else found.push(row)
}

export const make = (installationId: string) => {
  const rows: Array<Placed> = []
  const byStream = new Map<string, Array<Placed>>()
  const byAlert = new Map<string, Array<Placed>>()
  const keys = new Map<string, number>()
  const hash = createHash("sha256")
  let notes: ReadonlyArray<string> = []
  let isFull = false
  /** Somebody may ask how much is free; a disk that is never full need not be looked at. */
  let isWatched = false

  const write = (added: ReadonlyArray<Placed>): void => {
    for (const row of added) {
      rows.push(row)
      push(byStream, row.stream, row)
      if (row.alertId !== undefined) push(byAlert, row.alertId, row)
      if (row.key !== undefined) keys.set(row.key, row.seq)
      hash.update(`${row.seq}\t${row.atMs}\t${row.stream}\t${row.version}\t${row.type}\t${row.key ?? ""}\t${row.body}\n`)
    }
  }

  const file = ({ isDead, onCommit, onCommitted }: Process): JournalFile => ({
    path: inMemory,
    installationId,
    write: (added) => {
      if (isDead()) return
      const fate = onCommit(added)
      if (isFull || fate.isFull) throw noRoom()
      if (!fate.isWritten) return
      write(added)
      onCommitted(added)
    },
    lastSeq: () => rows.length,
    headOf: (stream) => byStream.get(stream)?.length ?? 0,
    holderOf: (key) => keys.get(key) ?? 0,
    isAsKnown: () => true,
    readStream: (stream, afterVersion) => byStream.get(stream)?.slice(afterVersion) ?? [],
    readAfter: (seq, limit) => rows.slice(seq, seq + limit),
    readAlert: (alertId) => byAlert.get(alertId) ?? [],
    readAlertBeside: (alertId, beside) => (byAlert.get(alertId) ?? []).filter(({ stream }) => stream === beside || !stream.startsWith("account/")),
    rowAt: (seq) => rows[seq - 1],
    tryRoom: () => {
      if (isFull) throw noRoom()
    },
    checkpoint: () => {},
    suspect: () => {},
    close: () => {}
  })

  return {
    rows: (): ReadonlyArray<Placed> => rows,
    /** Over all rows as written, keys too. */
    hash: (): string => hash.copy().digest("hex"),
    /** No room from now on, or room again. */
    setFull: (full: boolean): void => {
      isFull = full
    },
    watch: (): void => {
      isWatched = true
    },
    /** `Journal` and `Installation` of one life. */
    journal: (process: Process) =>
      Layer.orDie(SqliteJournal.layer({
        path: inMemory,
        open: () => file(process),
        freeBytes: () => !isWatched ? undefined : isFull ? 0 : roomyBytes,
        onFatal: Effect.die
      })),
    tokens: SessionTokens.inMemory().layer,
    notes: (isDead: () => boolean) => Layer.succeed(EmergencyNotes, EmergencyNotes.of({
      note: (text) => Effect.sync(() => {
        if (isDead()) return false
        notes = [...notes, text]
        return true
      }),
      read: Effect.sync(() => notes),
      clear: Effect.sync(() => {
        notes = []
        return true
      })
    }))
  }
}
export type Disk = ReturnType<typeof make>
