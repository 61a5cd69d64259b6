/** A journal that misbehaves when a test says so, in front of the real one. */
import { DatabaseSync } from "node:sqlite"
import { Deferred, Effect, Layer } from "effect"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { Journal, JournalUnavailable, type Place } from "#src/ports/Journal.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"
import { installationId } from "./journal.ts"

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
      durable: (seq) => Effect.andThen(journal.durable(seq), Effect.suspend(() => isDead ? never : Effect.void)),
      stage: (stream, expected, events) => dying(journal.stage(stream, expected, events)),
      stageOnce: (stream, key, events) => dying(journal.stageOnce(stream, key, events)),
      append: (stream, expected, events) => dying(journal.append(stream, expected, events)),
      appendOnce: (stream, key, events) => dying(journal.appendOnce(stream, key, events))
    })))
  }
}

/** The journal of one life, on a file that the next one opens. */
const journalAt = (path: string) =>
  Layer.orDie(SqliteJournal.layer({ path, installationId: () => installationId, freeBytes: () => undefined, onFatal: Effect.die }))

export interface DeathOfStaged extends Death {
  /** What the next life finds. */
  readonly left: Layer.Layer<Journal>
}

/**
 * As `mortal`, over a disk that takes its time for each row: those that it was still at are gone with the process. Dies once the nth row has
 * its place (`stage`), or the nth wait for the disk is over and before anybody hears of it (`durable`).
 */
export const mortalLosingStaged = (
  path: string,
  diskMs: number,
  at?: { readonly when: "stage" | "durable"; readonly nth: number }
): DeathOfStaged & { readonly counts: { stage: number; durable: number } } => {
  const buried = Deferred.makeUnsafe<never>()
  const counts = { stage: 0, durable: 0 }
  let isDead = false
  let kept = 0
  const reach = (seq: number) => Effect.sync(() => {
    if (!isDead) kept = Math.max(kept, seq)
  })
  const living = <A, E>(kind: "stage" | "durable", work: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => isDead ? Deferred.await(buried) : Effect.flatMap(work, (value) => {
      counts[kind] += 1
      if (at?.when === kind && at.nth === counts[kind]) isDead = true
      return isDead ? Deferred.await(buried) : Effect.succeed(value)
    }))
  const journal = Layer.effect(Journal, Effect.gen(function*() {
    const real = yield* Journal
    const scope = yield* Effect.scope
    const writing = <E>(place: Effect.Effect<Place, E>): Effect.Effect<Place, E> =>
      living("stage", Effect.tap(place, ({ seq }) => Effect.forkIn(Effect.delay(reach(seq), diskMs), scope)))
    const stage: Journal["Service"]["stage"] = (stream, expected, events) => writing(real.stage(stream, expected, events))
    const stageOnce: Journal["Service"]["stageOnce"] = (stream, key, events, afterSeq) => writing(real.stageOnce(stream, key, events, afterSeq))
    const durable: Journal["Service"]["durable"] = (seq) =>
      living("durable", Effect.andThen(real.durable(seq), Effect.suspend(() => seq <= kept ? Effect.void : Effect.andThen(Effect.sleep(diskMs), reach(seq)))))
    return Journal.of({
      ...real,
      stage,
      stageOnce,
      durable,
      append: (stream, expected, events) => Effect.tap(stage(stream, expected, events), ({ seq }) => durable(seq)),
      appendOnce: (stream, key, events) => Effect.tap(stageOnce(stream, key, events), ({ seq }) => durable(seq))
    })
  })).pipe(Layer.provideMerge(journalAt(path)))
  const left = Layer.unwrap(Effect.sync(() => {
    const db = new DatabaseSync(path)
    db.prepare("delete from journal where seq > ?").run(kept)
    db.close()
    return journalAt(path)
  }))
  return {
    counts,
    isDead: () => isDead,
    die: () => {
      isDead = true
    },
    appends: () => counts.stage,
    bury: Effect.asVoid(Deferred.die(buried, "the process is dead")),
    journal,
    left
  }
}

/** A disk that takes its time: nothing (or nothing after a place) is durable before it is let go. */
export const slowDisk = () => {
  let gate: Deferred.Deferred<void, JournalUnavailable> | undefined
  let heldAfter = 0
  const holdAfter = (seq: number) => Effect.sync(() => {
    gate = Deferred.makeUnsafe()
    heldAfter = seq
  })
  return {
    hold: holdAfter(0),
    holdAfter,
    /** Who waits is told that there is no room; so is who comes, until it is let go. */
    refuse: Effect.suspend(() => gate === undefined ? Effect.void : Effect.asVoid(Deferred.fail(gate, new JournalUnavailable({ reason: "diskFull" })))),
    letGo: Effect.suspend(() => {
      const held = gate
      gate = undefined
      return held === undefined ? Effect.void : Effect.asVoid(Deferred.succeed(held, undefined))
    }),
    journal: Layer.effect(Journal, Effect.map(Journal, (journal) => {
      const durable: Journal["Service"]["durable"] = (seq) =>
        Effect.andThen(Effect.suspend(() => gate === undefined || seq <= heldAfter ? Effect.void : Deferred.await(gate)), journal.durable(seq))
      return Journal.of({
        ...journal,
        durable,
        append: (stream, expected, events) => Effect.tap(journal.stage(stream, expected, events), ({ seq }) => durable(seq)),
        appendOnce: (stream, key, events) => Effect.tap(journal.stageOnce(stream, key, events), ({ seq }) => durable(seq))
      })
    }))
  }
}
