/** How late the event loop is: what everybody in this process waits for, whoever holds it up. */
// oxlint-disable-next-line no-restricted-imports -- measures the process itself, in real time, whatever clock the house runs on
import { monitorEventLoopDelay } from "node:perf_hooks"
import { Effect } from "effect"

const resolutionMs = 20
const nanosPerSecond = 1e9

export interface Lag {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Seconds beyond the measure's own step since the last look. */
export const make = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
      histogram.enable()
      return histogram
    }),
    (histogram) => Effect.sync(() => histogram.disable())
  ),
  (histogram) =>
    Effect.sync((): Lag => {
      const beyond = (nanos: number) => histogram.count === 0 ? 0 : Math.max(0, nanos / nanosPerSecond - resolutionMs / 1_000)
      const lag = { p50: beyond(histogram.percentile(50)), p99: beyond(histogram.percentile(99)), max: beyond(histogram.max) }
      histogram.reset()
      return lag
    })
)
