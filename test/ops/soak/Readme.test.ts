/** What the README says of the long run is what it counted. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { folder, write } from "#test/support/folder.ts"
import * as Process from "#test/support/process.ts"

const program = NodePath.join(Process.home, "ops/soak/main.ts")
const main = (...args: ReadonlyArray<string>) => Process.run(process.execPath, [program, ...args])

const result = (kills: number, violations = 0) => JSON.stringify({
  date: "2026-01-02T03:04:05.000Z", commit: "abc1234", minutes: 90, seed: 7, machine: { cpu: "a processor", cores: 2, node: "26.0.0" },
  runtimeDays: 200, machineDays: 24_800, callRuns: 5_000, kills, acknowledged: 9_000, fuzzInputs: 1_000_000, bugsPlanted: 40, bugsCaught: 40, seedsTwice: 50,
  violations, lost: 0, doubled: 0, unknown: 0, naked: 0, slowestNakedMs: 900, slowestUnknownMs: 10_000, slowestEvidenceMs: 80,
  faults: { F10: 3, F2: 1_000 }, nakedMs: { "> 60000": 2, "<= 1000": 5, "<= 0": 9 }, failures: [], failureRateMax: violations > 0 ? null : 0.00012,
  parts: [{ name: "kills", runs: 1, failures: 0, seconds: 370 }, { name: "fuzz", runs: 0, failures: 0, seconds: 0, note: "not there yet" }]
})

const document = "# Title\n\n<!-- soak -->\n<!-- /soak -->\n\nMore.\n"

const files = Effect.fnUntraced(function*(kills: number, text: string, violations = 0) {
  const root = yield* folder
  yield* write(root, { "result.json": result(kills, violations), "README.md": text })
  const readme = NodePath.join(root, "README.md")
  return { root, at: [`--result=${NodePath.join(root, "result.json")}`, `--readme=${readme}`], text: () => readFileSync(readme, "utf8") }
})

describe("what the README says of the soak", () => {
  it.live("is what result.json says", () => Effect.gen(function*() {
    const { code, err } = yield* main("--check")
    assert.strictEqual(code, 0, err)
  }))

  it.live("is written between the markers, and nothing else is touched", () => Effect.gen(function*() {
    const { at, text } = yield* files(1_000, document)
    assert.strictEqual((yield* main("--check", ...at)).code, 1)
    assert.strictEqual((yield* main("--write", ...at)).code, 0)
    assert.strictEqual((yield* main("--check", ...at)).code, 0)
    assert.match(text(), /^# Title\n\n<!-- soak -->\n\| Counted/)
    assert.match(text(), /\n<!-- \/soak -->\n\nMore\.\n$/)
    assert.include(text(), "| SIGKILLs of the real process | 1,000, 9,000 alerts acknowledged |")
    assert.include(text(), "No failure in 25,000 days: at 95 % at most 1.2e-4 failures a day, **under the modelled faults only**.")
    assert.include(text(), "Times without a stop, ms: <= 0: 9, <= 1000: 5, > 60000: 2.")
    assert.include(text(), "Faults: F2 1,000, F10 3.")
    assert.include(text(), "kills: 1 run, 370 s, no failure; fuzz: 0 runs, 0 s, no failure (not there yet)")
  }))

  it.live("claims no bound where a promise was broken", () => Effect.gen(function*() {
    const { at, text } = yield* files(1_000, document, 1)
    yield* main("--write", ...at)
    assert.include(text(), "No bound on the failure rate: a promise was broken.")
  }))

  it.live("and was not written again is found", () => Effect.gen(function*() {
    const { at, root } = yield* files(1_000, document)
    yield* main("--write", ...at)
    yield* write(root, { "result.json": result(1_001) })
    const { code, err } = yield* main("--check", ...at)
    assert.strictEqual(code, 1)
    assert.include(err, "npm run soak -- --write")
  }))
})
