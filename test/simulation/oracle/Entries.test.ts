/** I1, I3, I12, I19: what may leave, once, and from where it comes. */
import { assert, describe, it } from "@effect/vitest"
import { begun } from "./stories.ts"

describe("I1: one entry", () => {
  it("lets one entry through", () => {
    const story = begun()
    story.long()
    assert.deepStrictEqual(story.messages(), [])
  })

  it("catches the same order sent twice", () => {
    const story = begun()
    const { entry } = story.long()
    story.arrive({ id: entry, orderId: "v-again" })
    assert.deepStrictEqual(story.messages(), ["I1: the same order was sent twice"])
  })

  it("catches an order at the venue that no row intends", () => {
    const story = begun()
    story.alert()
    story.decided()
    story.arrive({ id: "il-early" })
    story.intend({ id: "il-early" })
    assert.deepStrictEqual(story.messages(), ["I1: an order of ours reached the venue before the journal had its intent"])
    assert.include(story.judge.fail(story.judge.violations()[0] ?? assert.fail()), "OrderIntended")
  })

  it("judges by what is on disk, where rows are told as they are staged", () => {
    const story = begun({ staged: true })
    story.alert()
    story.decided()
    story.intend({ id: "il-e" })
    story.judge.durableUpTo(story.rows.length - 1)
    story.arrive({ id: "il-e" })
    assert.include(story.invariants(), "I1")
    const later = begun({ staged: true })
    later.judge.durableUpTo(later.rows.length)
    later.row("ingress/futures", "AlertAccepted", { alertId: "a1", delivery: { receivedAtMs: later.nowMs() }, signal: { lane: "futures", strategy: "trend", action: "buy" } })
    later.row("dispatch", "AlertGated", { alertId: "a1", accounts: ["acct-1"] })
    later.decided()
    later.intend({ id: "il-e" })
    later.judge.durableUpTo(later.rows.length)
    later.arrive({ id: "il-e" })
    assert.deepStrictEqual(later.messages(), [])
  })

  it("forgets what was staged and never written when the process dies", () => {
    const story = begun({ staged: true })
    story.judge.durableUpTo(story.rows.length)
    const before = story.judge.fold().seq
    story.own("AccountRecovering", { atMs: story.nowMs() })
    story.judge.life({ atMs: story.nowMs(), kind: "kill" })
    story.judge.durableUpTo(story.rows.length)
    assert.strictEqual(story.judge.fold().seq, before)
  })

  it("catches a second entry for one alert and account", () => {
    const story = begun()
    story.long()
    story.intend({ id: "il-second" })
    story.arrive({ id: "il-second" })
    assert.deepStrictEqual(story.messages(), [
      "I1: a second entry was intended for one alert and account although the first may have left",
      "I1: a second entry of one alert reached the venue for one account"
    ])
  })

  it("knows that another entry may follow one that surely never left, and that each account has its own", () => {
    const story = begun()
    story.alert("a1", { accounts: ["acct-1", "acct-2"] })
    story.decided()
    story.intend({ id: "il-one" })
    story.say("OrderWithheld", "il-one", { retry: true, reason: { rule: "NotConnected", message: "", facts: {} } })
    story.decided()
    story.intend({ id: "il-two" })
    story.arrive({ id: "il-two" })
    story.decided({ of: "acct-2" })
    story.intend({ id: "il-other", of: "acct-2" })
    story.arrive({ id: "il-other", of: "acct-2" })
    assert.deepStrictEqual(story.messages(), [])
  })

  it("catches one that was said never to have left, before and after", () => {
    const withheld = { retry: true, reason: { rule: "NotConnected", message: "", facts: {} } }
    const late = begun()
    late.alert()
    late.decided()
    late.intend({ id: "il-e" })
    late.say("OrderWithheld", "il-e", withheld)
    late.arrive({ id: "il-e" })
    assert.deepStrictEqual(late.messages(), ["I1: an order that surely never left has reached the venue"])
    const early = begun()
    early.alert()
    early.decided()
    early.intend({ id: "il-e" })
    early.arrive({ id: "il-e" })
    early.say("OrderWithheld", "il-e", withheld)
    assert.deepStrictEqual(early.messages(), ["I1: the journal says that an order surely never left, and the venue has it"])
  })

  it("catches an entry after its outcome said that none would leave", () => {
    const story = begun()
    story.alert()
    story.decided()
    story.intend({ id: "il-e" })
    story.outcome("denied")
    story.arrive({ id: "il-e" })
    assert.include(story.messages(), "I1: an entry reached the venue after its outcome said that none would")
  })

  it("catches another size than was intended", () => {
    const story = begun()
    story.alert()
    story.decided()
    story.intend({ id: "il-e", lots: 1 })
    story.arrive({ id: "il-e", lots: 2 })
    assert.deepStrictEqual(story.messages(), ["I6: the venue was given another order than the journal intended"])
  })

  it("lets a close leave unannounced while the disk is full, never an entry", () => {
    const story = begun()
    story.long()
    story.judge.disk({ atMs: story.nowMs(), full: true })
    story.arrive({ id: "il-close", leg: "exit" })
    assert.deepStrictEqual(story.messages(), [])
    story.arrive({ id: "il-more" })
    assert.deepStrictEqual(story.invariants(), ["I1"])
  })
})

describe("I3: durable before the answer", () => {
  it("catches 2xx for an alert that no row holds, and lets 503 be", () => {
    const story = begun()
    story.judge.answered({ atMs: story.nowMs(), status: 503, body: "" })
    assert.deepStrictEqual(story.messages(), [])
    story.judge.answered({ atMs: story.nowMs(), status: 200, body: JSON.stringify({ alertId: "a9" }) })
    assert.deepStrictEqual(story.messages(), ["I3: an alert was answered 2xx before it was durable"])
  })

  it("catches a row that a later life does not find, or finds changed", () => {
    const story = begun()
    story.long()
    story.judge.reread(story.rows)
    assert.deepStrictEqual(story.messages(), [])
    story.judge.reread(story.rows.slice(0, -1))
    story.judge.reread(story.rows.map((row, n) => n === 3 ? { ...row, atMs: 0 } : row))
    assert.deepStrictEqual(story.messages(), ["I3: a row that was durable is gone", "I3: a row that was durable has changed"])
  })
})

describe("I12: nothing stale", () => {
  it("lets an entry of a minute pass, and catches one that is older", () => {
    const story = begun()
    story.alert("a1")
    story.alert("a2", { sentAtMs: story.nowMs() - 1_000 })
    story.wait(60_000)
    story.decided({ alertId: "a1" })
    assert.deepStrictEqual(story.messages(), [])
    story.decided({ alertId: "a2" })
    assert.deepStrictEqual(story.messages(), ["I12: an entry was decided on a stale alert"])
  })

  it("catches one that was young when it was decided and left too late", () => {
    const story = begun()
    story.alert()
    story.decided()
    story.intend({ id: "il-e" })
    story.wait(60_001)
    story.arrive({ id: "il-e" })
    assert.include(story.messages(), "I12: an entry left for the venue after its alert had grown too old")
  })

  it("wants a live quote where the strategy does", () => {
    const story = begun({}, { strategy: { quotes: "live" } })
    story.alert()
    story.decided({ quoteAtMs: story.nowMs() - 2_000 })
    assert.deepStrictEqual(story.messages(), [])
    story.decided({ quoteAtMs: story.nowMs() - 2_001 })
    story.decided()
    assert.deepStrictEqual(story.invariants(), ["I12", "I12"])
  })
})

describe("I19: everything has a cause", () => {
  it("catches a cause that nobody gave, an entry without a gate, a fill without an order", () => {
    const story = begun()
    story.outcome("done", { alertId: "nobody" })
    story.row("ingress/futures", "AlertAccepted", { alertId: "a1", delivery: { receivedAtMs: story.nowMs() }, signal: { lane: "futures", strategy: "trend", action: "buy" } })
    story.decided()
    story.intend({ id: "il-e" })
    story.hear("il-unknown")
    assert.deepStrictEqual(story.messages(), [
      "I19: a row (OutcomeReached) names a cause that nobody gave",
      "I19: an entry was intended for an alert that no gate let through to this account",
      "I19: a fill of an order that was never intended"
    ])
  })

  it("takes a command and an adoption as a cause", () => {
    const story = begun()
    story.row("operator", "CommandGiven", { alertId: "operator-1", command: "close", who: "", why: "", detail: {} })
    story.outcome("done", { alertId: "operator-1" })
    story.own("ForeignOrderFound", { alertId: "reconcile-1" })
    story.own("ForeignOrderEnded", { alertId: "reconcile-1", instrumentId: "MESZ26", foreignId: "x" })
    assert.deepStrictEqual(story.messages(), [])
  })
})
