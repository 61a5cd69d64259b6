/**
 * The one writer. Owns: group commit (whatever has its place when somebody wants the disk goes in one), who waits for it, what a failed
 * commit means, checkpoints while the disk is idle, and whether there is room.
 */
import { Clock, Deferred, Effect, Exit, Queue, References, type Scope } from "effect"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import * as Gauges from "#src/ports/Gauges.ts"
import { JournalUnavailable } from "#src/ports/Journal.ts"
import * as Stopwatch from "#src/ports/Stopwatch.ts"
import * as JournalFile from "./JournalFile.ts"
import * as JournalStage from "./JournalStage.ts"
import { fatalOf, isFull, type StoreFatal } from "./SqliteFault.ts"

export interface Options {
  /** Is to end the process: what is on disk is unknown, and the next start finds out. */
  readonly onFatal: (error: StoreFatal) => Effect.Effect<never>
  /** Bytes free on the volume, if that can be known. */
  readonly freeBytes: () => number | undefined
  /** As soon as they have their place, in the step that gives it. */
  readonly onStaged: (rows: ReadonlyArray<JournalRow>) => void
  /** After each commit, before anybody who waits for it goes on. */
  readonly onRows: (rows: ReadonlyArray<JournalRow>) => void
}

interface Waiting {
  readonly seq: number
  readonly done: Deferred.Deferred<void, JournalUnavailable>
}

/** Rows in one commit, but for those that its last append has left. */
const batchMax = 2_048
/** Rows that wait for the disk; past it a commit is made before another row takes its place. */
const stagedMax = 8_192
/** Rows that nobody waits for reach the disk this much later at most, with those that somebody does wait for. */
const lingerMs = 10
/** Below this no new risk is taken. */
const lowDiskBytes = 1_000_000_000
const watchEvery = "10 seconds"
const retryEvery = "1 second"
/** Commits between two checkpoints; how long the disk must have been idle before one; commits after which it waits no more. */
const checkpointCommits = 256
const checkpointIdle = "200 millis"
const checkpointCommitsMax = 1_024

const timed = Stopwatch.timed({ kind: "journal", name: "commit" })

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

  /** `write`: what waits for room. Nobody may add to it, so somebody must try. */
  const awaitRoom = (write: Effect.Effect<void>) => Effect.gen(function*() {
    while (!isDurable && broken === undefined) {
      yield* Effect.sleep(retryEvery)
      if (!isDurable) yield* Effect.ignore(Effect.flatMap(attempt("try for room", file.tryRoom), () => write))
    }
  })

  const refused = (write: Effect.Effect<void>) => Effect.suspend(() => {
    if (!isDurable) return Effect.void
    isDurable = false
    return Effect.asVoid(Effect.forkIn(Effect.ignoreCause(awaitRoom(write)), scope))
  })

  return { attempt, giveUp, wrote, refused, isDurable: () => isDurable, broken: () => broken }
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

/** Who waits until their rows are on disk. */
const makeWaiting = () => {
  let waiting: Array<Waiting> = []
  const end = (isMeant: (one: Waiting) => boolean, exit: Exit.Exit<void, JournalUnavailable>) => {
    const ended = waiting.filter(isMeant)
    if (ended.length === 0) return
    waiting = waiting.filter((one) => !isMeant(one))
    for (const { done } of ended) Deferred.doneUnsafe(done, exit)
  }
  return {
    add: (seq: number): Effect.Effect<void, JournalUnavailable> => {
      const done = Deferred.makeUnsafe<void, JournalUnavailable>()
      waiting.push({ seq, done })
      return Deferred.await(done)
    },
    count: () => waiting.length,
    upTo: (seq: number) => end((one) => one.seq <= seq, Exit.void),
    all: (exit: Exit.Exit<never, JournalUnavailable>) => end(() => true, exit)
  }
}

const unavailable = (reason: JournalUnavailable["reason"]) => Exit.fail(new JournalUnavailable({ reason }))

export const make = Effect.fnUntraced(function*(file: JournalFile.JournalFile, options: Options) {
  const clock = yield* Clock.Clock
  const disk = yield* makeDisk(file, options)
  const countCommit = yield* makeCheckpoints(file, disk)
  const stage = JournalStage.make(file, options.onStaged)
  const waiting = makeWaiting()
  const due = yield* Queue.sliding<void>(1)
  /** Somebody waits, or many rows do. */
  const wanted = yield* Queue.sliding<void>(1)
  yield* Gauges.register("journal", "", stage.count)
  let isClosed = false

  // In one step, or another would write the same rows meanwhile. Whoever waited goes on at once: all that it may look at is set before.
  const commitOnce = Effect.gen(function*() {
    const { placed, rows } = stage.oldest(batchMax)
    if (placed.length === 0) return
    yield* timed(disk.attempt("append", () => file.write(placed)))
    disk.wrote()
    stage.written(placed.length)
    countCommit()
    options.onRows(rows)
    waiting.upTo(file.lastSeq())
  })
  const commitAll: Effect.Effect<void> = Effect.suspend(() => stage.count() === 0 ? Effect.void : Effect.andThen(commitOnce, commitAll)).pipe(
    Effect.catch(() => Effect.andThen(disk.refused(commitAll), Effect.sync(() => waiting.all(unavailable("diskFull"))))),
    Effect.tapDefect((defect) => Effect.sync(() => waiting.all(Exit.die(defect)))),
    Effect.uninterruptible,
    Effect.provideService(References.PreventSchedulerYield, true)
  )

  /** Who waits at a door is not kept waiting: one turn, for those who came with him. What only happened inside waits for company. */
  const rest = Effect.suspend(() =>
    waiting.count() > 0 || stage.count() >= batchMax ? Effect.void : Effect.raceFirst(Effect.sleep(lingerMs), Queue.take(wanted))
  ).pipe(Effect.andThen(Effect.yieldNow))
  const write = Effect.andThen(Queue.take(due), Effect.andThen(rest, Effect.suspend(() => disk.isDurable() ? Effect.ignoreCause(commitAll) : Effect.void)))
    .pipe(Effect.andThen(Queue.clear(wanted)))

  let isLowDisk = false
  const look = Effect.sync(() => {
    isLowDisk = (options.freeBytes() ?? Infinity) < lowDiskBytes
  })

  const place = (request: JournalStage.Request): Effect.Effect<JournalStage.Answer, JournalUnavailable> =>
    Effect.suspend(() => {
      if (isClosed) return unavailable("closed")
      if (disk.broken() !== undefined) return Effect.die(disk.broken())
      if (!disk.isDurable()) return unavailable("diskFull")
      if (stage.count() >= stagedMax) return Effect.andThen(commitAll, place(request))
      const answer = stage.place(clock.currentTimeMillisUnsafe(), request)
      Queue.offerUnsafe(due, undefined)
      if (stage.count() >= batchMax) Queue.offerUnsafe(wanted, undefined)
      return Effect.succeed(answer)
    })

  /** Not interruptible: a caller that left would not know whether its rows are there. */
  const durable = (seq: number): Effect.Effect<void, JournalUnavailable> =>
    Effect.suspend(() => {
      if (seq <= file.lastSeq()) return Effect.void
      if (disk.broken() !== undefined) return Effect.die(disk.broken())
      if (isClosed) return unavailable("closed")
      if (!disk.isDurable()) return unavailable("diskFull")
      Queue.offerUnsafe(wanted, undefined)
      return waiting.add(seq)
    }).pipe(Effect.uninterruptible)

  // What has its place is written before the file closes.
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => disk.isDurable() ? Effect.ignoreCause(commitAll) : Effect.void).pipe(
      Effect.andThen(Effect.sync(() => {
        isClosed = true
        waiting.all(unavailable("closed"))
      }))
    ))
  yield* Effect.forkScoped(Effect.forever(write))
  yield* look
  if (options.freeBytes() !== undefined) yield* Effect.forkScoped(Effect.forever(Effect.delay(look, watchEvery)))

  return { place, durable, flush: Effect.suspend(() => durable(stage.lastSeq())), stage, giveUp: disk.giveUp, health: () => ({ durable: disk.isDurable(), lowDisk: isLowDisk }) }
})
export type JournalWriter = Effect.Success<ReturnType<typeof make>>
