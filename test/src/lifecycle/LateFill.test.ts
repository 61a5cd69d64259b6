/** An order that fills although it was over: how much of it that is, and what the position it leaves counts for. */
import { assert, describe, it } from "@effect/vitest"
import { Lots } from "#schemas/Instrument.ts"
import { gold } from "#test/src/lifecycle/instruments.ts"
import { tags, trader } from "#test/src/lifecycle/trader.ts"

type Trader = ReturnType<typeof trader>

/** Long 2, its stop confirmed. */
const long = (t: Trader) => {
  t.fills(t.enters("a"), 2)
  const stop = t.live("stop")[0]?.order
  if (stop === undefined) throw new Error("no stop")
  t.accepts(stop)
  return stop
}

/** Closed by its exit, and then by its stop once more. */
const turned = (t: Trader) => {
  const stop = long(t)
  t.alert("out", "exit")
  t.says(stop, { status: "Canceled" })
  const exit = t.live("exit")[0]?.order
  if (exit === undefined) throw new Error("no exit")
  t.fills(exit, 2)
  t.fills(stop, 2, "late")
  assert.strictEqual(t.held(), -2)
}

describe("a position that was turned, until its excess is closed", () => {
  it("is one of those that an account may hold at the same time", () => {
    const t = trader()
    t.configures({ caps: { maxPositions: 1 } })
    turned(t)
    t.alert("b", "buy", {}, gold)
    assert.strictEqual(t.outcome("b"), "denied")
    const back = t.live("exit")[0]?.order
    if (back === undefined) throw new Error("the excess is not closed")
    t.fills(back, 2, "back")
    assert.include(tags(t.alert("c", "buy", {}, gold)), "EntryDecided")
  })
})

describe("an order that ended at the venue's own size", () => {
  for (const status of ["Canceled", "Expired"] as const) {
    it(`is filled when as much filled after all: ${status}`, () => {
      const t = trader()
      const stop = long(t)
      t.says(stop, { status, lots: Lots.make(1) })
      t.fills(stop, 1, "late")
      assert.strictEqual(t.book().orders.get(stop.id)?.status, "Filled")
      assert.strictEqual(t.held(), 1)
    })

    it(`stays as it ended where no more than what had filled is told as its size: ${status}`, () => {
      const t = trader()
      const stop = long(t)
      t.fills(stop, 1, "part")
      const rows = t.says(stop, { status, lots: Lots.make(1), filledLots: 1 })
      assert.notInclude(tags(rows), "OrderModified")
      assert.strictEqual(t.book().orders.get(stop.id)?.status, status)
    })
  }
})
