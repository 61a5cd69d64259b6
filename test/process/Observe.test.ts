/** The running house as whoever watches it sees it: figures, traces at a collector, the log on disk. */
import { existsSync, readFileSync, statSync } from "node:fs"
import * as NodePath from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { folder } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"
import * as Collector from "#test/src/observe/collector.ts"

const buy = { strategy: "demo-futures", symbol: "MES1!", action: "buy" }

const metrics = (house: Process.House) =>
  Effect.promise(async () => {
    const answer = await fetch(`${house.operatorUrl}/metrics`)
    return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() }
  })

const figure = (text: string, name: string): number | undefined => {
  const line = text.split("\n").find((one) => one.startsWith(`${name} `))
  return line === undefined ? undefined : Number(line.slice(name.length + 1))
}

describe("a running house", () => {
  it.live("can be watched: the figures of one alert, its trace at the collector, nothing secret in either", () => Effect.gen(function*() {
    const collector = yield* Collector.make
    const house = yield* Process.start(yield* folder, { env: { INTERLOCK_OTLP: collector.url } })
    yield* Process.open(house)
    const answer = yield* Process.alert(house, "futures", buy)
    assert.strictEqual(Option.getOrThrow(answer).status, 200)
    yield* Process.settled(house)

    // Outcomes are told by fills: the venue's answers to the orders may come a little later.
    const { status, text, type } = yield* Process.until("answers to all that was sent", 2_000, Effect.map(metrics(house), (shown) =>
      ['queue="outbox",owner="paper-demo"', 'queue="journal"'].every((one) => figure(shown.text, `interlock_queue_depth{${one}}`) === 0) ? Option.some(shown) : shown.text))
    assert.deepStrictEqual([status, type], [200, "text/plain; version=0.0.4; charset=utf-8"])
    const expected = {
      'interlock_alerts_total{status="accepted"}': 1, 'interlock_outcomes_total{outcome="filled"}': 2,
      'interlock_refusals_total{kind="denied",rule="DailyLoss"}': 1, interlock_signal_to_ack_seconds_count: 1,
      'interlock_stage_seconds_count{stage="received_to_durable"}': 1, 'interlock_stage_seconds_count{stage="gated_to_intent"}': 2,
      'interlock_stage_seconds_count{stage="accepted_to_filled"}': 2, 'interlock_accounts{state="open"}': 3, 'interlock_sessions{state="connected"}': 1,
      interlock_journal_durable: 1, 'interlock_queue_depth{queue="outbox",owner="paper-demo"}': 0, 'interlock_queue_depth{queue="journal"}': 0,
      'interlock_queue_depth{queue="lane",owner="demo-futures"}': 0, 'interlock_queue_depth{queue="errands",owner="paper-1"}': 0,
      'interlock_venue_request_seconds_count{name="submitBracket"}': 2
    }
    for (const [name, value] of Object.entries(expected)) assert.strictEqual(figure(text, name), value, name)
    assert.isAtLeast(figure(text, "interlock_journal_rows_total") ?? 0, 20)
    assert.isAtLeast(figure(text, 'interlock_rpc_seconds_count{name="Status"}') ?? 0, 1)
    assert.isBelow(figure(text, 'interlock_feed_age_seconds{login="paper-demo"}') ?? Infinity, 5)

    const spans = yield* Process.until("the trace", 8_000, Effect.sync(() =>
      collector.spans.length > 0 ? Option.some(collector.spans) : `${collector.bodies.length} requests`))
    const ways = Collector.ways(spans)
    assert.deepStrictEqual(new Set(ways), new Set([
      "alert buy", "alert buy > ack", "alert buy > gates and guard",
      ...["paper-1", "paper-2"].flatMap((id) =>
        ["", " > decision", " > order entry", " > order stop", " > order target"].map((part) => `alert buy > account ${id}${part}`)),
      "alert buy > account paper-3", "alert buy > account paper-3 > decision"
    ]))
    assert.strictEqual(ways.length, new Set(ways).size)
    const [root] = spans
    for (const { endTimeUnixNano, startTimeUnixNano, traceId } of spans) {
      assert.strictEqual(traceId, root?.traceId)
      assert.isTrue(BigInt(startTimeUnixNano) >= BigInt(root?.startTimeUnixNano ?? 0) && BigInt(endTimeUnixNano) <= BigInt(root?.endTimeUnixNano ?? 0))
    }
    assert.notInclude(text + collector.bodies.join(), Process.secretOf(house.data))
  }).pipe(Effect.scoped))

  it.live("does not mind a collector that is not there: it says so once, on the terminal and in the log on disk", () => Effect.gen(function*() {
    const data = yield* folder
    const house = yield* Process.start(data, { env: { INTERLOCK_OTLP: "http://127.0.0.1:1" } })
    yield* Process.open(house)
    for (let index = 0; index < 3; index += 1) {
      assert.strictEqual(Option.getOrThrow(yield* Process.alert(house, "futures", { ...buy, id: `n-${index}` })).status, 200)
    }
    yield* Process.settled(house)
    const log = NodePath.join(data, "logs", "interlock.jsonl")
    const lines = yield* Process.until("the warning", 10_000, Effect.sync(() =>
      existsSync(log) && readFileSync(log, "utf8").includes("traces were lost") ? Option.some(readFileSync(log, "utf8").split("\n").slice(0, -1)) : house.err()))
    assert.strictEqual(lines.filter((line) => line.includes("traces were lost")).length, 1)
    for (const line of lines) {
      const { level, message, time } = JSON.parse(line)
      assert.isTrue(typeof message === "string" && typeof level === "string" && /^\d{4}-\d\d-\d\dT.*Z$/.test(time), line)
    }
    // Another pipe than the log: it may come a little later.
    yield* Process.until("the warning on the terminal", 2_000, Effect.sync(() =>
      /level=WARN .*traces were lost: the collector at http:\/\/127\.0\.0\.1:1\/v1\/traces/.test(house.err()) ? Option.some(true) : house.err()))
    if (process.platform !== "win32") assert.strictEqual(statSync(log).mode & 0o777, 0o600)
    assert.deepStrictEqual(yield* Process.leave(house), { code: 130, signal: null })
  }).pipe(Effect.scoped), 40_000)
})
