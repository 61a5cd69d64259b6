/** Entries and exits that fill lot by lot: the stop follows what is held, and nobody closes more than there is. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { desk, isClean, mes, moves, outcomeOf, pendingOf, send, trades, trading, working } from "#test/actors/account/desk.ts"
import { pass } from "#test/support/runtime.ts"

const flags = [true, false]
const venues = flags.flatMap((nativeBrackets) => flags.flatMap((reduceOnly) => flags.map((modify) =>
  ({ nativeBrackets, reduceOnly, modify, lotsPerFillMax: 1 }))))

const stopLots = Effect.map(desk, (at) =>
  at.working().filter(({ leg, status }) => leg === "stop" && status !== "Held").reduce((sum, { filledLots, lots }) => sum + lots - filledLots, 0))

/** Long all the way: never through zero. */
const neverShort = Effect.map(desk, (at) => assert.isAtLeast(Math.min(...at.nets(mes)), 0))

for (const paper of venues) {
  const name = Object.entries(paper).filter(([, is]) => is === true).map(([key]) => key).join(" ") || "nothing"
  describe(`a venue with ${name}`, () => {
    it.effect("the stop grows with the entry and shrinks with what it closes", () =>
      trading({ paper }, Effect.gen(function*() {
        const alertId = yield* send("buy", { quantity: "3", tp: "200t" })
        yield* pass(3)
        assert.strictEqual(yield* outcomeOf(alertId), "filled")
        assert.deepStrictEqual([(yield* desk).net(mes), yield* stopLots], [3, 3])
        yield* moves(27_960)
        yield* pass(3)
        yield* isClean
        yield* neverShort
        assert.deepStrictEqual(yield* trades(), ["long 3 -164.97 fees 3.72"]) // (27,959 - 28,002) x 1.25 x 3
        assert.isAtMost((yield* desk).nakedMs(mes), 250)
      })))

    it.effect("an exit takes several orders and closes each lot once", () =>
      trading({ paper }, Effect.gen(function*() {
        yield* send("buy", { quantity: "3", tp: "200t" })
        yield* pass(3)
        const exit = yield* send("exit")
        yield* pass(4)
        assert.strictEqual(yield* outcomeOf(exit), "done")
        yield* isClean
        yield* neverShort
        assert.deepStrictEqual(yield* trades(), ["long 3 -14.97 fees 3.72"]) // (27,999 - 28,002) x 1.25 x 3
      })))

    it.effect("the deadline keeps what filled, with its stop", () =>
      trading({ paper, strategy: { entryDeadlineMs: 1_000 } }, Effect.gen(function*() {
        const alertId = yield* send("buy", { quantity: "20" })
        yield* pass(1)
        assert.strictEqual(yield* pendingOf(alertId), "working")
        yield* pass(2)
        assert.strictEqual(yield* outcomeOf(alertId), "partlyFilled")
        const held = (yield* desk).net(mes)
        assert.isTrue(held > 1 && held < 20)
        assert.strictEqual(yield* stopLots, held)
        assert.notInclude(yield* working, "entry")
        assert.isAtMost((yield* desk).nakedMs(mes), 250)
      })))

    it.effect("an exit by quantity leaves the rest with a stop of its size", () =>
      trading({ paper }, Effect.gen(function*() {
        yield* send("buy", { quantity: "3" })
        yield* pass(3)
        const exit = yield* send("exit", { quantity: "2" })
        yield* pass(3)
        assert.strictEqual(yield* outcomeOf(exit), "done")
        assert.strictEqual((yield* desk).net(mes), 1)
        // Where a stop can neither shrink nor turn the position, the large one may stay.
        assert.isAtMost(yield* stopLots, paper.reduceOnly && !paper.modify ? 3 : 1)
        assert.isAtMost((yield* desk).nakedMs(mes), 250)
      })))
  })
}
