/** A kill and the entries of one account: those that work, those on the wire, those that wait, and what it must leave alone. */
import { assert, describe, it } from "@effect/vitest"
import { AccountCommand } from "#schemas/AccountCommand.ts"
import { AlertId, LaneId, StrategyId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { cancelEntries } from "#src/lifecycle/commands/CancelEntries.ts"
import { intended, reportOf, tags, trader } from "#test/src/lifecycle/trader.ts"

const limit = { orderType: "limit", limitPrice: "6990" }

const cancels = (events: ReadonlyArray<JournalEvent>) =>
  events.flatMap((event) => event._tag === "CancelIntended" ? [`${event.why} ${event.orderId}`] : [])

const outcomes = (events: ReadonlyArray<JournalEvent>) =>
  events.flatMap((event) => event._tag === "OutcomeReached" ? [`${event.alertId} ${event.outcome} ${event.reason?.rule ?? ""}`.trim()] : [])

const told = (t: ReturnType<typeof trader>, id: string, of: { readonly strategy?: string; readonly lane?: string } = {}) => {
  const command = AccountCommand.cases.CancelEntries.make({
    commandId: AlertId.make(id),
    ...(of.strategy === undefined ? {} : { strategy: StrategyId.make(of.strategy) }),
    ...(of.lane === undefined ? {} : { lane: LaneId.make(of.lane) })
  })
  const { answer, events } = cancelEntries(t.book(), command, t.facts())
  return { text: answer._tag === "Done" ? answer.text : answer._tag, events: t.commit(events) }
}

/** A short of 2 under its stop. */
const short = () => {
  const t = trader()
  const entry = t.enters("short", "sell")
  t.accepts(entry)
  const [stop] = intended(t.fills(entry, 2))
  if (stop === undefined) throw new Error("no stop")
  t.accepts(stop)
  return { t, stop }
}

describe("while a kill holds", () => {
  it.each(["all", "account/paper-1", "login/paper-demo", "strategy/demo-futures", "lane/futures"] as const)("%s: what works is called back, once", (scope) => {
    const t = trader()
    const entry = t.enters("a", "buy", limit)
    t.accepts(entry)
    t.latch(scope)
    assert.deepStrictEqual(cancels(t.commit([])), [`killed ${entry.id}`])
    assert.deepStrictEqual(t.commit([]), [])
    assert.deepStrictEqual(outcomes(t.says(entry, { status: "Canceled" })), ["a canceled Killed"])
  })

  it.each(["account/paper-2", "login/other", "strategy/demo-crypto", "lane/crypto"] as const)("%s: what it does not cover stays", (scope) => {
    const t = trader()
    t.accepts(t.enters("a", "buy", limit))
    t.latch(scope)
    assert.deepStrictEqual(t.commit([]), [])
  })

  it("an entry on the wire goes as soon as it is accepted", () => {
    const t = trader()
    const entry = t.enters("a", "buy", limit)
    t.latch("lane/futures")
    assert.deepStrictEqual(t.commit([]), [])
    assert.deepStrictEqual(cancels(t.accepts(entry)), [`killed ${entry.id}`])
  })

  it("an entry that fills nevertheless gets its stop, and what is left of it goes", () => {
    const t = trader()
    const entry = t.enters("a", "buy", limit)
    t.accepts(entry)
    t.latch("all")
    t.commit([])
    const [stop] = intended(t.fills(entry, 1))
    assert.deepStrictEqual([stop?.leg, stop?.lots], ["stop", 1])
    assert.deepStrictEqual(outcomes(t.says(entry, { status: "Canceled", filledLots: 1 })), ["a partlyFilled Killed"])
    assert.strictEqual(t.live("stop").length, 1)
  })

  it("a position keeps its stop, and its exit passes", () => {
    const { stop, t } = short()
    t.latch("all")
    assert.deepStrictEqual(t.commit([]), [])
    assert.deepStrictEqual(t.live("stop").map(({ order }) => order.id), [stop.id])
    const events = t.alert("out", "exit")
    assert.include(tags(events), "CloseDecided")
    assert.deepStrictEqual(cancels(events), [`closing ${stop.id}`])
  })

  it("an Unknown one goes once the venue says that it works", () => {
    const t = trader()
    const entry = t.enters("a", "buy", limit)
    t.latch("all")
    t.recovers()
    assert.strictEqual(t.live("entry")[0]?.status, "Unknown")
    assert.deepStrictEqual(cancels(t.holds(0, { orders: [reportOf(entry)] })), [`killed ${entry.id}`])
  })

  it("waits for no reconciliation, and asks again in the next life", () => {
    const t = trader()
    const entry = t.enters("a", "buy", limit)
    t.accepts(entry)
    t.latch("all")
    assert.deepStrictEqual(cancels(t.commit([])), [`killed ${entry.id}`])
    assert.deepStrictEqual(cancels(t.recovers()), [`killed ${entry.id}`])
    assert.isFalse(t.book().isReconciled)
  })

  it("what waits its turn ends; what reduces a position keeps it", () => {
    const { t } = short()
    t.recovers()
    t.alert("again", "sell", { scriptId: "s" })
    t.alert("cover", "buy")
    t.alert("out", "exit")
    assert.deepStrictEqual(t.book().queue.map(({ approved }) => approved.alertId), ["again", "cover", "out"])
    t.latch("lane/futures")
    assert.deepStrictEqual(outcomes(t.commit([])), ["again denied Killed"])
    assert.deepStrictEqual(t.book().queue.map(({ approved }) => approved.alertId), ["cover", "out"])
  })

  it("nothing of a reversal but its close is done", () => {
    const { stop, t } = short()
    t.latch("all")
    t.alert("turn", "reverse")
    t.says(stop, { status: "Canceled" })
    const exit = t.live("exit")[0]?.order
    if (exit === undefined) return assert.fail("no exit")
    assert.deepStrictEqual(outcomes(t.fills(exit, 2)).at(-1), "turn denied Latched")
    assert.strictEqual(t.held(), 0)
  })
})

describe("the command", () => {
  it("cancels what works, names its own id, and ends with it", () => {
    const t = trader()
    const entry = t.enters("a", "buy", limit)
    t.accepts(entry)
    const { events, text } = told(t, "operator-1")
    assert.strictEqual(text, "1 working entry cancelled")
    assert.deepStrictEqual(events.flatMap((event) => event._tag === "CancelIntended" ? [[event.alertId, event.orderId, event.why]] : []), [["operator-1", entry.id, "killed"]])
    assert.deepStrictEqual(outcomes(t.says(entry, { status: "Canceled" })), ["a canceled Killed", "operator-1 done"])
  })

  it("told twice, or with nothing to do, changes nothing", () => {
    const t = trader()
    assert.deepStrictEqual(told(t, "operator-0"), { text: "", events: [] })
    const entry = t.enters("a", "buy", limit)
    t.accepts(entry)
    told(t, "operator-1")
    assert.deepStrictEqual(told(t, "operator-1"), { text: "", events: [] })
    assert.deepStrictEqual(told(t, "operator-2"), { text: "", events: [] })
  })

  it("reaches its strategy and lane alone", () => {
    const t = trader()
    const entry = t.enters("a", "buy", limit)
    t.accepts(entry)
    assert.deepStrictEqual(cancels(told(t, "operator-1", { strategy: "demo-crypto" }).events), [])
    assert.deepStrictEqual(cancels(told(t, "operator-2", { lane: "crypto" }).events), [])
    assert.deepStrictEqual(cancels(told(t, "operator-3", { lane: "futures" }).events), [`killed ${entry.id}`])
  })

  it("says what it cannot cancel yet, and ends what waits", () => {
    const t = trader()
    t.enters("a", "buy", limit)
    t.recovers()
    t.alert("waits", "buy", { ...limit })
    const { events, text } = told(t, "operator-1")
    assert.strictEqual(text, "1 entry of unknown fate: cancelled if it works after all, 1 waiting entry ended")
    assert.deepStrictEqual(outcomes(events), ["waits denied Killed", "operator-1 done"])
  })
})

it("a pause skips what comes and leaves what works; what reduces passes", () => {
  const { stop, t } = short()
  t.pause("asset/futures/paper")
  assert.deepStrictEqual(outcomes(t.alert("more", "sell")), ["more skipped Paused"])
  assert.deepStrictEqual(t.live("stop").map(({ order }) => order.id), [stop.id])
  assert.include(tags(t.alert("cover", "buy")), "CloseDecided")
})
