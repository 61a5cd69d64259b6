/** I4, I8: what a position has around it, and that what closes it does not turn it. */
import { assert, describe, it } from "@effect/vitest"
import { begun, otherSymbol, symbol } from "./stories.ts"

const bare = (options = {}) => {
  const story = begun(options)
  story.long({ stop: 0 })
  return story
}

const naked = (messages: ReadonlyArray<string>) => messages.filter((message) => message.startsWith("I4")).length

describe("I4: never naked", () => {
  it("catches a position that lacks its stop for longer than two seconds", () => {
    const story = bare()
    story.wait(2_000)
    assert.deepStrictEqual(story.messages(), [])
    story.wait(2)
    assert.strictEqual(naked(story.messages()), 1)
    assert.strictEqual(story.judge.violations()[0]?.instrumentId, symbol)
  })

  it("counts from the first evidence, not from the fill", () => {
    const story = begun()
    story.alert()
    story.decided()
    story.intend({ id: "il-e" })
    story.arrive({ id: "il-e" })
    story.fill("il-e", { isTold: false })
    story.wait(60_000)
    assert.deepStrictEqual(story.messages(), [])
    story.tell("f-il-e")
    story.wait(2_002)
    assert.strictEqual(naked(story.messages()), 1)
    assert.strictEqual(story.judge.statistics().slowestEvidenceMs, 60_000)
  })

  it("is content with a stop in time, and with a close that is decided", () => {
    const story = bare()
    story.wait(1_900)
    story.intend({ id: "il-s", leg: "stop" })
    story.arrive({ id: "il-s", leg: "stop" })
    story.wait(60_000)
    assert.deepStrictEqual(story.messages(), [])
    assert.deepStrictEqual(story.judge.statistics().nakedMs, { "<= 2000": 1 })
    const closing = bare()
    closing.wait(1_999)
    closing.own("CloseDecided", { alertId: "a1", instrumentId: symbol, reason: "unprotected" })
    closing.wait(3_000)
    assert.deepStrictEqual(closing.messages(), [])
  })

  it("wants the stop as large as the position, and each part in its own time", () => {
    const short = begun()
    short.long({ lots: 2, stop: 1 })
    short.wait(2_002)
    assert.strictEqual(naked(short.messages()), 1)
    const parts = begun()
    parts.alert()
    parts.decided()
    parts.intend({ id: "il-e", lots: 2 })
    parts.arrive({ id: "il-e", lots: 2 })
    parts.fill("il-e", { lots: 1, qty: 2, fillId: "f1" })
    parts.wait(1_500)
    parts.fill("il-e", { lots: 1, qty: 2, filled: 2, fillId: "f2" })
    parts.wait(400)
    parts.intend({ id: "il-s1", leg: "stop" })
    parts.arrive({ id: "il-s1", leg: "stop" })
    parts.wait(1_500)
    parts.intend({ id: "il-s2", leg: "stop" })
    parts.arrive({ id: "il-s2", leg: "stop" })
    parts.wait(5_000)
    assert.deepStrictEqual(parts.messages(), [])
  })

  it("sees a stop that goes", () => {
    const story = begun()
    const { stop } = story.long()
    story.wait(10_000)
    story.state(stop, { status: "canceled" })
    story.record("told", { account: "A1", orderId: `v-${stop}`, status: "canceled", how: "stream" })
    story.wait(2_002)
    assert.strictEqual(naked(story.messages()), 1)
  })

  it("asks nothing while the venue does not answer, the house is down or still asks how it stands", () => {
    const out = bare()
    out.wait(1_000)
    out.record("reach", { up: false })
    out.wait(30_000)
    out.record("reach", { up: true })
    out.wait(1_999)
    assert.deepStrictEqual(out.messages(), [])
    out.wait(1_000)
    assert.strictEqual(naked(out.messages()), 1)
    const dead = bare()
    dead.judge.life({ atMs: dead.nowMs(), kind: "kill" })
    dead.wait(30_000)
    dead.judge.life({ atMs: dead.nowMs(), kind: "start" })
    dead.own("AccountRecovering", { atMs: dead.nowMs() })
    dead.wait(20_000)
    assert.deepStrictEqual(dead.messages(), [])
    dead.own("AccountReconciled", { atMs: dead.nowMs(), unknown: 0 })
    dead.wait(2_900)
    assert.strictEqual(naked(dead.messages()), 1)
  })

  it("does not wait for ever for an account to find out how it stands", () => {
    const story = bare()
    story.own("AccountRecovering", { atMs: story.nowMs() })
    story.wait(63_000)
    assert.strictEqual(naked(story.messages()), 1)
  })

  it("leaves alone what is protected elsewhere and what somebody else holds", () => {
    const external = begun()
    external.alert()
    external.decided({ mode: "external" })
    external.intend({ id: "il-e" })
    external.arrive({ id: "il-e" })
    external.fill("il-e")
    external.record("fill", { account: "A1", fillId: "f-hand", orderId: "v-hand", symbol: otherSymbol, side: "buy", qty: "3", price: "1", fee: "0" })
    external.wait(10_000)
    assert.deepStrictEqual(external.messages(), [])
  })

  it("counts what was closed by hand no longer, whatever is bought there later", () => {
    const story = begun()
    const { stop } = story.long()
    const byHand = (side: string, fillId: string) =>
      story.record("fill", { account: "A1", fillId, orderId: fillId, symbol, side, qty: "1", price: "7000", fee: "0" })
    byHand("sell", "hand-1")
    story.state(stop, { status: "canceled" })
    story.wait(5_000)
    story.own("ClosedElsewhere", { alertId: "a1", instrumentId: symbol, lots: 1, evidence: "fills", asOfMs: story.nowMs(), note: "" })
    byHand("buy", "hand-2")
    story.wait(10_000)
    assert.deepStrictEqual(story.messages(), [])
  })

  it("wants an adopted position protected like any other", () => {
    const story = begun()
    story.record("fill", { account: "A1", fillId: "hand", orderId: "hand", symbol, side: "buy", qty: "1", price: "7000", fee: "0" })
    story.wait(10_000)
    assert.deepStrictEqual(story.messages(), [])
    const order = { id: "il-adopted", accountId: "acct-1", alertId: "reconcile-1", instrumentId: symbol, leg: "entry", generation: 1, side: "buy", lots: 1, type: "market", reduceOnly: false }
    story.own("PositionAdopted", {
      alertId: "reconcile-1", order, price: "7000", evidence: "fills", plan: { mode: "managed", stop: 27_900 }, resting: [], next: "keep",
      instrument: { id: symbol, root: "MES", asset: "futures", tickSize: "0.25", tickValue: "1.25", lotSize: "1", calendar: "cme" }
    })
    story.record("told", { account: "A1", orderId: "hand", status: "filled", how: "query" })
    story.wait(3_000)
    assert.strictEqual(naked(story.messages()), 1)
  })

  it("gives a position a little longer when the venue itself puts it in doubt", () => {
    const story = bare()
    story.record("fault", { name: "F29", detail: "" })
    story.wait(6_500)
    assert.deepStrictEqual(story.messages(), [])
    story.wait(1_000)
    assert.strictEqual(naked(story.messages()), 1)
  })

  it("wants a close that is decided to come to its end", () => {
    const story = begun()
    story.long()
    story.own("CloseDecided", { alertId: "a1", instrumentId: symbol, reason: "signal" })
    story.wait(59_000)
    story.record("market", { symbol, open: false })
    story.wait(200_000)
    assert.deepStrictEqual(story.messages(), [])
    story.record("market", { symbol, open: true })
    story.wait(70_000)
    assert.include(story.messages().join(), "has not come to its end")
  })
})

describe("I4: a close that hangs", () => {
  const hanging = (hasStop: boolean) => {
    const story = begun()
    const { stop } = story.long()
    story.own("CloseDecided", { alertId: "a1", instrumentId: symbol, reason: "signal" })
    if (!hasStop) story.state(stop, { status: "canceled" })
    story.intend({ id: "il-x", leg: "exit" })
    story.say("OrderUnknown", "il-x")
    story.wait(300_000)
    return story.messages()
  }

  it("may wait for an exit that nobody knows of while its stop rests, never without one", () => {
    assert.deepStrictEqual(hanging(true), [])
    assert.include(hanging(false).join(), "has not come to its end")
  })
})

describe("I8: exits never turn a position", () => {
  const turned = () => {
    const story = begun()
    const { stop } = story.long()
    story.intend({ id: "il-t", leg: "target" })
    story.arrive({ id: "il-t", leg: "target" })
    story.fill(stop, { side: "sell" })
    story.hear(stop, { side: "sell" })
    story.fill("il-t", { side: "sell" })
    story.hear("il-t", { side: "sell" })
    return story
  }

  it("catches both exits filled and left at that", () => {
    const story = turned()
    story.wait(2_002)
    assert.include(story.messages(), `I8: an exit took ${symbol} through zero, and the excess is not closed`)
  })

  it("catches one exit that is larger than what was left", () => {
    const story = begun()
    story.long()
    story.intend({ id: "il-t", leg: "target", lots: 2 })
    story.arrive({ id: "il-t", leg: "target", lots: 2 })
    story.fill("il-t", { side: "sell", lots: 2 })
    story.hear("il-t", { side: "sell", lots: 2 })
    story.wait(2_002)
    assert.include(story.messages(), `I8: an exit took ${symbol} through zero, and the excess is not closed`)
  })

  it("takes nothing that came after it was flat for the excess", () => {
    const story = turned()
    story.own("CloseDecided", { alertId: "a1", instrumentId: symbol, reason: "excess" })
    story.intend({ id: "il-x", leg: "exit", side: "buy" })
    story.arrive({ id: "il-x", leg: "exit", side: "buy" })
    story.fill("il-x", { side: "buy" })
    story.hear("il-x", { side: "buy" })
    story.own("TradeClosed", { alertId: "a1", instrumentId: symbol })
    story.long({ alertId: "a2" })
    story.wait(60_000)
    assert.deepStrictEqual(story.messages(), [])
  })

  it("is content when the excess is closed in time", () => {
    const story = turned()
    story.own("CloseDecided", { alertId: "a1", instrumentId: symbol, reason: "excess" })
    story.intend({ id: "il-x", leg: "exit", side: "buy" })
    story.arrive({ id: "il-x", leg: "exit", side: "buy" })
    story.fill("il-x", { side: "buy" })
    story.hear("il-x", { side: "buy" })
    story.wait(60_000)
    assert.deepStrictEqual(story.messages(), [])
  })

  const byHand = (story: ReturnType<typeof begun>, id: string, side: "buy" | "sell") => {
    story.record("order", { account: "A1", orderId: id, symbol, side, type: "market", qty: "1", role: "single", reduceOnly: false })
    story.record("fill", { account: "A1", fillId: `f-${id}`, orderId: id, symbol, side, qty: "1", price: "7000", fee: "0" })
    story.record("state", { account: "A1", orderId: id, status: "filled", qty: "1", filled: "1" })
  }
  const notClosed = `I8: an exit took ${symbol} through zero, and the excess is not closed`

  it("waits while somebody else's lots stand against the excess, and no longer", () => {
    const story = turned()
    story.wait(1_000)
    byHand(story, "hand-1", "buy")
    story.wait(60_000)
    assert.deepStrictEqual(story.messages(), [])
    byHand(story, "hand-2", "sell")
    story.wait(30_000)
    assert.include(story.messages(), notClosed)
  })

  const entersAgain = (story: ReturnType<typeof begun>) => {
    story.alert("a2", { action: "sell" })
    story.decided({ alertId: "a2" })
    story.intend({ id: "il-e2", alertId: "a2", side: "sell" })
    story.arrive({ id: "il-e2", alertId: "a2", side: "sell" })
    story.fill("il-e2", { side: "sell" })
    story.hear("il-e2", { side: "sell", alertId: "a2" })
    for (const id of ["il-s2", "il-s3"]) {
      story.intend({ id, leg: "stop", side: "buy", alertId: "a2" })
      story.arrive({ id, leg: "stop", side: "buy", alertId: "a2" })
    }
  }

  it("lets the excess of a turn be closed beside the entry that came after it", () => {
    const story = turned()
    entersAgain(story)
    story.own("CloseDecided", { alertId: "a2", instrumentId: symbol, reason: "excess", lots: 1 })
    story.intend({ id: "il-x", leg: "exit", side: "buy", alertId: "a2" })
    story.arrive({ id: "il-x", leg: "exit", side: "buy", alertId: "a2" })
    story.fill("il-x", { side: "buy" })
    story.hear("il-x", { side: "buy", alertId: "a2" })
    story.own("CloseEnded", { alertId: "a2", instrumentId: symbol })
    story.wait(60_000)
    assert.notInclude(story.messages(), notClosed)
  })

  it("takes what that entry's own stop closed for no part of the excess", () => {
    const story = turned()
    entersAgain(story)
    story.fill("il-s2", { side: "buy" })
    story.hear("il-s2", { side: "buy", alertId: "a2" })
    story.wait(60_000)
    assert.include(story.messages(), notClosed)
  })

  it("catches an exit larger than what is held, and one on top of another", () => {
    const story = begun()
    story.long({ lots: 2 })
    story.intend({ id: "il-x", leg: "exit", lots: 2 })
    assert.deepStrictEqual(story.messages(), [])
    story.intend({ id: "il-y", leg: "exit", lots: 1 })
    assert.deepStrictEqual(story.invariants(), ["I8"])
    const large = begun()
    large.long()
    large.intend({ id: "il-x", leg: "exit", lots: 2 })
    assert.deepStrictEqual(large.invariants(), ["I8"])
  })

  it("lets an exit be followed by another only where nobody knows of the first: each is bound to the position", () => {
    for (const isUnknown of [true, false]) {
      const story = begun()
      story.long()
      story.intend({ id: "il-x", leg: "exit", reduceOnly: false })
      if (isUnknown) story.say("OrderUnknown", "il-x")
      story.intend({ id: "il-y", leg: "exit", reduceOnly: false })
      assert.deepStrictEqual(story.invariants(), isUnknown ? [] : ["I8"])
    }
  })
})
