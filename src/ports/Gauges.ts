/** How much waits where: whoever holds a queue says how its depth is read, whoever watches the house reads it. Nothing is decided on it. */
import { Context, Effect, type Scope } from "effect"

/** `lane`: alerts of one strategy; `errands`: of one account; `outbox`: requests of one login, those on the wire too; `journal`: commits. */
export type QueueKind = "lane" | "errands" | "outbox" | "journal"

export interface Gauge {
  readonly queue: QueueKind
  /** Strategy, account or login; empty where there is one for all. */
  readonly owner: string
  readonly depth: () => number
}

/** One set per process, known to everybody without being handed around. */
export const Gauges = Context.Reference<Set<Gauge>>("src/ports/Gauges", { defaultValue: () => new Set() })

/** For as long as the scope is open; costs nothing until somebody looks. */
export const register = (queue: QueueKind, owner: string, depth: () => number): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.map(Gauges, (gauges) => {
      const gauge: Gauge = { queue, owner, depth }
      gauges.add(gauge)
      return { gauge, gauges }
    }),
    ({ gauge, gauges }) => Effect.sync(() => gauges.delete(gauge))
  ))
