/** What may stand under `runner` of a strategy, and when a change of it counts. */
import { assert, it } from "@effect/vitest"
import { Result } from "effect"
import * as Diff from "#config/Diff.ts"
import * as DiffEffect from "#config/DiffEffect.ts"
import * as Load from "#config/Load.ts"
import { house, houseTexts, type Json, type Overrides } from "#test/support/house.ts"

type Fields = { readonly [key: string]: Json }
const of = (runner: Json, more: Fields = {}): Overrides => ({ strategies: { "demo-futures": { runner, ...more } } })

const whole = {
  firstTarget: { ticks: 20, portion: "0.5" }, breakEven: { atFirstTarget: true, offsetTicks: 2 }, trail: { ticks: 15, stepTicks: 4 }, timeStop: { minutes: 90 }
}

const problemsOf = (runner: Json, more: Fields = {}): string => {
  const loaded = Load.fromTexts(houseTexts(of(runner, more)))
  return Result.isFailure(loaded) ? String(loaded.failure.message) : ""
}

it.each<Json>([
  {}, whole, { trail: { bars: 3, timeframe: "5m" } }, { breakEven: { afterTicks: 20, offsetTicks: 0 } }
])("%j is one", (runner) => {
  assert.strictEqual(problemsOf(runner), "")
})

it.each<readonly [Json, Fields, RegExp]>([
  [{ firstTarget: { ticks: 20, portion: "1" } }, {}, /runner\.firstTarget\.portion/],
  [{ firstTarget: { ticks: 0, portion: "0.5" } }, {}, /runner\.firstTarget\.ticks/],
  [{ trail: { ticks: 10 } }, {}, /runner\.trail/],
  [{ trail: { bars: 3, timeframe: "7m" } }, {}, /runner\.trail/],
  [{ trails: {} }, {}, /runner\.trails .*expected a known key.* did you mean "trail"/],
  [{ timeStop: { minutes: 0.5 } }, {}, /runner\.timeStop\.minutes/],
  [{ breakEven: { atFirstTarget: true, offsetTicks: 0 } }, {}, /runner\.firstTarget \(in "demo-futures"\): expected a first target, as breakEven waits for it, got nothing/],
  [{ breakEven: { afterTicks: 4, offsetTicks: 4 } }, {}, /runner\.breakEven\.offsetTicks .*expected less than afterTicks, 4/],
  [{ ...whole, breakEven: { atFirstTarget: true, offsetTicks: 20 } }, {}, /runner\.breakEven\.offsetTicks .*expected less than the first target's ticks, 20/],
  [whole, { exitProfile: { runner: false } }, /exitProfile\.runner .*expected true where the strategy has a runner, got false/],
  [whole, { protection: "external" }, /runner .*expected nothing where positions are protected elsewhere/]
])("%j is none", (runner, more, said) => {
  assert.match(problemsOf(runner, more), said)
})

it("a change counts with the next order: an open position is run on as it was opened", () => {
  const changes = DiffEffect.of(house(of(whole)), house(of({ ...whole, trail: { ticks: 30, stepTicks: 4 } })))
  assert.deepStrictEqual(changes.map((change) => `${Diff.pathOf(change)} ${change.effect}`), ["strategies/demo-futures/runner/trail/ticks next order"])
})
