/** A journal that misbehaves when a test says so, in front of the real one. */
import { Deferred, Effect, Layer } from "effect"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { Journal, JournalUnavailable } from "#src/ports/Journal.ts"

export type Fate = "write" | "die" | "writeAndDie" | "full"

/** Asked before each append. A defect here is the writer's, not the disk's: the journal itself goes on. */
export const journalWith = (fate: (stream: string, events: ReadonlyArray<JournalEvent>) => Fate): Layer.Layer<Journal, never, Journal> =>
  Layer.effect(Journal, Effect.map(Journal, (journal) => {
    const fated = <A, E>(stream: string, events: ReadonlyArray<JournalEvent>, write: Effect.Effect<A, E>): Effect.Effect<A, E | JournalUnavailable> =>
      Effect.suspend((): Effect.Effect<A, E | JournalUnavailable> => {
        switch (fate(stream, events)) {
          case "write":
            return write
          case "die":
            return Effect.die("injected")
          case "writeAndDie":
            return Effect.andThen(write, Effect.die("injected"))
          case "full":
            return Effect.fail(new JournalUnavailable({ reason: "diskFull" }))
        }
      })
    return Journal.of({
      ...journal,
      stage: (stream, expected, events) => fated(stream, events, journal.stage(stream, expected, events)),
      stageOnce: (stream, key, events) => fated(stream, events, journal.stageOnce(stream, key, events)),
      append: (stream, expected, events) => fated(stream, events, journal.append(stream, expected, events)),
      appendOnce: (stream, key, events) => fated(stream, events, journal.appendOnce(stream, key, events)),
      status: Effect.map(journal.status, (status) => ({ ...status, durable: status.durable && fate("status", []) !== "full" }))
    })
  }))

/** Dies once, at the first append of this stream that holds such an event. */
export const once = (stream: string | RegExp, tag: JournalEvent["_tag"], kind: "die" | "writeAndDie" = "die") => {
  let isDone = false
  return (to: string, events: ReadonlyArray<JournalEvent>): Fate => {
    const isMeant = (typeof stream === "string" ? to === stream : stream.test(to)) && events.some(({ _tag }) => _tag === tag)
    if (isDone || !isMeant) return "write"
    isDone = true
    return kind
  }
}

export interface Death {
  /** Whether nothing is written any more. */
  readonly isDead: () => boolean
  readonly die: () => void
  /** What still waits for the disk may go: its life is over. */
  readonly bury: Effect.Effect<void>
  readonly appends: () => number
  readonly journal: Layer.Layer<Journal, never, Journal>
}

/** A process that may die: from then on no append is written, and none returns. */
export const mortal = (at?: { readonly append: number; readonly when: "before" | "after" }): Death => {
  const buried = Deferred.makeUnsafe<never>()
  let isDead = false
  let appends = 0
  const never = Deferred.await(buried)
  const dying = <A, E>(write: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      if (isDead) return never
      appends += 1
      if (appends !== at?.append) return write
      if (at.when === "before") {
        isDead = true
        return never
      }
      return Effect.andThen(Effect.tap(write, () => Effect.sync(() => {
        isDead = true
      })), never)
    })
  return {
    isDead: () => isDead,
    die: () => {
      isDead = true
    },
    appends: () => appends,
    bury: Effect.asVoid(Deferred.die(buried, "the process is dead")),
    journal: Layer.effect(Journal, Effect.map(Journal, (journal) => Journal.of({
      ...journal,
      stage: (stream, expected, events) => dying(journal.stage(stream, expected, events)),
      stageOnce: (stream, key, events) => dying(journal.stageOnce(stream, key, events)),
      append: (stream, expected, events) => dying(journal.append(stream, expected, events)),
      appendOnce: (stream, key, events) => dying(journal.appendOnce(stream, key, events))
    })))
  }
}

/** A disk that takes its time: nothing is durable before it is let go. */
export const slowDisk = () => {
  let gate: Deferred.Deferred<void> | undefined
  return {
    hold: Effect.sync(() => {
      gate = Deferred.makeUnsafe()
    }),
    letGo: Effect.suspend(() => {
      const held = gate
      gate = undefined
      return held === undefined ? Effect.void : Effect.asVoid(Deferred.succeed(held, undefined))
    }),
    journal: Layer.effect(Journal, Effect.map(Journal, (journal) => {
      const durable: Journal["Service"]["durable"] = (seq) =>
        Effect.andThen(Effect.suspend(() => gate === undefined ? Effect.void : Deferred.await(gate)), journal.durable(seq))
      return Journal.of({
        ...journal,
        durable,
        append: (stream, expected, events) => Effect.tap(journal.stage(stream, expected, events), ({ seq }) => durable(seq)),
        appendOnce: (stream, key, events) => Effect.tap(journal.stageOnce(stream, key, events), ({ seq }) => durable(seq))
      })
    }))
  }
}
