/** What follows from what the venue says: in any order, twice, late, or by halves. */
import { assert, describe, it } from "@effect/vitest"
import { Ticks } from "#schemas/Instrument.ts"
import * as Book from "#src/lifecycle/Book.ts"
import * as Report from "#src/lifecycle/Report.ts"
import { fillOf, intended, mes, position, reportOf, startMs, tags, trader } from "#test/src/lifecycle/trader.ts"
import { gold } from "#test/src/lifecycle/instruments.ts"

type Trader = ReturnType<typeof trader>

const stopsOf = (t: Trader) => t.live("stop").map(({ order }) => order)

/** Long `size`, its stop confirmed. */
const long = (t: Trader, size = 2) => {
  const entry = t.enters("a", "buy", { quantity: String(size) })
  t.accepts(entry)
  t.fills(entry, size)
  for (const stop of stopsOf(t)) t.accepts(stop)
  return entry
}

describe("fills", () => {
  it("a fill brings its stop in the same commit, for what filled", () => {
    const t = trader()
    const entry = t.enters("a")
    const [stop] = intended(t.fills(entry, 1))
    assert.deepStrictEqual([stop?.leg, stop?.lots, stop?.side, stop?.stop], ["stop", 1, "sell", 27_961])
  })

  it("a fill that is told twice counts once", () => {
    const t = trader()
    const entry = long(t)
    assert.deepStrictEqual(t.fills(entry, 2), [])
    assert.strictEqual(t.held(), 2)
  })

  it("a fill before the acknowledgement, and a look at the order after it", () => {
    const t = trader()
    const entry = t.enters("a")
    t.fills(entry, 2)
    assert.deepStrictEqual(t.accepts(entry), [])
    assert.strictEqual(t.outcome("a"), "filled")
  })

  it("a second fill while the first stop is on its way adds a stop beside it", () => {
    const t = trader()
    const entry = t.enters("a")
    t.fills(entry, 1, "f1")
    const more = intended(t.fills(entry, 1, "f2"))
    assert.deepStrictEqual(more.map((order) => [order.leg, order.lots]), [["stop", 1]])
  })

  it("a late fill after the cancel is protected at once and traded to its end", () => {
    const t = trader()
    const entry = t.enters("a")
    t.accepts(entry)
    t.passes(30_000)
    t.says(entry, { status: "Canceled" })
    assert.strictEqual(t.outcome("a"), "canceled")
    assert.strictEqual(t.book().brackets.size, 0)
    const [stop] = intended(t.fills(entry, 1))
    assert.deepStrictEqual([stop?.leg, stop?.lots], ["stop", 1])
    assert(stop !== undefined)
    t.accepts(stop)
    const end = t.fills(stop, 1, "out")
    const trade = end.flatMap((event) => event._tag === "TradeClosed" ? event.trade ?? [] : [])
    assert.deepStrictEqual(trade.map((one) => one.lots), [1])
  })

  it("a late fill joins the bracket that came after it", () => {
    const t = trader()
    const first = t.enters("a")
    t.says(first, { status: "Canceled" })
    const second = t.enters("b")
    t.fills(second, 2)
    for (const stop of stopsOf(t)) t.accepts(stop)
    const asked = t.fills(first, 1).flatMap((event) => event._tag === "ModifyIntended" ? event.lots : [])
    assert.strictEqual(t.held(), 3)
    assert.deepStrictEqual(asked, [3])
  })
})

describe("an end that counts more fills than were told", () => {
  it("an entry waits for them before it says how it ended", () => {
    const t = trader()
    const entry = t.enters("a")
    const before = t.says(entry, { status: "Canceled", filledLots: 1 })
    assert.notInclude(tags(before), "OutcomeReached")
    assert.notInclude(tags(before), "TradeClosed")
    t.fills(entry, 1)
    assert.strictEqual(t.outcome("a"), "partlyFilled")
  })

  it("an exit is not sent again until they are known", () => {
    const t = trader()
    long(t)
    t.alert("x", "exit")
    for (const stop of stopsOf(t)) t.says(stop, { status: "Canceled" })
    const [exit] = t.live("exit").map(({ order }) => order)
    assert(exit !== undefined)
    assert.deepStrictEqual(intended(t.says(exit, { status: "Canceled", filledLots: 1 })), [])
    const next = intended(t.fills(exit, 1))
    assert.deepStrictEqual(next.map((order) => [order.leg, order.lots]), [["exit", 1]])
  })
})

describe("the stop", () => {
  it("a confirmed one is not cancelled for one that nobody has confirmed", () => {
    const t = trader()
    const entry = t.enters("a", "buy", { quantity: "2" })
    t.fills(entry, 1, "f1")
    const [first] = stopsOf(t)
    assert(first !== undefined)
    t.fills(entry, 1, "f2")
    t.accepts(first) // the second is still on its way
    t.alert("x", "exit", { quantity: "1" })
    const exit = t.live("exit")[0]?.order
    assert(exit !== undefined)
    const rows = t.fills(exit, 1)
    assert.notInclude(tags(rows), "CancelIntended")
    const second = stopsOf(t).find(({ id }) => id !== first.id)
    assert(second !== undefined)
    assert.include(tags(t.accepts(second)), "CancelIntended")
  })

  it("once it has filled, the entry that still fills is cancelled, and nothing rests beside it", () => {
    const t = trader()
    const entry = t.enters("a", "buy", { quantity: "5" })
    t.accepts(entry)
    t.fills(entry, 2, "f1")
    const [stop] = stopsOf(t)
    assert(stop !== undefined)
    t.accepts(stop)
    const cancelled = t.fills(stop, 2).flatMap((event) => event._tag === "CancelIntended" ? event.orderId : [])
    assert.deepStrictEqual(cancelled, [entry.id])
  })

  it("every stop of several moves, each once", () => {
    const t = trader()
    const entry = t.enters("a", "buy", { quantity: "2" })
    t.fills(entry, 1, "f1")
    t.fills(entry, 1, "f2")
    for (const stop of stopsOf(t)) t.accepts(stop)
    t.alert("u", "update", { stopLoss: { _tag: "Price", price: "6995" } })
    const moved = new Set<string>()
    for (let round = 0; round < 2; round += 1) {
      const asked = t.live("stop").find(({ modifyAsked }) => modifyAsked)?.order
      assert(asked !== undefined)
      moved.add(asked.id)
      t.says(asked, { stop: Ticks.make(27_980) })
    }
    assert.strictEqual(moved.size, 2)
    assert.strictEqual(t.outcome("u"), "done")
  })

  it("an unconfirmed stop does not hold up the way to flat for longer than two seconds", () => {
    const t = trader()
    const entry = t.enters("a")
    t.fills(entry, 2)
    assert.deepStrictEqual(tags(t.passes(1_999)), [])
    const rows = t.passes(1)
    assert.include(tags(rows), "ProtectionAlarm")
    assert.deepStrictEqual(intended(rows).map((order) => [order.leg, order.lots]), [["exit", 2]])
  })

  it("an exit waits for a stop that is on its way, where both could fill", () => {
    const t = trader()
    const entry = t.enters("a")
    t.fills(entry, 2)
    assert.deepStrictEqual(intended(t.alert("x", "exit")), [])
    assert.deepStrictEqual(intended(t.passes(2_000)).map(({ leg }) => leg), ["exit"])
  })
})

describe("several closes", () => {
  it("a fill of the entry meanwhile makes a partial close no larger, and is protected at once", () => {
    const t = trader({ powers: { reduceOnly: true } })
    const entry = t.enters("a", "buy", { quantity: "5" })
    t.accepts(entry)
    t.fills(entry, 2, "f1")
    t.alert("x", "exit", { quantity: "1" })
    assert.deepStrictEqual(intended(t.fills(entry, 1, "f2")).map(({ leg, lots }) => [leg, lots]), [["stop", 1]])
    const [exit] = t.live("exit").map(({ order }) => order)
    assert.strictEqual(exit?.lots, 1)
    assert(exit !== undefined)
    t.fills(exit, 1)
    assert.strictEqual(t.outcome("x"), "done")
    assert.strictEqual(t.held(), 2)
  })

  it("flatten over two instruments, one of them shut, comes to rest and goes on at the open", () => {
    const t = trader({ powers: { reduceOnly: true } })
    const shut = { ...mes, calendar: "cme-futures" }
    for (const [id, on] of [["a", shut], ["b", gold]] as const) {
      const entry = intended(t.alert(id, "buy", {}, on))[0]
      assert(entry !== undefined)
      t.fills(entry, 2)
      for (const stop of stopsOf(t)) t.accepts(stop)
    }
    t.passes(7 * 3_600_000) // 22:00 UTC is 16:00 in Chicago
    const rows = t.alert("x", "flatten")
    assert.deepStrictEqual(intended(rows).map(({ instrumentId }) => instrumentId), [gold.id])
    assert.strictEqual(t.cause("x"), "waitingForOpen")
    assert.strictEqual(stopsOf(t).some(({ instrumentId }) => instrumentId === mes.id), true)
    const exit = t.live("exit")[0]?.order
    assert(exit !== undefined)
    t.fills(exit, 2)
    assert.isUndefined(t.outcome("x"))
    assert.deepStrictEqual(intended(t.passes(3_600_000)).map(({ instrumentId }) => instrumentId), [mes.id])
  })
})

describe("a close by a rule", () => {
  it("of an entry that has not ended, while the market is shut, comes to rest", () => {
    const t = trader()
    const shut = { ...mes, calendar: "cme-futures" }
    const entry = intended(t.alert("a", "buy", { quantity: "5" }, shut))[0]
    assert(entry !== undefined)
    t.passes(7 * 3_600_000 - 1_000) // one second before 16:00 in Chicago
    t.fills(entry, 2)
    const rows = t.passes(2_000)
    assert.include(tags(rows), "ProtectionAlarm")
    assert.deepStrictEqual(intended(rows), [])
    assert.strictEqual(t.cause("a"), "working")
  })

  it("an exit under way when the market shuts is waited for", () => {
    const t = trader({ powers: { reduceOnly: true } })
    const shut = { ...mes, calendar: "cme-futures" }
    const entry = intended(t.alert("a", "buy", {}, shut))[0]
    assert(entry !== undefined)
    t.fills(entry, 2)
    for (const stop of stopsOf(t)) t.accepts(stop)
    t.alert("x", "exit")
    assert.deepStrictEqual(t.passes(7 * 3_600_000), [])
    assert.strictEqual(t.cause("x"), "working")
  })

  it("a target watched here is reached by a quote of now only", () => {
    const t = trader()
    const entry = t.enters("a", "buy", { takeProfit: { _tag: "Distance", ticks: 40 } })
    t.fills(entry, 2)
    for (const stop of stopsOf(t)) t.accepts(stop)
    t.quotes(28_100, 2_001)
    assert.deepStrictEqual(t.passes(1), [])
    t.quotes(28_100, 2_000)
    assert.include(tags(t.passes(1)), "CloseDecided")
  })
})

it("a linked target that went with its filled stop is not sent anew before the fill had its time", () => {
  const t = trader({ powers: { nativeBrackets: true, oca: true } })
  const entry = t.enters("a", "buy", { takeProfit: { _tag: "Distance", ticks: 40 } })
  const [stop, target] = [t.live("stop")[0]?.order, t.live("target")[0]?.order]
  assert(stop !== undefined && target !== undefined)
  t.fills(entry, 2)
  t.accepts(stop)
  t.accepts(target)
  assert.deepStrictEqual(intended(t.says(target, { status: "Canceled" })), [])
  assert.deepStrictEqual(intended(t.passes(999)), [])
  assert.include(tags(t.fills(stop, 2)), "TradeClosed")

  const other = trader({ powers: { nativeBrackets: true, oca: true } })
  const second = other.enters("a", "buy", { takeProfit: { _tag: "Distance", ticks: 40 } })
  const legs = [...other.live("stop"), ...other.live("target")].map(({ order }) => order)
  other.fills(second, 2)
  for (const leg of legs) other.accepts(leg)
  for (const leg of legs) if (leg.leg === "target") other.says(leg, { status: "Canceled" })
  assert.deepStrictEqual(intended(other.passes(1_000)).map(({ leg }) => leg), ["target"])
})

describe("a fill of an order whose bracket is forgotten", () => {
  const forgotten = () => {
    const t = trader()
    t.configures({ caps: {} })
    const entry = t.enters("a", "buy", { quantity: "3" })
    t.accepts(entry)
    t.fills(entry, 2, "f1")
    const [stop] = stopsOf(t)
    assert(stop !== undefined)
    t.accepts(stop)
    t.says(entry, { status: "Canceled", filledLots: 2 })
    t.fills(stop, 2, "out")
    for (let n = 0; n < Book.endedBracketsMax; n++) t.says(t.enters(`n${n}`), { status: "Canceled" })
    assert.strictEqual(t.book().brackets.size, 0)
    return { t, entry, stop }
  }

  it("is a position that is closed with an alarm", () => {
    const { entry, t } = forgotten()
    const trades = t.book().trades.length
    const rows = t.fills(entry, 1, "late")
    assert.include(tags(rows), "ProtectionAlarm")
    assert.deepStrictEqual(intended(rows).map(({ leg, lots, side }) => [leg, lots, side]), [["exit", 1, "sell"]])
    for (const { order } of t.live("exit")) t.fills(order, 1)
    assert.strictEqual(t.book().brackets.size, 0)
    assert.strictEqual(t.book().trades.length, trades + 1)
  })

  it("of a stop as well: what it sold too much is bought back", () => {
    const { stop, t } = forgotten()
    const rows = t.fills(stop, 1, "late")
    assert.include(tags(rows), "ProtectionAlarm")
    assert.deepStrictEqual(intended(rows).map(({ leg, lots, side }) => [leg, lots, side]), [["exit", 1, "buy"]])
  })

  it("joins the position that is there", () => {
    const { entry, t } = forgotten()
    t.fills(t.enters("b"), 2)
    for (const stop of stopsOf(t)) t.accepts(stop)
    t.fills(entry, 1, "late")
    assert.strictEqual(t.held(), 3)
    assert.isTrue(t.live("stop").some(({ modifyAsked }) => modifyAsked))
  })
})

it("what the venue hints at and nobody reported", () => {
  const t = trader()
  const entry = t.enters("a")
  t.accepts(entry)
  const filled = { _tag: "OrderChanged", report: reportOf(entry, { status: "Filled", filledLots: 2 }) } as const
  const moved = { _tag: "PositionChanged", position: position(2) } as const
  assert.isTrue(Report.isOwed(t.book(), filled))
  assert.isTrue(Report.isOwed(t.book(), moved))
  t.hears(filled, { _tag: "Filled", fill: fillOf(entry, 2, "f", "7000", startMs) }, moved)
  assert.isFalse(Report.isOwed(t.book(), filled))
  assert.isFalse(Report.isOwed(t.book(), moved))
})
