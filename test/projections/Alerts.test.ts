import { assert, describe, it } from "@effect/vitest"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import * as Alerts from "#src/projections/Alerts.ts"
import { accepted, account, alert, bracket, delivery, gated, intended, orderId, sequence, signal } from "./rows.ts"

const fold = (rows: ReadonlyArray<JournalRow>) => rows.reduce(Alerts.evolve, Alerts.empty)
const views = (rows: ReadonlyArray<JournalRow>) => {
  const state = fold(rows)
  return Alerts.page(state, {}, 1_000).map((row) => Alerts.view(state, row, () => "working"))
}
const reason = { rule: "paused", message: "all is paused", facts: {} }
const reached: JournalEvent = { _tag: "OutcomeReached", alertId: alert("a1"), outcome: "filled", orderIds: [orderId("e1")] }

describe("Alerts", () => {
  it("an accepted alert has no outcomes, then one pending per account asked, then each ends alone", () => {
    const row = sequence()
    const first = row("ingress/futures", accepted("a1"))
    assert.deepStrictEqual(views(first)[0]?.outcomes, [])

    const asked = [...first, ...row("dispatch", gated("a1", ["paper-1", "paper-2"]))]
    assert.deepStrictEqual(views(asked)[0]?.outcomes, [
      { accountId: account("paper-1"), outcome: "pending", cause: "working", clientOrderIds: [] },
      { accountId: account("paper-2"), outcome: "pending", cause: "working", clientOrderIds: [] }
    ])

    const worked = [
      ...asked,
      ...row("account/paper-1", intended(bracket.entry), reached),
      ...row("account/paper-2", { _tag: "OutcomePending", alertId: alert("a1"), cause: "restingLimit" })
    ]
    assert.deepStrictEqual(views(worked)[0]?.outcomes, [
      { accountId: account("paper-1"), outcome: "filled", clientOrderIds: [orderId("e1")] },
      { accountId: account("paper-2"), outcome: "pending", cause: "restingLimit", clientOrderIds: [] }
    ])
  })

  it("an outcome is final", () => {
    const row = sequence()
    const rows = [
      ...row("ingress/futures", accepted("a1")),
      ...row("dispatch", gated("a1", ["paper-1"])),
      ...row("account/paper-1", reached, { _tag: "OutcomePending", alertId: alert("a1"), cause: "unknown" })
    ]
    assert.strictEqual(views(rows)[0]?.outcomes[0]?.outcome, "filled")
  })

  it("a blocked alert ends on all named accounts with the reason", () => {
    const row = sequence()
    const blocked: JournalEvent = gated("a1", ["paper-1", "paper-2"], { outcome: "skipped", reason })
    const rows = [...row("ingress/futures", accepted("a1")), ...row("dispatch", blocked)]
    assert.deepStrictEqual(views(rows)[0]?.outcomes, [
      { accountId: account("paper-1"), outcome: "skipped", reason, clientOrderIds: [] },
      { accountId: account("paper-2"), outcome: "skipped", reason, clientOrderIds: [] }
    ])
  })

  it("a duplicate is a row of its own with the first's id and outcomes; a refused one has its refusal", () => {
    const row = sequence()
    const refusal = { error: "unknownStrategy" as const, message: "no strategy x", path: "strategy" }
    const rows = [
      ...row("ingress/futures", accepted("a1")),
      ...row("dispatch", gated("a1", ["paper-1"])),
      ...row("account/paper-1", reached),
      ...row("ingress/futures", { _tag: "AlertDuplicated", alertId: alert("a1"), delivery: delivery(), by: "id" }),
      ...row("ingress/futures", { _tag: "AlertRefused", alertId: alert("a2"), delivery: delivery(), refusal, signal: signal({ strategy: "x" }) })
    ]
    const [first, duplicate, refused] = views(rows)
    assert.deepStrictEqual([first?.status, duplicate?.status, refused?.status], ["accepted", "duplicate", "refused"])
    assert.strictEqual(duplicate?.alertId, "a1")
    assert.strictEqual(duplicate?.seq, 4)
    assert.strictEqual(duplicate?.symbol, "MES1!")
    assert.deepStrictEqual(duplicate?.outcomes, first?.outcomes)
    assert.deepStrictEqual(refused?.refusal, refusal)
    assert.deepStrictEqual(refused?.outcomes, [])
    assert.strictEqual(refused?.strategy, "x")
  })

  it("one refused before it was a signal shows what could be read of it", () => {
    const refusal = { error: "invalid" as const, message: "action: expected ...", path: "action" }
    const partial = { strategy: "demo-futures", symbol: "MES1!" }
    const [view] = views(sequence()("ingress/futures", { _tag: "AlertRefused", alertId: alert("a1"), delivery: delivery(), refusal, partial }))
    assert.deepStrictEqual([view?.strategy, view?.symbol, view?.action], ["demo-futures", "MES1!", null])
  })

  it("memory drops the oldest that ended, never one that has not", () => {
    const row = sequence()
    const count = Alerts.rowsMax + 1_001
    const rows = Array.from({ length: count }, (_, index) => [
      ...row("ingress/futures", accepted(`a${index}`)),
      ...(index === 0 ? [] : row("dispatch", gated(`a${index}`, [])))
    ]).flat()
    const state = fold(rows)
    const kept = Alerts.page(state, {}, count)
    assert.strictEqual(kept[0]?.alertId, "a0")
    assert.strictEqual(kept[1]?.alertId, "a1001")
    assert.strictEqual(kept.length, Alerts.rowsMax + 1)
    assert.isAbove(state.rows.droppedThrough, 0)
    assert.isUndefined(Alerts.firstRow(state, alert("a500")))
  })
})
