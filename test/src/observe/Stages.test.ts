import { assert, describe, it } from "@effect/vitest"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import * as Series from "#src/observe/Series.ts"
import * as Stages from "#src/observe/Stages.ts"
import { accepted, acknowledged, alert, bracket, filled, gated, intended, order, sequence, startMs } from "#test/projections/rows.ts"

const account = "account/paper-1"
const answered = (alertId: string, atMs: number): JournalEvent => ({ _tag: "AlertAnswered", alertId: alert(alertId), status: 200, answeredAtMs: startMs + atMs })

/** `received_to_durable 5` per timed stage, in milliseconds. */
const timed = (rows: ReadonlyArray<JournalRow>) => {
  const look = Stages.make()
  return rows.flatMap((row) => look(row)).flatMap((seen) => seen._tag === "Stage" ? [`${seen.stage} ${Math.round(seen.seconds * 1_000)}`] : [])
}
const others = (rows: ReadonlyArray<JournalRow>) => {
  const look = Stages.make()
  return rows.flatMap((row) => look(row)).filter((seen) => seen._tag !== "Stage")
}

describe("the stages of an alert", () => {
  it("are timed from row to row: rows come 10 ms apart, the alert came 5 ms after the start", () => {
    const next = sequence()
    assert.deepStrictEqual(timed([
      ...next("ingress/futures", accepted("a1")), // at 10
      ...next("ingress/futures", answered("a1", 12)),
      ...next("dispatch", gated("a1", ["paper-1"])), // at 30
      ...next(account, intended(bracket.entry), intended(bracket.stop)), // at 40, 50
      ...next(account, acknowledged(bracket.entry), acknowledged(bracket.stop, true)), // at 60, 70
      ...next(account, { ...filled(bracket.entry, 2, "6000"), seenAtMs: startMs + 75 } as JournalEvent)
    ]), [
      "received_to_durable 5", "received_to_answer 7", "answer_to_gated 18", "gated_to_intent 10", "intent_to_venue_answer 20",
      "received_to_first_accepted 55", "intent_to_venue_answer 20", "accepted_to_filled 15"
    ])
  })

  it("need not come in order: an answer after the gates took no time between them, nor does a fill before its acknowledgement", () => {
    const next = sequence()
    assert.deepStrictEqual(timed([
      ...next("ingress/futures", accepted("a1")),
      ...next("dispatch", gated("a1", ["paper-1"])),
      ...next("ingress/futures", answered("a1", 25), answered("a1", 99)),
      ...next(account, intended(bracket.entry), filled(bracket.entry, 2, "6000"), acknowledged(bracket.entry))
    ]), [
      "received_to_durable 5", "received_to_answer 20", "answer_to_gated 0", "gated_to_intent 30", "intent_to_venue_answer 10",
      "received_to_first_accepted 55", "accepted_to_filled 0"
    ])
  })

  it("of an alert that came before are not timed, nor is a resting order's fill", () => {
    const next = sequence()
    const resting = order("r1", "entry", "buy", 1, { type: "limit" })
    assert.deepStrictEqual(timed([
      ...next("dispatch", gated("a1", ["paper-1"])),
      ...next(account, acknowledged(bracket.entry), intended(resting), acknowledged(resting), filled(resting, 1, "6000"))
    ]), ["intent_to_venue_answer 10"])
  })

  it("every no is counted by its rule, once per account", () => {
    const next = sequence()
    const reason = { rule: "DailyLoss", message: "", facts: {} }
    assert.deepStrictEqual(others([
      ...next("dispatch", gated("a1", ["paper-1", "paper-2"], { outcome: "skipped", reason: { ...reason, rule: "IngressPause" } })),
      ...next(account, { _tag: "OutcomeReached", alertId: alert("a2"), outcome: "denied", reason, orderIds: [] }),
      ...next(account, { _tag: "OutcomeReached", alertId: alert("a2"), outcome: "filled", orderIds: [] }),
      ...next("broker-session/paper-demo", { _tag: "Restarted", atMs: startMs, defect: "Error: x" })
    ]), [
      { _tag: "Outcome", outcome: "skipped" }, { _tag: "Refusal", kind: "skipped", rule: "IngressPause" },
      { _tag: "Outcome", outcome: "skipped" }, { _tag: "Refusal", kind: "skipped", rule: "IngressPause" },
      { _tag: "Outcome", outcome: "denied" }, { _tag: "Refusal", kind: "denied", rule: "DailyLoss" },
      { _tag: "Outcome", outcome: "filled" },
      { _tag: "Restart", actor: "broker-session" }
    ])
  })
})

it("a label takes no more values than its bound", () => {
  const bound = Series.bounded(2)
  assert.deepStrictEqual(["a", "b", "c", "a", "d"].map(bound), ["a", "b", "other", "a", "other"])
})
