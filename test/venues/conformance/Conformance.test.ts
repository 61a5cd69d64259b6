/** Every adapter before the same trial, on virtual time. */
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { whyNot } from "./Scenario.ts"
import { overPort } from "./Suite.ts"
import { banks } from "./Venues.ts"

for (const { bench, lacks, name, venue } of banks) {
  for (const { scenarios, title } of overPort) {
    const run = scenarios.filter((scenario) => whyNot(scenario, lacks) === undefined)
    if (run.length === 0) continue
    describe(`${venue}, ${name}: ${title.toLowerCase()}`, () => {
      for (const scenario of run) it.effect(scenario.title, () => Effect.provide(scenario.run, bench))
    })
  }
}
