/** What happens between a row's place in the journal and the disk: everything inside the house, nothing outside it. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import type { Overrides } from "#test/support/house.ts"
import { journalInMemory } from "#test/support/journal.ts"
import { slowDisk } from "#test/support/journalFaults.ts"
import { begin, notesKept, silent } from "#test/support/lives.ts"
import * as TestLedger from "#test/support/paperLedger.ts"
import * as TestMarket from "#test/support/market.ts"
import { lifeAt, outcomes, pass, post, rows } from "#test/support/runtime.ts"
import { findings } from "#test/support/audit.ts"
import * as VenueFaults from "#test/support/venueFaults.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"

const alone: Overrides = { accounts: { "paper-2": null, "paper-3": null }, venues: { "paper-demo": { paper: { nativeBrackets: false } } } }
const ground = Layer.mergeAll(TestLedger.layer, TestMarket.scripted({ MESZ26: TestMarket.price(28_000, 28_001) }))
const buy = { symbol: "MES1!", strategy: "demo-futures", action: "buy" }
const tags = Effect.map(rows, (all) => all.map(({ event }) => event._tag))

it.effect("an alert goes all its way and waits at both doors: no answer, no byte to the venue, before the disk has it", () => {
  const disk = slowDisk()
  return Effect.andThen(begin, Effect.gen(function*() {
    yield* pass(2)
    const { asked } = yield* VenueFaults.VenueFaults
    yield* disk.hold
    const posting = yield* Effect.forkChild(post("futures", buy), { startImmediately: true })
    yield* pass(1)
    assert.include(yield* tags, "OrderIntended")
    assert.strictEqual(asked.length, 0)
    assert.isUndefined(posting.pollUnsafe())

    yield* disk.letGo
    yield* pass(4)
    const answer = yield* Fiber.join(posting)
    assert.strictEqual(answer.status, 200)
    assert.deepStrictEqual(yield* outcomes("alertId" in answer.body ? answer.body.alertId : ""), { "paper-1": "filled" })
    assert.deepStrictEqual(asked.map(({ leg }) => leg), ["entry", "stop", "target"])
    assert.deepStrictEqual(yield* findings(), [])
  }).pipe(Effect.provide(Layer.provideMerge(lifeAt(alone, VenueFaults.layer), Layer.provideMerge(disk.journal, silent))))).pipe(
    Effect.provide(Layer.merge(ground, journalInMemory))
  )
})

/** The disk itself, full at each commit while it is told so. */
const fillable = () => {
  let isFull = false
  const layer = SqliteJournal.layer({
    path: ":memory:",
    freeBytes: () => undefined,
    onFatal: Effect.die,
    beforeStep: (step) => {
      if (step === "commit" && isFull) throw Object.assign(new Error("injected"), { code: "ERR_SQLITE_ERROR", errcode: 13 })
    }
  })
  return { layer: Layer.orDie(layer), set: (full: boolean) => Effect.sync(() => { isFull = full }) }
}

it.effect("a disk that fills under an alert: 503, nothing opened; with room it is this one alert, its resend the duplicate", () => {
  const disk = fillable()
  return Effect.andThen(begin, Effect.gen(function*() {
    yield* pass(2)
    const { asked } = yield* VenueFaults.VenueFaults
    yield* disk.set(true)
    assert.strictEqual((yield* post("futures", buy)).status, 503)
    yield* pass(3)
    assert.strictEqual(asked.length, 0)

    yield* disk.set(false)
    yield* pass(4)
    const resent = yield* post("futures", buy)
    assert.deepStrictEqual([resent.status, "status" in resent.body ? resent.body.status : ""], [200, "duplicate"])
    yield* pass(10)
    assert.deepStrictEqual(yield* outcomes("alertId" in resent.body ? resent.body.alertId : ""), { "paper-1": "filled" })
    assert.deepStrictEqual(asked.map(({ leg }) => leg), ["entry", "stop", "target"])
    assert.deepStrictEqual(yield* findings(), [])
  }).pipe(Effect.provide(Layer.provideMerge(lifeAt(alone, VenueFaults.layer), silent)))).pipe(
    Effect.provide(Layer.merge(ground, disk.layer))
  )
})

it.effect("a disk that fills under a fill: its stop leaves all the same, noted, and its rows follow", () => {
  const disk = fillable()
  const notes = notesKept()
  return Effect.andThen(begin, Effect.gen(function*() {
    yield* pass(2)
    const { asked, desk } = yield* VenueFaults.VenueFaults
    const market = yield* TestMarket.MarketScript
    yield* post("futures", { ...buy, orderType: "limit", limitPrice: "6990.00" })
    yield* pass(2)
    yield* disk.set(true)
    yield* market.set("MESZ26", 27_955, 27_956)
    yield* pass(3)
    assert.deepStrictEqual(asked.map(({ leg }) => leg), ["entry", "stop", "target"])
    assert.isAtMost(desk("paper-1").nakedMs("MESZ26"), 2_000)
    assert.strictEqual(notes.texts.filter((text) => text.includes(asked[1]?.id ?? "none")).length, 1)

    yield* disk.set(false)
    yield* pass(10)
    assert.strictEqual(asked.length, 3)
    assert.include(yield* tags, "FillReceived")
    assert.deepStrictEqual(yield* findings(), [])
  }).pipe(Effect.provide(Layer.provideMerge(lifeAt(alone, Layer.merge(VenueFaults.layer, notes.layer)), silent)))).pipe(
    Effect.provide(Layer.merge(ground, disk.layer))
  )
})
