import { assert, it } from "@effect/vitest"
import * as Watch from "#actors/account/Watch.ts"
import { mes, trader } from "#test/src/lifecycle/trader.ts"

const hourMs = 3_600_000

it("two seconds without a stop are two seconds, whichever way the wall clock is stepped meanwhile", () => {
  for (const byMs of [hourMs, -hourMs]) {
    const t = trader()
    t.fills(t.enters("a"), 2)
    const watch = Watch.make()
    watch.look(t.book(), 10_000)
    watch.shift(byMs)
    watch.look(t.book(), 10_500 + byMs)
    assert.strictEqual(watch.exposedSinceMs(mes.id), 10_000 + byMs)
  }
})
