/** Deliveries that nobody could attribute to an alert, counted without their bodies: a template that breaks its JSON must not fail silently. */
import { Clock, Context, Effect, Layer } from "effect"
import type { RefusalError } from "#schemas/Alert.ts"

/** Sources remembered; the one that was quiet longest goes first. */
const sourcesMax = 256

export interface RefusedSource {
  readonly source: string
  readonly error: RefusalError
  readonly count: number
  readonly lastAtMs: number
}

export class RefusedDeliveries extends Context.Service<RefusedDeliveries, {
  note(error: RefusalError, source: string): Effect.Effect<void>
  /** Since the start, by error. */
  readonly counts: Effect.Effect<Record<string, number>>
  /** By source and error, the latest first. */
  readonly sources: Effect.Effect<ReadonlyArray<RefusedSource>>
}>()("src/ports/RefusedDeliveries") {
  static readonly layer = Layer.sync(RefusedDeliveries, () => {
    const totals = new Map<string, number>()
    const bySource = new Map<string, RefusedSource>()
    return RefusedDeliveries.of({
      note: (error, source) =>
        Effect.map(Clock.currentTimeMillis, (lastAtMs) => {
          totals.set(error, (totals.get(error) ?? 0) + 1)
          const key = `${error} ${source}`
          const count = (bySource.get(key)?.count ?? 0) + 1
          bySource.delete(key)
          bySource.set(key, { source, error, count, lastAtMs })
          const oldest = bySource.keys().next().value
          if (bySource.size > sourcesMax && oldest !== undefined) bySource.delete(oldest)
        }),
      counts: Effect.sync(() => Object.fromEntries(totals)),
      sources: Effect.sync(() => Array.from(bySource.values()).reverse())
    })
  })
}
