/**
 * What an append costs: `node ops/bench/journal.ts [folder] [seconds]`. On a real disk; figures are of this machine.
 * Reopened: 100,000 rows, until every stream is decoded. Steady: 50 appends a second, apart, and a burst of 50 at once each second. Full: 200 writers without pause.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createHistogram, monitorEventLoopDelay, performance, type RecordableHistogram } from "node:perf_hooks"
import { Effect, Schema } from "effect"
import { AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as JournalCodec from "#src/stores/JournalCodec.ts"
import * as JournalFile from "#src/stores/JournalFile.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"

const perSecond = 50
const writers = 200
const rows = 100_000
const batchRows = 1_000
const streams = 5

const decode = Schema.decodeUnknownSync(JournalEvent)
const template = decode({
    _tag: "AlertAccepted",
    alertId: "alert",
    delivery: {
      lane: "main", receivedAtMs: 1, source: "127.0.0.1", contentType: "application/json", body: "x".repeat(300),
      format: "canonical", repairs: [], notes: [], bodyHash: "hash"
    },
    signal: { lane: "main", strategy: "trend", action: "buy", symbol: "MES1!", price: "5000.25", orderType: "market" }
})
const accepted = (n: number): JournalEvent => (template._tag === "AlertAccepted" ? { ...template, alertId: AlertId.make(`alert-${n}`) } : template)

const timed = (journal: Journal["Service"], times: RecordableHistogram, n: number) =>
  Effect.suspend(() => {
    const event = accepted(n)
    const startMs = performance.now()
    return Effect.map(
      journal.appendOnce("ingress/main", `key-${n}`, [event]),
      () => times.record(Math.max(1, Math.round((performance.now() - startMs) * 1_000)))
    )
  })

const figures = (name: string, times: RecordableHistogram, loop: ReturnType<typeof monitorEventLoopDelay>) =>
  Effect.sync(() => {
    const us = (p: number) => `${times.percentile(p)}`
    const ms = (nanos: number) => (nanos / 1e6).toFixed(2)
    console.log(`${name}: append us p50 ${us(50)} p99 ${us(99)} max ${times.max} (n ${times.count}); loop delay ms p50 ${ms(loop.percentile(50))} p99 ${ms(loop.percentile(99))} max ${ms(loop.max)}`)
  })

const measured = <A, E, R>(name: string, work: (times: RecordableHistogram) => Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const times = createHistogram()
    const loop = monitorEventLoopDelay({ resolution: 1 })
    loop.enable()
    const result = yield* work(times)
    loop.disable()
    yield* figures(name, times, loop)
    return result
  })

const steady = (journal: Journal["Service"], seconds: number, times: { apart: RecordableHistogram; burst: RecordableHistogram }) =>
  Effect.gen(function*() {
    for (let second = 0; second < seconds; second += 1) {
      const from = second * 2 * perSecond
      for (let n = 0; n < perSecond; n += 1) {
        yield* Effect.forkChild(timed(journal, times.apart, from + n))
        yield* Effect.sleep(`${1_000 / perSecond - 1} millis`)
      }
      yield* Effect.forEach(Array.from({ length: perSecond }, (_, n) => from + perSecond + n), (n) => timed(journal, times.burst, n), {
        concurrency: "unbounded", discard: true
      })
    }
  })

const full = (journal: Journal["Service"], seconds: number, times: RecordableHistogram) =>
  Effect.gen(function*() {
    const endMs = performance.now() + seconds * 1_000
    let n = 1_000_000
    const writer = Effect.gen(function*() {
      while (performance.now() < endMs) yield* timed(journal, times, n++)
    })
    const startMs = performance.now()
    yield* Effect.replicateEffect(writer, writers, { concurrency: "unbounded", discard: true })
    return times.count / ((performance.now() - startMs) / 1_000)
  })

const main = Effect.gen(function*() {
  const journal = yield* Journal
  const burst = createHistogram()
  yield* Effect.forEach(Array.from({ length: 500 }, (_, n) => -1 - n), (n) => timed(journal, createHistogram(), n), { discard: true })
  yield* measured("steady, apart", (apart) => steady(journal, seconds, { apart, burst }))
  console.log(`steady, burst of ${perSecond}: append us p50 ${burst.percentile(50)} p99 ${burst.percentile(99)} max ${burst.max}`)
  const rate = yield* measured(`full, ${writers} writers`, (times) => full(journal, seconds / 2, times))
  console.log(`full, ${writers} writers: ${Math.round(rate)} appends/s`)
})

const reopen = (path: string) =>
  Effect.gen(function*() {
    const file = JournalFile.open({ path })
    for (let n = 0; n < rows; n += batchRows) {
      const stream = `account/${(n / batchRows) % streams}`
      const [seq, version] = [file.lastSeq(), file.headOf(stream)]
      file.write(Array.from({ length: batchRows }, (_, place) =>
        ({ ...JournalCodec.encode(accepted(n + place)), seq: seq + place + 1, version: version + place + 1, stream, atMs: n, key: undefined })))
    }
    file.close()
    const startMs = performance.now()
    yield* Effect.gen(function*() {
      const journal = yield* Journal
      const openMs = performance.now() - startMs
      for (let n = 0; n < streams; n += 1) yield* journal.readStream(`account/${n}`, 0)
      console.log(`${rows} rows reopened: open ${openMs.toFixed(1)} ms, read and decode ${(performance.now() - startMs - openMs).toFixed(0)} ms`)
    }).pipe(Effect.provide(SqliteJournal.layer({ path })))
  })

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), "journal-bench-"))
const seconds = Number(process.argv[3] ?? 10)
await Effect.runPromise(Effect.provide(main, SqliteJournal.layer({ path: join(folder, "journal.sqlite") })))
await Effect.runPromise(reopen(join(folder, "old.sqlite")))
rmSync(folder, { recursive: true })
