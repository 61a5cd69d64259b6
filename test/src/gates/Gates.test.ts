import { assert, describe, it } from "@effect/vitest"
import { LaneId } from "#schemas/Ids.ts"
import type { Action, Signal } from "#schemas/Signal.ts"
import type { GateInput } from "#src/gates/Gate.ts"
import * as Resume from "#src/gates/Resume.ts"
import * as Gates from "#src/gates/Gates.ts"
import { calendars, catalogue, utc } from "#test/src/symbols/catalogue.ts"
import { account, input, lane, receivedAtMs, signal, strategy } from "#test/src/gates/alerts.ts"

const accountsWith = (change: Partial<typeof account>) => ({
  house: { accounts: new Map([[account.id, { ...account, ...change }]]), instruments: catalogue, calendars }
})
const strategyWith = (change: Partial<typeof strategy>) => ({ strategy: { ...strategy, ...change } })
const scripts = [{ id: "s1", enabled: true }, { id: "s2", enabled: false }]
const other = LaneId.make("other")
const level = { _tag: "Distance", ticks: 8 }
const asks = (change: Record<string, unknown>) => ({ signal: signal(change) })
const paused = (scope: string) => ({ isPaused: (asked: string) => asked === scope })
const aged = (ageMs: number) => ({ nowMs: receivedAtMs + ageMs })

/** What stops an entry, and which gate says so; empty: passes. */
const table: ReadonlyArray<readonly [string, Partial<GateInput>, string]> = [
  ["a plain entry", {}, ""],
  ["all paused", paused("all"), "ingressPause"],
  ["its lane paused", paused("lane/tv"), "ingressPause"],
  ["its asset class paused", paused("asset/futures"), "ingressPause"],
  ["another lane paused", paused("lane/other"), ""],
  ["another asset class paused", paused("asset/crypto"), ""],
  ["an account paused: it answers for itself", paused("account/paper-1"), ""],
  ["its script paused", { ...asks({ scriptId: "s1" }), ...paused("script/s1") }, "disabledScript"],
  ["its script disabled", { ...asks({ scriptId: "s2" }), ...strategyWith({ scripts }) }, "disabledScript"],
  ["its script enabled", { ...asks({ scriptId: "s1" }), ...strategyWith({ scripts }) }, ""],
  ["its strategy disabled", strategyWith({ enabled: false }), "disabledStrategy"],
  ["its strategy paused", paused("strategy/breakout"), "disabledStrategy"],
  ["another strategy paused", paused("strategy/other"), ""],
  ["the symbol with its exchange", asks({ symbol: "CME_MINI:MES1!" }), ""],
  ["a month of the same root", asks({ symbol: "MESH6" }), "strategySymbol"],
  ["another symbol", asks({ symbol: "MGC1!" }), "strategySymbol"],
  ["the allowed chart", { ...asks({ sourceSymbol: "CME_MINI:MES1!" }), ...strategyWith({ sourceSymbols: ["CME_MINI:MES1!"] }) }, ""],
  ["the allowed chart of any exchange", { ...asks({ sourceSymbol: "CME_MINI:MES1!" }), ...strategyWith({ sourceSymbols: ["MES1!"] }) }, ""],
  ["the chart of another exchange", { ...asks({ sourceSymbol: "EUREX:MES1!" }), ...strategyWith({ sourceSymbols: ["CME_MINI:MES1!"] }) }, "sourceSymbol"],
  ["a chart not named", strategyWith({ sourceSymbols: ["CME_MINI:MES1!"] }), "sourceSymbol"],
  ["any chart", asks({ sourceSymbol: "CME_MINI:ES1!" }), ""],
  ["a script not listed", { ...asks({ scriptId: "s9" }), ...strategyWith({ scripts }) }, "scriptId"],
  ["a script not named", strategyWith({ scripts }), "scriptId"],
  ["any script", asks({ scriptId: "s9" }), ""],
  ["a symbol nobody knows", { ...asks({ symbol: "NQ1!" }), ...strategyWith({ symbols: ["NQ1!"] }) }, "symbolAllowList"],
  ["a month that has ended", { ...asks({ symbol: "MESZ5" }), ...strategyWith({ symbols: ["MESZ5"] }) }, "symbolAllowList"],
  ["no account for the asset class", accountsWith({ assets: ["crypto"] }), "symbolAllowList"],
  ["no account for the symbol", accountsWith({ symbols: ["MGC"] }), "symbolAllowList"],
  ["an account for the symbol", accountsWith({ symbols: ["MES"] }), ""],
  ["no account on the lane", accountsWith({ lanes: [other] }), "symbolAllowList"],
  ["only a disabled account", accountsWith({ enabled: false }), "symbolAllowList"],
  ["a disabled lane", { lane: { ...lane, enabled: false } }, "lane"],
  ["a lane the strategy does not listen on", strategyWith({ lanes: [other] }), "lane"],
  ["a body that names another lane", asks({ bodyLane: "other" }), "lane"],
  ["a body that names its lane", asks({ bodyLane: "tv" }), ""],
  ["a stop outside the profile", { ...asks({ stopLoss: level }), ...strategyWith({ exitProfile: { ...strategy.exitProfile, stop: false } }) }, "exitProfile"],
  ["a target outside the profile", { ...asks({ takeProfit: level }), ...strategyWith({ exitProfile: { ...strategy.exitProfile, target: false } }) }, "exitProfile"],
  ["a reversal outside the profile", { ...asks({ action: "reverse" }), ...strategyWith({ exitProfile: { ...strategy.exitProfile, signalExit: false } }) }, "exitProfile"],
  ["an entry where only signal exits are off", strategyWith({ exitProfile: { ...strategy.exitProfile, signalExit: false } }), ""],
  ["as old as allowed", aged(30_000), ""],
  ["too old since its arrival", aged(30_001), "staleEntry"],
  ["too old since it was sent", asks({ sentAtMs: receivedAtMs - 30_000 }), "staleEntry"],
  ["a sender's clock ahead makes it no younger", { ...asks({ sentAtMs: receivedAtMs + 3_600_000 }), ...aged(30_001) }, "staleEntry"],
  ["a bar's open is no age", asks({ barAtMs: receivedAtMs - 3_600_000 }), ""],
  ["past the sender's own expiry", asks({ expiresAtMs: receivedAtMs + 100 }), "staleEntry"],
  ["before the sender's own expiry", asks({ expiresAtMs: receivedAtMs + 101 }), ""]
]

it("what is paused names the command that lifts it, with its scope", () => {
  assert.deepStrictEqual(
    (["all", "lane/tv", "asset/futures", "asset/futures/live"] as const).map(Resume.command),
    ["`interlock resume`", "`interlock resume --lane tv`", "`interlock resume --asset futures`", "`interlock resume --asset futures/live`"]
  )
})

const as = (change: Partial<GateInput>, action: Action): GateInput => {
  const asked = input(change)
  const changed: Signal = { ...asked.signal, action }
  return { ...asked, signal: changed }
}

describe("an entry", () => {
  it.each(table)("%s", (_name, change, expected) => {
    const { blocked } = Gates.run(input(change))
    assert.strictEqual(blocked?.reason.rule ?? "", expected)
    assert.strictEqual(blocked?.outcome, expected === "" ? undefined : expected === "staleEntry" ? "expired" : "skipped")
  })

  it.each(table.filter(([, , gate]) => gate !== "" && gate !== "exitProfile"))("a sale is judged as an entry: %s", (_name, change, expected) => {
    assert.strictEqual(Gates.run(as(change, "sell")).blocked?.reason.rule, expected)
  })
})

describe("what reduces risk passes", () => {
  it.each(table.flatMap(([name, change]) => (["exit", "flatten", "cancel", "update"] as const).map((action) => [action, name, change] as const)))(
    "%s: %s",
    (action, _name, change) => {
      const { blocked, verdicts } = Gates.run(as(change, action))
      assert.strictEqual(blocked, undefined)
      assert.isTrue(verdicts.every(({ passed }) => passed))
    }
  )
})

describe("the verdicts", () => {
  it("all gates in their order, the first no decides", () => {
    const run = Gates.run(input({ ...strategyWith({ enabled: false, lanes: [other] }), ...aged(60_000) }))
    assert.deepStrictEqual(run.verdicts.map(({ gate, passed }) => `${gate} ${passed}`), [
      "ingressPause true",
      "disabledScript true",
      "disabledStrategy false",
      "strategySymbol true",
      "sourceSymbol true",
      "scriptId true",
      "symbolAllowList true",
      "lane false",
      "exitProfile true",
      "staleEntry false"
    ])
    assert.strictEqual(run.blocked?.reason.rule, "disabledStrategy")
    assert.strictEqual(run.blocked?.outcome, "skipped")
  })

  it("show what was looked at", () => {
    const exits = Gates.run(input({})).verdicts.find(({ gate }) => gate === "exitProfile")
    assert.strictEqual(exits?.inputs["used"], "none")
    const verdict = Gates.run(input(aged(31_000))).verdicts.find(({ gate }) => gate === "staleEntry")
    assert.deepStrictEqual(verdict, {
      gate: "staleEntry",
      passed: false,
      message: "the entry is 31000 ms old, strategy breakout allows 30000 ms",
      inputs: { ageMs: "31000", ageMsMax: "30000", since: "received" }
    })
  })

  it("the front month is that of the moment", () => {
    const run = Gates.run(input({ receivedAtMs: utc("2026-12-14T15:00Z"), nowMs: utc("2026-12-14T15:00Z") }))
    assert.strictEqual(run.verdicts.find(({ gate }) => gate === "symbolAllowList")?.inputs["instrument"], "MESH27")
  })
})
