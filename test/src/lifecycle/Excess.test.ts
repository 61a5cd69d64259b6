/** A stop that fills although its cancel was confirmed, while the next position is already there: lots that nobody asked for. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal } from "effect"
import { fillOf, intended, tags, trader } from "#test/src/lifecycle/trader.ts"

type Trader = ReturnType<typeof trader>

/** Long 2, closed; its stop's cancel was confirmed. */
const closed = (t: Trader) => {
  t.fills(t.enters("a"), 2)
  const stop = t.live("stop")[0]?.order
  if (stop === undefined) throw new Error("no stop")
  t.accepts(stop)
  t.alert("out", "exit")
  t.says(stop, { status: "Canceled" })
  const exit = t.live("exit")[0]?.order
  if (exit === undefined) throw new Error("no exit")
  t.fills(exit, 2)
  assert.strictEqual(t.book().brackets.size, 0)
  return stop
}

const decided = (rows: ReturnType<Trader["fills"]>) => rows.flatMap((event) => event._tag === "CloseDecided" ? [`${event.reason} ${event.lots}`] : [])
const exits = (rows: ReturnType<Trader["fills"]>) => intended(rows).flatMap(({ leg, lots, side }) => leg === "exit" ? [[side, lots]] : [])
const covered = (t: Trader) => t.live("stop").reduce((sum, { filled, order }) => sum + order.lots - filled, 0)

describe("lots beside the next position", () => {
  it("are closed at once, and what was asked for stays with its stop", () => {
    const t = trader()
    const late = closed(t)
    t.fills(t.enters("b", "sell"), 2)
    for (const { order } of t.live("stop")) t.accepts(order)
    const rows = t.fills(late, 2, "late")
    assert.strictEqual(t.held(), -4)
    assert.deepStrictEqual(decided(rows), ["excess 2"])
    assert.deepStrictEqual(exits(rows), [["buy", 2]])
    const back = t.live("exit")[0]?.order
    if (back === undefined) throw new Error("no exit")
    const after = t.fills(back, 2, "back")
    assert.include(tags(after), "CloseEnded")
    assert.deepStrictEqual(decided(after), [])
    assert.strictEqual(t.held(), -2)
    for (const { order } of t.live("stop")) t.accepts(order)
    assert.strictEqual(covered(t), 2)
    assert.deepStrictEqual(t.rows().flatMap((event) => event._tag === "CloseDecided" ? [event.reason] : []), ["signal", "excess"])
  })

  it("count once each, as they come", () => {
    const t = trader()
    const late = closed(t)
    t.fills(t.enters("b", "sell"), 2)
    for (const { order } of t.live("stop")) t.accepts(order)
    assert.deepStrictEqual(decided(t.fills(late, 1, "late")), ["excess 1"])
    assert.deepStrictEqual(decided(t.fills(late, 1, "late")), [])
    const first = t.live("exit")[0]?.order
    if (first === undefined) throw new Error("no exit")
    assert.deepStrictEqual(decided(t.fills(late, 1, "later")), [])
    assert.deepStrictEqual(decided(t.fills(first, 1, "back")), ["excess 1"])
  })

  it("are closed while the next entry is still on its way, and its fill is kept", () => {
    const t = trader()
    const late = closed(t)
    const entry = t.enters("b", "sell")
    const rows = t.fills(late, 2, "late")
    assert.deepStrictEqual(exits(rows), [["buy", 2]])
    t.fills(entry, 2)
    assert.strictEqual(t.held(), -4)
    const back = t.live("exit")[0]?.order
    if (back === undefined) throw new Error("no exit")
    assert.deepStrictEqual(decided(t.fills(back, 2, "back")), [])
    assert.strictEqual(t.held(), -2)
  })
})

it("a late fill against the next position only makes it smaller", () => {
  const t = trader()
  const late = closed(t)
  t.fills(t.enters("b"), 2)
  for (const { order } of t.live("stop")) t.accepts(order)
  assert.deepStrictEqual(decided(t.fills(late, 1, "late")), [])
  assert.strictEqual(t.held(), 1)
})

describe("fills of the trade before", () => {
  /** Long 2, its entry and its stop cancelled, as far as anybody knows. */
  const calledOff = (t: Trader) => {
    const entry = t.enters("a")
    t.accepts(entry)
    t.fills(entry, 1)
    const stop = t.live("stop")[0]?.order
    if (stop === undefined) throw new Error("no stop")
    t.accepts(stop)
    t.alert("out", "exit")
    t.says(entry, { status: "Canceled", filledLots: 1 })
    t.says(stop, { status: "Canceled" })
    const exit = t.live("exit")[0]?.order
    if (exit === undefined) throw new Error("no exit")
    t.fills(exit, 1)
    assert.strictEqual(t.book().brackets.size, 0)
    return { entry, stop }
  }

  it("that close each other leave the next position as it was asked for", () => {
    const t = trader()
    const { entry, stop } = calledOff(t)
    t.fills(t.enters("b", "sell"), 2)
    for (const { order } of t.live("stop")) t.accepts(order)
    t.hears({ _tag: "Filled", fill: fillOf(entry, 1, "late-entry") }, { _tag: "Filled", fill: fillOf(stop, 1, "late-stop") })
    assert.strictEqual(t.held(), -2)
    assert.deepStrictEqual(t.rows().flatMap((event) => event._tag === "CloseDecided" ? [event.reason] : []), ["signal"])
  })

  it("do not end a close of the next position that is on its way", () => {
    const t = trader()
    const late = closed(t)
    t.fills(t.enters("b"), 2)
    for (const { order } of t.live("stop")) t.accepts(order)
    t.alert("some", "exit", { quantity: "1" })
    const exit = t.live("exit")[0]?.order
    if (exit === undefined) throw new Error("no exit")
    assert.notInclude(tags(t.fills(late, 1, "late")), "CloseEnded")
    assert.include(tags(t.fills(exit, 1, "some")), "CloseEnded")
  })

  it("do not call back the next entry", () => {
    const t = trader()
    t.fills(t.enters("a"), 2)
    for (const { order } of t.live("stop")) t.accepts(order)
    t.alert("out", "exit")
    for (const leg of ["stop", "target"] as const) for (const { order } of t.live(leg)) t.says(order, { status: "Canceled" })
    const exit = t.live("exit")[0]?.order
    if (exit === undefined) throw new Error("no exit")
    t.accepts(exit)
    t.holds(0)
    t.passes(2_000)
    t.holds(0)
    assert.strictEqual(t.book().brackets.size, 0) // its fill was inferred
    const entry = t.enters("b", "buy", { orderType: "limit", limitPrice: "6900" })
    t.accepts(entry)
    assert.deepStrictEqual(tags(t.fills(exit, 2, "real")), ["FillReceived"])
    assert.strictEqual(t.book().orders.get(entry.id)?.cancelAsked, false)
  })
})

it("an exit of a turned position that fills after all is closed as well", () => {
  const t = trader()
  const late = closed(t)
  t.fills(late, 2, "late")
  assert.strictEqual(t.held(), -2)
  const back = t.live("exit")[0]?.order
  if (back === undefined) throw new Error("no exit")
  t.fills(back, 2, "back")
  assert.strictEqual(t.held(), 0)
  const rows = t.fills(back, 2, "back-again")
  assert.strictEqual(t.held(), 2)
  assert.deepStrictEqual(decided(rows), ["excess 2"])
})

it("each fill is in the day's figures once, however many trades a late fill joins", () => {
  const t = trader()
  const first = closed(t)
  t.fills(t.enters("b", "sell"), 2, "b-in")
  const second = t.live("stop")[0]?.order
  if (second === undefined) throw new Error("no stop")
  t.accepts(second)
  t.alert("out-b", "exit")
  t.says(second, { status: "Canceled" })
  const exit = t.live("exit")[0]?.order
  if (exit === undefined) throw new Error("no exit")
  t.fills(exit, 2, "b-out")
  t.fills(t.enters("c"), 2, "c-in")
  for (const { order } of t.live("stop")) t.accepts(order)
  t.fills(first, 2, "late-a")
  t.fills(second, 2, "late-b")
  for (let n = 0; t.held() !== 0 && n < 5; n++) {
    if (t.live("exit").length === 0) t.alert(`out-${n}`, "flatten")
    for (const { order } of t.live("stop")) t.says(order, { status: "Canceled" })
    for (const { order } of t.live("exit")) t.fills(order, order.lots, `out-${n}`)
  }
  for (const { order } of t.live("stop")) t.says(order, { status: "Canceled" })
  assert.strictEqual(t.book().brackets.size, 0)
  const fills = t.rows().filter(({ _tag }) => _tag === "FillReceived").length
  const all = t.book().trades.reduce((sum, { realizedPnl }) => BigDecimal.sum(sum, realizedPnl), BigDecimal.make(0n, 0))
  // All at one price: what is left are the fees.
  assert.strictEqual(BigDecimal.format(all), BigDecimal.format(BigDecimal.multiply(BigDecimal.make(-62n, 2), BigDecimal.fromBigInt(BigInt(fills)))))
})
