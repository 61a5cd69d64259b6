/** I5, I9, I10, I11, I17: what may not be, however well it went. */
import { assert, describe, it } from "@effect/vitest"
import { account, begun, otherSymbol, symbol } from "./stories.ts"

const intended = (story: ReturnType<typeof begun>, alertId: string, lots: number, on = symbol) => {
  story.alert(alertId)
  story.decided({ alertId, on })
  story.intend({ id: `il-${alertId}`, alertId, lots, symbol: on })
}

describe("I5: caps", () => {
  it("counts what is held and what may still fill, over all instruments of a class", () => {
    const story = begun({}, { caps: { maxContracts: { futures: "3" } } })
    story.long({ lots: 1 })
    intended(story, "a2", 2, otherSymbol)
    assert.deepStrictEqual(story.messages(), [])
    intended(story, "a3", 1, otherSymbol)
    assert.deepStrictEqual(story.messages(), ["I5: an entry goes beyond a cap"])
  })

  it("counts an Unknown order at full size, one that never left not at all", () => {
    for (const fate of ["OrderUnknown", "OrderWithheld"]) {
      const story = begun({}, { caps: { maxContractsBySymbol: { MES: "2" } } })
      intended(story, "a1", 2)
      story.say(fate, "il-a1", { retry: false })
      intended(story, "a2", 1)
      assert.deepStrictEqual(story.invariants(), fate === "OrderUnknown" ? ["I5"] : [])
    }
  })

  it("counts instruments, entries of a day and the strategy's largest", () => {
    const positions = begun({}, { caps: { maxPositions: 1 } })
    intended(positions, "a1", 1)
    intended(positions, "a2", 1, otherSymbol)
    assert.deepStrictEqual(positions.invariants(), ["I5"])
    const trades = begun({}, { caps: { maxTradesPerDay: 1 } })
    intended(trades, "a1", 1)
    trades.wait(24 * 3_600_000)
    intended(trades, "a2", 1)
    assert.notInclude(trades.invariants(), "I5")
    intended(trades, "a3", 1)
    assert.include(trades.invariants(), "I5")
    const strategy = begun({}, { strategy: { maxQuantity: "2" } })
    intended(strategy, "a1", 3)
    assert.deepStrictEqual(strategy.invariants(), ["I5"])
  })

  it("judges by the configuration of the decision, not by a later one", () => {
    const story = begun({}, { caps: { maxContracts: { futures: "3" } } })
    story.config({ caps: { maxContracts: { futures: "1" } } }, "h2")
    intended(story, "a1", 2)
    assert.deepStrictEqual(story.messages(), [])
  })
})

describe("I9: where none may be", () => {
  it("catches an entry on a disabled account, of a disabled strategy, in a shut market", () => {
    const shut = { always: false, windows: [{ from: { day: "sun", time: "17:00" }, to: { day: "mon", time: "16:00" } }] }
    for (const settings of [{ enabled: false }, { strategy: { enabled: false } }, { calendar: shut }]) {
      const story = begun({}, settings)
      story.alert()
      story.decided()
      assert.deepStrictEqual(story.messages(), ["I9: an entry was decided where none may be"])
    }
  })

  it("knows closed days and early closes by the day on which a session ends", () => {
    const hours = (more: object) => begun({}, { calendar: {
      always: false, windows: [{ from: { day: "tue", time: "17:00" }, to: { day: "wed", time: "16:00" } }], ...more
    } }) // 11:06 UTC on Wednesday, 2026-11-18 is 05:06 in Chicago
    const entered = (story: ReturnType<typeof begun>) => {
      story.alert()
      story.decided()
      return story.invariants()
    }
    assert.deepStrictEqual(entered(hours({})), [])
    assert.deepStrictEqual(entered(hours({ closedOn: ["2026-11-18"] })), ["I9"])
    assert.deepStrictEqual(entered(hours({ closedOn: ["2026-11-17"] })), [])
    assert.deepStrictEqual(entered(hours({ earlyCloses: [{ date: "2026-11-18", at: "05:00" }] })), ["I9"])
    assert.deepStrictEqual(entered(hours({ earlyCloses: [{ date: "2026-11-18", at: "12:00" }] })), [])
  })

  it("knows a strategy's session in its own zone", () => {
    const windows = (from: string, to: string) => ({ strategy: { session: { zone: "America/New_York", windows: [{ days: ["wed"], from, to }] } } })
    const inside = begun({}, windows("06:00", "07:00")) // 11:06 UTC is 06:06 there
    inside.alert()
    inside.decided()
    assert.deepStrictEqual(inside.messages(), [])
    for (const [from, to] of [["11:00", "12:00"], ["05:00", "06:06"]] as const) {
      const outside = begun({}, windows(from, to))
      outside.alert()
      outside.decided()
      assert.deepStrictEqual(outside.invariants(), ["I9"])
    }
    const night = begun({}, { strategy: { session: { zone: "America/New_York", windows: [{ days: ["tue"], from: "20:00", to: "06:30" }] } } })
    night.alert()
    night.decided()
    assert.deepStrictEqual(night.messages(), [])
  })

  it("catches an entry after the day's loss; the next day begins anew", () => {
    const story = begun({}, { caps: { dailyLoss: "100" } })
    story.own("TradeClosed", { alertId: "a1", instrumentId: symbol, trade: { tradeId: "t", realizedPnl: "-100", closedAtMs: story.nowMs(), inferred: false } })
    story.alert("a2")
    story.decided({ alertId: "a2" })
    assert.include(story.invariants(), "I9")
    const later = begun({}, { caps: { dailyLoss: "100" } })
    later.alert("a1")
    later.own("TradeClosed", { alertId: "a1", instrumentId: symbol, trade: { tradeId: "t", realizedPnl: "-100", closedAtMs: later.nowMs(), inferred: false } })
    later.outcome("done")
    later.wait(14 * 3_600_000)
    later.alert("a2")
    later.decided({ alertId: "a2" })
    assert.deepStrictEqual(later.messages(), [])
  })

  it("catches an entry decided while it is paused; one decided before may still leave", () => {
    const story = begun()
    intended(story, "a1", 1)
    story.row("operator", "SwitchSet", { kind: "pause", scope: "strategy/trend", on: true, who: "", why: "" })
    story.wait(10)
    story.arrive({ id: "il-a1", alertId: "a1" })
    assert.deepStrictEqual(story.messages(), [])
    intended(story, "a2", 1)
    assert.deepStrictEqual(story.messages(), ["I9: an entry was decided although it was paused"])
  })

  it("catches a way out that a rule for entries holds up", () => {
    const story = begun()
    story.long()
    story.alert("a2", { action: "exit", blocked: { outcome: "skipped", reason: { rule: "session", message: "" } } })
    assert.deepStrictEqual(story.messages(), ["I9: what reduces a position (exit) was held up by a rule for entries"])
    const denied = begun()
    denied.long()
    denied.alert("a2", { action: "exit" })
    denied.outcome("denied", { alertId: "a2", rule: "Latched" })
    assert.deepStrictEqual(denied.invariants(), ["I9"])
    const flat = begun()
    flat.alert("a2", { action: "exit", blocked: { outcome: "skipped", reason: { rule: "session", message: "" } } })
    assert.deepStrictEqual(flat.messages(), [])
  })
})

describe("I10: kill and flatten", () => {
  it("catches an entry that left after the latch, whatever the journal says by then", () => {
    const story = begun()
    intended(story, "a1", 1)
    story.judge.operator({ atMs: story.nowMs(), what: "kill", scope: `account/${account}` })
    story.wait(1)
    story.arrive({ id: "il-a1", alertId: "a1" })
    assert.include(story.messages(), `I10: new risk left for the venue after a kill of account/${account} was latched`)
  })

  it("lets stops and exits pass, entries elsewhere, and entries after the lift", () => {
    const story = begun()
    story.long({ stop: 0 })
    intended(story, "a2", 1)
    story.judge.operator({ atMs: story.nowMs(), what: "kill", scope: "account/acct-2" })
    story.judge.operator({ atMs: story.nowMs(), what: "kill", scope: "all" })
    story.wait(1)
    story.intend({ id: "il-s", leg: "stop" })
    story.arrive({ id: "il-s", leg: "stop" })
    story.judge.operator({ atMs: story.nowMs(), what: "unkill", scope: "all" })
    story.wait(1)
    story.arrive({ id: "il-a2", alertId: "a2" })
    assert.deepStrictEqual(story.messages(), [])
  })

  it("wants working entries called back", () => {
    const story = begun()
    story.alert()
    story.decided()
    story.intend({ id: "il-e", type: "limit" })
    story.arrive({ id: "il-e", type: "limit" })
    story.row("operator", "SwitchSet", { kind: "kill", scope: "lane/futures", on: true, who: "", why: "" })
    story.wait(9_999)
    assert.deepStrictEqual(story.messages(), [])
    story.wait(3)
    assert.deepStrictEqual(story.invariants(), ["I10"])
  })

  const flattened = () => {
    const story = begun()
    story.long()
    story.row("operator", "SwitchSet", { kind: "block", scope: "all", on: true, who: "", why: "" })
    return story
  }

  it("wants a flatten flat in five seconds", () => {
    const story = flattened()
    story.wait(5_002)
    assert.deepStrictEqual(story.invariants(), ["I10"])
    const closed = flattened()
    closed.fill("il-stop-a1", { side: "sell" })
    closed.hear("il-stop-a1", { side: "sell" })
    closed.wait(60_000)
    assert.deepStrictEqual(closed.messages(), [])
  })

  it("counts from when the venue answers and the market is open", () => {
    const story = flattened()
    story.record("market", { symbol, open: false })
    story.wait(3_600_000)
    story.record("market", { symbol, open: true })
    story.record("reach", { up: false })
    story.wait(60_000)
    story.record("reach", { up: true })
    story.wait(4_999)
    assert.deepStrictEqual(story.messages(), [])
    story.wait(5_000)
    assert.deepStrictEqual(story.invariants(), ["I10"])
  })
})

describe("I11: the budget", () => {
  const asked = (story: ReturnType<typeof begun>, count: number) => {
    for (let n = 0; n < count; n++) story.record("request", { account: "A1", method: "GET", path: "/v1/positions", what: "positions" })
  }

  it("counts any minute of a login, sign-ins too", () => {
    const story = begun()
    asked(story, 4)
    story.record("request", { method: "POST", path: "/v1/session", what: "sign in" })
    story.wait(60_000)
    asked(story, 5)
    assert.deepStrictEqual(story.messages(), [])
    story.wait(59_999)
    asked(story, 1)
    assert.deepStrictEqual(story.invariants(), ["I11"])
  })
})

describe("I17: secrets", () => {
  it("catches one in any row", () => {
    const story = begun({ secrets: ["canary-4711"] })
    story.own("OutcomePending", { alertId: "a1", cause: "working" })
    assert.notInclude(story.invariants(), "I17")
    story.row("ingress/futures", "AlertRefused", { alertId: "a2", delivery: { body: "{\"secret\":\"canary-4711\"}" } })
    assert.include(story.invariants(), "I17")
  })
})

describe("bounds", () => {
  it("keeps so many violations and counts the rest", () => {
    const story = begun({ violationsMax: 2 })
    for (let n = 0; n < 5; n++) story.judge.answered({ atMs: story.nowMs(), status: 200, body: {} })
    assert.strictEqual(story.judge.violations().length, 2)
    assert.strictEqual(story.judge.violationsCount(), 5)
  })
})
