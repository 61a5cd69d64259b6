import { assert, it } from "@effect/vitest"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Plan from "#src/lifecycle/Plan.ts"
import { intended, mes, trader } from "#test/src/lifecycle/trader.ts"

const { OrderWithheld } = JournalEvent.cases
const runner = { firstTarget: { ticks: 20, portion: "0.5" } }

it("a target that could not leave is not sent again before its time", () => {
  const t = trader({ powers: { reduceOnly: true }, overrides: { strategies: { "demo-futures": { runner } } } })
  const entry = t.enters("a")
  t.accepts(entry)
  t.fills(entry, 2)
  const [stop] = t.live("stop")
  if (stop === undefined) assert.fail("no stop")
  t.accepts(stop.order)
  const [target] = t.live("target")
  if (target === undefined) assert.fail("no target")
  assert.strictEqual(target.order.lots, entry.lots / 2)
  const withheld = OrderWithheld.make({ alertId: entry.alertId, orderId: target.order.id, retry: false, reason: { rule: "Unavailable", message: "not now", facts: {} } })
  const again = t.commit([withheld])
  assert.lengthOf(intended(again), 1)
  const bracket = t.book().brackets.get(mes.id)
  if (bracket === undefined) assert.fail("no bracket")
  const without = { ...bracket, orderIds: bracket.orderIds.filter((id) => id !== intended(again)[0]?.id) }
  const at = (notBeforeMs: number) => intended(Plan.step(t.book(), without, { ...t.facts(), notBeforeMs: () => notBeforeMs })).map(({ leg }) => leg)
  assert.deepStrictEqual([at(t.facts().nowMs + 1), at(t.facts().nowMs)], [[], ["target"]])
})
