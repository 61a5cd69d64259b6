/** Stops that do not come: refused, unconfirmed, or filled beside the target. The position is on its way to flat within two seconds. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { desk, isClean, mes, moves, only, outcomeOf, send, trades, trading, working } from "#test/actors/account/desk.ts"
import { MarketScript } from "#test/support/market.ts"
import { pass } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

const flags = [true, false]

for (const reduceOnly of flags) {
  const managed = { nativeBrackets: false, reduceOnly }

  it.effect(`a stop that the venue refuses closes the position at once and raises the alarm, reduceOnly ${reduceOnly}`, () =>
    trading({ paper: managed }, Effect.gen(function*() {
      const { switches } = yield* VenueFaults
      switches.submit = ({ leg }) => leg === "stop" ? "refused" : undefined
      const alertId = yield* send("buy")
      yield* pass(1)
      assert.strictEqual((yield* only("ProtectionAlarm")).length, 1)
      yield* pass(1)
      yield* isClean
      assert.strictEqual(yield* outcomeOf(alertId), "filled")
      assert.strictEqual((yield* trades()).length, 1)
    })))

  it.effect(`a market that went through the stop before it could be placed, reduceOnly ${reduceOnly}`, () =>
    trading({ paper: { ...managed, latencyMs: 200 } }, Effect.gen(function*() {
      yield* send("buy")
      yield* TestClock.adjust("150 millis") // filled after 100; the stop is on its way until 200
      yield* moves(27_900)
      yield* pass(3)
      assert.strictEqual((yield* only("ProtectionAlarm")).length, 1)
      yield* isClean
    })))

  it.effect(`a stop that nobody confirms closes the position after two seconds, not before, reduceOnly ${reduceOnly}`, () =>
    trading({ paper: managed }, Effect.gen(function*() {
      const { switches } = yield* VenueFaults
      switches.answerAfterMs = ({ leg }) => leg === "stop" ? 60_000 : 0
      switches.tells = (event) => event._tag !== "OrderChanged" || (event.report.stop === undefined)
      yield* send("buy")
      yield* pass(1)
      assert.strictEqual((yield* desk).net(mes), 2)
      yield* pass(2)
      assert.strictEqual((yield* desk).net(mes), 0)
      assert.strictEqual((yield* only("ProtectionAlarm")).length, 1)
      switches.tells = () => true
      yield* pass(15)
      yield* isClean
    })))

  it.effect(`a native stop that vanished is replaced while the position is held, reduceOnly ${reduceOnly}`, () =>
    trading({ paper: { reduceOnly } }, Effect.gen(function*() {
      yield* send("buy", { tp: "200t" })
      yield* pass(2)
      const { asked } = yield* VenueFaults
      const stop = asked.find(({ leg }) => leg === "stop")
      assert.isDefined(stop)
      yield* Effect.forkChild((yield* VenueFaults).cancel(stop))
      yield* pass(3)
      assert.include(yield* working, "stop 2 27961")
      assert.strictEqual((yield* desk).net(mes), 2)
    })))
}

it.effect("a stop that the venue will not cancel holds up the way to flat, never for good", () =>
  trading({ paper: { nativeBrackets: false, reduceOnly: false } }, Effect.gen(function*() {
    yield* send("buy", { tp: "200t" })
    yield* pass(2)
    const { switches } = yield* VenueFaults
    switches.cancel = () => "refused"
    const exit = yield* send("exit")
    yield* pass(10)
    assert.deepStrictEqual(yield* working, ["stop 2 27961"])
    switches.cancel = () => undefined
    yield* pass(3)
    assert.strictEqual(yield* outcomeOf(exit), "done")
    yield* isClean
    assert.deepStrictEqual((yield* desk).nets(mes), [2, 0])
  })))

it.effect("both exits fill on one gap: what was closed too much is closed again within two seconds", () =>
  trading({ paper: { nativeBrackets: false, reduceOnly: false, oca: false, latencyMs: 400 }, account: { restingTargets: true } }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(3)
    assert.deepStrictEqual(yield* working, ["stop 2 27961", "target 2 28061"])
    // A quote as wide as the gap that made it: the bid at the target, the last trade at the stop.
    yield* (yield* MarketScript).set(mes, 28_061, 28_062, 27_961)
    yield* pass(0.5)
    assert.strictEqual(Math.min(...(yield* desk).nets(mes)), -2)
    yield* pass(2)
    yield* isClean
    assert.strictEqual((yield* only("CloseDecided")).at(-1)?.reason, "excess")
    assert.strictEqual((yield* trades()).length, 1)
  })))

it.effect("a target rests beside a stop only where both cannot fill, or the trader wants it", () =>
  trading({ paper: { nativeBrackets: true, reduceOnly: false, oca: false } }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    assert.deepStrictEqual(yield* working, ["stop 2 27961"])
    yield* moves(28_070)
    yield* pass(2)
    yield* isClean
    assert.deepStrictEqual(yield* trades(), ["long 2 165.02 fees 2.48"])
  })))
