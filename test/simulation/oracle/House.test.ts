/** The judge over what the house itself writes, at every kind of venue: nothing to say of it as it is, and a word for each way of lying about it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as Judging from "#src/simulation/Judging.ts"
import * as Runtime from "#src/simulation/Runtime.ts"
import * as Scenario from "#src/simulation/Scenario.ts"
import * as Judge from "#src/simulation/oracle/Judge.ts"
import type { Encoded, EncodedRecord } from "#src/simulation/oracle/Shapes.ts"

type Style = "paper" | "native" | "plain"

const login = { venue: "reference", enabled: true, reference: { url: "https://reference.test", key: "demo", secret: { $file: "secrets/reference" } } }
const overrides = {
  accounts: { "paper-1": { login: "ref-1", venueAccount: "A1" }, "paper-2": null, "paper-3": null },
  venues: { "paper-demo": null, "ref-1": login }
}
const alert = (at: string, action: string) =>
  ({ at, lane: "futures", body: { strategy: "demo-futures", action, symbol: "MES1!", sl: "40t", tp: "60t" } })

const scenario = (style: Style, own: ReadonlyArray<object>) => JSON.stringify({
  name: `judged-${style}`,
  start: "2026-11-16T00:00:00Z",
  sessionHours: 0.1,
  settleMinutes: 3,
  config: style === "paper" ? { overrides: { accounts: { "paper-2": null, "paper-3": null } } } : { overrides },
  ...(style === "paper" ? {} : { venues: { "ref-1": { style } } }),
  alerts: { list: [alert("00:01:00", "buy"), alert("00:02:00", "exit"), alert("00:03:00", "sell"), alert("00:04:00", "buy"), alert("00:04:30", "sell")] },
  own
})

/** What a liar does to a row or a record on its way to the judge. */
interface Lies {
  readonly row?: (row: Encoded) => ReadonlyArray<Encoded>
  readonly record?: (record: EncodedRecord) => ReadonlyArray<EncodedRecord>
}

const judged = Effect.fnUntraced(function*(style: Style, lies: Lies = {}, own: ReadonlyArray<object> = []) {
  const loaded = { folder: ".", scenario: Result.getOrThrow(Scenario.fromText("judged", scenario(style, own))) }
  const names = style === "paper" ? { "paper-1": { account: "paper-1", login: "paper-demo" } } : { A1: { account: "paper-1", login: "ref-1" } }
  const judge = Judge.make({ venues: { "reference.test": names, "paper-demo": names }, transitMs: { "paper-demo": 50 } })
  const witness: Judging.Witness = {
    ...Judging.nobody,
    ...judge,
    row: (row) => (lies.row?.(row as Encoded) ?? [row as Encoded]).forEach(judge.row),
    ledger: (told, venue) => {
      const record = { ...told, n: Number(told["n"]), atMs: Number(told["atMs"]), kind: String(told["kind"]) }
      for (const one of lies.record?.(record) ?? [record]) judge.ledger(one, venue)
    },
    reread: (rows) => judge.reread(rows as ReadonlyArray<Encoded>),
    violations: () => [],
    told: () => ""
  }
  yield* Runtime.run(loaded, { judge: () => witness })
  return judge
})

describe("the house as it is", () => {
  for (const style of ["paper", "native", "plain"] as const) {
    it.effect(`gives no cause at the ${style} venue`, () => Effect.gen(function*() {
      const judge = yield* judged(style)
      assert.strictEqual(judge.text(), "")
      const { alerts, fills, venueFills } = judge.statistics()
      assert.strictEqual(alerts, 5)
      assert.isAbove(fills, 2)
      assert.strictEqual(fills, venueFills)
    }), 60_000)
  }

  it.effect("gives no cause when it is killed with a position open", () => Effect.gen(function*() {
    const judge = yield* judged("native", {}, [{ at: "00:01:30", what: "kill", downSeconds: 20 }])
    assert.strictEqual(judge.text(), "")
    assert.strictEqual(judge.statistics().lives, 2)
  }), 60_000)
})

describe("lies about it", () => {
  const tagged = (tag: string, lie: (row: Encoded) => ReadonlyArray<Encoded>) => (row: Encoded) => row.event._tag === tag ? lie(row) : [row]
  const ofKind = (kind: string, lie: (record: EncodedRecord) => ReadonlyArray<EncodedRecord>) => (record: EncodedRecord) => record.kind === kind ? lie(record) : [record]
  const caught = (name: string, invariant: string, lies: Lies) =>
    it.effect(`are caught: ${name}`, () => Effect.map(judged("native", lies), (judge) => {
      assert.include(judge.violations().map((violation) => violation.invariant), invariant)
    }), 60_000)

  caught("an intent that was not written", "I1", { row: tagged("OrderIntended", () => []) })
  caught("an order sent twice", "I1", {
    record: ofKind("order", (record) => [record, Object.assign({}, record, { orderId: `again-${record.n}` })])
  })
  caught("an outcome that was not written", "I2", { row: tagged("OutcomeReached", () => []) })
  caught("an alert that was not written", "I3", { row: tagged("AlertAccepted", () => []) })
  caught("a fill that was not written", "I6", { row: tagged("FillReceived", () => []) })
  caught("a fill that the venue did not make", "I7", { record: ofKind("fill", () => []) })
})
