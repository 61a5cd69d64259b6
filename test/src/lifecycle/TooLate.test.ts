/** What changes too late or in passing: a stop that had filled as its change was accepted, a target beside an addition that names none. */
import { assert, describe, it } from "@effect/vitest"
import { VenueOrderId } from "#schemas/Ids.ts"
import { Lots } from "#schemas/Instrument.ts"
import type { Order } from "#schemas/Order.ts"
import { RequestResult, SessionRequest } from "#schemas/SessionRequest.ts"
import { VenueEvent } from "#schemas/VenueEvent.ts"
import * as Report from "#src/lifecycle/Report.ts"
import { fillOf, intended, reportOf, trader } from "#test/src/lifecycle/trader.ts"

type Trader = ReturnType<typeof trader>

const covered = (t: Trader) => t.live("stop").reduce((sum, { filled, order }) => sum + order.lots - filled, 0)

describe("a change that was accepted of an order already filled", () => {
  const open = () => {
    const t = trader({ overrides: { strategies: { "demo-futures": { onSameSide: "add" } } } })
    t.fills(t.enters("a"), 2)
    const stop = t.live("stop")[0]?.order
    if (stop === undefined) throw new Error("no stop")
    t.accepts(stop)
    const more = t.enters("b")
    t.accepts(more)
    const grown = t.fills(more, 2).find((event) => event._tag === "ModifyIntended")
    if (grown?._tag !== "ModifyIntended") throw new Error("the stop was not to grow")
    const { lots, stop: price } = grown
    const request = SessionRequest.cases.Modify.make({ accountId: stop.accountId, orderId: stop.id, lots, ...(price === undefined ? {} : { stop: price }) })
    t.commit(Report.ofAnswer(t.book(), request, RequestResult.cases.Accepted.make({})))
    return { t, stop }
  }
  const filled = (stop: Order) => reportOf(stop, { status: "Filled", lots: Lots.make(2), filledLots: 2 })

  it("ends with the venue's own size, and what it does not cover gets a stop", () => {
    const { stop, t } = open()
    t.fills(stop, 2)
    assert.strictEqual(t.held(), 2)
    assert.strictEqual(t.book().orders.get(stop.id)?.status, "PartlyFilled")
    const rows = t.says(stop, filled(stop))
    assert.strictEqual(t.book().orders.get(stop.id)?.status, "Filled")
    assert.deepStrictEqual(intended(rows).map(({ leg, lots }) => [leg, lots]), [["stop", 2]])
    assert.strictEqual(covered(t), 2)
  })

  it("is asked about soon while the venue calls it filled and the book does not", () => {
    const { stop, t } = open()
    const said = VenueEvent.cases.OrderChanged.make({ report: filled(stop) })
    assert.isTrue(Report.isOwed(t.book(), said))
    t.fills(stop, 2)
    assert.isTrue(Report.isOwed(t.book(), said))
    t.hears(said)
    assert.isFalse(Report.isOwed(t.book(), said))
  })
})

it("an addition that names no target leaves the position's, for as much as is held then", () => {
  const t = trader({ powers: { reduceOnly: true }, overrides: { strategies: { "demo-futures": { onSameSide: "add", defaultTarget: null } } } })
  t.fills(t.enters("a", "buy", { takeProfit: { _tag: "Distance", ticks: 60 } }), 2)
  for (const { order } of t.live("stop")) t.accepts(order)
  for (const { order } of t.live("target")) t.accepts(order)
  const target = t.live("target")[0]?.order
  t.fills(t.enters("b"), 2)
  for (const { order } of t.live("stop")) t.says(order, { lots: Lots.make(4) })
  assert.strictEqual([...t.book().brackets.values()][0]?.plan.target, target?.limit)
  assert.deepStrictEqual(t.rows().flatMap((event) => event._tag === "ModifyIntended" && event.orderId === target?.id ? [event.lots] : []), [4])
})

it("what somebody else bought is not put down to an entry that the same picture shows unfilled", () => {
  const t = trader()
  const entry = t.enters("a", "buy", { orderType: "limit", limitPrice: "6900" })
  t.accepts(entry)
  const { clientOrderId: _, ...theirs } = { ...fillOf(entry, 1, "theirs"), venueOrderId: VenueOrderId.make("v-theirs") }
  const shown = { orders: [reportOf(entry)], fills: [theirs] }
  t.holds(1, shown)
  t.passes(2_000)
  t.holds(1, shown)
  assert.strictEqual(t.held(), 0)
  assert.strictEqual(t.book().orders.get(entry.id)?.status, "Accepted")
  assert.strictEqual(t.book().drift.get(entry.instrumentId), 1)
})
