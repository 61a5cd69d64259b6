/** Keeps the metrics that follow from the journal's rows and from the quotes, as they come. On nobody's way: it reads what others wrote. */
import { Clock, Effect, Layer, Metric, Scope, Stream } from "effect"
import { HouseConfig } from "#config/House.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import * as Series from "./Series.ts"
import * as Stages from "./Stages.ts"

const series = {
  stage: Series.histogram("interlock_stage_seconds", "Time of an alert between two steps: see the label stage"),
  ack: Series.histogram("interlock_signal_to_ack_seconds", "Time from an alert's arrival until its answer left the house"),
  alerts: Series.counter("interlock_alerts_total", "Alerts that were let in, by what they turned out to be"),
  outcomes: Series.counter("interlock_outcomes_total", "How (alert, account) pairs ended"),
  refusals: Series.counter("interlock_refusals_total", "Every no to an alert or to one account's part in it, by kind and rule"),
  restarts: Series.counter("interlock_actor_restarts_total", "Restarts after a defect, by kind of actor")
} as const

const count = (registry: Series.Registry, seen: Stages.Seen): void => {
  switch (seen._tag) {
    case "Stage": {
      const { seconds, stage } = seen
      return stage === "received_to_answer" ? series.ack(registry, seconds) : series.stage(registry, seconds, { stage })
    }
    case "Alert":
      return series.alerts(registry, { status: seen.status })
    case "Outcome":
      return series.outcomes(registry, { outcome: seen.outcome })
    case "Refusal":
      return series.refusals(registry, { kind: seen.kind, rule: seen.rule })
    case "Restart":
      return series.restarts(registry, { actor: seen.actor })
  }
}

/** Of one look. Every row of the house passes here: plain steps, no effects. */
export const counting = (registry: Series.Registry) => {
  const look = Stages.make()
  return (rows: ReadonlyArray<JournalRow>): void => {
    for (const row of rows) for (const seen of look(row)) count(registry, seen)
  }
}

/** From the row after the last one that was there. */
export const rows = Layer.effectDiscard(Effect.gen(function*() {
  const journal = yield* Journal
  const { seq } = yield* journal.status
  const counted = counting(yield* Effect.context<never>())
  yield* Effect.forkScoped(Stream.runForEachArray(journal.follow(seq), (page) => Effect.sync(() => counted(page))))
}))

const feedAge = Metric.gauge("interlock_feed_age_seconds", { description: "Time since the newest quote of a login, by the quote's own clock" })

/** A login that never gave a quote has no age. As many as are configured. */
export const feeds = Layer.effectDiscard(Effect.gen(function*() {
  const quotes = yield* QuoteBook
  const house = yield* HouseConfig
  const clock = yield* Clock.Clock
  const context = yield* Effect.context<never>()
  const scope = yield* Effect.scope
  const newest = new Map<string, number>()

  const note = Effect.fnUntraced(function*(source: string, atMs: number) {
    const known = newest.get(source)
    if (known !== undefined) return void newest.set(source, Math.max(known, atMs))
    const { logins } = yield* house.current
    if (!Array.from(logins.keys()).some((id) => id === source)) return
    newest.set(source, atMs)
    const { remove } = Metric.registerUnsafe(Metric.withAttributes(feedAge, { login: source }), context, {
      get: () => ({ value: Math.max(0, clock.currentTimeMillisUnsafe() - (newest.get(source) ?? 0)) / 1_000 }),
      update: () => {},
      modify: () => {}
    })
    yield* Scope.addFinalizer(scope, Effect.sync(remove))
  })
  yield* Effect.forkScoped(Stream.runForEach(quotes.changes, ({ atMs, source }) => note(source, atMs)))
}))
