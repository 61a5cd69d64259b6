/** May deliveries come in? Closed first when the house shuts down: the port answers 503 until everything behind it has gone. */
import { Context, Deferred, Effect, Layer } from "effect"

/** Who is still inside after this is left to the journal: their answer may be lost, their alert is not. */
const drainMax = "3 seconds"

export class Door extends Context.Service<Door, {
  readonly isOpen: Effect.Effect<boolean>
  /** Runs `work` while the door is open, else `closed`. */
  admit<A, R>(work: Effect.Effect<A, never, R>, closed: Effect.Effect<A, never, R>): Effect.Effect<A, never, R>
  /** Nobody is admitted any more; returns when those inside are done. */
  readonly close: Effect.Effect<void>
}>()("src/ingress/Door") {
  static readonly layer = Layer.sync(Door, () => {
    const empty = Deferred.makeUnsafe<void>()
    let isOpen = true
    let inside = 0
    const settle = () => {
      if (!isOpen && inside === 0) Deferred.doneUnsafe(empty, Effect.void)
    }
    const leave = Effect.sync(() => {
      inside--
      settle()
    })
    return Door.of({
      isOpen: Effect.sync(() => isOpen),
      admit: (work, closed) =>
        Effect.suspend(() => {
          if (!isOpen) return closed
          inside++
          return Effect.ensuring(work, leave)
        }),
      close: Effect.suspend(() => {
        isOpen = false
        settle()
        return Deferred.await(empty).pipe(Effect.timeoutOption(drainMax), Effect.asVoid)
      })
    })
  })
}
