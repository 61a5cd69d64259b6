import { assert, it } from "@effect/vitest"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import * as AuditLine from "#src/reports/AuditLine.ts"
import * as Rows from "../stores/auditRows.ts"

const placeOf = (account: string) => (account === "acc-1" ? { login: "paper-1", venue: "paper" as const } : undefined)

const inStream = (stream: string, ...events: ReadonlyArray<JournalEvent>): ReadonlyArray<JournalRow> =>
  events.map((event, index) => ({ seq: index + 1, atMs: 2_000, stream, version: index + 1, event }))

const lastLine = (stream: string, ...events: ReadonlyArray<JournalEvent>) => {
  const rows = inStream(stream, ...events)
  return AuditLine.lineOf(rows.at(-1)!, rows, placeOf)
}

const shared = { at: "1970-01-01T00:00:02.000Z", lane: "main", script_id: "script-7", strategy_id: "trend" }
const paper = { mode: "paper", venue: "paper", login: "paper-1", account_id: "acc-1" }
const nowhere = { mode: null, venue: null, login: null, account_id: null }

it("a trade with all that the journal knows of it", () => {
  assert.deepStrictEqual(lastLine("account/acc-1", Rows.accepted, Rows.decided, Rows.intended, Rows.stopIntended, Rows.closed), {
    seq: 5, kind: "trade", ...shared, ...paper,
    trade_id: "trade-1", order_id: "o-entry", alert_id: "alert-1", asset: "futures", symbol: "MESZ6", side: "long", qty: "2",
    avg_price: "5000.5", exit_price: "5010", fees: "2.48", slippage: "5", realized_pnl: "92.52", realized_pnl_pct: null,
    reward: "0.88114286", opened_at: "1970-01-01T00:00:01.000Z", closed_at: "1970-01-01T00:01:01.500Z", duration_s: 60.5,
    quote_snapshot_id: "2", status: "closed"
  })
})

it("what is not known is null", () => {
  const line = lastLine("account/acc-2", Rows.closed)
  for (const name of ["order_id", "asset", "qty", "slippage", "reward", "venue", "login", "mode", "lane", "quote_snapshot_id"]) {
    assert.strictEqual(line?.[name], null, name)
  }
  assert.strictEqual(line?.["strategy_id"], "trend")
  assert.strictEqual(line?.["account_id"], "acc-2")
})

it("blocks and outcomes", () => {
  assert.deepStrictEqual(lastLine("strategy-guard/trend", Rows.accepted, Rows.blocked), {
    seq: 2, kind: "block", ...shared, ...nowhere, alert_id: "alert-1", symbol: "MES1!", stage: "guard", rule: "coolDown",
    message: "too soon", facts: { leftMs: "1000" }, clears_at: "1970-01-01T00:00:05.000Z"
  })
  assert.deepStrictEqual(lastLine("dispatch", Rows.gated), {
    seq: 1, kind: "block", ...shared, lane: null, script_id: null, ...nowhere, alert_id: "alert-1", symbol: null, stage: "gate",
    rule: "age", message: "too old", facts: {}, clears_at: null
  })
  assert.deepStrictEqual(lastLine("account/acc-1", Rows.accepted, Rows.outcome), {
    seq: 2, kind: "outcome", ...shared, ...paper, alert_id: "alert-1", outcome: "filled", rule: null, message: null, facts: null,
    clears_at: null, order_ids: ["o-entry"]
  })
})

it("rows that make no line need no other rows", () => {
  const rows = inStream("account/acc-1", Rows.accepted, Rows.decided, Rows.intended, Rows.closed)
  assert.deepStrictEqual(rows.map(AuditLine.subjectOf), [undefined, undefined, undefined, "alert-1"])
})
