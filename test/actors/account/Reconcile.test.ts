/** A venue that stays silent, and one where somebody else trades too. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { ClientOrderId } from "#schemas/Ids.ts"
import { desk, isClean, mes, only, outcomeOf, send, trades, trading, working } from "#test/actors/account/desk.ts"
import { pass } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

for (const nativeBrackets of [true, false]) {
  it.effect(`fills that came only by query are protected and traded, native ${nativeBrackets}`, () =>
    trading({ paper: { nativeBrackets } }, Effect.gen(function*() {
      const { switches } = yield* VenueFaults
      switches.tells = ({ _tag }) => _tag !== "Filled"
      const alertId = yield* send("buy")
      yield* pass(35)
      assert.strictEqual(yield* outcomeOf(alertId), "filled")
      assert.deepStrictEqual((yield* only("FillReceived")).map(({ evidence }) => evidence), ["query"])
      assert.include(yield* working, "stop 2 27961")
      yield* send("exit")
      yield* pass(70)
      yield* isClean
      assert.deepStrictEqual(yield* trades(), ["long 2 -9.98 fees 2.48"])
    })))
}

it.effect("a foreign position is shown, blocks entries, and is never touched", () =>
  trading({}, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    yield* send("exit")
    yield* pass(2)
    const faults = yield* VenueFaults
    const own = faults.asked[0]
    const instrument = (yield* only("EntryDecided"))[0]?.instrument
    assert(own !== undefined && instrument !== undefined)
    const before = faults.asked.length
    yield* Effect.forkChild(faults.trade({ ...own, id: ClientOrderId.make("somebody-else") }, instrument))
    yield* pass(33)
    assert.deepStrictEqual((yield* only("DriftFound")).map(({ ours, venue }) => [ours, venue]), [[0, 2]])
    const denied = yield* send("buy", { id: "denied" })
    const flatten = yield* send("flatten")
    yield* pass(1)
    assert.deepStrictEqual([yield* outcomeOf(denied), yield* outcomeOf(flatten)], ["denied: ForeignPosition", "nothingToDo: NothingToDo"])
    assert.strictEqual((yield* desk).net(mes), 2)
    assert.strictEqual(faults.asked.length, before)
  })))

it.effect("one wrong picture is no drift", () =>
  trading({}, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    const { switches } = yield* VenueFaults
    let looks = 0
    switches.positions = (_, seen) => ++looks === 1 ? [] : seen
    yield* pass(33)
    assert.isAtLeast(looks, 2)
    assert.strictEqual((yield* only("DriftFound")).length, 0)
    assert.strictEqual((yield* desk).net(mes), 2)
  })))
