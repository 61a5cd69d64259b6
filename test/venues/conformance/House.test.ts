/** The whole house over every venue, on virtual time. */
import { describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { world } from "#test/support/runtime.ts"
import { whyNot } from "./Scenario.ts"
import { overHouse } from "./Suite.ts"
import { banks } from "./Venues.ts"

for (const { house, lacks, name, venue } of banks) {
  for (const { scenarios, title } of overHouse) {
    describe(`${venue}, ${name}: ${title.toLowerCase()}`, () => {
      for (const scenario of scenarios) {
        if (whyNot(scenario, lacks) === undefined) it.effect(scenario.title, () => Effect.provide(scenario.run, Layer.merge(world, house)))
      }
    })
  }
}
