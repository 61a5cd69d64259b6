import { assert, describe, it } from "@effect/vitest"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { OrderView } from "#schemas/contracts/Views.ts"
import * as Orders from "#src/projections/Orders.ts"
import { acknowledged, alert, bracket, decided, filled, intended, order, sequence, ticks, xbt } from "./rows.ts"

const { entry } = bracket
const one = { alertId: alert("a1"), orderId: entry.id }
const withheld: JournalEvent = { _tag: "OrderWithheld", ...one, reason: { rule: "Latched", message: "killed", facts: {} }, retry: false }

const viewAfter = (...events: ReadonlyArray<JournalEvent>): OrderView | undefined => {
  const row = sequence()
  const state = row("account/paper-1", decided("a1"), intended(entry), ...events).reduce(Orders.evolve, Orders.empty)
  return Orders.page(state, {}, 10)[0]
}

describe("Orders", () => {
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<JournalEvent>, Partial<OrderView>]> = [
    ["intended", [], { status: "Intended", quantity: "2", filled: "0", avgPrice: null, venueOrderId: null }],
    ["accepted", [acknowledged(entry)], { status: "Accepted" }],
    ["held by the venue", [acknowledged(entry, true)], { status: "Held" }],
    ["partly filled", [acknowledged(entry), filled(entry, 1, "6000.25")], { status: "PartlyFilled", filled: "1", avgPrice: "6000.25" }],
    ["filled at two prices", [acknowledged(entry), filled(entry, 1, "6000.25"), filled(entry, 1, "6000.50")], { status: "Filled", avgPrice: "6000.375" }],
    ["filled before its acknowledgement", [filled(entry, 2, "6000"), acknowledged(entry)], { status: "Filled" }],
    ["rejected", [{ _tag: "OrderRejected", ...one, reason: "no margin" }], { status: "Rejected", reason: "no margin" }],
    ["withheld", [withheld], { status: "Withheld", reason: "killed" }],
    ["unknown", [{ _tag: "OrderUnknown", ...one, cause: "no answer" }], { status: "Unknown", reason: "no answer" }],
    ["unknown until all is filled", [{ _tag: "OrderUnknown", ...one, cause: "no answer" }, filled(entry, 1, "6000", "query")], { status: "Unknown", filled: "1" }],
    ["cancelled with a part", [filled(entry, 1, "6000"), { _tag: "OrderCanceled", ...one }], { status: "Canceled", filled: "1" }],
    ["a late fill after a cancel", [{ _tag: "OrderCanceled", ...one }, filled(entry, 2, "6000")], { status: "Filled", filled: "2" }],
    ["an inferred fill", [filled(entry, 2, "6000", "inferred")], { status: "Filled", filled: "2", avgPrice: "6000" }],
    ["the venue's own replaces it", [filled(entry, 2, "6000", "inferred"), filled(entry, 2, "6001", "query")], { status: "Filled", filled: "2", avgPrice: "6001" }],
    ["and part of it", [filled(entry, 2, "6000", "inferred"), filled(entry, 1, "6001")], { filled: "2", avgPrice: "6000.5" }],
    ["a third, shown", [filled(entry, 1, "6000"), filled(entry, 1, "6000"), filled(entry, 1, "6001")], { avgPrice: "6000.3333333333" }]
  ]
  for (const [name, events, expected] of cases) {
    it(name, () => assert.deepInclude(viewAfter(...events), expected))
  }

  it("writes prices and quantities in the instrument's own unit", () => {
    const row = sequence()
    const crypto = order("c1", "entry", "buy", 500, { instrumentId: xbt.id, type: "limit", limit: ticks(24060) })
    const state = row("account/paper-1", decided("a1", xbt), intended(crypto)).reduce(Orders.evolve, Orders.empty)
    assert.deepInclude(Orders.page(state, {}, 10)[0], { quantity: "0.05", limitPrice: "12030", symbol: "PF_XBTUSD" })
  })

  it("only what has not ended is working", () => {
    const row = sequence()
    const state = row("account/paper-1", decided("a1"), intended(entry), intended(bracket.stop), filled(entry, 2, "6000")).reduce(Orders.evolve, Orders.empty)
    assert.deepStrictEqual(Orders.working(state).map(({ order: { id } }) => id), [bracket.stop.id])
  })
})
