/** What is not ours, by pictures alone: what is taken over, when, and what gives way to a late fill of ours. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal } from "effect"
import { ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Order } from "#schemas/Order.ts"
import { Lots, NetLots, Ticks } from "#schemas/Instrument.ts"
import * as Book from "#src/lifecycle/Book.ts"
import { evolve } from "#src/lifecycle/Evolve.ts"
import * as Books from "#src/projections/Books.ts"
import * as Positions from "#src/projections/Positions.ts"
import { sequence } from "#test/projections/rows.ts"
import { fillOf, intended, reportOf, startMs, tags, trader } from "#test/src/lifecycle/trader.ts"

type Trader = ReturnType<typeof trader>

const trading = (reconciliation: "adopt" | "flatten" | "alarm") => {
  const t = trader()
  t.configures({ reconciliation, adoptStop: { _tag: "Distance", ticks: Ticks.make(40) } })
  return t
}

/** So many pictures of it, two seconds apart. */
const seen = (t: Trader, net: number, times: number, change: Parameters<Trader["holds"]>[1] = {}) =>
  Array.from({ length: times }, () => {
    t.passes(2_000)
    return t.holds(net, change)
  }).flat()

const only = <Tag extends JournalEvent["_tag"]>(t: Trader, tag: Tag) =>
  t.rows().filter((event): event is Extract<JournalEvent, { readonly _tag: Tag }> => event._tag === tag)

const byHand = (name: string, side: Order["side"], lots: number, change: Parameters<typeof reportOf>[1] = {}) => {
  const t = trader()
  const order = t.enters("x")
  return reportOf({ ...order, id: ClientOrderId.make(name), side, lots: Lots.make(lots) }, change)
}

/** An entry that was cancelled, as the venue said. */
const cancelledEntry = (t: Trader) => {
  const entry = t.enters("a")
  t.accepts(entry)
  t.says(entry, { status: "Canceled" })
  assert.strictEqual(t.outcome("a"), "canceled")
  return entry
}

const replays = (t: Trader) => assert.deepStrictEqual([...t.rows().reduce(evolve, Book.empty).brackets], [...t.book().brackets])

/** What people are shown. */
const shown = (t: Trader) => {
  const books = sequence()("account/paper-1", ...t.rows()).reduce(Books.evolve, Books.empty)
  return Positions.open(books.positions).map(Positions.netOf)
}

describe("when", () => {
  it("two pictures of the same, with time between; then once", () => {
    const t = trading("adopt")
    assert.deepStrictEqual(tags(t.holds(2)), [])
    assert.deepStrictEqual(tags(t.holds(2)), ["DriftFound"])
    assert.deepStrictEqual(tags(t.holds(2)), [])
    t.passes(999)
    assert.deepStrictEqual(tags(t.holds(2)), [])
    t.passes(1)
    assert.deepStrictEqual(tags(t.holds(2)), ["PositionAdopted", "OutcomeReached", "OrderIntended"])
    t.live("stop").forEach(({ order }) => t.accepts(order))
    assert.deepStrictEqual(tags(seen(t, 2, 5)), [])
    replays(t)
  })

  it("only by pictures that are younger than anything of ours", () => {
    const t = trading("adopt")
    t.touches(startMs)
    seen(t, 2, 14)
    assert.deepStrictEqual(only(t, "PositionAdopted"), [])
    t.passes(2_000) // 30 s after it: this is the first that counts
    t.holds(2)
    t.passes(500)
    t.holds(2)
    assert.deepStrictEqual(only(t, "PositionAdopted"), [])
    t.passes(500)
    t.holds(2)
    assert.strictEqual(only(t, "PositionAdopted").length, 1)
  })

  it("not what the venue has gainsaid, until no picture can be older than that", () => {
    const t = trading("flatten")
    seen(t, 2, 1)
    t.hearsNet(0)
    seen(t, 2, 14)
    assert.deepStrictEqual(only(t, "PositionAdopted"), [])
    t.hearsNet(2)
    seen(t, 2, 2)
    assert.strictEqual(only(t, "PositionAdopted").length, 1)
  })

  it("not while an order of ours is on its way there, in doubt, or could be it", () => {
    // More than the order has: it alone cannot explain it.
    for (const become of [
      () => [], // on its way
      (t: Trader, entry: Order) => t.accepts(entry), // part of it could be its fill
      (t: Trader) => t.recovers() // Unknown
    ]) {
      const t = trading("flatten")
      become(t, t.enters("a"))
      for (let n = 0; n < 20; n++) {
        t.passes(2_000)
        t.holds(5, { lookupIsProof: false })
      }
      assert.strictEqual(only(t, "DriftFound").length, 1)
      assert.deepStrictEqual(only(t, "PositionAdopted"), [])
    }
  })

  it("not while our own stop there is being changed, nor is an order cancelled while one of ours is in doubt", () => {
    const t = trading("flatten")
    t.fills(t.enters("a"), 2)
    const stop = t.live("stop")[0]?.order
    assert(stop !== undefined)
    t.accepts(stop)
    t.alert("u", "update", { stopLoss: { _tag: "Distance", ticks: Ticks.make(20) } })
    const orders = [reportOf(stop), byHand("rests", "buy", 1, { limit: Ticks.make(26_000) })]
    seen(t, 5, 6, { orders })
    assert.deepStrictEqual([only(t, "DriftFound").length, only(t, "PositionAdopted"), only(t, "CancelIntended"), only(t, "ForeignOrderFound").length], [1, [], [], 1])
    t.says(stop, { stop: Ticks.make(27_980) })
    seen(t, 5, 3, { orders: [reportOf(stop, { stop: Ticks.make(27_980) }), ...orders.slice(1)] })
    assert.deepStrictEqual([only(t, "PositionAdopted").length, only(t, "CancelIntended")[0]?.orderId], [1, ClientOrderId.make("rests")])
  })

  it("not while an operator has stopped the account, and not as the house leaves", () => {
    const t = trading("flatten")
    t.latch("account/paper-1")
    seen(t, 2, 5)
    t.unlatch("account/paper-1")
    assert.deepStrictEqual(only(t, "PositionAdopted"), [])
    t.leaves()
    seen(t, 2, 5)
    assert.deepStrictEqual([only(t, "PositionAdopted").length, only(t, "DriftFound").length], [0, 1])
  })
})

describe("an order that is not ours", () => {
  it("counts on the second picture, so does its end, and is told anew only where it has changed", () => {
    const t = trading("alarm")
    const rests = (stop: number) => ({ orders: [byHand("rests", "sell", 2, { stop: Ticks.make(stop) })] })
    assert.deepStrictEqual(tags(t.holds(0, rests(27_000))), [])
    t.passes(999)
    assert.deepStrictEqual(tags(t.holds(0, rests(27_000))), [])
    t.passes(1)
    assert.deepStrictEqual(tags(t.holds(0, rests(27_000))), ["ForeignOrderFound"])
    assert.deepStrictEqual(tags(seen(t, 0, 5, rests(27_000))), [])
    assert.deepStrictEqual(tags(seen(t, 0, 3, rests(27_100))), ["ForeignOrderFound"])
    assert.deepStrictEqual(tags(seen(t, 0, 1)), [])
    assert.deepStrictEqual(tags(seen(t, 0, 2)), ["ForeignOrderEnded"])
    assert.strictEqual(t.book().strangers.size, 0)
  })
})

it("an order that only reduces what is there is not cancelled before it", () => {
  const t = trading("flatten")
  t.touches(startMs)
  const orders = [byHand("reduces", "sell", 2, { stop: Ticks.make(27_000) }), byHand("turns", "sell", 3, { stop: Ticks.make(26_900) })]
  seen(t, 2, 3, { orders })
  assert.deepStrictEqual([...new Set(only(t, "CancelIntended").map(({ orderId }) => `${orderId}`))], ["turns"])
})

describe("what", () => {
  it("the stop is counted from the market, in percent too", () => {
    const t = trading("adopt")
    t.configures({ adoptStop: { _tag: "Percent", percent: BigDecimal.fromStringUnsafe("1") } })
    seen(t, -2, 3)
    assert.deepStrictEqual(t.live("stop").map(({ order }) => `${order.side} ${order.lots} ${order.stop}`), ["buy 2 28281"])
  })

  it("an instrument that is not configured is said, once", () => {
    const t = trading("flatten")
    for (let n = 0; n < 5; n++) {
      t.passes(2_000)
      t.pictured({ positions: [{ instrumentId: InstrumentId.make("UNKNOWN-1"), net: NetLots.make(3) }] })
    }
    assert.deepStrictEqual(only(t, "DriftFound").map(({ note }) => note), [
      "no order of ours explains the difference", "flatten is configured and cannot be done: UNKNOWN-1 is not configured in instruments.json"
    ])
  })

  it("of two stops that cover it the one that comes first is taken", () => {
    const t = trading("adopt")
    const orders = [
      byHand("far", "sell", 2, { stop: Ticks.make(27_000) }),
      byHand("near", "sell", 3, { stop: Ticks.make(27_900) }),
      byHand("part", "sell", 2, { stop: Ticks.make(27_950), filledLots: 1, status: "PartlyFilled" })
    ]
    seen(t, 2, 3, { orders })
    assert.deepStrictEqual(only(t, "PositionAdopted").map(({ plan, resting }) => `${plan.stop} ${resting.map(({ order }) => order.id).join()}`), ["27900 near"])
    // It was larger than what it protects: made to fit.
    assert.deepStrictEqual(only(t, "ModifyIntended").map(({ lots, orderId }) => `${orderId} ${lots}`), ["near 2"])
  })

  it("a second writer's orders on the instrument keep it from being touched", () => {
    const t = trading("flatten")
    const orders = [byHand("il-other", "sell", 2, { stop: Ticks.make(27_000) })]
    seen(t, 2, 6, { orders })
    assert.deepStrictEqual([only(t, "PositionAdopted"), only(t, "CancelIntended"), only(t, "DriftFound").length], [[], [], 2])
  })

  it("an order of ours that the venue knows by another name is no stranger", () => {
    const t = trading("flatten")
    const entry = t.enters("a")
    t.accepts(entry)
    seen(t, 0, 4, { orders: [reportOf({ ...entry, id: ClientOrderId.make("renamed") }, { venueOrderId: reportOf(entry).venueOrderId })] })
    assert.deepStrictEqual(only(t, "ForeignOrderFound"), [])
  })
})

describe("a fill of ours that comes late", () => {
  const late = (t: Trader, entry: Order) => t.hears({ _tag: "Filled", fill: fillOf(entry, 2, "late", "7000", startMs) })

  it("takes the place of what was adopted: nothing is doubled", () => {
    const t = trading("adopt")
    const entry = cancelledEntry(t)
    t.passes(60_000)
    seen(t, 2, 3)
    t.live("stop").forEach(({ order }) => t.accepts(order))
    assert.strictEqual(t.held(), 2)
    const rows = late(t, entry)
    assert.include(tags(rows), "AdoptionExplained")
    assert.deepStrictEqual([t.held(), shown(t)], [2, [2]])
    assert.deepStrictEqual(t.live("stop").map(({ order }) => order.lots), [2])
    assert.deepStrictEqual(tags(seen(t, 2, 3)), [])
    replays(t)
  })

  it("of what was closed meanwhile is no news", () => {
    const t = trading("flatten")
    const entry = cancelledEntry(t)
    t.passes(60_000)
    const [exit] = intended(seen(t, 2, 3))
    assert(exit !== undefined && exit.leg === "exit")
    t.fills(exit, 2)
    seen(t, 0, 3)
    assert.deepStrictEqual([t.held(), shown(t), only(t, "DriftEnded").length], [0, [], 1])
    const rows = late(t, entry)
    assert.deepStrictEqual([t.held(), shown(t), intended(rows)], [0, [], []])
    replays(t)
  })

  it("is one more where the venue showed somebody else's fills, or where it was executed later", () => {
    const t = trading("adopt")
    const entry = cancelledEntry(t)
    t.passes(60_000)
    seen(t, 2, 3)
    t.live("stop").forEach(({ order }) => t.accepts(order))
    t.hears({ _tag: "Filled", fill: fillOf(entry, 2, "later", "7000", startMs + 200_000) })
    assert.deepStrictEqual([t.held(), shown(t)], [4, [4]])
  })
})
