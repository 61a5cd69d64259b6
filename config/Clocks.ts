/** Wall and monotonic time from one place, so that a test can step one alone. */
import { Clock, Context, Effect, Layer } from "effect"

export class Clocks extends Context.Service<Clocks, {
  /** Milliseconds since the epoch; may jump. */
  readonly wallMs: Effect.Effect<number>
  /** Milliseconds from an arbitrary start; never goes back. Deadlines use it. */
  readonly monotonicMs: Effect.Effect<number>
}>()("config/Clocks") {
  /** Both follow Effect's `Clock`: virtual in tests. */
  static readonly layerVirtual = Layer.succeed(Clocks, Clocks.of({ wallMs: Clock.currentTimeMillis, monotonicMs: Clock.currentTimeMillis }))
  static readonly layer = Layer.succeed(Clocks, Clocks.of({
    wallMs: Clock.currentTimeMillis,
    monotonicMs: Effect.sync(() => performance.now())
  }))
}
