/** I2, I6, I7, I15, I20: what becomes of alerts, orders and fills, and that journal, venue and operator say the same of it. */
import { assert, describe, it } from "@effect/vitest"
import { account, begun, symbol } from "./stories.ts"

const minute = 60_000

describe("I2: one outcome in time", () => {
  it("catches an alert without an outcome a minute after nothing stood in the way", () => {
    const story = begun()
    story.alert("a1", { accounts: ["acct-1", "acct-2"] })
    story.outcome("nothingToDo")
    story.wait(minute)
    assert.deepStrictEqual(story.messages(), [])
    story.wait(2)
    assert.deepStrictEqual(story.judge.violations().map(({ account: of, invariant }) => [invariant, of]), [["I2", "acct-2"]])
  })

  it("catches one that no gate has judged", () => {
    const story = begun()
    story.row("ingress/futures", "AlertAccepted", { alertId: "a1", delivery: { receivedAtMs: story.nowMs() }, signal: { lane: "futures", strategy: "trend", action: "buy" } })
    story.judge.answered({ atMs: story.nowMs(), status: 200, body: { alertId: "a1" } })
    story.wait(minute + 2)
    assert.deepStrictEqual(story.invariants(), ["I2"])
  })

  it("counts from when the venue answers again, and from the last fault", () => {
    const story = begun()
    story.record("cash", { account: "A1", amount: "50000" })
    story.alert()
    story.wait(30_000)
    story.record("reach", { up: false })
    story.wait(10 * minute)
    story.record("reach", { up: true })
    story.wait(50_000)
    story.record("fault", { name: "F3", detail: "" })
    story.wait(minute)
    assert.deepStrictEqual(story.messages(), [])
    story.wait(minute)
    assert.deepStrictEqual(story.invariants(), ["I2"])
  })

  it("takes a named cause that can be seen, and no other", () => {
    const story = begun()
    story.alert()
    story.decided()
    story.intend({ id: "il-e", type: "limit" })
    story.arrive({ id: "il-e", type: "limit" })
    story.own("OutcomePending", { alertId: "a1", cause: "restingLimit" })
    story.wait(10 * minute)
    assert.deepStrictEqual(story.messages(), [])
    story.say("OrderUnknown", "il-e")
    story.say("OrderAccepted", "il-e")
    story.own("OutcomePending", { alertId: "a1", cause: "unknown" })
    story.wait(2 * minute)
    assert.deepStrictEqual(story.invariants(), ["I2"])
    const reconciling = begun()
    reconciling.alert()
    reconciling.own("OutcomePending", { alertId: "a1", cause: "reconciling" })
    reconciling.wait(minute + 2)
    assert.deepStrictEqual(reconciling.invariants(), ["I2"])
  })

  it("catches a second outcome, one that is not true, and one whose entry still works", () => {
    const story = begun()
    const { entry } = story.long()
    story.outcome("canceled")
    assert.deepStrictEqual(story.messages(), ["I2: an alert ended twice for one account"])
    const lie = begun()
    lie.alert()
    lie.decided()
    lie.intend({ id: entry })
    lie.outcome("filled", { orderIds: [entry] })
    assert.deepStrictEqual(lie.messages(), ["I2: an outcome does not say what became of the alert"])
    const working = begun()
    working.alert()
    working.decided()
    working.intend({ id: entry })
    working.arrive({ id: entry })
    working.outcome("canceled", { orderIds: [entry] })
    assert.deepStrictEqual(working.messages(), ["I2: an outcome does not say what became of the alert"])
  })

  it("wants everything ended once all has settled", () => {
    const story = begun()
    story.alert()
    story.judge.end({ atMs: story.nowMs(), settled: false })
    assert.deepStrictEqual(story.messages(), [])
    story.judge.end({ atMs: story.nowMs(), settled: true })
    assert.deepStrictEqual(story.invariants(), ["I2"])
  })
})

describe("I7: fills", () => {
  it("catches a fill counted twice, one that never was, and one at another price", () => {
    const story = begun()
    const { entry } = story.long()
    story.hear(entry)
    assert.deepStrictEqual(story.messages(), ["I7: one fill was counted twice"])
    const made = begun()
    made.alert()
    made.decided()
    made.intend({ id: entry })
    made.arrive({ id: entry })
    made.hear(entry)
    assert.deepStrictEqual(made.messages(), ["I7: a fill was counted that the venue never made"])
    const dear = begun()
    dear.alert()
    dear.decided()
    dear.intend({ id: entry })
    dear.arrive({ id: entry })
    dear.fill(entry, { at: "7000.25" })
    dear.hear(entry, { at: "7000" })
    assert.deepStrictEqual(dear.messages(), ["I7: a fill was counted as another than the venue made"])
  })

  it("knows that 7000.250 is 7000.25", () => {
    const story = begun()
    story.alert()
    story.decided()
    story.intend({ id: "il-e" })
    story.arrive({ id: "il-e" })
    story.fill("il-e", { at: "7000.250" })
    story.hear("il-e", { at: "7000.25", fee: "0.620" })
    assert.deepStrictEqual(story.messages(), [])
  })

  it("catches more filled than ordered; what was inferred gives way to the venue's own", () => {
    const story = begun()
    story.alert()
    story.decided()
    story.intend({ id: "il-e" })
    story.arrive({ id: "il-e" })
    story.fill("il-e")
    story.hear("il-e", { fillId: "inferred-1", evidence: "inferred" })
    story.hear("il-e")
    assert.deepStrictEqual(story.messages(), [])
    story.fill("il-e", { fillId: "f2", filled: 2 })
    story.hear("il-e", { fillId: "f2" })
    assert.deepStrictEqual(story.messages(), ["I7: more was counted as filled than was ordered"])
  })
})

describe("I6: agreement", () => {
  const settledMessages = (story: ReturnType<typeof begun>) => {
    story.judge.end({ atMs: story.nowMs(), settled: true })
    return story.messages()
  }

  it("agrees on a position with its stop", () => {
    const story = begun()
    story.long({ lots: 2 })
    story.record("position", { account: "A1", symbol, net: "2" })
    assert.deepStrictEqual(settledMessages(story), [])
  })

  it("catches an order that the journal ends and the venue works on", () => {
    const story = begun()
    const { stop } = story.long()
    story.say("OrderCanceled", stop, { filledLots: 0 })
    assert.deepStrictEqual(story.messages(), ["I6: the journal ends an order (OrderCanceled) that is alive at the venue"])
  })

  it("catches a fill that the journal never heard of", () => {
    const story = begun()
    const { stop } = story.long()
    story.fill(stop, { side: "sell" })
    assert.deepStrictEqual(settledMessages(story).filter((message) => message.startsWith("I6")), [
      "I6: journal and venue differ on how much was filled", `I6: journal and venue differ on the position of ${symbol}`
    ])
  })

  it("catches an order that only the journal has; one that is Unknown may never have come", () => {
    const story = begun()
    story.long()
    story.intend({ id: "il-ghost", leg: "stop" })
    story.say("OrderAccepted", "il-ghost")
    assert.include(settledMessages(story), "I6: an order is open in the journal that the venue never had")
    const unknown = begun()
    unknown.long()
    unknown.intend({ id: "il-ghost", leg: "stop" })
    unknown.say("OrderUnknown", "il-ghost")
    assert.deepStrictEqual(settledMessages(unknown), [])
  })

  it("explains what is foreign by what is shown as drift", () => {
    const story = begun()
    story.long()
    story.record("fill", { account: "A1", fillId: "hand", orderId: "hand", symbol, side: "buy", qty: "1", price: "7000", fee: "0" })
    story.own("DriftFound", { instrumentId: symbol, ours: 1, venue: 2, note: "" })
    assert.deepStrictEqual(settledMessages(story), [])
    story.own("DriftEnded", { instrumentId: symbol, net: 1, note: "" })
    assert.include(settledMessages(story), `I6: journal and venue differ on the position of ${symbol}`)
  })

  const round = (pnl: string) => {
    const story = begun()
    const { stop } = story.long()
    story.fill(stop, { side: "sell", at: "7001" })
    story.hear(stop, { side: "sell", at: "7001" })
    story.record("cash", { account: "A1", amount: "50003.76" })
    const trade = { tradeId: "il-entry-a1", realizedPnl: pnl, closedAtMs: story.nowMs(), inferred: false }
    story.own("TradeClosed", { alertId: "a1", instrumentId: symbol, trade: { ...trade, realizedPnl: "1" } })
    story.own("TradeClosed", { alertId: "a1", instrumentId: symbol, trade })
    return settledMessages(story)
  }

  it("counts the cash of a flat account to the cent, each trade as it ended last", () => {
    assert.deepStrictEqual(round("3.76"), [])
    assert.deepStrictEqual(round("3.77"), ["I6: journal and venue differ on the cash of a flat account"])
  })

  it("catches an Unknown order that its venue could tell of", () => {
    const story = begun()
    story.alert()
    story.decided()
    story.intend({ id: "il-e", type: "limit" })
    story.arrive({ id: "il-e", type: "limit" })
    story.say("OrderUnknown", "il-e")
    story.outcome("failed")
    story.wait(minute + 2)
    assert.deepStrictEqual(story.messages(), ["I6: an order is still Unknown although its venue has known it and answered all the time"])
    const settled = begun()
    settled.alert()
    settled.decided()
    settled.intend({ id: "il-e", type: "limit" })
    settled.arrive({ id: "il-e", type: "limit" })
    settled.say("OrderUnknown", "il-e")
    settled.wait(5_000)
    settled.say("OrderAccepted", "il-e")
    settled.wait(minute)
    assert.deepStrictEqual(settled.judge.statistics().unknown, { count: 1, settled: 1, slowestMs: 5_000 })
  })
})

describe("I15 and I20: the same in another life and on the screen", () => {
  it("gives equal folds equal digests, and others others", () => {
    const [one, other] = [begun(), begun()]
    one.long()
    other.long()
    assert.strictEqual(one.judge.fold().digest, other.judge.fold().digest)
    assert.deepStrictEqual(one.judge.fold().accounts[account]?.net, { [symbol]: 1 })
    other.say("OrderModified", "il-stop-a1", { lots: 1, stop: 27_950 })
    assert.notStrictEqual(one.judge.fold().digest, other.judge.fold().digest)
  })

  it("holds what is shown against the fold at the same place", () => {
    const story = begun()
    story.long()
    const { seq } = story.judge.fold()
    const shown = { atMs: story.nowMs(), seq, account, positions: [{ instrumentId: symbol, net: 1 }], orders: [{ orderId: "il-stop-a1", status: "Accepted", lots: 1, filled: 0 }] }
    assert.isTrue(story.judge.view(shown))
    assert.deepStrictEqual(story.messages(), [])
    story.judge.view({ ...shown, positions: [] })
    story.judge.view({ ...shown, orders: [] })
    assert.deepStrictEqual(story.invariants(), ["I20", "I20"])
    assert.isFalse(story.judge.view({ ...shown, seq: seq - 1, positions: [] }))
    story.judge.view({ ...shown, seq: seq + 1, positions: [] })
    assert.strictEqual(story.invariants().length, 2)
    story.own("OutcomePending", { alertId: "a1", cause: "working" })
    assert.strictEqual(story.invariants().length, 3)
  })
})
