/** Every way of keeping a bracket that a venue may offer, long and short, to its stop and to its target. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { desk, isClean, mes, moves, outcomeOf, send, trades, trading } from "#test/actors/account/desk.ts"
import { pass } from "#test/support/runtime.ts"

const rounds = [
  { action: "buy", to: 28_100, isTarget: true },
  { action: "sell", to: 28_040, isTarget: false },
  { action: "sell", to: 27_900, isTarget: true },
  { action: "buy", to: 27_960, isTarget: false }
] as const

const flags = [true, false]
const venues = flags.flatMap((nativeBrackets) => flags.flatMap((reduceOnly) => flags.flatMap((modify) => flags.map((restingTargets) =>
  ({ nativeBrackets, reduceOnly, modify, restingTargets })))))

for (const { restingTargets, ...paper } of venues) {
  const rests = paper.nativeBrackets || paper.reduceOnly || restingTargets
  const name = Object.entries({ ...paper, restingTargets }).filter(([, is]) => is).map(([key]) => key).join(" ") || "nothing"
  it.effect(`a venue with ${name}`, () =>
    trading({ paper, account: { restingTargets } }, Effect.gen(function*() {
      for (const { action, isTarget, to } of rounds) {
        yield* moves(28_000)
        yield* pass(1)
        const alertId = yield* send(action)
        yield* pass(2)
        assert.strictEqual(yield* outcomeOf(alertId), "filled")
        assert.strictEqual(Math.abs((yield* desk).net(mes)), 2)
        yield* moves(to)
        yield* pass(2)
        yield* isClean
        const side = action === "buy" ? "long" : "short"
        // A resting target fills at the quote, one that is watched pays the slippage of a market order.
        const expected = isTarget ? (rests ? "242.52" : "240.02") : "-109.98"
        assert.strictEqual((yield* trades()).at(-1), `${side} 2 ${expected} fees 2.48`)
      }
      assert.strictEqual((yield* trades()).length, rounds.length)
      assert.isAtMost((yield* desk).nakedMs(mes), 500)
    })))
}
