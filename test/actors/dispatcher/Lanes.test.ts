import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { findings } from "#test/support/audit.ts"
import type { Overrides } from "#test/support/house.ts"
import { type Fate, journalWith } from "#test/support/journalFaults.ts"
import { begin, silent, wideWorld } from "#test/support/lives.ts"
import { lifeAt, outcomes, pass, post, rows } from "#test/support/runtime.ts"

type Fated = (stream: string, events: ReadonlyArray<JournalEvent>) => Fate
const one: Overrides = { accounts: { "paper-2": null, "paper-3": null } }

const life = (fate: Fated, overrides: Overrides = one) => <A, E, R>(story: Effect.Effect<A, E, R>) =>
  Effect.provide(Effect.andThen(pass(1), story), Layer.provideMerge(lifeAt<never>(overrides, VenuesLive.layer), Layer.provideMerge(journalWith(fate), silent)))
const sound: Fated = () => "write"
const inWorld = <A, E, R>(story: Effect.Effect<A, E, R>) => Effect.andThen(begin, story).pipe(Effect.provide(wideWorld))

const say = Effect.fnUntraced(function*(action: string, [lane, strategy, symbol]: readonly [string, string, string] = ["futures", "demo-futures", "MES1!"]) {
  const { body, status } = yield* post(lane, { action, symbol, strategy })
  assert.strictEqual(status, 200)
  return "alertId" in body ? body.alertId : ""
})
const nasdaq = ["futures", "demo-futures", "MNQ1!"] as const
const bitcoin = ["crypto", "demo-crypto", "BTCUSD"] as const

it.effect("an exit passes a guard that always dies on it", () => {
  let isDying = false
  return inWorld(life((stream) => isDying && stream === "strategy-guard/demo-futures" ? "die" : "write")(Effect.gen(function*() {
    const bought = yield* say("buy")
    yield* pass(3)
    isDying = true
    const out = yield* say("exit")
    yield* pass(8)
    isDying = false
    yield* pass(8)
    assert.deepStrictEqual(yield* outcomes(bought), { "paper-1": "filled" })
    assert.deepStrictEqual(yield* outcomes(out), { "paper-1": "done" })
  })))
})

it.effect("a strategy whose guard cannot write delays no other", () => {
  let isFull = true
  const fate: Fated = (stream) => isFull && (stream === "strategy-guard/demo-futures" || stream === "status") ? "full" : "write"
  return inWorld(life(fate)(Effect.gen(function*() {
    const waits = yield* say("buy")
    const after = yield* say("buy", nasdaq)
    const other = yield* say("buy", bitcoin)
    yield* pass(3)
    assert.deepStrictEqual(yield* outcomes(other), { "paper-1": "filled" })
    assert.deepStrictEqual([yield* outcomes(waits), yield* outcomes(after)], [{}, {}])
    isFull = false
    yield* pass(5)
    assert.deepStrictEqual([yield* outcomes(waits), yield* outcomes(after)], [{ "paper-1": "filled" }, { "paper-1": "filled" }])
    const gated = (yield* rows).flatMap(({ event }) => event._tag === "AlertGated" ? [event.alertId] : [])
    assert.deepStrictEqual(gated, [other, waits, after])
    assert.deepStrictEqual(yield* findings(), [])
  })))
})

it.effect("what an account cannot write waits apart: exits pass it, and end what they overtake", () => {
  let isFull = false
  const fate: Fated = (stream, events) => isFull && stream === "account/paper-1" && events.some(({ _tag }) => _tag === "EntryDecided") ? "full" : "write"
  return inWorld(life(fate)(Effect.gen(function*() {
    const held = yield* say("buy", nasdaq)
    yield* pass(3)
    isFull = true
    const overtaken = yield* say("buy")
    const waits = yield* say("buy", bitcoin)
    yield* pass(1)
    const out = yield* say("exit", nasdaq)
    const over = yield* say("exit")
    yield* pass(3)
    assert.deepStrictEqual(yield* outcomes(held), { "paper-1": "filled" })
    assert.deepStrictEqual(yield* outcomes(out), { "paper-1": "done" })
    assert.deepStrictEqual(yield* outcomes(over), { "paper-1": "nothingToDo: NothingToDo" })
    assert.deepStrictEqual(yield* outcomes(waits), {})
    isFull = false
    yield* pass(4)
    assert.deepStrictEqual(yield* outcomes(overtaken), { "paper-1": "canceled: Overtaken" })
    assert.deepStrictEqual(yield* outcomes(waits), { "paper-1": "filled" })
    assert.deepStrictEqual(yield* findings(), [])
  })))
})

it.effect("an account that left the configuration ends its alerts, and they settle", () =>
  inWorld(Effect.gen(function*() {
    const alertId = yield* life((stream) => stream === "account/paper-2" ? "full" : "write", { accounts: { "paper-3": null } })(Effect.tap(say("buy"), () => pass(3)))
    assert.deepStrictEqual(yield* outcomes(alertId), { "paper-1": "filled" })
    yield* life(sound)(pass(4))
    assert.deepStrictEqual(yield* outcomes(alertId), { "paper-1": "filled", "paper-2": "skipped: NotConfigured" })
    assert.strictEqual((yield* rows).filter(({ event }) => event._tag === "AlertSettled" && event.alertId === alertId).length, 1)
  })))

it.effect("while the house leaves nothing is begun; the next life goes on from there, in the same order", () =>
  inWorld(Effect.gen(function*() {
    const [bought, out] = yield* life(sound)(Effect.gen(function*() {
      yield* (yield* Supervision).setHouse("stopping")
      const alerts = [yield* say("buy"), yield* say("exit")] as const
      yield* pass(4)
      assert.deepStrictEqual((yield* rows).filter(({ event }) => event._tag === "AlertGated"), [])
      return alerts
    }))
    yield* life(sound)(pass(6))
    assert.deepStrictEqual(yield* outcomes(bought), { "paper-1": "filled" })
    assert.deepStrictEqual(yield* outcomes(out), { "paper-1": "done" })
    assert.deepStrictEqual(yield* findings(), [])
  })))

it.effect("an entry on its way to its account as the house leaves waits for the next life, an exit does not", () =>
  inWorld(Effect.gen(function*() {
    let isFull = false
    const fate: Fated = (stream, events) => isFull && stream === "account/paper-1" && events.some(({ _tag }) => _tag === "EntryDecided") ? "full" : "write"
    const [waits, out] = yield* life(fate)(Effect.gen(function*() {
      yield* say("buy")
      yield* pass(3)
      isFull = true
      const entry = yield* say("buy", bitcoin)
      yield* pass(2)
      const exit = yield* say("exit")
      yield* Effect.yieldNow
      yield* pass(1)
      yield* (yield* Supervision).setHouse("stopping")
      isFull = false
      yield* pass(4)
      return [entry, exit] as const
    }))
    assert.deepStrictEqual(yield* outcomes(out), { "paper-1": "done" })
    assert.deepStrictEqual(yield* outcomes(waits), {})
    yield* life(sound)(pass(5))
    assert.deepStrictEqual(yield* outcomes(waits), { "paper-1": "filled" })
    assert.deepStrictEqual(yield* findings(), [])
  })))
