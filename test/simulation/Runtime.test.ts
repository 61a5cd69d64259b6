/** Whole runs: bytes in at the door, orders at a venue, a journal that the judge has seen. */
import { assert, it } from "@effect/vitest"
import { readdirSync } from "node:fs"
import * as NodePath from "node:path"
import { Effect, Result } from "effect"
import type * as Calls from "#src/simulation/Calls.ts"
import * as Judges from "#src/simulation/Judges.ts"
import * as Runtime from "#src/simulation/Runtime.ts"
import * as Scenario from "#src/simulation/Scenario.ts"

const folder = NodePath.resolve(import.meta.dirname, "scenarios")
const files = readdirSync(folder).filter((file) => file.endsWith(".json"))

const loadedOf = (file: string, change: Partial<Scenario.Scenario> = {}): Scenario.Loaded => {
  const loaded = Result.getOrThrow(Scenario.fromFile(NodePath.join(folder, file)))
  return { ...loaded, scenario: { ...loaded.scenario, ...change } }
}

/** Twenty minutes, and time to settle. */
const short = { sessionHours: 0.34, settleMinutes: 3 }
const entries: Scenario.Scenario["alerts"] = {
  list: ["00:01:00", "00:03:00", "00:06:00", "00:09:00"].map((at, n) => ({
    at, lane: "futures", body: { strategy: "demo-futures", action: n % 2 === 0 ? "buy" : "exit", symbol: n < 2 ? "MES1!" : "MNQ1!", id: `t${n}` }
  }))
}
/** Fewer alerts than in a whole day. */
const few = (file: string, change: Partial<Scenario.Scenario>, perDay: number) => {
  const loaded = loadedOf(file, change)
  const { generate, ...rest } = loaded.scenario.alerts
  return { ...loaded, scenario: { ...loaded.scenario, alerts: generate === undefined ? rest : { ...rest, generate: { ...generate, perDay } } } }
}
const quiet = (file = "quiet-paper.json") => loadedOf(file, { ...short, alerts: entries })

const run = (loaded: Scenario.Loaded, options: Runtime.Options = {}) => Runtime.run(loaded, { judge: Judges.make, ...options })

it.effect("same seed, same journal; another seed, another one", () => Effect.gen(function*() {
  const alerts = few("quiet-paper.json", short, 12)
  const [first, second, other] = [yield* run(alerts, { seed: 5 }), yield* run(alerts, { seed: 5 }), yield* run(alerts, { seed: 6 })]
  assert.strictEqual(first.hash, second.hash)
  assert.notStrictEqual(first.hash, other.hash)
  assert.isAbove(first.counts["fills"] ?? 0, 0)
}))

for (const file of ["quiet-paper.json", "quiet-native.json", "quiet-plain.json", "tradovate-quiet.json", "tradovate-readings.json", "mixed.json"]) {
  it.effect(`${file}: every alert ends, and nothing is broken`, () => Effect.gen(function*() {
    const { answers, counts, errors, outcomes, violations } = yield* run(quiet(file))
    assert.deepStrictEqual(violations.map(({ story }) => story), [])
    assert.deepStrictEqual(answers, { 200: 4 })
    assert.strictEqual(Object.values(outcomes).reduce((sum, count) => sum + count, 0), 4 * 5)
    assert.strictEqual(counts["lives"], 1)
    assert.deepStrictEqual(errors, [])
  }))
}

it.effect("at Tradovate under faults: same seed, same journal", () => Effect.gen(function*() {
  const faulty = few("tradovate-faulty.json", short, 12)
  const faults = "F3:p=0.2 F14:p=0.2 F18:n=2 F22:p=0.2 F25:n=3 F27:n=4 F31:n=5"
  const [first, second] = [yield* run(faulty, { seed: 5, faults }), yield* run(faulty, { seed: 5, faults })]
  assert.strictEqual(first.hash, second.hash)
  assert.deepStrictEqual(first.violations.map(({ story }) => story), [])
  assert.isAbove(first.counts["fills"] ?? 0, 0)
  for (const name of ["F3", "F14", "F18", "F25", "F27", "F31"]) assert.isAbove(first.faults[name] ?? 0, 0, name)
}))

it.effect("what Tradovate's books say and the journal does not is found by the judge", () => Effect.gen(function*() {
  const lost = new Set<string>()
  const { violations } = yield* run(quiet("mixed.json"), {
    judge: (about) => {
      const judge = Judges.make(about)
      return { ...judge, row: (row) => {
        if (row.stream === "account/paper-1" && row.event._tag === "FillReceived" && lost.size === 0) lost.add(row.stream)
        else judge.row(row)
      } }
    }
  })
  assert.include(violations.map(({ account, invariant }) => `${invariant} ${account}`), "I6 paper-1")
  assert.notInclude(violations.map(({ account }) => account), "paper-3")
}))

/** Ends the process at one call. */
const dieAt = (n: number, moment: Calls.Call["moment"]) => (call: Calls.Call): Calls.Fate => call.n === n && call.moment === moment ? "kill" : "go"

it.effect("a kill at any of these calls loses nothing and doubles nothing", () => Effect.gen(function*() {
  const whole = yield* run(quiet())
  const first = { list: entries.list?.slice(0, 1) ?? [] }
  const one = loadedOf("quiet-paper.json", { sessionHours: 0.05, settleMinutes: 3, alerts: first })
  const calls: Array<Calls.Call> = []
  yield* run(one, { fateOf: (call) => {
    calls.push(call)
    return "go"
  } })
  const commits = calls.filter(({ kind, moment }) => kind === "journal" && moment === "before")
  const submits = calls.filter(({ moment, what }) => what === "submitBracket" && moment === "before")
  assert.isAbove(commits.length, 3)
  assert.strictEqual(submits.length, 5)
  for (const { n } of [...commits, ...submits]) {
    for (const moment of ["before", "after"] as const) {
      const { counts, outcomes, violations } = yield* run(one, { fateOf: dieAt(n, moment) })
      assert.deepStrictEqual(violations.map(({ story }) => story), [], `call ${n}, ${moment}`)
      assert.strictEqual(counts["lives"], 2, `call ${n}, ${moment}`)
      assert.strictEqual(counts["fills"], 5, `call ${n}, ${moment}`)
      assert.deepStrictEqual(outcomes, { filled: 5 }, `call ${n}, ${moment}`)
    }
  }
  assert.strictEqual(whole.violationsCount, 0)
}), 120_000)

it.effect("what was acknowledged and is not on disk is found by the judge", () => Effect.gen(function*() {
  let isLost = false
  const { violations } = yield* run(quiet(), {
    judge: (about) => {
      const judge = Judges.make(about)
      return { ...judge, row: (row) => {
        if (row.event._tag === "AlertAccepted" && !isLost) isLost = true
        else judge.row(row)
      } }
    }
  })
  assert.isTrue(isLost)
  assert.include(violations.map(({ invariant }) => invariant), "I3")
}))

it.effect("a full disk turns alerts away until there is room", () => Effect.gen(function*() {
  const { answers, faults, violations } = yield* run(loadedOf("quiet-paper.json", {
    ...short, alerts: entries, own: [{ at: "00:02:30", what: "diskFull", forSeconds: 60 }]
  }))
  assert.deepStrictEqual(violations.map(({ story }) => story), [])
  assert.isAbove(answers["503"] ?? 0, 0)
  assert.strictEqual(faults["F46"], 1)
}))

it.effect("faults at the senders: resent is a duplicate, nonsense is refused", () => Effect.gen(function*() {
  const { answers, counts, faults, violations } = yield* run(quiet(), { faults: "F38:n=1 F41:n=2 F42:n=3" })
  assert.deepStrictEqual(violations.map(({ story }) => story), [])
  assert.deepStrictEqual(faults, { F38: 1, F41: 1, F42: 1 })
  assert.strictEqual(counts["duplicates"], 4)
  assert.strictEqual(answers["401"], 1)
}))

it.effect("every example makes a run", () => Effect.forEach(files, (file) => Effect.gen(function*() {
  const { scenario } = yield* run(few(file, { sessionHours: 0.02, settleMinutes: 1 }, 3))
  assert.strictEqual(`${scenario}.json`, file)
}), { discard: true }))
