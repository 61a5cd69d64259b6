import { assert, describe, it } from "@effect/vitest"
import { StrategyId } from "#schemas/Ids.ts"
import { Lots } from "#schemas/Instrument.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Orders from "#src/projections/Orders.ts"
import * as Story from "#src/projections/Story.ts"
import {
  accepted, account, acknowledged, alert, bracket, decided, decimal, delivery, filled, gated, intended, mes, order, orderId, sequence, startMs, ticks
} from "./rows.ts"

const { entry, stop, target } = bracket
const a1 = alert("a1")

const trade: JournalEvent = {
  _tag: "TradeClosed", alertId: a1, instrumentId: mes.id,
  trade: {
    tradeId: "t1", alertId: a1, strategy: StrategyId.make("demo-futures"), instrumentId: mes.id, side: "long", lots: Lots.make(2), entryPrice: decimal("6000.375"),
    exitPrice: decimal("6015"), fees: decimal("2.48"), realizedPnl: decimal("143.77"), openedAtMs: startMs, closedAtMs: startMs, inferred: false
  }
}

const whole = () => {
  const row = sequence()
  return [
    ...row("ingress/futures", accepted("a1", { takeProfit: { _tag: "Price", price: "6015" }, quantity: "3" })),
    ...row("ingress/futures", { _tag: "AlertAnswered", alertId: a1, status: 200, answeredAtMs: startMs }),
    ...row("strategy-guard/demo-futures", { _tag: "GuardApproved", alertId: a1, atMs: startMs, tradingDay: "2026-11-20", notes: [] }),
    ...row("dispatch", gated("a1", ["paper-1", "paper-3"])),
    ...row("account/paper-3", {
      _tag: "OutcomeReached", alertId: a1, outcome: "denied", orderIds: [],
      reason: { rule: "DailyLoss", message: "this order's stop-out would lose 50", facts: { limit: "5", stopOut: "50" }, clearsAtMs: startMs + 3_600_000 }
    }),
    ...row("account/paper-1", decided("a1"), intended(entry), intended(stop), intended(target)),
    ...row("account/paper-1", acknowledged(entry), acknowledged(stop, true), filled(entry, 1, "6000.25", "event", "0.62"), filled(entry, 1, "6000.50", "query", "0.62")),
    ...row("account/paper-1", acknowledged(stop), { _tag: "OutcomeReached", alertId: a1, outcome: "filled", orderIds: [entry.id, stop.id, target.id] }),
    ...row("account/paper-1", filled(target, 2, "6015", "event", "1.24"), { _tag: "CancelIntended", alertId: a1, orderId: stop.id, why: "sibling" }),
    ...row("account/paper-1", { _tag: "OrderCanceled", alertId: a1, orderId: stop.id }, trade),
    ...row("dispatch", { _tag: "AlertSettled", alertId: a1, sent: true })
  ]
}

const texts = (lines: ReturnType<typeof Story.tell>) => lines.map(({ sinceFirstMs, text }) => `${sinceFirstMs} ${text}`)

describe("Story", () => {
  it("tells a trade from its bytes to its end", () => {
    const lines = Story.tell(whole(), Orders.empty)
    assert.deepStrictEqual(texts(lines), [
      "5 Alert for demo-futures came on lane futures from 127.0.0.1 as canonical: buy 3 MES1!, market, signal price 6000, stop loss 40 ticks away, take profit at 6015.",
      "15 Answered 200.",
      "35 Gate paused passed: nothing is paused (scope all).",
      "25 Guard approved as a fire of 2026-11-20.",
      "35 All gates passed; asked: paper-1, paper-3.",
      "45 paper-3: Outcome: denied, this order's stop-out would lose 50 [DailyLoss] (limit 5, stopOut 50), clears 2026-11-20T16:00:00.000Z.",
      "55 paper-1: Size after fixed: 3, the account's own size.",
      "55 paper-1: Size after maxContracts: 2, at most 2, none open.",
      "55 paper-1: Entry decided on MESZ6 with paper-demo (simulated) at bid 5999.75, ask 6000; protection native, stop 5990, target 6015.",
      "65 paper-1: Intends entry: buy 2 MESZ6, market, gtc (e1).",
      "75 paper-1: Intends stop: sell 2 MESZ6, stop, stop 5990, gtc, reduce-only (s1).",
      "85 paper-1: Intends target: sell 2 MESZ6, limit, limit 6015, gtc, reduce-only (t1).",
      "95 paper-1: Venue accepted entry e1 as v-e1.",
      "105 paper-1: Venue holds stop s1 as v-s1 until its parent fills.",
      "115 paper-1: entry e1 filled: buy 1 at 6000.25, 1 tick worse than the signal's 6000, fee 0.62.",
      "125 paper-1: entry e1 filled: buy 1 at 6000.5, 2 ticks worse than the signal's 6000, fee 0.62, found by asking.",
      "135 paper-1: Venue accepted stop s1 as v-s1.",
      "145 paper-1: Outcome: filled.",
      "155 paper-1: target t1 filled: sell 2 at 6015, fee 1.24.",
      "165 paper-1: Asks the venue to cancel stop s1: sibling.",
      "175 paper-1: stop s1 is cancelled.",
      "185 paper-1: Flat on MESZ6, no order is left. Trade long 2, in 6000.375, out 6015: 143.77 after fees of 2.48.",
      "195 Every account has its outcome; an order was sent."
    ])
    assert.strictEqual(Story.bodyOf(whole()), delivery().body)
  })

  it("counts from the arrival and from the line before; several lines of one row share its instant", () => {
    const lines = Story.tell(whole(), Orders.empty)
    assert.deepStrictEqual(lines.slice(2, 6).map(({ seq, sinceBeforeMs }) => [seq, sinceBeforeMs]), [[4, 10], [3, 10], [4, 0], [5, 10]])
    assert.deepInclude(lines[2], { event: "AlertGated", stream: "dispatch" })
    assert.deepStrictEqual(lines[2]?.detail, { gate: "paused", passed: true, message: "nothing is paused", inputs: { scope: "all" } })
    assert.strictEqual(JSON.stringify(lines[14]?.detail).includes("\"price\":\"6000.25\""), true)
  })

  it("the guard speaks after the gates and before the end, though its row is on disk first", () => {
    const row = sequence()
    const no = { rule: "coolDown", message: "fired 3 s ago", facts: {} }
    const rows = [
      ...row("ingress/futures", accepted("a1")),
      ...row("strategy-guard/demo-futures", { _tag: "GuardBlocked", alertId: a1, atMs: startMs, reason: no }),
      ...row("dispatch", gated("a1", ["paper-1"], { outcome: "skipped", reason: no }))
    ]
    assert.deepStrictEqual(texts(Story.tell(rows, Orders.empty)).slice(1), [
      "25 Gate paused passed: nothing is paused (scope all).",
      "15 Guard said no: fired 3 s ago [coolDown].",
      "25 Stopped for paper-1, skipped: fired 3 s ago [coolDown]."
    ])
  })

  it("an exit's own rows use orders and instruments of the trade it closes", () => {
    const known = whole().reduce(Orders.evolve, Orders.empty)
    const row = sequence()
    const a2 = alert("a2")
    const exit = order("x1", "exit", "sell", 2, { alertId: a2 })
    const rows = [
      ...row("ingress/futures", accepted("a2", { action: "exit" })),
      ...row("account/paper-1", { _tag: "CloseDecided", alertId: a2, instrumentId: mes.id, reason: "signal" }),
      ...row("account/paper-1", { _tag: "CancelIntended", alertId: a2, orderId: stop.id, why: "closing" }, intended(exit), filled(exit, 2, "5999.75")),
      ...row("account/paper-1", { _tag: "ProtectionMoved", alertId: a2, instrumentId: mes.id, stop: ticks(24000) })
    ]
    assert.deepStrictEqual(texts(Story.tell(rows, known)).slice(1), [
      "15 paper-1: Closes all of MESZ6: the alert asks for it.",
      "25 paper-1: Asks the venue to cancel stop s1: closing.",
      "35 paper-1: Intends exit: sell 2 MESZ6, market, gtc, reduce-only (x1).",
      "45 paper-1: exit x1 filled: sell 2 at 5999.75, 1 tick worse than the signal's 6000, fee 0.",
      "55 paper-1: Protection on MESZ6 moves to stop 6000."
    ])
  })

  const failures: ReadonlyArray<readonly [JournalEvent, string]> = [
    [{ _tag: "AlertRefused", alertId: a1, delivery: delivery(), refusal: { error: "invalid", message: "expected a price", path: "tp" } },
      "Refused on lane futures from 127.0.0.1 as canonical: invalid at tp: expected a price."],
    [{ _tag: "AlertDuplicated", alertId: a1, delivery: delivery(), by: "id" },
      "The same alert came again on lane futures from 127.0.0.1 as canonical (known by its id): nothing new was done."],
    [{ _tag: "GuardBlocked", alertId: a1, atMs: startMs, reason: { rule: "coolDown", message: "fired 3 s ago", facts: {} } },
      "Guard said no: fired 3 s ago [coolDown]."],
    [{ _tag: "AlertRedriven", alertId: a1, accountId: account("paper-1"), attempt: 2 }, "paper-1 died on it: told once more, attempt 2."],
    [{ _tag: "OrderUnknown", alertId: a1, orderId: orderId("zz"), cause: "no answer" },
      "order zz may or may not have been executed: no answer. It counts in full until the venue proves what became of it."],
    [{ _tag: "OrderRejected", alertId: a1, orderId: orderId("zz"), reason: "no margin" }, "Venue rejected order zz: no margin."],
    [{ _tag: "ProtectionAlarm", alertId: a1, instrumentId: mes.id, message: "no stop after 2 s" }, "ALARM: no stop after 2 s."],
    [{ _tag: "OutcomePending", alertId: a1, cause: "unknown" }, "Pending: unknown."]
  ]
  for (const [event, text] of failures) {
    it(`says what ${event._tag} means`, () => assert.strictEqual(Story.tell(sequence()("dispatch", event), Orders.empty)[0]?.text, text))
  }
})
