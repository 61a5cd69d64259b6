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

it("a picture that could not be had is asked for again soon, and later each time", () => {
  const t = trader()
  t.fills(t.enters("a"), 2)
  const watch = Watch.make()
  const after = (nowMs: number) => watch.nextPictureMs(t.book()) - nowMs
  watch.asked(10_000)
  watch.pictured(undefined, 10_100)
  assert.strictEqual(after(10_100), 1_000)
  watch.asked(11_100)
  watch.pictured(undefined, 11_200)
  assert.strictEqual(after(11_200), 2_000)
  watch.asked(13_200)
  watch.pictured(watch.suspicions(), 13_300)
  assert.strictEqual(after(13_300), Watch.pictureEveryMs)
})
