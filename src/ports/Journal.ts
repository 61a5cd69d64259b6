/** The append-only log: the only durability there is. */
import { Context, type Effect, Schema, type Stream } from "effect"
import type { AlertId } from "#schemas/Ids.ts"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"

/** Another writer was first: fold what is new, then decide again. */
export class JournalConflict extends Schema.TaggedError<JournalConflict>()("JournalConflict", {
  stream: Schema.String,
  expected: Schema.Int,
  found: Schema.Int
}) {}

/** The key was taken by an earlier row: what this append says was said before. */
export class JournalKeyTaken extends Schema.TaggedError<JournalKeyTaken>()("JournalKeyTaken", {
  key: Schema.String,
  seq: Schema.Int
}) {}

/** Not on disk, and nothing will be until there is room (or at all, once closed). Not a defect: exits and protection may go on. */
export class JournalUnavailable extends Schema.TaggedError<JournalUnavailable>()("JournalUnavailable", {
  reason: Schema.Literals(["diskFull", "closed"])
}) {}

/** `any`: a stream of facts with one writer, where nothing is decided on what stands there. */
export type Expected = number | "any"

/** Where the last event of an append stands. */
export interface Place {
  readonly seq: number
  readonly version: number
}

/**
 * A stream's version is the number of its events. Rows take their place in one order at once and reach the disk in that order, many in one
 * commit: what is durable stands on everything before it. All events of an append are written, or none.
 * An I/O error is a defect that ends the process: what was written is then unknown, and start-up finds out.
 */
export class Journal extends Context.Service<Journal, {
  /**
   * Takes a place, and returns before it is on disk: nothing that follows from it may leave the house before `durable` says so.
   * `JournalUnavailable`: no place was taken.
   */
  stage(stream: string, expected: Expected, events: ReadonlyArray<JournalEvent>): Effect.Effect<Place, JournalConflict | JournalUnavailable>
  /**
   * As `stage` with `any`, but only if nobody took this key before: identities of alerts. The last event's row holds the key. `afterSeq`: a
   * place before which nobody can have taken it; it spares a look at the disk.
   */
  stageOnce(stream: string, key: string, events: ReadonlyArray<JournalEvent>, afterSeq?: number): Effect.Effect<Place, JournalKeyTaken | JournalUnavailable>
  /** Returns once all rows up to this place are on disk. `JournalUnavailable`: they are not, and are written as soon as there is room, in their order. */
  durable(seq: number): Effect.Effect<void, JournalUnavailable>
  /** `durable` for all that has its place now. */
  readonly flush: Effect.Effect<void, JournalUnavailable>
  /** `stage`, then `durable`. */
  append(stream: string, expected: Expected, events: ReadonlyArray<JournalEvent>): Effect.Effect<Place, JournalConflict | JournalUnavailable>
  /** `stageOnce`, then `durable`. */
  appendOnce(stream: string, key: string, events: ReadonlyArray<JournalEvent>): Effect.Effect<Place, JournalKeyTaken | JournalUnavailable>
  /** Events of one stream after a version, oldest first. */
  readStream(stream: string, afterVersion: number): Effect.Effect<ReadonlyArray<JournalRow>>
  /** All rows after a place, oldest first, at most `limit`; none when there are no more. Rows that cannot be read are left out, here and in `readAlert` and `follow`; in `readStream` one is a defect. All reads show what is staged. */
  readAfter(seq: number, limit: number): Effect.Effect<ReadonlyArray<JournalRow>>
  /** All rows of one alert, oldest first. `beside`: of the accounts' streams only this one. */
  readAlert(alertId: AlertId, beside?: string): Effect.Effect<ReadonlyArray<JournalRow>>
  /** The row at one place, if there is one. */
  rowAt(seq: number): Effect.Effect<JournalRow | undefined>
  /** Rows after a place, first those that are there, then live; a slow reader is caught up from disk, never dropped. */
  follow(afterSeq: number): Stream.Stream<JournalRow>
  /** As `follow`, but as soon as they have their place: for whoever acts only through what waits for the disk. */
  followStaged(afterSeq: number): Stream.Stream<JournalRow>
  /** The last place on disk; whether a commit would be accepted now; whether space is too low for new risk (< 1 GB). */
  readonly status: Effect.Effect<{ readonly seq: number; readonly durable: boolean; readonly lowDisk: boolean }>
}>()("src/ports/Journal") {}
