/** The text of a fault plan, and which chances it chooses. */
import { assert, it } from "@effect/vitest"
import { Result } from "effect"
import * as Faults from "#src/simulation/venues/shared/Faults.ts"
import { plan } from "#test/simulation/venues/reference/support.ts"

it("a plan is its own text again; nonsense is refused by name", () => {
  const text = "F3:p=0.02 F24:n=5,burst=3 F18:every=10 F34:p=0.001,ms=90000"
  assert.strictEqual(Faults.format(plan(text)), text)
  for (const wrong of ["F99", "F3:p=2", "F3:n=0", "F3:q=1", "F3:n=", "F3:n=1.5", "x"]) assert.isTrue(Result.isFailure(Faults.parse(wrong)), wrong)
})

it("chances: exactly the n-th, every k-th, bursts, and the same draws for one seed whatever else is on", () => {
  const hitsOf = (text: string, chances: number, others = false): string => {
    const dice = Faults.dice(3, () => {})
    dice.set(plan(text))
    let drawn = ""
    for (let index = 0; index < chances; index++) {
      if (others) dice.hit("F5", "")
      drawn += dice.hit("F3", "") === undefined ? "." : "X"
    }
    return drawn
  }
  assert.strictEqual(hitsOf("F3:n=3", 6), "..X...")
  assert.strictEqual(hitsOf("F3:every=3", 7), "..X..X.")
  assert.strictEqual(hitsOf("F3:n=2,burst=3", 6), ".XXX..")
  const chance = hitsOf("F3:p=0.2", 200)
  assert.strictEqual(hitsOf("F3:p=0.2 F5:p=0.5", 200, true), chance)
  assert.approximately(chance.replaceAll(".", "").length, 40, 20)
})
