import { assert, describe, it } from "@effect/vitest"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import * as Trace from "#src/observe/Trace.ts"
import { accepted, acknowledged, alert, bracket, decided, filled, gated, intended, sequence, startMs } from "#test/projections/rows.ts"

const one = "account/paper-1"
const two = "account/paper-2"
const denied: JournalEvent = {
  _tag: "OutcomeReached", alertId: alert("a1"), outcome: "denied", reason: { rule: "DailyLoss", message: "too much", facts: {} }, orderIds: []
}
const done: JournalEvent = { _tag: "OutcomeReached", alertId: alert("a1"), outcome: "filled", orderIds: [bracket.entry.id] }
const settled: JournalEvent = { _tag: "AlertSettled", alertId: alert("a1"), sent: true }
const answered: JournalEvent = { _tag: "AlertAnswered", alertId: alert("a1"), status: 200, answeredAtMs: startMs + 12 }

const rowsOf = (late: ReadonlyArray<JournalEvent> = []): ReadonlyArray<JournalRow> => {
  const next = sequence()
  return [
    ...next("ingress/futures", accepted("a1")), // 10
    ...next("dispatch", gated("a1", ["paper-1", "paper-2"])), // 20
    ...next(one, decided("a1"), intended(bracket.entry), intended(bracket.stop)), // 30, 40, 50
    ...next(two, denied), // 60
    ...next(one, acknowledged(bracket.entry), filled(bracket.entry, 2, "6000"), done), // 70, 80, 90
    ...next("dispatch", settled), // 100
    ...next("ingress/futures", answered),
    ...next(one, ...late)
  ]
}

/** `name start end` by the parent's name, in milliseconds after the arrival. */
const tree = (spans: ReadonlyArray<Trace.Span>) => {
  const names = new Map(spans.map(({ name, spanId }) => [spanId, name]))
  return spans.map(({ endMs, name, parentId, startMs: from }) =>
    `${parentId === undefined ? "" : `${names.get(parentId) ?? "?"} > `}${name} ${from - startMs - 5}-${endMs - startMs - 5}`)
}

describe("a settled alert's trace", () => {
  it("is a tree from its arrival to its last outcome: answer, gates, accounts, decisions, orders", () => {
    const spans = Trace.of(rowsOf())
    assert.deepStrictEqual(tree(spans), [
      "alert buy 0-85",
      "alert buy > ack 0-7",
      "alert buy > gates and guard 5-15",
      "alert buy > account paper-1 15-85",
      "account paper-1 > decision 15-25",
      "account paper-1 > order entry 35-65",
      "account paper-1 > order stop 45-85",
      "alert buy > account paper-2 15-55",
      "account paper-2 > decision 15-55"
    ])
    const by = (name: string) => spans.find((span) => span.name === name)
    assert.deepInclude(by("account paper-2")?.attributes, { outcome: "denied", rule: "DailyLoss" })
    assert.deepInclude(by("order entry")?.attributes, { "order.id": "e1", answer: "accepted", "venue.order.id": "v-e1", side: "buy", lots: 2 })
    assert.deepStrictEqual([by("order stop")?.attributes["answer"], by("order stop")?.isError, by("account paper-2")?.isError], ["none", true, false])
    assert.strictEqual(by("ack")?.attributes["http.status"], 200)
    assert.strictEqual(new Set(spans.map(({ spanId }) => spanId)).size, spans.length)
    for (const { spanId, traceId } of spans) {
      assert.match(spanId, /^[0-9a-f]{16}$/)
      assert.strictEqual(traceId, Trace.traceIdOf("a1"))
      assert.match(traceId, /^[0-9a-f]{32}$/)
    }
  })

  it("is the same whenever it is told, whatever happens to its orders later", () => {
    assert.deepStrictEqual(Trace.of(rowsOf([acknowledged(bracket.stop), done])), Trace.of(rowsOf()))
    assert.notStrictEqual(Trace.traceIdOf("a1"), Trace.traceIdOf("a2"))
  })

  it("takes a fill that comes first for the venue's answer", () => {
    const next = sequence()
    const spans = Trace.of([
      ...next("ingress/futures", accepted("a1")),
      ...next("dispatch", gated("a1", ["paper-1"])),
      ...next(one, intended(bracket.entry), filled(bracket.entry, 2, "6000"), acknowledged(bracket.entry), done),
      ...next("dispatch", settled)
    ])
    const order = spans.find(({ name }) => name === "order entry")
    assert.deepStrictEqual([order?.attributes["answer"], order?.endMs, order?.isError], ["filled", startMs + 40, false])
  })

  it("is not there before it is settled; one that was blocked ends at the gates", () => {
    assert.deepStrictEqual(Trace.of(rowsOf().slice(0, 9)), [])
    const next = sequence()
    const blocked = { outcome: "skipped", reason: { rule: "IngressPause", message: "paused", facts: {} } } as const
    const spans = Trace.of([...next("ingress/futures", accepted("a1")), ...next("dispatch", gated("a1", ["paper-1"], blocked), settled)])
    assert.deepStrictEqual(tree(spans), ["alert buy 0-15", "alert buy > ack 0-5", "alert buy > gates and guard 5-15"])
    assert.deepInclude(spans[2]?.attributes, { outcome: "skipped", rule: "IngressPause" })
  })
})
