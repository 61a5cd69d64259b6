/** Whose turn it is: many that wait, what is too old, what no filter may hold up, and the second half of a reversal. */
import { assert, describe, it } from "@effect/vitest"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Book from "#src/lifecycle/Book.ts"
import * as Decide from "#src/lifecycle/Decide.ts"
import { intended, mes, startMs, tags, trader } from "#test/src/lifecycle/trader.ts"
import { gold } from "#test/src/lifecycle/instruments.ts"

type Trader = ReturnType<typeof trader>

const long = (t: Trader, id = "a") => {
  const entry = t.enters(id)
  t.fills(entry, 2)
  for (const { order } of t.live("stop")) t.accepts(order)
  return entry
}

const rules = (rows: ReadonlyArray<JournalEvent>) =>
  rows.flatMap((event) => event._tag === "OutcomeReached" ? [`${event.outcome} ${event.reason?.rule ?? ""}`.trim()] : [])

describe("many that wait", () => {
  it("as many as may wait come to rest after one reconcile", () => {
    const t = trader()
    t.recovers()
    const actions = ["buy", "exit", "sell", "cancel"]
    for (let n = 0; n < Decide.queueMax; n++) t.alert(`q${n}`, actions[n % actions.length] ?? "buy", {}, n % 8 < 4 ? mes : gold)
    assert.strictEqual(t.book().queue.length, Decide.queueMax)
    t.holds(0)
    assert.isTrue(t.book().isReconciled)
    assert.isEmpty(t.book().queue.filter(({ cause }) => cause === "reconciling")) // some wait for those before them
    assert.deepStrictEqual([...new Set(t.live("entry").map(({ order }) => order.instrumentId))], [mes.id, gold.id])
  })

  it("one entry too many fails; what gets out always waits its turn", () => {
    const t = trader()
    long(t)
    t.recovers()
    for (let n = 0; n < Decide.queueMax; n++) t.alert(`q${n}`, "buy")
    assert.deepStrictEqual(rules(t.alert("more", "buy")), ["failed QueueFull"])
    assert.deepStrictEqual(tags(t.alert("out", "exit")), ["SignalQueued"])
    t.holds(2)
    for (const { order } of t.live("stop")) t.says(order, { status: "Canceled" })
    assert.strictEqual(t.live("exit").length, 1)
  })
})

describe("too old", () => {
  it("an entry, also when its turn comes at once, whatever the sender's clock says", () => {
    const receivedAtMs = startMs - 120_000
    assert.deepStrictEqual(rules(trader().alert("a", "buy", { receivedAtMs })), ["expired StaleEntry"])
    assert.deepStrictEqual(rules(trader().alert("a", "buy", { receivedAtMs, sentAtMs: startMs + 60_000 })), ["expired StaleEntry"])
    assert.deepStrictEqual(rules(trader().alert("a", "buy", { sentAtMs: receivedAtMs })), ["expired StaleEntry"])
  })

  it("a reversal closes, and its entry expires", () => {
    const t = trader({ powers: { reduceOnly: true } })
    long(t)
    const exit = intended(t.alert("r", "reverse", { receivedAtMs: startMs - 120_000 }))[0]
    assert.strictEqual(exit?.leg, "exit")
    assert(exit !== undefined)
    t.fills(exit, 2)
    for (const leg of ["stop", "target"] as const) for (const { order } of t.live(leg)) t.says(order, { status: "Canceled" })
    assert.strictEqual(t.outcome("r"), "expired")
    assert.strictEqual(t.held(), 0)
  })

  it("one that waited closes as well", () => {
    const t = trader({ powers: { reduceOnly: true } })
    long(t)
    t.recovers()
    t.alert("r", "reverse", { receivedAtMs: startMs - 120_000 })
    assert.include(intended(t.holds(2)).map(({ leg }) => leg), "exit")
  })
})

describe("an account that takes no more of it", () => {
  for (const change of [{ enabled: false }, { lanes: [] }, { assets: [] }, { symbols: [] }]) {
    it(`still closes what it holds: ${Object.keys(change)[0]}`, () => {
      const t = trader({ powers: { reduceOnly: true } })
      long(t)
      t.configures(change)
      assert.deepStrictEqual(intended(t.alert("x", "exit")).map(({ leg }) => leg), ["exit"])
      for (const { order } of t.live("exit")) t.fills(order, 2)
      for (const leg of ["stop", "target"] as const) for (const { order } of t.live(leg)) t.says(order, { status: "Canceled" })
      assert.strictEqual(t.outcome("x"), "done")
      t.alert("y", "exit")
      t.alert("z", "buy")
      assert.deepStrictEqual([t.outcome("y"), t.outcome("z")], ["skipped", "skipped"])
    })
  }

  it("an update and a flatten too; of a reversal the closing half", () => {
    const t = trader({ powers: { reduceOnly: true } })
    long(t)
    t.configures({ enabled: false })
    assert.include(tags(t.alert("u", "update", { stopLoss: { _tag: "Price", price: "6995" } })), "ModifyIntended")
    assert.include(tags(t.alert("r", "reverse")), "CloseDecided")
    for (const { order } of t.live("exit")) t.fills(order, 2)
    for (const leg of ["stop", "target"] as const) for (const { order } of t.live(leg)) t.says(order, { status: "Canceled" })
    assert.strictEqual(t.outcome("r"), "skipped")
    assert.strictEqual(t.held(), 0)
  })
})

it("the entry of a reversal that never left is decided anew as an entry", () => {
  const t = trader({ powers: { reduceOnly: true } })
  long(t)
  t.alert("r", "reverse")
  for (const { order } of t.live("exit")) t.fills(order, 2)
  for (const leg of ["stop", "target"] as const) for (const { order } of t.live(leg)) t.says(order, { status: "Canceled" })
  const [second] = t.live("entry").map(({ order }) => order)
  assert.strictEqual(second?.side, "sell")
  assert(second !== undefined)
  const reason = { rule: "Offline", message: "", facts: {} }
  t.commit([JournalEvent.cases.OrderWithheld.make({ alertId: second.alertId, orderId: second.id, reason, retry: true })])
  assert.deepStrictEqual(intended(t.alert("r", "reverse")).map(({ generation, leg, side }) => [leg, side, generation]), [["entry", "sell", 2]])
})

it("an account that restarted too often takes no new risk for ten minutes", () => {
  const t = trader()
  t.commit([JournalEvent.cases.ReduceOnly.make({ atMs: startMs })])
  t.passes(Book.reduceOnlyMs - 1)
  assert.deepStrictEqual(rules(t.alert("a", "buy")), ["denied ReduceOnly"])
  t.passes(1)
  assert.deepStrictEqual(intended(t.alert("b", "buy")).map(({ leg }) => leg), ["entry"])
  assert.isFalse(t.book().isReduceOnly)
})

describe("leaving", () => {
  const working = (nativeBrackets: boolean) => {
    const t = trader({ powers: { nativeBrackets } })
    const entry = t.enters("a")
    t.fills(entry, 1)
    return t.leaves().flatMap((event) => event._tag === "CancelIntended" && event.orderId === entry.id ? [event.why] : [])
  }

  it("cancels an entry that nobody would protect; a venue that holds its stop goes on", () => {
    assert.deepStrictEqual(working(false), ["leaving"])
    assert.deepStrictEqual(working(true), [])
  })
})
