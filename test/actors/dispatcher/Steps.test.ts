import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { findings } from "#test/support/audit.ts"
import { begin, silent, wideWorld } from "#test/support/lives.ts"
import { inHouse, lifeAt, outcomes, pass, post, world } from "#test/support/runtime.ts"

/** Whoever writes a verdict finds it written: by a life of its own that ended before it could tell the accounts. */
const writtenBefore = Layer.effect(Journal, Effect.map(Journal, (journal) => Journal.of({
  ...journal,
  stageOnce: (stream, key, events) =>
    key.startsWith("gated/")
      ? Effect.andThen(Effect.ignore(journal.stageOnce(stream, key, events)), journal.stageOnce(stream, key, events))
      : journal.stageOnce(stream, key, events)
})))

it.effect("a verdict that is written already is carried on from, not forgotten", () =>
  Effect.andThen(begin, Effect.gen(function*() {
    yield* pass(1)
    const bought = yield* post("futures", { action: "buy", symbol: "MES1!", strategy: "demo-futures" })
    const unheard = yield* post("futures", { action: "buy", symbol: "BTCUSD", strategy: "demo-futures" })
    yield* pass(4)
    const of = (answer: typeof bought) => outcomes("alertId" in answer.body ? answer.body.alertId : "")
    assert.deepStrictEqual(yield* of(bought), { "paper-1": "filled", "paper-2": "filled", "paper-3": "denied: DailyLoss" })
    assert.deepStrictEqual(yield* of(unheard), {})
    assert.deepStrictEqual(yield* findings(), [])
  }).pipe(Effect.provide(Layer.provideMerge(lifeAt<never>({}, VenuesLive.layer), Layer.provideMerge(writtenBefore, silent))))).pipe(
    Effect.provide(wideWorld)
  ))

it.effect("an account that an operator switched off is skipped, but still gets out", () =>
  inHouse(Effect.gen(function*() {
    const of = Effect.fnUntraced(function*(action: string) {
      const answer = yield* post("futures", { action, symbol: "MES1!", strategy: "demo-futures" })
      yield* pass(4)
      return (yield* outcomes("alertId" in answer.body ? answer.body.alertId : ""))["paper-1"]
    })
    assert.strictEqual(yield* of("buy"), "filled")
    const paused = JournalEvent.cases.SwitchSet.make({ kind: "pause", scope: "account/paper-1", on: true, who: "test", why: "lunch" })
    yield* (yield* Journal).append("operator", "any", [paused])
    yield* pass(1)
    assert.strictEqual(yield* of("exit"), "done")
    assert.strictEqual(yield* of("buy"), "skipped: AccountPaused")
    yield* (yield* Journal).append("operator", "any", [{ ...paused, on: false }])
    yield* pass(1)
    assert.strictEqual(yield* of("buy"), "filled")
  })).pipe(Effect.provide(world)))
