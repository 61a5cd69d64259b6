import { assert, describe, it } from "@effect/vitest"
import { StrategyId } from "#schemas/Ids.ts"
import { Lots } from "#schemas/Instrument.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Accounts from "#src/projections/Accounts.ts"
import * as Books from "#src/projections/Books.ts"
import * as Minutes from "#src/projections/Minutes.ts"
import * as Switches from "#src/projections/Switches.ts"
import * as Trades from "#src/projections/Trades.ts"
import { house } from "#test/support/house.ts"
import { account, alert, bracket, decided, decimal, filled, intended, mes, sequence, startMs } from "./rows.ts"

const paper1 = account("paper-1")
const hourMs = 3_600_000
/** 17:00 in Chicago on the evening before, 16 hours before `startMs`. */
const resetMs = startMs - 16 * hourMs

const closed = (tradeId: string, realizedPnl: string, closedAtMs: number, inferred = false): JournalEvent => ({
  _tag: "TradeClosed", alertId: alert("a1"), instrumentId: mes.id,
  trade: {
    tradeId, alertId: alert("a1"), strategy: StrategyId.make("demo-futures"), instrumentId: mes.id, side: "long", lots: Lots.make(2),
    entryPrice: decimal("6000"), exitPrice: decimal("6010"), fees: decimal("2.48"), realizedPnl: decimal(realizedPnl), openedAtMs: closedAtMs - 1_000, closedAtMs, inferred
  }
})

const foldAll = (...events: ReadonlyArray<JournalEvent>) => sequence()("account/paper-1", ...events).reduce(Books.evolve, Books.empty)

const viewOf = (books: Books.State) => {
  const config = house().accounts.get(paper1)
  if (config === undefined) throw new Error("the default house has paper-1")
  return Accounts.view(books.accounts, config, { ...books, nowMs: startMs, mark: () => undefined, isLive: false, stateNow: "open" })
}

describe("Accounts", () => {
  it("counts the day from its reset on the account's own clock", () => {
    const books = foldAll(closed("old", "-500", resetMs - 1), closed("first", "10.5", resetMs), closed("second", "-3.25", startMs))
    assert.deepInclude(viewOf(books), { dayPnl: "7.25", dailyLoss: null, currency: "USD", mode: "paper", state: "open", openPositions: 0 })
  })

  it("an open position counts with fees and closed parts", () => {
    const books = foldAll(decided("a1"), intended(bracket.entry), filled(bracket.entry, 2, "6000", "event", "1.24"), intended(bracket.exit), filled(bracket.exit, 1, "6002"))
    assert.deepInclude(viewOf(books), { dayPnl: "8.76", openPositions: 1 })
  })

  it("a trade told again replaces itself", () => {
    const books = foldAll(closed("t", "10", startMs, true), closed("t", "12", startMs))
    assert.deepInclude(viewOf(books), { dayPnl: "12" })
    assert.strictEqual(Trades.page(books.trades, {}, 10, () => "USD").length, 1)
  })

  it("is exact for more trades than are remembered one by one", () => {
    const many = Trades.tradesMax + 2_000
    const books = foldAll(...Array.from({ length: many }, (_, n) => closed(`t${n}`, "0.5", resetMs + n * 1_000)))
    assert.deepInclude(viewOf(books), { dayPnl: String(many / 2) })
    assert.isAtMost(Trades.page(books.trades, {}, many, () => "USD").length, Trades.tradesMax + 1_000)
  })

  it("keeps two days of minutes, no more", () => {
    const days = 10
    const step = 60_000
    const minutes = Array.from({ length: days * 1_440 }, (_, n) => startMs - (days * 1_440 - n) * step)
    const kept = minutes.reduce((all, atMs) => Minutes.change(all, paper1, atMs, (count = 0) => count + 1), Minutes.empty<number>())
    const countSince = (sinceMs: number) => Minutes.since(kept, paper1, sinceMs, 0, (sum, count) => sum + count)
    assert.strictEqual(countSince(startMs - 2 * 1_440 * step), 2 * 1_440)
    assert.isBelow(countSince(0), Minutes.minutesMax + 200)
  })

  it("counts entries decided since the reset, and orders in doubt", () => {
    const unknown: JournalEvent = { _tag: "OrderUnknown", alertId: alert("a2"), orderId: bracket.entry.id, cause: "no answer" }
    const books = foldAll(decided("a0", mes, { mode: "native" }, resetMs - 1), decided("a1", mes, { mode: "native" }, resetMs), decided("a2"), intended(bracket.entry), unknown)
    assert.deepInclude(viewOf(books), { tradesToday: 2, unknownOrders: 1 })
  })

  it("remembers when it settled with its venue, until it must again", () => {
    const settled = foldAll({ _tag: "AccountReconciled", atMs: startMs, unknown: 0 })
    assert.strictEqual(Accounts.reconciledAtMs(settled.accounts, paper1), startMs)
    const again = foldAll({ _tag: "AccountReconciled", atMs: startMs, unknown: 0 }, { _tag: "AccountRecovering", atMs: startMs })
    assert.isUndefined(Accounts.reconciledAtMs(again.accounts, paper1))
  })
})

describe("Trades", () => {
  it("shows quantities in the instrument's unit and exact money", () => {
    const books = foldAll(decided("a1"), closed("t", "-12.98", startMs))
    assert.deepInclude(Trades.page(books.trades, {}, 10, () => "EUR")[0], {
      tradeId: "t", quantity: "2", symbol: "MESZ6", entryPrice: "6000", exitPrice: "6010", fees: "2.48", realizedPnl: "-12.98", currency: "EUR"
    })
  })
})

describe("Switches", () => {
  const set = (kind: "pause" | "kill" | "block", on: boolean): JournalEvent => ({ _tag: "SwitchSet", kind, scope: "all", on, who: "me", why: "test" })
  const after = (...events: ReadonlyArray<JournalEvent>) => Switches.ingress(sequence()("operator", ...events).reduce(Switches.evolve, Switches.empty))

  it("tells a pause from a kill, and lifts each by its own word only", () => {
    assert.deepStrictEqual(after(set("pause", true)), { paused: true, killed: false })
    assert.deepStrictEqual(after(set("kill", true), set("pause", true), set("pause", false)), { paused: false, killed: true })
    assert.deepStrictEqual(after(set("kill", true), set("kill", false)), { paused: false, killed: false })
    assert.deepStrictEqual(after(set("block", true)), { paused: true, killed: false })
  })
})
