/** A disk that is full from any commit on, for a while: what was staged is written once there is room, nothing opens twice, nothing is left bare. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import type { Order } from "#schemas/Order.ts"
import { findings } from "#test/support/audit.ts"
import type { Overrides } from "#test/support/house.ts"
import { installationId } from "#test/support/journal.ts"
import { begin, notesKept, silent } from "#test/support/lives.ts"
import * as TestLedger from "#test/support/paperLedger.ts"
import * as TestMarket from "#test/support/market.ts"
import { lifeAt, outcomes, pass, post, rows } from "#test/support/runtime.ts"
import * as VenueFaults from "#test/support/venueFaults.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"

const one: Overrides = { accounts: { "paper-2": null, "paper-3": null } }
const managed: Overrides = { ...one, venues: { "paper-demo": { paper: { nativeBrackets: false } } } }
const bare: Overrides = { ...one, venues: { "paper-demo": { paper: { nativeBrackets: false, reduceOnly: false, oca: false, modify: false } } } }
const kinds = [["native", one], ["managed", managed], ["bare", bare]] as const

const ground = Layer.mergeAll(TestLedger.layer, TestMarket.scripted({ MESZ26: TestMarket.price(28_000, 28_001) }))

/** Full from the nth commit on, until it is told that there is room. */
const fullFrom = (nth: number) => {
  let commits = 0
  let hasRoom = false
  const layer = Layer.orDie(SqliteJournal.layer({
    path: ":memory:",
    installationId: () => installationId,
    freeBytes: () => undefined,
    onFatal: Effect.die,
    beforeStep: (step) => {
      if (step !== "commit") return
      commits += 1
      if (commits >= nth && !hasRoom) throw Object.assign(new Error("injected"), { code: "ERR_SQLITE_ERROR", errcode: 13 })
    }
  }))
  return { layer, commits: () => commits, isFull: () => commits >= nth && !hasRoom, makeRoom: Effect.sync(() => { hasRoom = true }) }
}

const say = (action: "buy" | "exit") => post("futures", { action, symbol: "MES1!", strategy: "demo-futures", id: `the-${action}` })

/** Sent until it is taken, as a sender does. */
const insist = (action: "buy" | "exit") => Effect.gen(function*() {
  for (let n = 0; n < 20; n += 1) {
    const { body, status } = yield* say(action)
    if (status === 200 && "alertId" in body) return body.alertId
    yield* pass(1)
  }
  return ""
})

/** Entries that the venue was asked for before their rows were on disk. */
const entriesAhead = Effect.fnUntraced(function*(asked: ReadonlyArray<Order>) {
  const { seq } = yield* (yield* Journal).status
  const written = new Set((yield* rows).flatMap((row) => row.seq <= seq && row.event._tag === "OrderIntended" ? [row.event.order.id] : []))
  return asked.filter(({ id, leg }) => leg === "entry" && !written.has(id))
})

const survives = (overrides: Overrides, nth: number, seconds: number) => {
  const disk = fullFrom(nth)
  return Effect.andThen(begin, Effect.gen(function*() {
    const { asked, desk } = yield* VenueFaults.VenueFaults
    const room = yield* Effect.forkChild(Effect.gen(function*() {
      while (!disk.isFull()) yield* Effect.sleep("50 millis")
      for (let n = 0; n < seconds * 20; n += 1) {
        yield* Effect.sleep("50 millis")
        assert.deepStrictEqual(yield* entriesAhead(asked), [])
      }
      yield* disk.makeRoom
    }))
    yield* pass(2)
    const bought = yield* insist("buy")
    yield* pass(3)
    const left = yield* insist("exit")
    yield* pass(15)
    if (disk.isFull() || nth === Infinity) yield* Fiber.interrupt(room)
    else yield* Fiber.join(room)
    assert.deepStrictEqual([yield* outcomes(bought), yield* outcomes(left)], [{ "paper-1": "filled" }, { "paper-1": "done" }])
    assert.deepStrictEqual(desk("paper-1").nets("MESZ26"), [2, 0])
    assert.isAtMost(desk("paper-1").nakedMs("MESZ26"), 2_000)
    assert.strictEqual(desk("paper-1").working().length, 0)
    assert.strictEqual(new Set(asked.map(({ id }) => id)).size, asked.length)
    assert.deepStrictEqual(yield* findings(), [])
    const written = (yield* rows).map(({ seq }) => seq)
    assert.deepStrictEqual(written, written.map((_, n) => n + 1))
    return disk.commits()
  }).pipe(Effect.provide(Layer.provideMerge(lifeAt(overrides, Layer.merge(VenueFaults.layer, notesKept().layer)), silent)))).pipe(
    Effect.provide(Layer.merge(ground, disk.layer))
  )
}

const naming = <A, E, R>(name: string, one: Effect.Effect<A, E, R>) =>
  Effect.catchDefect(one, (defect) => Effect.die(new Error(`${name}: ${String(defect)}`, { cause: defect })))

describe("a disk that is full from any commit on", () => {
  it.effect.each(kinds)("%s", ([, overrides]) => Effect.gen(function*() {
    const commits = yield* survives(overrides, Infinity, 0)
    assert.isAbove(commits, 5)
    for (let nth = 1; nth <= commits; nth++) {
      for (const seconds of [0.3, 2.2, 6]) yield* naming(`full at commit ${nth} of ${commits}, for ${seconds} s`, survives(overrides, nth, seconds))
    }
  }), 120_000)
})
