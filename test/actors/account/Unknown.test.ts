/** Requests whose fate nobody told: looked up, never sent again on a guess. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { desk, isClean, mes, moves, only, outcomeOf, pendingOf, send, trades, trading, working } from "#test/actors/account/desk.ts"
import { pass } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

const flags = [true, false]
const entries = Effect.map(VenueFaults, ({ asked }) => asked.filter(({ leg }) => leg === "entry"))

for (const nativeBrackets of flags) {
  const paper = { nativeBrackets }
  describe(nativeBrackets ? "native" : "managed", () => {
    it.effect("an entry whose answer was lost goes on as soon as its events tell", () =>
      trading({ paper }, Effect.gen(function*() {
        const { switches } = yield* VenueFaults
        switches.submit = ({ leg }) => leg === "entry" ? "lost" : undefined
        const alertId = yield* send("buy")
        yield* pass(3)
        assert.strictEqual(yield* outcomeOf(alertId), "filled")
        assert.include(yield* working, "stop 2 27961")
        assert.strictEqual((yield* entries).length, 1)
        assert.isAtMost((yield* desk).nakedMs(mes), 500)
      })))

    it.effect("one that only a look-up can find blocks new entries, is found and is protected", () =>
      trading({ paper, strategy: { onSameSide: "add" } }, Effect.gen(function*() {
        const { switches } = yield* VenueFaults
        switches.submit = ({ leg }) => leg === "entry" ? "lost" : undefined
        switches.tells = () => false
        switches.answersQuestions = () => false
        const alertId = yield* send("buy")
        yield* pass(3)
        assert.strictEqual(yield* pendingOf(alertId), "unknown")
        const more = yield* send("buy", { id: "more" })
        yield* pass(1)
        assert.match(String(yield* outcomeOf(more)), /^denied: (UnknownOrder|EntryInFlight)$/)
        switches.tells = () => true
        switches.answersQuestions = () => true
        yield* pass(20)
        assert.strictEqual(yield* outcomeOf(alertId), "filled")
        assert.strictEqual((yield* desk).net(mes), 2)
        assert.include(yield* working, "stop 2 27961")
        assert.strictEqual((yield* entries).length, 1)
        yield* moves(27_960)
        yield* pass(2)
        yield* isClean
        assert.deepStrictEqual(yield* trades(), ["long 2 -109.98 fees 2.48"])
      })))

    it.effect("an answer later than ten seconds is the same as none", () =>
      trading({ paper }, Effect.gen(function*() {
        const { switches } = yield* VenueFaults
        switches.answerAfterMs = ({ leg }) => leg === "entry" ? 20_000 : 0
        switches.tells = () => false
        const alertId = yield* send("buy")
        yield* pass(9)
        assert.isUndefined(yield* outcomeOf(alertId))
        switches.tells = () => true
        yield* pass(10)
        assert.strictEqual(yield* outcomeOf(alertId), "filled")
        assert.include(yield* working, "stop 2 27961")
        assert.strictEqual((yield* entries).length, 1)
      })))

    it.effect("one that surely never arrived is decided anew, once, as another order", () =>
      trading({ paper }, Effect.gen(function*() {
        const { switches } = yield* VenueFaults
        yield* pass(10) // a look-up proves nothing while what a life before sent may still arrive
        let sent = 0
        switches.submit = ({ leg }) => leg === "entry" && ++sent === 1 ? "neverArrives" : undefined
        const alertId = yield* send("buy")
        yield* pass(8)
        assert.strictEqual(yield* outcomeOf(alertId), "filled")
        const asked = yield* entries
        assert.deepStrictEqual(asked.map(({ generation }) => generation), [1, 2])
        assert.notStrictEqual(asked[0]?.id, asked[1]?.id)
        assert.deepStrictEqual((yield* desk).nets(mes), [2])
        assert.strictEqual((yield* only("EntryDecided")).length, 2)
      })))

    it.effect("but not when it has become too old meanwhile", () =>
      trading({ paper, strategy: { entryAgeMsMax: 2_000 } }, Effect.gen(function*() {
        const { switches } = yield* VenueFaults
        switches.submit = () => "neverArrives"
        switches.answersQuestions = () => false
        const alertId = yield* send("buy")
        yield* pass(4)
        assert.strictEqual(yield* pendingOf(alertId), "unknown")
        switches.answersQuestions = () => true
        yield* pass(40)
        assert.match(String(yield* outcomeOf(alertId)), /^expired/)
        assert.strictEqual((yield* entries).length, 1)
        yield* isClean
      })))

    it.effect("an order that never left is no trade of the day", () =>
      trading({ paper, account: { caps: { maxTradesPerDay: 1 } } }, Effect.gen(function*() {
        const { switches } = yield* VenueFaults
        yield* pass(10) // a look-up proves nothing while what a life before sent may still arrive
        let sent = 0
        switches.submit = ({ leg }) => leg === "entry" && ++sent === 1 ? "neverArrives" : undefined
        const alertId = yield* send("buy")
        yield* pass(8)
        assert.strictEqual(yield* outcomeOf(alertId), "filled")
      })))

    for (const reduceOnly of flags) {
      it.effect(`an exit whose answer was lost is not sent twice, reduceOnly ${reduceOnly}`, () =>
        trading({ paper: { ...paper, reduceOnly } }, Effect.gen(function*() {
          yield* send("buy", { tp: "200t" })
          yield* pass(2)
          const { switches } = yield* VenueFaults
          switches.submit = ({ leg }) => leg === "exit" ? "lost" : undefined
          switches.tells = () => false
          const exit = yield* send("exit")
          yield* pass(40)
          assert.strictEqual(yield* outcomeOf(exit), "done")
          assert.deepStrictEqual((yield* desk).nets(mes), [2, 0])
          yield* isClean
        })))
    }

    for (const reduceOnly of flags) {
      it.effect(`an exit that never arrived, and nobody can say so, is followed by another, reduceOnly ${reduceOnly}`, () =>
        trading({ paper: { ...paper, reduceOnly } }, Effect.gen(function*() {
          yield* send("buy")
          yield* pass(2)
          const { asked, switches } = yield* VenueFaults
          switches.submit = ({ leg }) => leg === "exit" && !asked.some((order) => order.leg === "exit" && order.id !== asked.at(-1)?.id) ? "neverArrives" : undefined
          switches.answersQuestions = () => false
          yield* send("exit")
          yield* pass(4)
          assert.deepStrictEqual((yield* desk).nets(mes), [2, 0])
          assert.strictEqual(new Set(asked.flatMap(({ id, leg }) => leg === "exit" ? [id] : [])).size, 2)
        })))
    }

    it.effect("a cancel whose answer was lost is asked again or found done", () =>
      trading({ paper }, Effect.gen(function*() {
        const entry = yield* send("buy", { orderType: "limit", limitPrice: "6990" })
        yield* pass(2)
        const { switches } = yield* VenueFaults
        switches.cancel = () => "lost"
        switches.tells = () => false
        const cancel = yield* send("cancel")
        yield* pass(40)
        assert.deepStrictEqual([yield* outcomeOf(entry), yield* outcomeOf(cancel)], ["canceled", "done"])
        yield* isClean
      })))
  })
}

it.effect("a stop whose answer was lost counts as none until it is found", () =>
  trading({ paper: { nativeBrackets: false } }, Effect.gen(function*() {
    const { switches } = yield* VenueFaults
    switches.submit = ({ leg }) => leg === "stop" ? "lost" : undefined
    yield* send("buy")
    yield* pass(5)
    const at = yield* desk
    const stops = at.working().filter(({ leg }) => leg === "stop").reduce((sum, { lots }) => sum + lots, 0)
    assert.strictEqual(stops, at.net(mes))
  })))
