/** One venue's one alarm clock, on the Clock of whoever made it: an earlier instant asked for moves it forward. */
import { Clock, Duration, Effect, FiberSet, type Scope } from "effect"

export interface Timer {
  readonly nowMs: () => number
  readonly wakeAt: (atMs: number) => void
}

/** `ring` does what is due and gives the instant of the next. It is asked for once the venue is made. */
export const make = (ring: () => number): Effect.Effect<Timer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const run = yield* FiberSet.makeRuntime<never>()
    const nowMs = () => clock.currentTimeMillisUnsafe()
    let armedMs = Infinity
    const arm = (atMs: number): void => {
      if (atMs >= armedMs) return
      armedMs = atMs
      run(Effect.flatMap(clock.sleep(Duration.millis(Math.max(0, atMs - nowMs()))), () => {
        if (armedMs === atMs) {
          armedMs = Infinity
          arm(ring())
        }
        return Effect.void
      }))
    }
    return { nowMs, wakeAt: (atMs) => arm(Math.max(atMs, nowMs())) }
  })
