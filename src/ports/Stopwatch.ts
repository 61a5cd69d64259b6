/** How long the house's own waits take: a histogram for each kind, and a warning where one is too long. Changes nothing about what it times. */
import { Clock, Context, Effect, Metric } from "effect"

/** What is waited for: the disk under a commit, a venue's answer, an answer to an operator. */
export type Kind = "journal" | "venue" | "rpc"

/** Past it a person is told: far longer than any of them takes while all is well. */
export const slowMs: Readonly<Record<Kind, number>> = { journal: 250, venue: 2_000, rpc: 1_000 }
/** One warning per kind in this time; those left out are counted in the next. */
export const quietMs = 60_000

/** From half a millisecond to a minute. */
export const boundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const

const histograms = {
  journal: Metric.histogram("interlock_journal_commit_seconds", { description: "Time of one journal commit, on disk", boundaries }),
  venue: Metric.histogram("interlock_venue_request_seconds", { description: "Time from a request to the venue's answer, by kind of request", boundaries }),
  rpc: Metric.histogram("interlock_rpc_seconds", { description: "Time to answer an operator's tool, by what was asked", boundaries })
} satisfies Record<Kind, unknown>

/** Warnings so far, per kind. */
export const Warnings = Context.Reference<Map<Kind, { readonly quietUntilMs: number; readonly leftOut: number }>>("src/ports/Stopwatch", {
  defaultValue: () => new Map()
})

export interface What {
  readonly kind: Kind
  /** One of a few words written in the code: it becomes a label. */
  readonly name: string
  /** Whose: for the warning alone. */
  readonly of?: string
}

const nanosPerMs = 1_000_000

const tell = Effect.fnUntraced(function*({ kind, name, of }: What, ms: number) {
  if (ms < slowMs[kind]) return
  const warnings = yield* Warnings
  const nowMs = yield* Clock.currentTimeMillis
  const before = warnings.get(kind)
  if (before !== undefined && nowMs < before.quietUntilMs) {
    warnings.set(kind, { ...before, leftOut: before.leftOut + 1 })
    return
  }
  warnings.set(kind, { quietUntilMs: nowMs + quietMs, leftOut: 0 })
  const more = before === undefined || before.leftOut === 0 ? "" : `; ${before.leftOut} more such since the last warning`
  yield* Effect.logWarning(`slow ${kind}: ${name}${of === undefined ? "" : ` of ${of}`} took ${Math.round(ms)} ms, expected less than ${slowMs[kind]}${more}`)
})

/** However it ends; and whatever goes wrong with the watch, it ends as it would have. */
export const timed = (what: What) => {
  const histogram = what.kind === "journal" ? histograms.journal : Metric.withAttributes(histograms[what.kind], { name: what.name })
  return <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Clock.currentTimeNanos, (started) =>
      Effect.onExit(work, () => Effect.flatMap(Clock.currentTimeNanos, (ended) => {
        const ms = Number(ended - started) / nanosPerMs
        return Effect.ignoreCause(Effect.andThen(Metric.update(histogram, ms / 1_000), tell(what, ms)))
      })))
}
