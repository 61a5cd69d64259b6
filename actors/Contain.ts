/** What a defect does to any actor: its caller is answered, then the actor restarts once and recalls. */
import { Cause, Clock, Effect } from "effect"
import { surely } from "#actors/Deliver.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Lives } from "#src/lifecycle/Lives.ts"

const { ReduceOnly, Restarted } = JournalEvent.cases
export const restartsMax = 3
export const periodMs = 60_000
const backOff = "30 seconds"
const defectLengthMax = 500

/** In the actor's build: it needs its scope. */
export const make = Effect.fnUntraced(function*(actor: {
  readonly lives: () => Lives
  readonly restartSelf: (life: number, defect: string) => Effect.Effect<void, unknown>
  readonly record: (event: JournalEvent) => Effect.Effect<unknown, unknown>
}) {
  const scope = yield* Effect.scope
  /** When it began: a rebuild comes a second later at the earliest, also where the journal could not count it. */
  const life = yield* Clock.currentTimeMillis
  let isRestarting = false

  /** Told beside the handler: a full mailbox empties only once that has ended. */
  const died = (defect: unknown) =>
    Effect.logError("an actor's handler or fiber died; it restarts from the journal", Cause.die(defect)).pipe(
      Effect.andThen(Effect.forkIn(surely(actor.restartSelf(life, String(defect).slice(0, defectLengthMax))), scope, { startImmediately: true }))
    )

  const contain = <A>(answer: A) => Effect.catchDefect((defect: unknown) => Effect.as(died(defect), answer))

  const pastLimit = Effect.gen(function*() {
    yield* Effect.logError(`an actor restarted more than ${restartsMax} times in ${periodMs / 1_000} s: it only reduces risk and waits ${backOff}`)
    yield* Effect.ignoreCause(actor.record(ReduceOnly.make({ atMs: yield* Clock.currentTimeMillis })))
    yield* Effect.sleep(backOff)
  })

  /** For the forked `Restart`. Unanswered, it comes again in the next life, where it is not meant. */
  const restart = Effect.fnUntraced(function*(lifeMeant: number, defect: string) {
    if (isRestarting || lifeMeant !== life) return
    isRestarting = true
    const thirdLastMs = actor.lives().recentAtMs.at(-restartsMax) ?? -Infinity
    if ((yield* Clock.currentTimeMillis) - thirdLastMs < periodMs) yield* pastLimit
    yield* Effect.ignoreCause(actor.record(Restarted.make({ atMs: yield* Clock.currentTimeMillis, defect })))
    return yield* Effect.die("restart")
  })

  /** For a fiber of the actor that must not die silently: its end restarts the actor. Its own interruption never comes here, only one inside it. */
  const guard = <A, E, R>(fiber: Effect.Effect<A, E, R>) => Effect.catchCause(fiber, (cause) => Effect.asVoid(died(Cause.squash(cause))))

  return { contain, restart, guard }
})
