import { assert, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as Faults from "#src/simulation/Faults.ts"
import * as Runtime from "#src/simulation/Runtime.ts"
import * as Scenario from "#src/simulation/Scenario.ts"

const sound = { name: "sound", start: "2026-11-16T00:00:00Z", alerts: {} }

const problems = (value: unknown) => {
  const result = Scenario.fromText("day.json", JSON.stringify(value))
  return Result.isFailure(result) ? result.failure.lines : []
}

it("says what is wrong: file, path, what was expected and what was there", () => {
  assert.deepStrictEqual(problems(sound), [])
  assert.deepStrictEqual(problems({ ...sound, start: "today", days: 0, seeds: 1 }), [
    "day.json: seeds: expected a known key, got \"seeds\"; did you mean \"seed\"?",
    "day.json: start: expected an instant such as 2026-11-16T00:00:00Z, got \"today\"",
    "day.json: days: expected a value greater than 0, got 0"
  ])
  assert.deepStrictEqual(problems({ ...sound, alerts: { list: [{ at: "1 hour", lane: "futures", body: {} }] } }), [
    "day.json: alerts.list[0].at: expected an offset such as 01:30:00 or 01:30:00.250, got \"1 hour\""
  ])
  assert.deepStrictEqual(problems({ ...sound, venues: { "tv-1": { switches: "frames=single taken=success" }, "ref-1": { style: "plain" } } }), [])
  assert.match(problems({ ...sound, venues: { "tv-1": { switches: "frames=both" } } }).join(), /day\.json: venues\.tv-1\.switches: .*frames is merged or single/)
  const text = Scenario.fromText("day.json", "{ \"name\": }")
  assert.match(Result.isFailure(text) ? text.failure.message : "", /day\.json: line 1, column 11: expected/)
  const gone = Scenario.fromFile("/nowhere/day.json")
  assert.match(Result.isFailure(gone) ? gone.failure.message : "", /\/nowhere\/day\.json: expected a scenario file, got ENOENT/)
})

it.effect("a configuration that is not valid, a fault that is none", () => Effect.gen(function*() {
  const scenario = Result.getOrThrow(Scenario.fromText("day.json", JSON.stringify(sound)))
  const wrong = { ...scenario, config: { overrides: { accounts: { "paper-1": { login: "nobody" } } } } }
  const refused = yield* Effect.flip(Runtime.run({ scenario: wrong, folder: "" }))
  assert.match(refused.message, /accounts\.json: accounts\[0\]\.login \(in "paper-1"\)/)
  const unknown = yield* Effect.flip(Runtime.run({ scenario, folder: "" }, { faults: "F3:p=0.1 F99" }))
  assert.match(unknown.message, /"F99": no such fault; there are F1 to F37, F38/)
}))

it("faults: of the venue, of the senders, of ourselves; each chance drawn apart", () => {
  const plan = Result.getOrThrow(Faults.parse("F3:p=0.02 F45:every=3 F38:n=2,burst=2"))
  assert.deepStrictEqual(plan.venue, [{ name: "F3", p: 0.02 }])
  const faults = Faults.make(1, plan.own)
  assert.deepStrictEqual(Array.from({ length: 6 }, () => faults.hit("F45") !== undefined), [false, false, true, false, false, true])
  assert.deepStrictEqual(Array.from({ length: 4 }, () => faults.hit("F38") !== undefined), [false, true, true, false])
  assert.deepStrictEqual(faults.counts(), { F45: 2, F38: 2 })
  faults.off()
  assert.isUndefined(faults.hit("F45"))
  assert.isTrue(Result.isFailure(Faults.parse("F45:p=2")))
})
