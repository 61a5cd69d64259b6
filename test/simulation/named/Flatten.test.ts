/** A kill -9 at each step of a flatten: the person says it again to the next life, and the account ends flat. */
import { assert, describe, it } from "@effect/vitest"
import * as Enumerate from "#test/simulation/calls/Enumerate.ts"
import * as Person from "#test/simulation/calls/Person.ts"
import { tell } from "#test/simulation/calls/Story.ts"

describe.each(["native", "plain"] as const)("a flatten, %s", (style) => {
  it("is died at, at every one of its calls", async () => {
    const story = tell({
      name: "flatten", about: "", style,
      alerts: [["00:00:05", { action: "buy", id: "in" }], ["00:00:08", { action: "buy", id: "rest", orderType: "limit", limitPrice: "6880" }]],
      hands: [{ at: "00:00:15", act: Person.flatten }],
      seconds: 40
    })
    const whole = await Enumerate.attempt(story, [])
    assert.strictEqual(whole.report.violationsCount, 0)
    const steps = whole.calls.filter(({ sinceMs }) => sinceMs >= 15_000 && sinceMs < 25_000)
    assert.isAbove(steps.length, 5)
    for (const { n } of steps) {
      for (const moment of ["before", "after"] as const) {
        const { report } = await Enumerate.attempt(story, [{ n, moment, fate: "kill" }])
        assert.deepStrictEqual(report.violations.map(({ story: told }) => `${n} ${moment}: ${told}`), [])
        assert.strictEqual(report.counts["lives"], 2)
      }
    }
  })
})
