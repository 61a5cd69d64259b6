/** What people are shown of positions and orders that this house did not make. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal } from "effect"
import * as Human from "#ops/cli/Human.ts"
import { VenueOrderId } from "#schemas/Ids.ts"
import { Lots, NetLots, Ticks } from "#schemas/Instrument.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { OrderReport } from "#schemas/Order.ts"
import * as Alerts from "#src/projections/Alerts.ts"
import * as Books from "#src/projections/Books.ts"
import * as Findings from "#src/projections/Findings.ts"
import * as Orders from "#src/projections/Orders.ts"
import * as PositionViews from "#src/projections/PositionViews.ts"
import * as Story from "#src/projections/Story.ts"
import { account, alert, decided, mes, order, orderId, sequence, startMs } from "./rows.ts"

const drift = (ours: number, venue: number, note = "no order of ours explains the difference"): JournalEvent =>
  ({ _tag: "DriftFound", instrumentId: mes.id, ours: NetLots.make(ours), venue: NetLots.make(venue), note })
const ended: JournalEvent = { _tag: "DriftEnded", instrumentId: mes.id, net: NetLots.make(0), note: "the venue holds what our book says" }

const report = (change: Partial<OrderReport> = {}): OrderReport => ({
  clientOrderId: orderId("theirs"), venueOrderId: VenueOrderId.make("v1"), instrumentId: mes.id, side: "sell", lots: Lots.make(2), filledLots: 0,
  status: "Accepted", stop: Ticks.make(23_960), ...change
})
const stranger = (change: Partial<OrderReport> = {}, isOurShape = false, mayOpen = false): JournalEvent =>
  ({ _tag: "ForeignOrderFound", alertId: alert("reconcile-1"), report: report(change), isOurShape, mayOpen, atMs: startMs })

const taken = (next: "keep" | "close"): JournalEvent => ({
  _tag: "PositionAdopted", alertId: alert("reconcile-2"), instrument: mes, order: order("il-x", "entry", "buy", 2), price: BigDecimal.fromStringUnsafe("6000"),
  evidence: "position", plan: next === "keep" ? { mode: "managed", stop: Ticks.make(23_960) } : { mode: "external" },
  resting: [{ order: order("theirs", "stop", "sell", 2, { stop: Ticks.make(23_960) }), venueOrderId: VenueOrderId.make("v1") }],
  next, asOfMs: startMs, configHash: "c", note: "at the middle of the market: nobody told its price"
})

const after = (...events: ReadonlyArray<JournalEvent>) => sequence()("account/paper-1", decided("a1"), ...events).reduce(Books.evolve, Books.empty)
const told = (books: Books.State) => Findings.views(books.findings, books.orders.catalog).map(({ kind, level, text }) => `${level} ${kind}: ${text}`)
const shown = (books: Books.State) => [
  ...PositionViews.views(books.positions, { orders: books.orders, mark: () => undefined, isSimulated: () => true }),
  ...Findings.positions(books.findings, books.orders.catalog, () => true)
].map(({ avgPrice, protection, quantity }) => `${quantity} at ${avgPrice}, ${protection.state}`)

describe("a position", () => {
  it("is shown beside ours until it ends, is found anew or counts as closed", () => {
    assert.deepStrictEqual(told(after(drift(0, -3))), ["red position: the venue holds -3 of MESZ6 that no order of ours explains: no order of ours explains the difference"])
    assert.deepStrictEqual(shown(after(drift(0, -3))), ["-3 at unknown, foreign"])
    assert.deepStrictEqual(told(after(drift(0, -3), drift(0, -1, "news"))), ["red position: the venue holds -1 of MESZ6 that no order of ours explains: news"])
    assert.strictEqual(Findings.views(after(drift(0, -3), drift(0, -1)).findings, after().orders.catalog)[0]?.sinceMs, startMs + 20)
    assert.deepStrictEqual(told(after(drift(0, -3), ended)), [])
    const elsewhere: JournalEvent = { _tag: "ClosedElsewhere", alertId: alert("a1"), instrumentId: mes.id, lots: Lots.make(2), evidence: "fills", asOfMs: startMs, note: "" }
    assert.deepStrictEqual(told(after(drift(2, 0), elsewhere)), [])
  })

  it("that is adopted is ours, with its stop", () => {
    const books = after(drift(0, 2), stranger(), taken("keep"))
    assert.deepStrictEqual([told(books), shown(books)], [[], ["2 at 6000, protected"]])
    assert.deepStrictEqual(Orders.working(books.orders).map(({ order: { id, leg }, status }) => `${leg} ${id} ${status}`), ["stop theirs Accepted"])
  })

  it("that is closed is told until the venue has said so twice", () => {
    const books = after(drift(0, 2), taken("close"))
    assert.deepStrictEqual(told(books), [
      "amber position: the venue holds 2 of MESZ6 that no order of ours explains: they are being closed, until the venue has said twice that they are gone"
    ])
    assert.deepStrictEqual(told(after(drift(0, 2), taken("close"), ended)), [])
  })
})

describe("an order", () => {
  const rows = (books: Books.State, since?: number) => Findings.orders(books.findings, books.orders.catalog, since)

  it("is shown among ours until it is gone", () => {
    const [row] = rows(after(stranger()))
    assert.deepInclude(row, { clientOrderId: orderId("theirs"), leg: "stop", type: "stop", quantity: "2", stopPrice: "5990", status: "Accepted", reason: "not ours", isForeign: true })
    assert.deepStrictEqual(told(after(stranger())), ["amber order: order theirs, sell 2 MESZ6, works at the venue and is not ours"])
    assert.deepStrictEqual(rows(after(stranger(), { _tag: "ForeignOrderEnded", alertId: alert("r"), instrumentId: mes.id, foreignId: orderId("theirs") })), [])
    assert.deepStrictEqual([rows(after(stranger()), 1).length, rows(after(stranger()), 2).length], [1, 0])
  })

  it("under a name of ours is a second writer", () => {
    const [text] = told(after(stranger({ clientOrderId: orderId("il-x"), filledLots: 1 }, true, true)))
    assert.match(text ?? "", /^red secondWriter: order il-x, sell 1 MESZ6, has a name as this house makes them/)
    assert.deepInclude(rows(after(stranger({}, true, true)))[0], { leg: "entry", reason: "NOT OURS: second writer?" })
  })
})

describe("for people", () => {
  it("status and accounts name them", () => {
    const books = after(drift(0, -3), stranger())
    const findings = Findings.views(books.findings, books.orders.catalog, account("paper-1"))
    const status = Human.status({
      version: "0.1.0", mode: "paper", state: "running", isSimulated: true, ingress: { paused: false, killed: false }, switches: [], findings,
      journal: { seq: 3, durable: true, lowDisk: false }, sessions: [], accounts: [], refusedDeliveries: {}
    })
    assert.match(status, /RED +paper-1 .* the venue holds -3 of MESZ6/)
    assert.match(status, /AMBER +paper-1 .* order theirs/)
    assert.deepStrictEqual(Findings.views(books.findings, books.orders.catalog, account("paper-2")), [])
  })

  it("`why` tells what was done about them", () => {
    const rows = sequence()("account/paper-1", drift(0, 2), taken("keep"))
    const found = Alerts.ofCommand(rows.slice(1))
    assert.deepInclude(found?.row, { alertId: alert("reconcile-2"), lane: "reconciliation" })
    assert.deepStrictEqual(Story.tell(rows, Orders.empty).map(({ text }) => text), [
      "paper-1: Drift on MESZ6: ours 0 lots, the venue's 2 lots: no order of ours explains the difference.",
      "paper-1: Takes over long 2 MESZ6 that no order of ours explains, counted at 6000, at the middle of the market: nobody told its price; stop 5990, which works there already."
    ])
  })
})
