/** The journal as people look at it: follows it from its first row and keeps every projection folded. */
import { Context, Deferred, Effect, Exit, Layer, Stream } from "effect"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as Books from "#src/projections/Books.ts"

/** How long a question waits for rows that are on disk but not yet folded. */
const catchUpMax = "1 second"

export class Views extends Context.Service<Views, {
  /** Folded at least as far as the journal reached when asked; after a second, as far as it is. */
  readonly current: Effect.Effect<Books.State>
  /** As far as it is folded, at once. */
  readonly soFar: Effect.Effect<Books.State>
}>()("src/admin/Views") {
  static readonly layer = Layer.effect(Views, Effect.gen(function*() {
    const journal = yield* Journal
    let books = Books.empty
    let folded = Deferred.makeUnsafe<void>()

    const fold = (rows: ReadonlyArray<JournalRow>) =>
      Effect.gen(function*() {
        for (const row of rows) {
          try {
            books = Books.evolve(books, row)
          } catch (defect) {
            // A row that cannot be folded costs its own line, not all views.
            books = { ...books, seq: row.seq }
            yield* Effect.logError(`views cannot fold row ${row.seq}`, defect)
          }
        }
        const waiting = folded
        folded = Deferred.makeUnsafe()
        Deferred.doneUnsafe(waiting, Exit.void)
      })
    yield* Effect.forkScoped(Stream.runForEachArray(journal.follow(0), fold))

    const reached = (seq: number): Effect.Effect<void> =>
      Effect.suspend(() => (books.seq >= seq ? Effect.void : Effect.andThen(Deferred.await(folded), reached(seq))))

    return Views.of({
      soFar: Effect.sync(() => books),
      current: Effect.gen(function*() {
        yield* Effect.ignore(journal.flush)
        const { seq } = yield* journal.status
        yield* Effect.timeoutOption(reached(seq), catchUpMax)
        return books
      })
    })
  }))
}
