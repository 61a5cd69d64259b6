import fs, { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as TradesExport from "#src/stores/TradesExport.ts"
import { journalInMemory } from "#test/support/journal.ts"
import * as Rows from "./auditRows.ts"
import { folder } from "./support.ts"

const house = HouseConfig.layerOf({
  hash: "c", body: {}, lanes: new Map(), strategies: new Map(), accounts: new Map(), logins: new Map(), instruments: [], calendars: new Map()
})

const whole = (path: string) => readFileSync(path, "utf8").split("\n").slice(0, -1).map((line): Record<string, unknown> => JSON.parse(line))
const kinds = (path: string) => whole(path).map(({ kind, seq }) => `${String(seq)} ${String(kind)}`)

const trade = Effect.flatMap(Journal, (journal) =>
  Effect.all([
    journal.append("ingress/main", "any", [Rows.accepted]),
    journal.append("account/acc-1", "any", [Rows.decided, Rows.intended, Rows.closed, Rows.outcome])
  ]))

/** One life of the export, until it has written all there is. */
const exported = (path: string) => Effect.scoped(Effect.andThen(Layer.build(Layer.fresh(TradesExport.layer(path))), TestClock.adjust("1 second")))

it.effect("follows the journal, and goes on where its last life stopped", () =>
  Effect.gen(function*() {
    const path = `${yield* folder}/trades.jsonl`
    yield* trade
    yield* exported(path)
    assert.deepStrictEqual(kinds(path), ["4 trade", "5 outcome"])
    yield* exported(path)
    yield* trade
    yield* exported(path)
    assert.deepStrictEqual(kinds(path), ["4 trade", "5 outcome", "9 trade", "10 outcome"])
    assert.strictEqual(whole(path)[0]?.["slippage"], "5")
  }).pipe(Effect.provide([journalInMemory, house])))

it.effect("a torn last line is written again, once", () =>
  Effect.gen(function*() {
    const path = `${yield* folder}/trades.jsonl`
    yield* trade
    yield* exported(path)
    const text = readFileSync(path, "utf8")
    writeFileSync(path, text.slice(0, -20))
    yield* exported(path)
    assert.strictEqual(readFileSync(path, "utf8"), text)
    appendFileSync(path, `{"seq":9,"kind`)
    yield* exported(path)
    assert.strictEqual(readFileSync(path, "utf8"), text)
  }).pipe(Effect.provide([journalInMemory, house])))

it.effect("a file of another journal is put aside, not continued", () =>
  Effect.gen(function*() {
    const path = `${yield* folder}/trades.jsonl`
    writeFileSync(path, `{"seq":999,"kind":"trade"}\n`)
    yield* trade
    yield* exported(path)
    assert.deepStrictEqual(kinds(path), ["4 trade", "5 outcome"])
    assert.isTrue(existsSync(`${path}.aside`))
  }).pipe(Effect.provide([journalInMemory, house])))

it.effect("a disk that refuses delays it", () =>
  Effect.gen(function*() {
    const dir = yield* folder
    writeFileSync(`${dir}/data`, "")
    yield* trade
    yield* exported(`${dir}/data/trades.jsonl`)
    assert.strictEqual((yield* (yield* Journal).status).seq, 5)
  }).pipe(Effect.provide([journalInMemory, house])))

/** As the file system would be if the disk took half of each write, while it is told so; how many there were. */
const halfDisk = Effect.acquireRelease(
  Effect.sync(() => {
    const real = fs.writeSync
    const disk = { isFull: false, writes: 0 }
    const put = (writeSync: typeof fs.writeSync) => {
      fs.writeSync = writeSync
      syncBuiltinESMExports()
    }
    put((file: number, bytes: NodeJS.ArrayBufferView | string) => {
      disk.writes += 1
      if (typeof bytes === "string") return real(file, bytes)
      return disk.isFull ? real(file, bytes, 0, Math.floor(bytes.byteLength / 2)) : real(file, bytes)
    })
    return { disk, restore: () => put(real) }
  }),
  ({ restore }) => Effect.sync(restore)
)

it.effect("what comes together is one write: all of it or nothing, and once there is room all of it once", () =>
  Effect.gen(function*() {
    const path = `${yield* folder}/trades.jsonl`
    const { disk } = yield* halfDisk
    yield* trade
    disk.isFull = true
    yield* Layer.build(Layer.fresh(TradesExport.layer(path)))
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual([disk.writes, readFileSync(path, "utf8")], [1, ""])
    disk.isFull = false
    yield* TestClock.adjust("10 seconds")
    assert.deepStrictEqual([disk.writes, kinds(path)], [2, ["4 trade", "5 outcome"]])
  }).pipe(Effect.scoped, Effect.provide([journalInMemory, house])))
