import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs"
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
