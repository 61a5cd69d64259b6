import { assert, describe, it } from "@effect/vitest"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { PositionView } from "#schemas/contracts/Views.ts"
import { VenueOrderId } from "#schemas/Ids.ts"
import { Lots } from "#schemas/Instrument.ts"
import * as Books from "#src/projections/Books.ts"
import * as PositionViews from "#src/projections/PositionViews.ts"
import { account, acknowledged, alert, bracket, decided, decimal, filled, intended, mes, order, sequence, startMs, ticks } from "./rows.ts"

const { entry, exit, stop, target } = bracket

const foldAll = (...events: ReadonlyArray<JournalEvent>) => sequence()("account/paper-1", ...events).reduce(Books.evolve, Books.empty)

const mark: PositionViews.Mark = () =>
  ({ instrumentId: mes.id, bid: ticks(24040), ask: ticks(24041), last: ticks(24040), atMs: startMs, source: "paper-demo", isSimulated: true })

const positionsOf = (books: Books.State, quotes: PositionViews.Mark = mark) =>
  PositionViews.views(books.positions, { orders: books.orders, mark: quotes, isSimulated: () => true })

const opened = [decided("a1"), intended(entry), intended(stop), intended(target), acknowledged(entry)]
const closing: JournalEvent = { _tag: "CloseDecided", alertId: alert("a1"), instrumentId: mes.id, reason: "flatten" }

describe("Positions", () => {
  it("nets fills, averages the entry, marks it where it could be closed", () => {
    const books = foldAll(...opened, filled(entry, 1, "6000"), filled(entry, 1, "6000.50"), acknowledged(stop), acknowledged(target))
    assert.deepStrictEqual(positionsOf(books), [{
      accountId: account("paper-1"), symbol: "MESZ6", quantity: "2", avgPrice: "6000.25", unrealizedPnl: "97.5", currency: "USD",
      protection: { state: "protected", stop: "5990", targets: ["6015"] }, isSimulated: true
    }])
    assert.isNull(positionsOf(books, () => undefined)[0]?.unrealizedPnl)
  })

  it("a short is negative and marked at the ask", () => {
    const short = order("e2", "entry", "sell", 2)
    const books = foldAll(decided("a1"), intended(short), filled(short, 2, "6011"))
    assert.deepInclude(positionsOf(books)[0], { quantity: "-2", avgPrice: "6011", unrealizedPnl: "7.5" })
  })

  it("a partial exit keeps the average, a whole one ends it", () => {
    const half = foldAll(...opened, filled(entry, 2, "6000"), intended(exit), filled(exit, 1, "6010"))
    assert.deepInclude(positionsOf(half)[0], { quantity: "1", avgPrice: "6000", unrealizedPnl: "50" })
    assert.deepStrictEqual(positionsOf(foldAll(...opened, filled(entry, 2, "6000"), intended(exit), filled(exit, 2, "6010"))), [])
  })

  it("an inferred fill is replaced by the venue's own, never added to", () => {
    const twice = foldAll(...opened, filled(entry, 2, "6000", "inferred"), filled(entry, 2, "6001", "query"))
    assert.deepInclude(positionsOf(twice)[0], { quantity: "2", avgPrice: "6001" })
  })

  it("an inferred exit told again after the position was flat opens nothing", () => {
    const books = foldAll(...opened, filled(entry, 2, "6000"), intended(exit), filled(exit, 2, "6010", "inferred"), filled(exit, 2, "6009", "event"))
    assert.deepStrictEqual(positionsOf(books), [])
  })

  const elsewhere = (lots: number, evidence: "fills" | "position"): JournalEvent =>
    ({ _tag: "ClosedElsewhere", alertId: alert("a1"), instrumentId: mes.id, lots: Lots.make(lots), price: decimal("6010"), evidence, asOfMs: startMs, note: "" })
  const explained = (lots: number): JournalEvent =>
    ({ _tag: "ElsewhereExplained", alertId: alert("a1"), instrumentId: mes.id, orderId: stop.id, lots: Lots.make(lots) })

  it("what was closed elsewhere is not held any more", () => {
    const part = foldAll(...opened, filled(entry, 2, "6000"), elsewhere(1, "fills"))
    assert.deepInclude(positionsOf(part)[0], { quantity: "1", avgPrice: "6000", unrealizedPnl: "50" })
    assert.deepStrictEqual(positionsOf(foldAll(...opened, filled(entry, 2, "6000"), elsewhere(2, "position"))), [])
  })

  it("a fill of ours that turns out to be it closes nothing twice, before and after the position is flat, inferred first or not", () => {
    const before = foldAll(...opened, filled(entry, 2, "6000"), elsewhere(1, "position"), explained(1), filled(stop, 1, "5990"))
    assert.deepInclude(positionsOf(before)[0], { quantity: "1" })
    const over = [...opened, filled(entry, 2, "6000"), elsewhere(2, "position"), explained(2)]
    assert.deepStrictEqual(positionsOf(foldAll(...over, filled(stop, 2, "5990"))), [])
    assert.deepStrictEqual(positionsOf(foldAll(...over, filled(stop, 2, "5990", "inferred"), filled(stop, 2, "5990"))), [])
    const halves = [...opened, filled(entry, 2, "6000"), elsewhere(2, "position"), explained(1), filled(stop, 1, "5990"), explained(1), filled(stop, 1, "5990")]
    assert.deepStrictEqual(positionsOf(foldAll(...halves)), [])
  })

  const held = [...opened, filled(entry, 2, "6000")]
  const one = { alertId: alert("a1"), orderId: stop.id }
  const protections: ReadonlyArray<readonly [string, ReadonlyArray<JournalEvent>, PositionView["protection"]["state"]]> = [
    ["a stop on its way", held, "pending"],
    ["a confirmed stop", [...held, acknowledged(stop)], "protected"],
    ["a held stop", [...held, acknowledged(stop, true)], "pending"],
    ["an Unknown stop", [...held, { _tag: "OrderUnknown", ...one, cause: "no answer" }], "none"],
    ["a rejected stop", [...held, { _tag: "OrderRejected", ...one, reason: "no" }], "none"],
    ["a rejected stop and a close on its way", [...held, { _tag: "OrderRejected", ...one, reason: "no" }, closing], "pending"],
    ["a close that was overtaken", [...held, { _tag: "OrderRejected", ...one, reason: "no" }, closing, { _tag: "CloseEnded", alertId: alert("a1"), instrumentId: mes.id }], "none"],
    ["a stop for half of it", [...held, { _tag: "OrderModified", ...one, lots: order("s", "stop", "sell", 1).lots }, { _tag: "OrderAccepted", ...one, venueOrderId: VenueOrderId.make("v"), held: false }], "none"],
    ["a rejected stop and an exit in flight", [...held, { _tag: "OrderRejected", ...one, reason: "no" }, intended(exit)], "pending"]
  ]
  for (const [name, events, expected] of protections) {
    it(`protection: ${name} is ${expected}`, () => assert.strictEqual(positionsOf(foldAll(...events))[0]?.protection.state, expected))
  }

  it("protection elsewhere is external; a watched target is shown though no order rests", () => {
    const elsewhere = foldAll(decided("a1", mes, { mode: "external" }), intended(entry), filled(entry, 2, "6000"))
    assert.deepStrictEqual(positionsOf(elsewhere)[0]?.protection, { state: "external" })
    const watched = foldAll(decided("a1"), intended(entry), intended(stop), filled(entry, 2, "6000"), acknowledged(stop))
    assert.deepStrictEqual(positionsOf(watched)[0]?.protection, { state: "protected", stop: "5990", targets: ["6015"] })
  })

  it("the running figure counts closed parts, fees, and what is open", () => {
    const books = foldAll(...opened, filled(entry, 2, "6000", "event", "1.24"), intended(exit), filled(exit, 1, "6002", "event", "0.62"))
    // one lot won 8 ticks = 10, one lot stands 40 ticks up = 50, fees 1.86
    assert.deepStrictEqual(PositionViews.runningPnl(books.positions, account("paper-1"), mark), decimal("58.14"))
  })
})
