/** What an actor remembers: the fold of its own journal stream. */
import { Effect, Semaphore } from "effect"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"

const clashesMax = 5
/** Events that may wait in memory for a journal without room; past it nothing more is held. */
export const heldMax = 10_000

export const recall = Effect.fnUntraced(function*<State>(
  stream: string,
  empty: State,
  evolve: (state: State, event: JournalEvent) => State
) {
  const journal = yield* Journal
  const lock = yield* Semaphore.make(1) // a forked handler may commit beside the one in progress
  let state = empty
  let version = 0
  let held: ReadonlyArray<JournalEvent> = []
  let seq = 0

  const fold = (events: ReadonlyArray<JournalEvent>) => {
    for (const event of events) state = evolve(state, event)
  }
  const catchUp = Effect.map(Effect.suspend(() => journal.readStream(stream, version)), (rows) => {
    fold(rows.map(({ event }) => event))
    version += rows.length
    seq = rows.at(-1)?.seq ?? seq
  })

  /**
   * Decide, take a place in the journal, evolve. After a clash the decision is made again, on what the other writer wrote. What was held goes
   * first. Not yet on disk when it returns: what leaves the house because of it waits for `seq`.
   */
  const commit = (decide: (state: State) => ReadonlyArray<JournalEvent>) =>
    Effect.suspend(() => {
      const events = decide(state)
      if (events.length + held.length === 0) return Effect.succeed(events)
      const rows = [...held, ...events]
      return Effect.map(journal.stage(stream, version, rows), (place) => {
        fold(events)
        version = place.version
        seq = place.seq
        held = []
        return events
      })
    }).pipe(
      Effect.tapErrorTag("JournalConflict", () => catchUp),
      Effect.retry({ times: clashesMax, while: (error) => error._tag === "JournalConflict" }),
      Effect.catchTag("JournalConflict", Effect.die),
      Effect.uninterruptible,
      lock.withPermit
    )

  /** For protection while the journal has no room: it counts now and is written with the next commit that succeeds. */
  const hold = (decide: (state: State) => ReadonlyArray<JournalEvent>) =>
    lock.withPermit(Effect.sync(() => {
      const events = decide(state)
      if (held.length + events.length > heldMax) return []
      held = [...held, ...events]
      fold(events)
      return events
    }))

  yield* catchUp
  return {
    commit,
    hold,
    state: () => state,
    isHolding: () => held.length > 0,
    /** The journal's place that all of this state stands on, but for what is held. */
    seq: () => seq
  }
})
