/** What changes too late or in passing: a stop that had filled as its change was accepted, a target beside an addition that names none. */
import { assert, describe, it } from "@effect/vitest"
import { VenueOrderId } from "#schemas/Ids.ts"
import { Lots, Ticks } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Order } from "#schemas/Order.ts"
import { RequestResult, SessionRequest } from "#schemas/SessionRequest.ts"
import { VenueEvent } from "#schemas/VenueEvent.ts"
import * as Alarm from "#src/lifecycle/Alarm.ts"
import * as Report from "#src/lifecycle/Report.ts"
import { exitAgainMs, fillOf, intended, reportOf, startMs, tags, trader } from "#test/src/lifecycle/trader.ts"

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

describe("an exit that nobody has heard of since", () => {
  const loses = (t: Trader, exit: Order) =>
    t.commit(Report.ofAnswer(t.book(), { _tag: "Submit", order: exit, instrument: [...t.book().brackets.values()][0]!.instrument }, RequestResult.cases.Unknown.make({ cause: "reset" })))
  const lost = (reduceOnly: boolean) => {
    const t = trader({ powers: { reduceOnly } })
    t.fills(t.enters("a"), 2)
    for (const { order } of t.live("stop")) t.accepts(order)
    for (const { order } of t.live("target")) t.accepts(order)
    t.alert("out", "exit")
    for (const leg of ["stop", "target"] as const) for (const { order } of t.live(leg)) if (!reduceOnly || leg === "target") t.says(order, { status: "Canceled" })
    const exit = t.live("exit")[0]?.order
    if (exit === undefined) throw new Error("no exit")
    loses(t, exit)
    return { t, exit }
  }

  for (const reduceOnly of [true, false]) {
    it(`is followed by another one, and then there is none more until that one is lost too, reduceOnly ${reduceOnly}`, () => {
      const { exit, t } = lost(reduceOnly)
      assert.strictEqual(Alarm.next(t.book(), t.facts()), startMs + exitAgainMs)
      assert.deepStrictEqual(tags(t.passes(exitAgainMs - 1)), [])
      const again = intended(t.passes(1))
      assert.deepStrictEqual(again.map(({ leg, lots, reduceOnly: isReducing }) => [leg, lots, isReducing]), [["exit", 2, reduceOnly]])
      assert.notStrictEqual(again[0]?.id, exit.id)
      assert.deepStrictEqual(intended(t.passes(60_000)), [])
    })
  }

  it("is followed by none beside lots that are not ours: it would close those", () => {
    const { t } = lost(true)
    for (let n = 0; n < 2; n++) {
      t.passes(n * 2_000)
      t.holds(5, { orders: t.live("stop").map(({ order }) => reportOf(order)), lookupIsProof: false })
      for (const { order } of t.live("exit").slice(1)) loses(t, order)
    }
    assert.strictEqual([...t.book().drift.values()][0], 3)
    const before = t.live("exit").length
    t.passes(60_000)
    assert.strictEqual(t.live("exit").length, before)
  })

  it("gives the position its stop again after many; the stop goes once an exit is known", () => {
    const { exit, t } = lost(false)
    let stop: Order | undefined
    let sent = 1
    while (stop === undefined && sent < 20) {
      const [next] = intended(t.passes(exitAgainMs))
      if (next?.leg === "stop") stop = next
      else if (next !== undefined) loses(t, next)
      sent += 1
    }
    assert.strictEqual(sent, 9)
    assert.deepStrictEqual(t.accepts(stop!).filter(({ _tag }) => _tag === "CancelIntended"), [])
    assert.strictEqual(covered(t), 2)
    const late = t.fills(exit, 2)
    assert.deepStrictEqual(late.flatMap((event) => event._tag === "CancelIntended" ? [event.orderId] : []), [stop!.id])
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

it("an addition that rested while the protection was moved does not take it back", () => {
  const t = trader({ overrides: { strategies: { "demo-futures": { onSameSide: "add", defaultTarget: null } } } })
  t.configures({ restingTargets: true })
  t.fills(t.enters("a"), 2)
  for (const { order } of t.live("stop")) t.accepts(order)
  const addition = t.enters("b", "buy", { orderType: "limit", limitPrice: "6999" })
  t.accepts(addition)
  t.alert("c", "update", { stopLoss: { _tag: "Price", price: "6997" }, takeProfit: { _tag: "Price", price: "7010" } })
  for (const { order } of t.live("stop")) t.says(order, { stop: Ticks.make(27_988) })
  const moved = [...t.book().brackets.values()][0]?.plan
  assert.deepStrictEqual(moved, { mode: "managed", stop: Ticks.make(27_988), target: Ticks.make(28_040) })
  t.fills(addition, 2)
  assert.deepStrictEqual([...t.book().brackets.values()][0]?.plan, moved)
})

it("a target that rests beside one the venue refused goes when it would close more than is held: quotes are watched instead", () => {
  const t = trader({ overrides: { strategies: { "demo-futures": { defaultTarget: null } } }, powers: { modify: false } })
  t.configures({ restingTargets: true })
  t.fills(t.enters("a", "buy", { takeProfit: { _tag: "Distance", ticks: 60 } }), 2)
  const [stop, target] = [t.live("stop")[0]?.order, () => t.live("target").map(({ order }) => order)]
  t.accepts(stop!)
  const first = target()[0]
  t.commit([JournalEvent.cases.OrderUnknown.make({ alertId: first!.alertId, orderId: first!.id, cause: "no answer" })])
  t.says(target().find(({ id }) => id !== first?.id)!, { status: "Rejected" })
  t.accepts(first!)
  assert.deepStrictEqual(t.fills(stop!, 1).flatMap((event) => event._tag === "CancelIntended" ? [event.orderId] : []), [first!.id])
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
