/** `simulate` and `replay` as a person types them. */
import { assert, it } from "@effect/vitest"
import * as NodePath from "node:path"
import { Effect, Schema } from "effect"
import { folder, write } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"

const cli = NodePath.join(Process.home, "ops/cli/main.ts")

const scenario = JSON.stringify({
  name: "one-alert",
  start: "2026-11-16T00:00:00Z",
  sessionHours: 0.05,
  settleMinutes: 2,
  alerts: { list: [{ at: "00:01:00", lane: "futures", body: { strategy: "demo-futures", action: "buy", symbol: "MES1!", id: "one" } }] }
})

const Printed = Schema.fromJsonString(Schema.Struct({
  scenario: Schema.String, seed: Schema.Int, days: Schema.Int, hash: Schema.String,
  counts: Schema.Record(Schema.String, Schema.Finite), outcomes: Schema.Record(Schema.String, Schema.Finite),
  faults: Schema.Record(Schema.String, Schema.Finite), violations: Schema.Array(Schema.Unknown), replay: Schema.String
}))

it.live("prints what came of it, leaves the journal, and decides it once more", () => Effect.gen(function*() {
  const root = yield* folder
  yield* write(root, { "one.json": scenario })
  const [file, journal] = [NodePath.join(root, "one.json"), NodePath.join(root, "journal.sqlite")]

  const human = yield* Process.run(process.execPath, [cli, "simulate", file, "--seed", "3", "--journal", journal])
  assert.strictEqual(human.code, 0, human.err)
  assert.match(human.out, /^SIMULATED one-alert, seed 3, 1 day\njournal [0-9a-f]{64}\n/)
  assert.match(human.out, /\nviolations: none\n$/)

  const json = yield* Process.run(process.execPath, [cli, "simulate", file, "--seed", "3", "--json"])
  const printed = yield* Schema.decodeUnknownEffect(Printed)(json.out)
  assert.include(human.out, `journal ${printed.hash}\n`) // another process, the same journal
  assert.deepStrictEqual([printed.scenario, printed.seed, printed.days], ["one-alert", 3, 1])
  assert.strictEqual(printed.replay, `interlock simulate ${file} --seed 3`)
  assert.strictEqual(printed.counts["alerts"], 1)

  const replayed = yield* Process.run(process.execPath, [cli, "replay", journal])
  assert.strictEqual(replayed.code, 0, replayed.err)
  assert.match(replayed.out, /^REPLAYED \d+ rows\ndecided again:\n/)
  assert.match(replayed.out, /never decided again:\n {2}what a venue answered/)
  assert.match(replayed.out, /\ndifferences: none\n$/)
}).pipe(Effect.scoped), 60_000)

it.live("what cannot be simulated is said in words", () => Effect.gen(function*() {
  const root = yield* folder
  yield* write(root, { "bad.json": "{ \"name\": \"bad\", \"alerts\": {} }" })
  const bad = yield* Process.run(process.execPath, [cli, "simulate", NodePath.join(root, "bad.json")])
  assert.strictEqual(bad.code, 1)
  assert.match(bad.err, /^interlock: the scenario is not valid:\n.*bad\.json: start: expected this key, got nothing\n$/)
  const usage = yield* Process.run(process.execPath, [NodePath.join(Process.home, "src/main.ts"), "simulate", "x.json", "--days", "none"])
  assert.strictEqual(usage.code, 2)
  const none = yield* Process.run(process.execPath, [cli, "replay", NodePath.join(root, "bad.json")])
  assert.strictEqual(none.code, 1)
  assert.match(none.err, /cannot be read as a journal/)
}).pipe(Effect.scoped), 60_000)
