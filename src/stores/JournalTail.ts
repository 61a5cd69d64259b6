/** The newest rows, for followers. Owns: catching up from disk, then live, without gap or double, whatever a reader's pace. */
import { Deferred, Effect, Exit, Option, Stream } from "effect"
import type { JournalRow } from "#schemas/JournalEvent.ts"

/** Kept in memory; who is further behind reads from disk. */
const rowsMax = 1_024
const pageRows = 256

export const make = (lastSeq: number, readAfter: (seq: number, limit: number) => Effect.Effect<ReadonlyArray<JournalRow>>) => {
  let newest = lastSeq
  let rows: Array<JournalRow> = []
  let changed = Deferred.makeUnsafe<void>()
  let isClosed = false

  const wake = () => {
    const waiting = changed
    changed = Deferred.makeUnsafe()
    Deferred.doneUnsafe(waiting, Exit.void)
  }

  const add = (added: ReadonlyArray<JournalRow>): void => {
    const last = added.at(-1)
    if (last === undefined) return
    newest = last.seq
    rows.push(...added)
    if (rows.length > 2 * rowsMax) rows = rows.slice(-rowsMax)
    wake()
  }

  const close = (): void => {
    isClosed = true
    wake()
  }

  /** What is left on disk may be rows that nobody can read: then the next ones are waited for. */
  const onDisk = (seq: number): Effect.Effect<ReadonlyArray<JournalRow>> =>
    Effect.suspend(() => {
      const later = changed
      return Effect.flatMap(readAfter(seq, pageRows), (page) =>
        page.length > 0 ? Effect.succeed(page) : Effect.andThen(Deferred.await(later), next(seq)))
    })

  /** The rows after this one, at least one of them; none only when closed. */
  const next = (seq: number): Effect.Effect<ReadonlyArray<JournalRow>> =>
    Effect.suspend(() => {
      if (seq >= newest) return isClosed ? Effect.succeed([]) : Effect.andThen(Deferred.await(changed), next(seq))
      const oldest = rows[0]?.seq ?? Infinity
      if (seq + 1 < oldest) return isClosed ? Effect.succeed([]) : onDisk(seq)
      const start = seq + 1 - oldest
      return Effect.succeed(rows.slice(start, start + pageRows))
    })

  const follow = (afterSeq: number): Stream.Stream<JournalRow> =>
    Stream.paginate(afterSeq, (seq) =>
      Effect.map(next(seq), (page) => [page, Option.map(Option.fromUndefinedOr(page.at(-1)), (last) => last.seq)] as const))

  return { add, close, follow, newest: () => newest }
}
