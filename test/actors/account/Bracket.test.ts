import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { MarketScript } from "#test/support/market.ts"
import { inHouse, outcomes, pass, post, tags, world } from "#test/support/runtime.ts"

const buy = { action: "buy", symbol: "MES1!", strategy: "demo-futures" }

it.effect("an alert becomes a protected bracket, and its target closes it", () =>
  inHouse(Effect.gen(function*() {
    const answer = yield* post("futures", buy)
    assert.strictEqual(answer.status, 200)
    assert(!("error" in answer.body))
    yield* pass(3)
    assert.deepStrictEqual(yield* outcomes(answer.body.alertId), {
      "paper-1": "filled",
      "paper-2": "filled",
      "paper-3": "denied: DailyLoss"
    })
    yield* (yield* MarketScript).set("MESZ26", 28_100, 28_101)
    yield* pass(3)
    const after = yield* tags("paper-1")
    assert.strictEqual(after.at(-1), "TradeClosed")
    assert.strictEqual(after.filter((tag) => tag === "FillReceived").length, 2)
    assert.strictEqual(after.filter((tag) => tag === "OrderIntended").length, 3) // nothing was sent beyond the bracket
  })).pipe(Effect.provide(world)))
