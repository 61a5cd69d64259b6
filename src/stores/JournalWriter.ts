/**
 * The one writer. Owns: group commit (callers wait for the batch that carries their rows), what a failed commit means,
 * checkpoints while the disk is idle, and whether there is room.
 */
import { Array, Clock, Deferred, Effect, Exit, Queue, type Scope } from "effect"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import * as Gauges from "#src/ports/Gauges.ts"
import { JournalUnavailable } from "#src/ports/Journal.ts"
import * as Stopwatch from "#src/ports/Stopwatch.ts"
import * as JournalFile from "./JournalFile.ts"
import { fatalOf, isFull, type StoreFatal } from "./SqliteFault.ts"

export interface Options {
  /** Is to end the process: what is on disk is unknown, and the next start finds out. */
  readonly onFatal: (error: StoreFatal) => Effect.Effect<never>
  /** Bytes free on the volume, if that can be known. */
  readonly freeBytes: () => number | undefined
  /** After each commit, before its callers hear of it. */
  readonly onRows: (rows: ReadonlyArray<JournalRow>) => void
}

interface Waiting {
  readonly request: JournalFile.Request
  readonly events: ReadonlyArray<JournalEvent>
  readonly done: Deferred.Deferred<JournalFile.Answer, JournalUnavailable>
}

const batchMax = 512
const waitingMax = 4_096
/** Below this no new risk is taken. */
const lowDiskBytes = 1_000_000_000
const watchEvery = "10 seconds"
const retryEvery = "1 second"
/** Commits between two checkpoints; how long the disk must have been idle before one; commits after which it waits no more. */
const checkpointCommits = 256
const checkpointIdle = "200 millis"
const checkpointCommitsMax = 1_024

const timed = Stopwatch.timed({ kind: "journal", name: "commit" })

const rowsOf = (atMs: number, { request: { stream }, events }: Waiting, answer: JournalFile.Answer): ReadonlyArray<JournalRow> =>
  answer._tag !== "Written" ? [] : events.map((event, index) => {
    const later = events.length - 1 - index
    return { seq: answer.seq - later, atMs, stream, version: answer.version - later, event }
  })

const takeBatch = (queue: Queue.Queue<Waiting>): ReadonlyArray<Waiting> => {
  const batch: Waiting[] = []
  while (batch.length < batchMax) {
    const taken = Queue.takeUnsafe(queue)
    if (taken === undefined || Exit.isFailure(taken)) break
    batch.push(taken.value)
  }
  return batch
}

const answerAll = (batch: ReadonlyArray<Waiting>, exit: Exit.Exit<never, JournalUnavailable>) => {
  for (const { done } of batch) Deferred.doneUnsafe(done, exit)
}

/** Runs work on the disk. Owns: whether the disk takes writes, and the one end of all. */
const makeDisk = Effect.fnUntraced(function*(file: JournalFile.JournalFile, { onFatal, freeBytes }: Options) {
  const scope: Scope.Scope = yield* Effect.scope
  let isDurable = true
  let broken: StoreFatal | undefined

  /** Ends the process where it can; until then nobody is told that anything was written. */
  const giveUp = (operation: string, error: unknown): Effect.Effect<never> =>
    Effect.suspend(() => {
      if (broken !== undefined) return Effect.die(broken)
      broken = fatalOf(file.path, operation, error)
      isDurable = false
      file.suspect()
      return Effect.andThen(Effect.forkIn(onFatal(broken), scope, { startImmediately: true }), Effect.die(broken))
    })

  /** `full`: surely nothing was written. */
  const attempt = <A>(operation: string, work: () => A): Effect.Effect<A, "full"> =>
    Effect.suspend(() => {
      if (broken !== undefined) return Effect.die(broken)
      try {
        return Effect.succeed(work())
      } catch (error) {
        return isFull(error, freeBytes) && file.isAsKnown() ? Effect.fail("full" as const) : giveUp(operation, error)
      }
    })

  const wrote = () => {
    isDurable = true
  }

  /** Alerts are refused while the disk is full, so nobody may append for long: somebody must try. */
  const awaitRoom = Effect.gen(function*() {
    while (!isDurable && broken === undefined) {
      yield* Effect.sleep(retryEvery)
      if (!isDurable) yield* Effect.ignore(Effect.map(attempt("try for room", file.tryRoom), wrote))
    }
  })

  const refused = Effect.suspend(() => {
    if (!isDurable) return Effect.void
    isDurable = false
    return Effect.asVoid(Effect.forkIn(awaitRoom, scope))
  })

  return { attempt, giveUp, wrote, refused, isDurable: () => isDurable }
})

/** While the disk is idle, and not for ever put off. */
const makeCheckpoints = Effect.fnUntraced(function*(file: JournalFile.JournalFile, disk: Effect.Success<ReturnType<typeof makeDisk>>) {
  const due = yield* Queue.sliding<void>(1)
  let commits = 0

  const checkpoint = Effect.gen(function*() {
    yield* Queue.take(due)
    let seen = -1
    while (seen !== commits && commits < checkpointCommitsMax) {
      seen = commits
      yield* Effect.sleep(checkpointIdle)
    }
    commits = 0
    yield* Effect.ignore(disk.attempt("checkpoint", file.checkpoint))
  })
  if (file.path !== JournalFile.inMemory) yield* Effect.forkScoped(Effect.forever(checkpoint))

  return () => {
    commits += 1
    if (commits >= checkpointCommits) Queue.offerUnsafe(due, undefined)
  }
})

export const make = Effect.fnUntraced(function*(file: JournalFile.JournalFile, options: Options) {
  const clock = yield* Clock.Clock
  const queue = yield* Queue.bounded<Waiting>(waitingMax)
  const disk = yield* makeDisk(file, options)
  const countCommit = yield* makeCheckpoints(file, disk)
  yield* Gauges.register("journal", "", () => Queue.sizeUnsafe(queue))

  // Whoever is answered goes on at once: all that it may look at is set before.
  const commit = (batch: ReadonlyArray<Waiting>) =>
    Effect.gen(function*() {
      const atMs = clock.currentTimeMillisUnsafe()
      const answers = yield* timed(disk.attempt("append", () => file.append(atMs, batch.map(({ request }) => request))))
      const answered = Array.zip(batch, answers)
      if (answers.some(({ _tag }) => _tag === "Written")) disk.wrote() // refusals prove nothing of the disk
      countCommit()
      options.onRows(answered.flatMap(([waiting, answer]) => rowsOf(atMs, waiting, answer)))
      for (const [{ done }, answer] of answered) Deferred.doneUnsafe(done, Exit.succeed(answer))
    }).pipe(
      Effect.catch(() =>
        Effect.andThen(disk.refused, Effect.sync(() => answerAll(batch, Exit.fail(new JournalUnavailable({ reason: "diskFull" })))))),
      Effect.catchDefect((defect) => Effect.sync(() => answerAll(batch, Exit.die(defect)))),
      Effect.uninterruptible
    )

  // Taken and committed in one step: closing cannot lose a request between the two.
  const write = Effect.andThen(Queue.peek(queue), Effect.suspend(() => {
    const batch = takeBatch(queue)
    return batch.length === 0 ? Effect.void : commit(batch)
  }))

  let isLowDisk = false
  const look = Effect.sync(() => {
    isLowDisk = (options.freeBytes() ?? Infinity) < lowDiskBytes
  })

  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      const closed = Exit.fail(new JournalUnavailable({ reason: "closed" }))
      for (let batch = takeBatch(queue); batch.length > 0; batch = takeBatch(queue)) answerAll(batch, closed)
      return Queue.shutdown(queue)
    }))
  yield* Effect.forkScoped(Effect.forever(write))
  yield* look
  if (options.freeBytes() !== undefined) yield* Effect.forkScoped(Effect.forever(Effect.delay(look, watchEvery)))

  return { submit: submitTo(queue), giveUp: disk.giveUp, health: () => ({ durable: disk.isDurable(), lowDisk: isLowDisk }) }
})

/** Not interruptible: a caller that left would not know whether its rows are there. */
const submitTo = (queue: Queue.Queue<Waiting>) =>
(request: JournalFile.Request, events: ReadonlyArray<JournalEvent>): Effect.Effect<JournalFile.Answer, JournalUnavailable> =>
  Effect.gen(function*() {
    const done = Deferred.makeUnsafe<JournalFile.Answer, JournalUnavailable>()
    const isWaiting = yield* Queue.offer(queue, { request, events, done })
    if (!isWaiting) return yield* new JournalUnavailable({ reason: "closed" })
    return yield* Deferred.await(done)
  }).pipe(Effect.uninterruptible)
