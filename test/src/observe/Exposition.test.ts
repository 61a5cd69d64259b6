/** What `/metrics` says, and who may read it. */
import { request } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Metric } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import { LoginId } from "#schemas/Ids.ts"
import * as QuoteBookLive from "#src/feeds/QuoteBook.ts"
import { Exposition, ownersMax } from "#src/observe/Exposition.ts"
import * as Follow from "#src/observe/Follow.ts"
import * as Gauges from "#src/ports/Gauges.ts"
import { Journal } from "#src/ports/Journal.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import { listening, port, token } from "#test/admin/house.ts"
import { accepted, account, mes, startMs, ticks } from "#test/projections/rows.ts"
import { house } from "#test/support/house.ts"
import { journalInMemory } from "#test/support/journal.ts"

const ports = Layer.mergeAll(
  journalInMemory, QuoteBookLive.layer, RefusedDeliveries.layer, Supervision.layer, HouseConfig.layerOf(house()), SecretsLive.layerOf({}, token)
)
/** Its own figures and queues: nothing of another test. */
const apart = Layer.mergeAll(Layer.sync(Metric.MetricRegistry, () => new Map()), Layer.sync(Gauges.Gauges, () => new Set<Gauges.Gauge>()))
const watched = Layer.mergeAll(Exposition.layer, Follow.rows, Follow.feeds).pipe(Layer.provideMerge(ports))

/** What Prometheus would keep of it. */
const samples = Effect.flatMap(Exposition, ({ text }) => Effect.map(text, (all) => new Map(all.split("\n").flatMap((line): ReadonlyArray<[string, string]> => {
  const found = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line)
  return found === null ? [] : [[found[1] ?? "", found[2] ?? ""]]
}))))

const inHouse = <A, E>(test: Effect.Effect<A, E, Layer.Success<typeof watched>>) =>
  Effect.andThen(TestClock.setTime(startMs), test.pipe(Effect.provide(Layer.fresh(watched)))).pipe(Effect.provide(Layer.fresh(apart)))

const settle = TestClock.adjust("10 millis")

describe("the figures", () => {
  it.effect("tell of journal, sessions, accounts and alerts", () => inHouse(Effect.gen(function*() {
    const supervision = yield* Supervision
    yield* supervision.setSession(LoginId.make("paper-demo"), "connected")
    yield* supervision.setAccount(account("paper-1"), "open")
    yield* (yield* RefusedDeliveries).note("badSecret", "10.0.0.1")
    yield* settle
    yield* (yield* Journal).append("ingress/futures", "any", [accepted("a1"), accepted("a2")])
    yield* settle
    const first = yield* samples
    const expected = {
      interlock_journal_rows_total: "2", interlock_journal_durable: "1", interlock_journal_disk_low: "0",
      'interlock_sessions{state="connected"}': "1", 'interlock_sessions{state="lost"}': "0",
      'interlock_accounts{state="open"}': "1", 'interlock_accounts{state="connecting"}': "2",
      'interlock_alerts_total{status="accepted"}': "2", 'interlock_deliveries_refused_total{error="badSecret"}': "1",
      'interlock_stage_seconds_count{stage="received_to_durable"}': "2", "interlock_journal_commit_seconds_count": "1"
    }
    for (const [name, value] of Object.entries(expected)) assert.strictEqual(first.get(name), value, name)
    for (const name of ['interlock_process_memory_bytes{kind="resident"}', "interlock_process_cpu_seconds_total"]) assert.isAbove(Number(first.get(name)), 0, name)
    for (const quantile of ["p50", "p99", "max"]) assert.isTrue(first.has(`interlock_event_loop_lag_seconds{quantile="${quantile}"}`))

    yield* (yield* Journal).append("ingress/futures", "any", [accepted("a3")])
    const second = yield* samples
    assert.strictEqual(second.get("interlock_journal_rows_total"), "3", "a total grows by what is new")
    assert.strictEqual(second.get('interlock_deliveries_refused_total{error="badSecret"}'), "1")
  })))

  it.effect("give a feed's age by its newest quote, of configured logins alone", () => inHouse(Effect.gen(function*() {
    const quotes = yield* QuoteBook
    const put = (source: string, atMs: number) =>
      quotes.put({ instrumentId: mes.id, bid: ticks(1), ask: ticks(2), last: ticks(1), atMs, source, isSimulated: true })
    assert.isFalse(Array.from((yield* samples).keys()).some((name) => name.startsWith("interlock_feed_age")))
    yield* settle
    yield* put("paper-demo", startMs)
    yield* put("alert", startMs)
    yield* TestClock.adjust("3 seconds")
    const found = Array.from(yield* samples).filter(([name]) => name.startsWith("interlock_feed_age"))
    assert.deepStrictEqual(found, [['interlock_feed_age_seconds{login="paper-demo"}', "3.01"]])
  })))

  it.effect("show each queue until it is gone, and add up what is past the bound", () => inHouse(Effect.gen(function*() {
    const depthOf = (queue: string, owner: string) => Effect.map(samples, (all) => all.get(`interlock_queue_depth{queue="${queue}",owner="${owner}"}`))
    yield* Effect.scoped(Effect.gen(function*() {
      for (let index = 0; index < ownersMax + 3; index += 1) yield* Gauges.register("errands", `account-${index}`, () => 2)
      yield* Gauges.register("outbox", "paper-demo", () => 7)
      assert.strictEqual(yield* depthOf("errands", "account-0"), "2")
      assert.strictEqual(yield* depthOf("errands", "other"), "6")
      assert.strictEqual(yield* depthOf("outbox", "paper-demo"), "7")
    }))
    assert.strictEqual(yield* depthOf("outbox", "paper-demo"), "0")
    assert.strictEqual(yield* depthOf("errands", "other"), "0")
  })))

  it.effect("have a name of ours, a unit and words of help", () => inHouse(Effect.gen(function*() {
    yield* settle
    yield* (yield* Journal).append("ingress/futures", "any", [accepted("a1")])
    yield* settle
    const text = yield* (yield* Exposition).text
    const types = text.split("\n").flatMap((line) => line.startsWith("# TYPE interlock_") ? [line.split(" ")[2] ?? ""] : [])
    assert.isAbove(types.length, 12)
    for (const name of types) {
      assert.match(name, /^interlock_[a-z_]+$/)
      assert.match(text, new RegExp(`^# HELP ${name} \\S`, "m"))
    }
    const buckets = text.split("\n").filter((line) => line.startsWith('interlock_stage_seconds_bucket{stage="received_to_durable"')).map((line) => Number(line.split(" ")[1]))
    assert.deepStrictEqual(buckets, buckets.toSorted((one, two) => one - two), "buckets add up")
    assert.strictEqual(buckets.at(-1), 1)
  })))
})

const ask = (to: number, headers: Readonly<Record<string, string>>) =>
  Effect.promise(() => new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: to, path: "/metrics", headers }, (answer) => {
      let body = ""
      answer.on("data", (chunk: Buffer) => { body += chunk.toString() })
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }))
    })
    sent.on("error", reject)
    sent.end()
  }))

const door = listening({ webhookUrl: "http://127.0.0.1:1", hosts: ["trading.example"], metrics: Effect.succeed("interlock_x 1\n") })

it.live("on this machine figures need no token; by another name or through a proxy they do; a foreign host gets nothing", () =>
  Effect.gen(function*() {
    const to = yield* port
    const authorization = `Bearer ${token}`
    const cases: ReadonlyArray<readonly [Readonly<Record<string, string>>, number]> = [
      [{ host: `localhost:${to}` }, 200],
      [{ host: `[::1]:${to}` }, 200],
      [{ host: "evil.example" }, 403],
      [{ host: "evil.example", authorization }, 403],
      [{ host: "localhost", origin: "https://evil.example" }, 403],
      [{ host: "trading.example" }, 401],
      [{ host: "trading.example", authorization }, 200],
      [{ host: "localhost", "x-forwarded-for": "10.1.1.1" }, 401],
      [{ host: "localhost", forwarded: "for=10.1.1.1" }, 401],
      [{ host: "localhost", "x-forwarded-for": "10.1.1.1", authorization }, 200]
    ]
    for (const [headers, status] of cases) {
      const answer = yield* ask(to, headers)
      assert.strictEqual(answer.status, status, JSON.stringify(headers))
      assert.strictEqual(answer.body.includes("interlock_x"), status === 200)
    }
  }).pipe(Effect.provide(door)))
