/** The venue holds less than our book: what is believed when, how it counts, and what gives way to a fill that comes late. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal } from "effect"
import { ClientOrderId, FillId, VenueOrderId } from "#schemas/Ids.ts"
import { Lots } from "#schemas/Instrument.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Order } from "#schemas/Order.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"
import * as Book from "#src/lifecycle/Book.ts"
import { evolve } from "#src/lifecycle/Evolve.ts"
import { fillOf, intended, mes, position, reportOf, tags, trader } from "#test/src/lifecycle/trader.ts"

type Trader = ReturnType<typeof trader>

/** Long 2 under a confirmed stop, for so long. */
const long = (forMs: number, powers = {}) => {
  const t = trader({ powers })
  const entry = t.enters("a")
  t.accepts(entry)
  t.fills(entry, 2)
  const stop = t.live("stop")[0]?.order
  if (stop === undefined) throw new Error("no stop")
  t.accepts(stop)
  t.passes(forMs)
  return { t, entry, stop }
}

/** A fill of somebody else's order. */
const foreign = (t: Trader, like: Order, lots: number, price = "6990") => ({
  ...fillOf(like, lots, "by-hand", price, t.facts().nowMs),
  id: FillId.make("by-hand"),
  clientOrderId: ClientOrderId.make("by-hand"),
  venueOrderId: VenueOrderId.make("v-by-hand")
})

const elsewhere = (rows: ReadonlyArray<JournalEvent>) => rows.flatMap((event) => event._tag === "ClosedElsewhere" ? [event] : [])
const trade = (rows: ReadonlyArray<JournalEvent>) => rows.flatMap((event) => event._tag === "TradeClosed" && event.trade !== undefined
  ? [[event.trade.lots, BigDecimal.format(event.trade.exitPrice), event.trade.inferred]] : [])

/** The same picture again and again, a second apart, until rows follow. */
const until = (t: Trader, seconds: number, net: number, change: () => Partial<AccountSnapshot>) => {
  for (let second = 0; second <= seconds; second++) {
    const rows = t.holds(net, change())
    if (rows.length > 0) return { rows, afterMs: second * 1_000 }
    t.passes(1_000)
  }
  return { rows: [], afterMs: Infinity }
}

describe("what is believed", () => {
  it("somebody else's fills: at once with the second picture, a second later", () => {
    const { stop, t } = long(5_000)
    const seen = { orders: [reportOf(stop)], fills: [foreign(t, stop, 2)] }
    t.passes(100)
    assert.deepStrictEqual(t.holds(0, seen), [])
    t.passes(900)
    assert.deepStrictEqual(t.holds(0, seen), [])
    t.passes(100)
    const rows = t.holds(0, seen)
    assert.deepStrictEqual(tags(rows), ["DriftFound", "ClosedElsewhere", "CancelIntended"])
    assert.deepStrictEqual(elsewhere(rows).map(({ alertId, lots, price }) => `${alertId} ${lots} ${price === undefined ? "" : BigDecimal.format(price)}`), ["a 2 6990"])
    assert.deepStrictEqual([t.held(), t.book().drift.get(mes.id) ?? 0], [0, 0])
    assert.deepStrictEqual(trade(t.says(stop, { status: "Canceled" })), [[2, "6990", true]])
    assert.strictEqual(t.book().brackets.size, 0)
  })

  it("an order that the venue said was cancelled unfilled, asked after they were gone, and that fills late is not it: what it opens is closed", () => {
    const { stop, t } = long(5_000)
    const { rows } = until(t, 60, 0, () => ({ orders: [reportOf(stop)] }))
    assert.include(tags(rows), "ClosedElsewhere")
    t.passes(50)
    t.says(stop, { status: "Canceled" })
    const late = t.fills(stop, 2, "late")
    assert.notInclude(tags(late), "ElsewhereExplained")
    assert.strictEqual(t.held(), -2)
    assert.deepStrictEqual(intended(late).map(({ leg, lots, side }) => `${leg} ${side} ${lots}`), ["exit buy 2"])
  })

  it("fewer fills than are missing are no proof", () => {
    const { stop, t } = long(5_000)
    const seen = { orders: [reportOf(stop)], fills: [foreign(t, stop, 1)] }
    assert.isAtLeast(until(t, 60, 0, () => seen).afterMs, 25_000)
  })

  for (const [ageMs, fromMs, toMs] of [[0, 29_000, 31_000], [60_000, 6_000, 7_000]] as const) {
    it(`a position alone, the last fill ${ageMs} ms old: not before it can be neither stale nor ahead of its fill`, () => {
      const { stop, t } = long(ageMs)
      const { afterMs, rows } = until(t, 60, 0, () => ({ orders: [reportOf(stop)] }))
      assert.deepStrictEqual(elsewhere(rows).map(({ evidence }) => evidence), ["position"])
      assert.isTrue(afterMs >= fromMs && afterMs <= toMs, String(afterMs))
    })
  }

  it("at the middle of the market, or at the entry's price where nobody knows", () => {
    for (const [ageMs, expected] of [[0, "7000.125"], [10_000, undefined]] as const) {
      const { stop, t } = long(60_000)
      t.quotes(28_000, ageMs)
      const { rows } = until(t, 60, 0, () => ({ orders: [reportOf(stop)] }))
      assert.deepStrictEqual(elsewhere(rows).map(({ price }) => price === undefined ? undefined : BigDecimal.format(price)), [expected])
      assert.deepStrictEqual(trade(t.says(stop, { status: "Canceled" })), [[2, expected ?? "7000", true]])
    }
  })

  it("nothing while an order of ours is on its way, or a fill is owed", () => {
    const { stop, t } = long(60_000)
    t.alert("x", "exit")
    t.says(stop, { status: "Canceled" })
    assert.deepStrictEqual(t.live("exit").map(({ status }) => status), ["Intended"])
    assert.deepStrictEqual(until(t, 40, 0, () => ({})).rows, [])
  })

  it("an order that is not found for five seconds is not taken for filled", () => {
    const { stop, t } = long(60_000)
    t.holds(0, { notFound: [stop.id], lookupIsProof: false })
    const other = t.live("stop")[1]?.order
    if (other === undefined) throw new Error("no new stop")
    t.accepts(other)
    const seen = { orders: [reportOf(other)], notFound: [stop.id], lookupIsProof: false }
    for (let second = 0; second < 5; second++) {
      t.passes(1_000)
      assert.deepStrictEqual(tags(t.holds(0, seen)), [])
    }
    t.holds(2, { orders: [reportOf(stop), reportOf(other)] })
    assert.deepStrictEqual([t.held(), t.live("stop")[0]?.status], [2, "Accepted"])
  })

  it("a stop that is seen at work is not what filled", () => {
    const { stop, t } = long(60_000)
    const { rows } = until(t, 60, 0, () => ({ orders: [reportOf(stop)] }))
    assert.notInclude(tags(rows), "FillReceived")
  })

  it("what an older journal only showed as drift", () => {
    const { stop, t } = long(60_000)
    t.commit([{ _tag: "DriftFound", instrumentId: mes.id, ours: position(2).net, venue: position(0).net, note: "" }])
    const seen = () => ({ orders: [reportOf(stop)] })
    assert.isAtMost(until(t, 10, 0, seen).afterMs, 1_000)
    assert.deepStrictEqual([t.held(), t.book().drift.get(mes.id) ?? 0], [0, 0])
  })
})

describe("what follows", () => {
  for (const modify of [true, false]) {
    it(`a part: the rest keeps a stop of its size, modify ${modify}`, () => {
      const { stop, t } = long(5_000, { modify })
      const seen = { orders: [reportOf(stop)], fills: [foreign(t, stop, 1)] }
      const { rows } = until(t, 5, 1, () => seen)
      assert.strictEqual(t.held(), 1)
      const changes = rows.flatMap((event) => event._tag === "ModifyIntended" ? [event.lots] : [])
      assert.deepStrictEqual([...changes, ...intended(rows).map(({ lots }) => lots)], [1])
    })
  }

  it("with a target and an entry that still fills: all of it goes", () => {
    const t = trader({ powers: { reduceOnly: true } })
    const entry = t.enters("a")
    t.accepts(entry)
    t.fills(entry, 1)
    const children = (["stop", "target"] as const).flatMap((leg) => {
      t.live(leg).forEach(({ order }) => t.accepts(order))
      return t.live(leg).map(({ order }) => order)
    })
    t.passes(1_000)
    const seen = { orders: [entry, ...children].map((order) => reportOf(order)), fills: [foreign(t, children[0] ?? entry, 1)] }
    const { rows } = until(t, 5, 0, () => ({ ...seen, orders: [reportOf(entry, { filledLots: 1, status: "PartlyFilled" }), ...children.map((order) => reportOf(order))] }))
    const cancelled = rows.flatMap((event) => event._tag === "CancelIntended" ? [event.orderId] : [])
    assert.deepStrictEqual(cancelled.toSorted(), [entry, ...children].map(({ id }) => id).toSorted())
  })

  for (const reduceOnly of [true, false]) {
    it(`an exit that is due waits for the second picture only where it could go through zero, reduce-only ${reduceOnly}`, () => {
      const { t } = long(5_000, { reduceOnly })
      const doubtedSinceMs = t.facts().nowMs
      t.doubts(() => doubtedSinceMs)
      const rows = t.alert("x", "exit")
      assert.strictEqual(tags(rows).includes("OrderIntended") || tags(rows).includes("CancelIntended"), reduceOnly)
      t.doubts(() => undefined)
      assert.strictEqual(tags(t.commit([])).includes("CancelIntended"), !reduceOnly)
    })
  }

  it("what works at the venue although it is over by all we know is called back, unless it reduces what is held", () => {
    for (const [net, expected] of [[2, []], [0, ["CancelIntended"]]] as const) {
      const { stop, t } = long(60_000)
      t.says(stop, { status: "Canceled" })
      const other = t.live("stop")[0]?.order
      if (other === undefined) throw new Error("no new stop")
      t.accepts(other)
      if (net === 0) t.fills(other, 2, "gone")
      const orders = net === 0 ? [reportOf(stop)] : [reportOf(stop), reportOf(other)]
      t.holds(net, { orders })
      t.passes(2_000)
      assert.deepStrictEqual(tags(t.holds(net, { orders })), [...expected])
    }
  })
})

describe("a fill of ours that comes late", () => {
  /** All of it gone by position alone, the stop having been cancelled there unheard. */
  const gone = () => {
    const { stop, t } = long(60_000)
    t.says(stop, { status: "Canceled" })
    const other = t.live("stop")[0]?.order
    if (other === undefined) throw new Error("no new stop")
    t.accepts(other)
    until(t, 60, 0, () => ({ orders: [reportOf(other)] }))
    t.says(other, { status: "Canceled" })
    assert.strictEqual(t.book().brackets.size, 0)
    return { t, stop }
  }

  it("takes the place of what counted as closed elsewhere: the trade is told anew, nothing is sent", () => {
    const { stop, t } = gone()
    const rows = t.fills(stop, 2, "late", "6980")
    assert.deepStrictEqual(tags(rows), ["ElsewhereExplained", "FillReceived", "TradeClosed"])
    assert.deepStrictEqual(trade(rows), [[2, "6980", false]])
    assert.deepStrictEqual([t.held(), t.book().brackets.size, t.book().trades.length], [0, 0, 1])
    assert.deepStrictEqual(t.fills(stop, 2, "late", "6980"), [])
  })

  it("in two parts, and one by the count of a picture first", () => {
    const { stop, t } = gone()
    t.fills(stop, 1, "late-1", "6980")
    assert.deepStrictEqual([t.held(), t.book().trades.map(({ inferred }) => inferred)], [0, [true]])
    t.holds(0, { orders: [reportOf(stop, { status: "Filled", filledLots: 2 })] })
    assert.strictEqual(t.held(), 0)
    t.fills(stop, 1, "late-2", "6980")
    assert.deepStrictEqual([t.held(), t.book().trades.map(({ inferred }) => inferred)], [0, [false]])
    assert.deepStrictEqual(t.holds(0), [])
  })

  it("does not where somebody else's fills were seen: what was closed too much is closed again", () => {
    const { stop, t } = long(5_000)
    const seen = { orders: [reportOf(stop)], fills: [foreign(t, stop, 2)] }
    until(t, 5, 0, () => seen)
    const rows = t.fills(stop, 2, "late")
    assert.deepStrictEqual(intended(rows).map(({ leg, lots, side }) => [leg, lots, side]), [["exit", 2, "buy"]])
  })

  it("that only a count tells is what the picture beside it shows", () => {
    const { stop, t } = long(60_000)
    until(t, 60, 1, () => ({ orders: [reportOf(stop)] }))
    assert.strictEqual(t.held(), 1)
    t.passes(1_000)
    assert.include(tags(t.holds(1, { orders: [reportOf(stop, { filledLots: 1, status: "PartlyFilled" })] })), "ElsewhereExplained")
    assert.strictEqual(t.held(), 1)
  })

  it("when the next position is open already: that one stays as it is", () => {
    const { stop, t } = gone()
    const entry = t.enters("b")
    t.fills(entry, 2, "b")
    t.live("stop").forEach(({ order }) => t.accepts(order))
    assert.notInclude(tags(t.fills(stop, 1, "late", "6980")), "OrderIntended")
    assert.deepStrictEqual([t.held(), t.live("stop").length], [2, 1])
  })

  it("of the rest closes the rest", () => {
    const { stop, t } = long(60_000)
    until(t, 60, 1, () => ({ orders: [reportOf(stop)] }))
    t.says(stop, { lots: Lots.make(1) })
    t.passes(1_000)
    assert.deepStrictEqual(tags(t.fills(stop, 1, "stopped")).filter((tag) => tag !== "OutcomeReached"), ["FillReceived", "TradeClosed"])
  })

  it("the rows fold to the same book in another life", () => {
    const { t } = gone()
    const again = t.rows().reduce(evolve, Book.empty)
    assert.deepStrictEqual([...again.brackets], [...t.book().brackets])
    assert.deepStrictEqual(again.endedBrackets, t.book().endedBrackets)
  })
})
