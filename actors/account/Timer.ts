/** An account's one timer: the earliest thing to look at, then a message to itself. */
import { Duration, Effect, FiberHandle } from "effect"

export const make = Effect.fnUntraced(function*(ring: Effect.Effect<void>) {
  const handle = yield* FiberHandle.make()
  let setForMs = Infinity
  return {
    rang: () => {
      setForMs = Infinity
    },
    set: Effect.fnUntraced(function*(atMs: number, nowMs: number) {
      if (atMs === setForMs) return
      setForMs = atMs
      if (!Number.isFinite(atMs)) return yield* FiberHandle.clear(handle)
      yield* FiberHandle.run(handle, Effect.delay(ring, Duration.millis(Math.max(1, atMs - nowMs))))
    })
  }
})
