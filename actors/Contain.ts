/** What a defect does to any actor: its caller is answered, then the actor restarts once and recalls. */
import { Cause, Clock, Effect } from "effect"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Lives } from "#src/lifecycle/Lives.ts"

const { ReduceOnly, Restarted } = JournalEvent.cases
export const restartsMax = 3
export const periodMs = 60_000
const backOff = "30 seconds"
const defectLengthMax = 500

export const make = (actor: {
  readonly lives: () => Lives
  readonly restartSelf: (life: number, defect: string) => Effect.Effect<void, unknown>
  readonly record: (event: JournalEvent) => Effect.Effect<unknown, unknown>
}) => {
  const life = actor.lives().count
  let isRestarting = false

  const died = (defect: unknown) =>
    Effect.logError("an actor's handler died; it restarts from the journal", Cause.die(defect)).pipe(
      Effect.andThen(Effect.ignore(actor.restartSelf(life, String(defect).slice(0, defectLengthMax))))
    )

  const contain = <A>(answer: A) => Effect.catchDefect((defect: unknown) => Effect.as(died(defect), answer))

  /** For the forked `Restart`. Unanswered, it comes again in the next life, where it is not meant. */
  const restart = Effect.fnUntraced(function*(lifeMeant: number, defect: string) {
    if (isRestarting || lifeMeant !== life) return
    isRestarting = true
    const thirdLastMs = actor.lives().recentAtMs.at(-restartsMax) ?? -Infinity
    if ((yield* Clock.currentTimeMillis) - thirdLastMs < periodMs) {
      yield* Effect.ignore(actor.record(ReduceOnly.make({ atMs: yield* Clock.currentTimeMillis })))
      yield* Effect.sleep(backOff)
    }
    yield* Effect.ignore(actor.record(Restarted.make({ atMs: yield* Clock.currentTimeMillis, defect })))
    return yield* Effect.die("restart")
  })

  /** For a fiber of the actor that must not die silently: its end restarts the actor. */
  const guard = <A, E, R>(fiber: Effect.Effect<A, E, R>) =>
    Effect.catchCause(fiber, (cause) => Cause.hasInterruptsOnly(cause) ? Effect.void : died(Cause.squash(cause)))

  return { contain, restart, guard }
}
