/** A simulated journal, kept, decided once more: unchanged, and with one row that says otherwise. */
import { assert, it } from "@effect/vitest"
import * as NodePath from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, Result } from "effect"
import * as Runtime from "#src/simulation/Runtime.ts"
import * as Recorded from "#src/simulation/replay/Recorded.ts"
import * as Replay from "#src/simulation/replay/Replay.ts"
import * as Scenario from "#src/simulation/Scenario.ts"
import * as JournalFile from "#src/stores/JournalFile.ts"
import { folder } from "#test/support/folder.ts"

const scenario = NodePath.resolve(import.meta.dirname, "scenarios/quiet-paper.json")

/** Bodies of all kinds: entries, exits, a reversal, one that a gate stops, one that nobody understands. */
const bodies = [
  { action: "buy", symbol: "MES1!" },
  { action: "buy", symbol: "MES1!" },
  { action: "reverse", symbol: "MES1!" },
  { action: "exit", symbol: "MES1!" },
  { action: "sell", symbol: "MNQ1!", sl: "20t", tp: "30t", quantity: 1 },
  { action: "buy", symbol: "ES1!" },
  { action: "long", symbol: "MES1!" },
  { action: "flatten", symbol: "MNQ1!" }
]

/** Writes the journal of a short run, and changes it as told. */
const recorded = Effect.fnUntraced(function*(file: string, change?: string) {
  const path = NodePath.join(yield* folder, "journal.sqlite")
  const loaded = Result.getOrThrow(Scenario.fromFile(NodePath.join(NodePath.dirname(scenario), file)))
  const alerts = { list: bodies.map((body, n) => ({ at: `00:0${n + 1}:00`, lane: "futures", body: { strategy: "demo-futures", ...body } })) }
  yield* Runtime.run({ ...loaded, scenario: { ...loaded.scenario, alerts, sessionHours: 0.2, settleMinutes: 2 } }, {
    keep: (installationId, rows) => {
      const journal = JournalFile.open({ path, installationId: () => installationId })
      journal.write(rows)
      journal.close()
    }
  })
  if (change !== undefined) {
    const db = new DatabaseSync(path)
    db.exec(change)
    db.close()
  }
  return Replay.run(Result.getOrThrow(Recorded.open(path)))
})

for (const file of ["quiet-paper.json", "quiet-native.json", "quiet-plain.json"]) {
  it.effect(`${file}: everything is decided as it was`, () => Effect.gen(function*() {
    const { compared, differences, differencesCount, rows } = yield* recorded(file)
    assert.deepStrictEqual(differences, [])
    assert.strictEqual(differencesCount, 0)
    assert.isAbove(rows, 100)
    const { close, configuration, delivery, entry, gates, guard, outcome } = compared
    assert.deepStrictEqual({ configuration, delivery, gates, guard }, { configuration: 1, delivery: 8, gates: 7, guard: 6 })
    assert.deepStrictEqual([entry, close, outcome].map((count = 0) => count > 4), [true, true, true])
  }))
}

const changeOf = (type: string, from: string, to: string) =>
  `update journal set body = replace(body, '${from}', '${to}') where seq = (select min(seq) from journal where type = '${type}' and body like '%${from}%')`

it.effect("what was decided otherwise is named: row, alert, was and now", () => Effect.gen(function*() {
  const cases = [
    { kind: "delivery", change: changeOf("AlertAccepted", '"action":"reverse"', '"action":"cancel"'), was: /"action":"cancel"/, now: /"action":"reverse"/ },
    { kind: "gates", change: changeOf("AlertGated", '"passed":false', '"passed":true'), was: /strategySymbol: passed/, now: /strategySymbol: blocked/ },
    { kind: "guard", change: changeOf("GuardApproved", '"tradingDay":"2026-11-15"', '"tradingDay":"2026-11-14"'), was: /2026-11-14/, now: /2026-11-15/ },
    { kind: "entry", change: changeOf("EntryDecided", '"rule":"fixed","lots":2', '"rule":"fixed","lots":3'), was: /"lots":3/, now: /"lots":2/ },
    { kind: "outcome", change: changeOf("OutcomeReached", '"rule":"SameSide"', '"rule":"OppositeSide"'), was: /OppositeSide/, now: /SameSide/ }
  ] as const
  for (const { change, kind, now, was } of cases) {
    const { differences } = yield* recorded("quiet-paper.json", change)
    const found = differences.filter((one) => one.kind === kind)
    assert.strictEqual(found.length, 1, `${kind}: ${JSON.stringify(differences)}`)
    assert.match(found[0]?.was ?? "", was)
    assert.match(found[0]?.now ?? "", now)
    assert.match(found[0]?.alertId ?? "", /^a-/)
    assert.isAbove(found[0]?.seq ?? 0, 0)
  }
}))

it("what is no journal is refused", () => {
  const opened = Recorded.open(scenario)
  assert.match(Result.isFailure(opened) ? opened.failure.message : "", /quiet-paper\.json cannot be read as a journal \(file is not a database\)/)
})
