import { assert, it } from "@effect/vitest"
import * as Watch from "#actors/account/Watch.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { VenueEvent } from "#schemas/VenueEvent.ts"
import * as Reconcile from "#src/lifecycle/Reconcile.ts"
import { fillOf, mes, reportOf, trader } from "#test/src/lifecycle/trader.ts"

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
  assert.strictEqual(after(13_300), Watch.pictureEveryMs - 13_300, "on the beat that all accounts share")
})

it("a hint at a fill keeps the next picture near while pictures fail, not for ever", () => {
  const t = trader()
  const entry = t.enters("a")
  t.accepts(entry)
  const watch = Watch.make()
  watch.hear(t.book(), [VenueEvent.cases.OrderChanged.make({ report: reportOf(entry, { status: "Filled", filledLots: 2 }) })], 10_000)
  const waits = Array.from({ length: 11 }, (_, n) => {
    const nowMs = 11_000 + n * 60_000
    watch.asked(nowMs)
    watch.pictured(undefined, nowMs)
    return watch.nextPictureMs(t.book()) - nowMs
  })
  assert.deepStrictEqual(waits, [500, 500, 500, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
})

it("an older word of an order takes back no hint at its fill", () => {
  const t = trader()
  const entry = t.enters("a")
  t.accepts(entry)
  const watch = Watch.make()
  const said = (filledLots: number) => watch.hear(t.book(), [VenueEvent.cases.OrderChanged.make({ report: reportOf(entry, { filledLots }) })], 10_000)
  watch.asked(10_000)
  watch.pictured(watch.suspicions(), 10_000)
  said(1)
  const dueMs = watch.nextPictureMs(t.book())
  said(0)
  assert.strictEqual(watch.nextPictureMs(t.book()), dueMs)
  assert.isBelow(dueMs, 12_000)
})

it("the wait of a lost exit ends with what becomes of it, and never grows", () => {
  const t = trader({ powers: { reduceOnly: true } })
  t.fills(t.enters("a"), 2)
  for (const { order } of t.live("stop")) t.accepts(order)
  t.alert("out", "exit")
  const exit = t.live("exit")[0]?.order
  if (exit === undefined) throw new Error("no exit")
  const { alertId, id: orderId } = exit
  const watch = Watch.make()
  const after = (nowMs: number) => (watch.notBeforeMs(mes.id) ?? nowMs) - nowMs
  const unknown = JournalEvent.cases.OrderUnknown.make({ alertId, orderId, cause: "reset" })
  for (const nowMs of [10_000, 20_000, 30_000]) {
    watch.heed(t.book(), [unknown], nowMs)
    assert.strictEqual(after(nowMs), 1_000)
  }
  const reason = { rule: Reconcile.neverArrivedRule, message: "never seen", facts: {} }
  watch.heed(t.book(), [JournalEvent.cases.OrderWithheld.make({ alertId, orderId, reason, retry: false })], 30_100)
  assert.strictEqual(after(30_100), 0)
  watch.heed(t.book(), [unknown], 40_000)
  watch.heed(t.book(), [JournalEvent.cases.FillReceived.make({ alertId, orderId, fill: fillOf(exit, 2), evidence: "query", seenAtMs: 40_100 })], 40_100)
  assert.strictEqual(after(40_100), 0)
})
