/** Days that once broke a promise. The soak adds to them; none is ever taken out. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import * as Judges from "#src/simulation/Judges.ts"
import * as Machine from "#src/simulation/machine/Run.ts"
import * as Runtime from "#src/simulation/Runtime.ts"
import * as Scenario from "#src/simulation/Scenario.ts"

const Corpus = Schema.fromJsonString(Schema.Array(Schema.Struct({
  scenario: Schema.NonEmptyString, seed: Schema.Int, days: Schema.Int, faults: Schema.String, why: Schema.NonEmptyString
})))
type Entry = (typeof Corpus.Type)[number]

const corpus = Schema.decodeUnknownSync(Corpus)(readFileSync(NodePath.join(import.meta.dirname, "corpus.json"), "utf8"))

const stories = Effect.fnUntraced(function*({ days, faults, scenario, seed }: Entry) {
  if (scenario === "machine") {
    const { story, violations } = Machine.day(seed, { seed, days: 1 })
    return violations.length === 0 ? [] : [story]
  }
  const loaded = yield* Effect.fromResult(Scenario.fromFile(NodePath.join(import.meta.dirname, "scenarios", `${scenario}.json`)))
  const { violations } = yield* Runtime.run(loaded, { seed, days, ...(faults === "" ? {} : { faults }), judge: Judges.make })
  return violations.map(({ story }) => story)
})

describe("days that once broke a promise", () => {
  it("can be read", () => assert.isArray(corpus))
  for (const entry of corpus) {
    it.live(`${entry.scenario} ${entry.seed} ${entry.faults}: once ${entry.why}`, () =>
      Effect.map(stories(entry), (told) => assert.deepStrictEqual(told, [])), 300_000)
  }
})
