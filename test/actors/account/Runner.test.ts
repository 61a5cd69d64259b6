/** A position run on: part out at the first target, stop to break-even, trail, end in time. On venues that link orders, that change them, and that can do neither. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { desk, isClean, mes, moves, only, send, trades, trading, working } from "#test/actors/account/desk.ts"
import { pass } from "#test/support/runtime.ts"
import type { Json } from "#test/support/house.ts"

/** Bought 2 at 28002 with the stop 40 ticks behind the ask. */
const filledAt = 28_002
const stopAt = 27_961

const venues = {
  native: { nativeBrackets: true },
  managed: { nativeBrackets: false },
  bare: { nativeBrackets: false, reduceOnly: false, oca: false, modify: false },
  "native without reduce-only": { nativeBrackets: true, reduceOnly: false }
} as const

const byEven = { breakEven: { afterTicks: 20, offsetTicks: 2 } }
const halfOut = { firstTarget: { ticks: 20, portion: "0.5" }, breakEven: { atFirstTarget: true, offsetTicks: 2 }, trail: { ticks: 15, stepTicks: 4 } }

const steps = Effect.map(only("RunnerStepped"), (all) => all.map(({ step }) => step))
const stops = Effect.map(working, (all) => all.filter((one) => one.startsWith("stop")))

type Runner = { readonly [key: string]: Json }
const running = (paper: Runner, runner: Runner) => ({ paper, strategy: { runner, defaultTarget: null } })

for (const [name, paper] of Object.entries(venues)) {
  describe(name, () => {
    it.effect("so many ticks ahead the stop goes to the entry and beyond, once, and is never missing", () =>
      trading(running(paper, byEven), Effect.gen(function*() {
        yield* send("buy")
        yield* pass(3)
        assert.deepStrictEqual(yield* stops, [`stop 2 ${stopAt}`])
        yield* moves(filledAt + 19)
        yield* pass(3)
        assert.deepStrictEqual(yield* stops, [`stop 2 ${stopAt}`])
        yield* moves(filledAt + 20)
        yield* pass(3)
        assert.deepStrictEqual(yield* stops, [`stop 2 ${filledAt + 2}`])
        assert.deepStrictEqual(yield* steps, ["started", "breakEven"])
        assert.isAtMost((yield* desk).nakedMs(mes), 500)
        yield* moves(filledAt + 60)
        yield* pass(3)
        assert.deepStrictEqual(yield* stops, [`stop 2 ${filledAt + 2}`])
        yield* moves(filledAt + 1)
        yield* pass(3)
        yield* isClean
      })))

    it.effect("a part out at the first target, the stop to break-even, the rest trails", () =>
      trading(running(paper, halfOut), Effect.gen(function*() {
        yield* send("buy")
        yield* pass(3)
        const rests = !("reduceOnly" in paper)
        assert.deepStrictEqual(yield* working, [`stop 2 ${stopAt}`, ...(rests ? ["target 1 28021"] : [])], "a target of a part rests only where both cannot fill")
        yield* moves(28_021)
        yield* pass(5)
        assert.strictEqual((yield* desk).net(mes), 1)
        assert.deepStrictEqual(yield* working, [`stop 1 ${filledAt + 2}`])
        yield* moves(28_022)
        yield* pass(3)
        assert.deepStrictEqual(yield* working, [`stop 1 ${filledAt + 2}`], "less than a step")
        yield* moves(28_100)
        yield* pass(4)
        assert.deepStrictEqual(yield* working, [`stop 1 ${28_100 - 15}`])
        yield* moves(28_086)
        yield* pass(3)
        assert.deepStrictEqual(yield* working, [`stop 1 ${28_100 - 15}`])
        yield* moves(28_080)
        yield* pass(3)
        yield* isClean
        assert.isAtMost((yield* desk).nakedMs(mes), 500)
        assert.deepStrictEqual((yield* desk).nets(mes).toSorted(), [0, 1, 2])
        assert.strictEqual((yield* trades()).length, 1)
      })))
  })
}
