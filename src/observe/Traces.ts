/**
 * Sends a trace of each alert, once it is settled, to a collector. Owns: what a collector that does not answer costs: a bounded list of
 * names, traces that are lost and counted, and one warning in a while; never an alert.
 */
import { Array, Cause, Clock, Duration, Effect, Layer, Metric, Queue, Schedule, Stream } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { Secrets } from "#config/Secrets.ts"
import type { AlertId } from "#schemas/Ids.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as Otlp from "./Otlp.ts"
import * as Trace from "./Trace.ts"

/** Settled alerts that wait for their trace to be sent; past it the oldest is lost. */
export const waitingMax = 1_024
/** Alerts taken together, and spans in one request. */
const batchMax = 32
const spansMax = 1_000
/** The answer's own row may come after the settling one. */
export const settleMs = 1_000
const answerWithin = "5 seconds"
const again = { schedule: Schedule.exponential("1 second"), times: 2 }
/** One warning in this time, however much is lost. */
export const quietMs = 60_000
/** What waits as the house leaves. */
const lastWithin = "1 second"

interface Settled {
  readonly alertId: AlertId
  readonly atMs: number
}

const sent = Metric.counter("interlock_traces_sent_total", { description: "Traces of alerts that a collector took", incremental: true })
const lost = Metric.counter("interlock_traces_lost_total", { description: "Traces of alerts that no collector took", incremental: true })

/** One warning per period, with what was lost since the last. */
const makeComplaint = (url: string) => {
  let quietUntilMs = -Infinity
  let unsaid = 0
  return Effect.fnUntraced(function*(traces: number, why: string) {
    yield* Metric.update(lost, traces)
    unsaid += traces
    const nowMs = yield* Clock.currentTimeMillis
    if (nowMs < quietUntilMs) return
    quietUntilMs = nowMs + quietMs
    yield* Effect.logWarning(`${unsaid} traces were lost: the collector at ${url} does not take them: ${why}`)
    unsaid = 0
  })
}

const makeSend = Effect.fnUntraced(function*(baseUrl: string) {
  const journal = yield* Journal
  const { mask } = yield* Secrets
  const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
  const url = `${baseUrl}/v1/traces`
  const complain = makeComplaint(url)

  const post = (spans: ReadonlyArray<Trace.Span>) =>
    client.execute(HttpClientRequest.post(url).pipe(
      HttpClientRequest.bodyText(mask(JSON.stringify(Otlp.bodyOf(spans))), "application/json")
    )).pipe(
      Effect.flatMap((response) => response.text),
      Effect.timeout(answerWithin),
      Effect.withTracerEnabled(false)
    )

  /** Alerts with many accounts have thousands of spans: they go in more than one request. */
  return Effect.fnUntraced(function*(alerts: ReadonlyArray<Settled>, isLast: boolean) {
    const spans = yield* Effect.forEach(alerts, ({ alertId }) => Effect.map(journal.readAlert(alertId), Trace.of))
    const requests = Array.chunksOf(spans.flat(), spansMax)
    yield* Effect.forEach(requests, (some) => isLast ? post(some) : Effect.retry(post(some), again), { discard: true }).pipe(
      Effect.andThen(Metric.update(sent, alerts.length)),
      Effect.catchCause((cause) =>
        Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : complain(alerts.length, Cause.pretty(cause).split("\n")[0] ?? "no answer"))
    )
  })
})

/** `baseUrl`: without a slash at its end. */
export const layer = (baseUrl: string) => Layer.effectDiscard(Effect.gen(function*() {
  const journal = yield* Journal
  const send = yield* makeSend(baseUrl)
  const waiting = yield* Queue.sliding<Settled>(waitingMax)
  const { seq } = yield* journal.status

  /** Taken, and not surely sent: one that is sent twice is the same trace. */
  let inHand: ReadonlyArray<Settled> = []

  yield* Effect.addFinalizer(() =>
    Effect.flatMap(Queue.clear(waiting), (left) => send([...inHand, ...left], true)).pipe(
      Effect.timeoutOption(lastWithin),
      Effect.ignoreCause
    ))

  const registry = yield* Effect.context<never>()
  const note = Stream.runForEachArray(journal.follow(seq), (page) => Effect.sync(() => {
    for (const { atMs, event } of page) {
      if (event._tag !== "AlertSettled") continue
      if (Queue.isFullUnsafe(waiting)) lost.updateUnsafe(1, registry)
      Queue.offerUnsafe(waiting, { alertId: event.alertId, atMs })
    }
  }))
  const next = Effect.gen(function*() {
    inHand = yield* Queue.takeBetween(waiting, 1, batchMax)
    const newest = inHand.at(-1)?.atMs ?? 0
    yield* Effect.sleep(Duration.millis(Math.max(0, newest + settleMs - (yield* Clock.currentTimeMillis))))
    yield* send(inHand, false)
    inHand = []
  })
  yield* Effect.forkScoped(note)
  yield* Effect.forkScoped(Effect.forever(next))
}))
