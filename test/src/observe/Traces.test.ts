/** Traces on their way to a collector that takes them, and to one that does not. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, Metric, Option } from "effect"
import { FetchHttpClient, HttpClient, type HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import * as SecretsLive from "#config/SecretsLive.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Traces from "#src/observe/Traces.ts"
import { Journal } from "#src/ports/Journal.ts"
import { accepted, acknowledged, alert, bracket, gated, intended, startMs } from "#test/projections/rows.ts"
import { journalInMemory } from "#test/support/journal.ts"
import * as Process from "#test/support/process.ts"
import * as Collector from "./collector.ts"

const secret = "a-secret-in-a-signal"
const stores = Layer.merge(journalInMemory, SecretsLive.layerOf({ "$file x": secret }, "the-operator-token"))
const apart = Layer.sync(Metric.MetricRegistry, () => new Map())

const blocked = { outcome: "skipped", reason: { rule: "IngressPause", message: `paused ${secret}`, facts: {} } } as const
const settled = (id: string): JournalEvent => ({ _tag: "AlertSettled", alertId: alert(id), sent: false })
const append = (stream: string, ...events: ReadonlyArray<JournalEvent>) => Effect.flatMap(Journal, (journal) => journal.append(stream, "any", events))
const settle = (id: string) =>
  Effect.andThen(append("ingress/futures", accepted(id)), append("dispatch", gated(id, ["paper-1"], blocked), settled(id)))

describe("a collector", () => {
  it.live("gets one trace of each alert that is settled, without a secret", () => Effect.gen(function*() {
    const collector = yield* Collector.make
    yield* Effect.gen(function*() {
      yield* append("ingress/futures", accepted("a0"), accepted("a1"))
      yield* append("dispatch", gated("a1", ["paper-1"]))
      yield* append("account/paper-1", intended(bracket.entry), acknowledged(bracket.entry), {
        _tag: "OutcomeReached", alertId: alert("a1"), outcome: "filled", orderIds: [bracket.entry.id]
      })
      yield* append("dispatch", settled("a1"))
      yield* settle("a2")
      yield* Process.until("two traces", 5_000, Effect.sync(() =>
        collector.spans.length < 9 ? JSON.stringify(Collector.ways(collector.spans)) : Option.some(collector.spans)))
      assert.deepStrictEqual(Collector.ways(collector.spans), [
        "alert buy", "alert buy > ack", "alert buy > gates and guard", "alert buy > account paper-1", "alert buy > account paper-1 > decision",
        "alert buy > account paper-1 > order entry",
        "alert buy", "alert buy > ack", "alert buy > gates and guard"
      ])
      assert.strictEqual(new Set(collector.spans.map(({ traceId }) => traceId)).size, 2)
      assert.notInclude(collector.bodies.join(), secret)
      assert.include(collector.bodies.join(), "paused ***")
    }).pipe(Effect.provide(Layer.provideMerge(Layer.provide(Traces.layer(collector.url), FetchHttpClient.layer), stores)))
  }).pipe(Effect.scoped))

  it.live("gets what still waits as the house leaves", () => Effect.gen(function*() {
    const collector = yield* Collector.make
    yield* Effect.andThen(settle("a1"), Effect.yieldNow).pipe(
      Effect.provide(Layer.provideMerge(Layer.provide(Traces.layer(collector.url), FetchHttpClient.layer), stores))
    )
    assert.deepStrictEqual(Collector.ways(collector.spans), ["alert buy", "alert buy > ack", "alert buy > gates and guard"])
  }).pipe(Effect.scoped))
})

/** Answers nothing but the status it is told, on the test's clock. */
const answering = (status: () => number, asked: Array<HttpClientRequest.HttpClientRequest>) =>
  Layer.succeed(HttpClient.HttpClient, HttpClient.make((request) => Effect.sync(() => {
    asked.push(request)
    return HttpClientResponse.fromWeb(request, new Response("", { status: status() }))
  })))

it.effect("one that is dead costs a bounded list and one warning a minute; once it is back it gets what waited", () => {
  const asked: Array<HttpClientRequest.HttpClientRequest> = []
  const warnings: Array<string> = []
  let status = 503
  const listen = Logger.layer([Logger.make(({ message }) => { warnings.push(String(message)) })])
  const house = Layer.provideMerge(Layer.provide(Traces.layer("http://collector"), answering(() => status, asked)), stores)
  return Effect.gen(function*() {
    yield* TestClock.setTime(startMs)
    yield* Effect.gen(function*() {
      const count = (name: string) => Effect.map(Metric.snapshot, (all) => {
        const found = all.find(({ id }) => id === name)
        return found?.type === "Counter" ? Number(found.state.count) : 0
      })
      for (let index = 0; index < 40; index += 1) yield* settle(`a${index}`)
      yield* Effect.repeat(TestClock.adjust("1 second"), { times: 9 })
      assert.strictEqual(warnings.length, 1, warnings.join("\n"))
      assert.match(warnings[0] ?? "", /traces were lost: the collector at http:\/\/collector\/v1\/traces/)
      assert.strictEqual(yield* count("interlock_traces_lost_total"), 40)
      assert.isAtMost(asked.length, 9)
      yield* TestClock.adjust(Traces.quietMs)
      yield* settle("b0")
      yield* Effect.repeat(TestClock.adjust("1 second"), { times: 9 })
      assert.strictEqual(warnings.length, 2)
      assert.match(warnings[1] ?? "", /^\d+ traces/)

      for (let index = 0; index < Traces.waitingMax + 200; index += 1) yield* settle(`c${index}`)
      status = 200
      yield* Effect.repeat(TestClock.adjust("1 second"), { times: 60 })
      const [sent, lost] = [yield* count("interlock_traces_sent_total"), yield* count("interlock_traces_lost_total")]
      assert.strictEqual(sent + lost, 41 + Traces.waitingMax + 200)
      assert.isAtLeast(sent, Traces.waitingMax - 32)
    }).pipe(Effect.provide(house))
  }).pipe(Effect.provide(Layer.merge(listen, apart)))
})
