/** Positions and orders at the venue that this house did not make, under each policy. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { cancel, netAtVenue, throughZero, trade } from "#test/actors/account/byHand.ts"
import { only, send, trades, trading, working } from "#test/actors/account/desk.ts"
import { adopt, close, count, denied, flatten, limit, nothingLeft, resting, settled, stop, stops } from "#test/actors/account/foreign.ts"
import { begun, flatten as operatorFlattens, states } from "#test/admin/flattening.ts"
import { MarketScript } from "#test/support/market.ts"
import { pass } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

describe("alarm", () => {
  it.effect("a position is told once, denies entries, is not touched, and its end is told", () =>
    trading({}, Effect.gen(function*() {
      yield* settled
      yield* trade("in", "buy", 2)
      yield* pass(95)
      assert.deepStrictEqual((yield* only("DriftFound")).map(({ ours, venue }) => [ours, venue]), [[0, 2]])
      assert.strictEqual(yield* denied("a"), "denied: ForeignPosition")
      assert.deepStrictEqual([yield* netAtVenue, (yield* VenueFaults).asked], [2, []])
      yield* trade("out", "sell", 2)
      yield* pass(4)
      assert.deepStrictEqual((yield* only("DriftEnded")).map(({ net }) => net), [0])
      assert.strictEqual(yield* denied("b"), "filled")
      assert.strictEqual(yield* count("DriftFound"), 1)
    })))

  it.effect("an order is told once, denies entries on its instrument, and its end is told", () =>
    trading({}, Effect.gen(function*() {
      yield* settled
      yield* trade("rests", "buy", 1, limit(27_000))
      yield* pass(95)
      assert.deepStrictEqual((yield* only("ForeignOrderFound")).map(({ isOurShape, mayOpen }) => [isOurShape, mayOpen]), [[false, true]])
      assert.strictEqual(yield* denied("a"), "denied: ForeignOrder")
      yield* cancel("rests")
      yield* pass(35)
      assert.deepStrictEqual([yield* count("ForeignOrderFound"), yield* count("ForeignOrderEnded")], [1, 1])
      assert.strictEqual(yield* denied("b"), "filled")
      assert.strictEqual(yield* count("CancelIntended"), 0)
    })))
})

const settings = [
  ["native", {}],
  ["managed", { nativeBrackets: false }],
  ["without changes and reduce-only", { nativeBrackets: false, reduceOnly: false, oca: false, modify: false }]
] as const

describe.each(settings)("adopt, %s", (_name, paper) => {
  it.effect("a position gets a stop, belongs to manual, and closes as any other", () =>
    trading({ paper, account: adopt }, Effect.gen(function*() {
      yield* settled
      yield* trade("in", "sell", 2)
      yield* pass(4)
      const [adopted] = yield* only("PositionAdopted")
      assert.deepStrictEqual([adopted?.order.side, adopted?.order.lots, adopted?.evidence], ["sell", 2, "fills"])
      assert.deepStrictEqual(yield* working, ["stop 2 28041"])
      assert.strictEqual(yield* denied("a"), "denied: InstrumentOwned")
      yield* close
      assert.deepStrictEqual(yield* trades(), ["short 2 -8.74 fees 1.24"]) // in 6999.75, out 7000.5: only our own fees are known
      assert.deepStrictEqual((yield* only("TradeClosed")).map(({ trade: of }) => `${of?.strategy} ${of?.inferred}`), ["manual true"])
      yield* nothingLeft
      assert.strictEqual(yield* denied("b"), "filled")
      assert.deepStrictEqual([yield* count("PositionAdopted"), yield* count("ProtectionAlarm")], [1, 0])
    })))

  it.effect("its stop is hit", () =>
    trading({ paper, account: adopt }, Effect.gen(function*() {
      yield* settled
      yield* trade("in", "buy", 2)
      yield* pass(4)
      yield* (yield* MarketScript).set("MESZ26", 27_950, 27_951)
      yield* pass(4)
      yield* nothingLeft
      assert.strictEqual(yield* count("PositionAdopted"), 1)
    })))

  it.effect("a stop that works there is taken with it: not doubled, and gone with the position", () =>
    trading({ paper, account: adopt }, Effect.gen(function*() {
      yield* settled
      yield* trade("stop", "sell", 2, stop(27_900))
      yield* trade("in", "buy", 2)
      yield* pass(60)
      const [adopted] = yield* only("PositionAdopted")
      assert.deepStrictEqual([adopted?.plan.stop, adopted?.resting.map(({ order }) => order.id)], [27_900, ["by-hand-stop"]])
      assert.deepStrictEqual([yield* resting, (yield* VenueFaults).asked], [["2 27900"], []])
      yield* close
      yield* nothingLeft
    })))

  it.effect("its stop that somebody takes away is made up for", () =>
    trading({ paper, account: adopt }, Effect.gen(function*() {
      yield* settled
      yield* trade("stop", "sell", 2, stop(27_900))
      yield* trade("in", "buy", 2)
      yield* pass(35)
      yield* cancel("stop")
      yield* pass(3)
      assert.deepStrictEqual([yield* stops, yield* netAtVenue], [["stop 2 27900"], 2])
    })))

  it.effect("a stop that is too small, on the wrong side or a target is none", () =>
    trading({ paper, account: adopt }, Effect.gen(function*() {
      yield* settled
      yield* trade("small", "sell", 1, stop(27_900))
      yield* trade("side", "buy", 2, stop(28_100))
      yield* trade("target", "sell", 2, limit(28_200))
      yield* trade("in", "buy", 2)
      yield* pass(35)
      assert.deepStrictEqual(yield* stops, ["stop 2 27960"])
      assert.deepStrictEqual((yield* only("PositionAdopted"))[0]?.resting, [])
    })))

  it.effect("what comes beside our own position joins it, under its stop", () =>
    trading({ paper, account: adopt }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(3)
      yield* trade("more", "buy", 1)
      yield* pass(3)
      assert.deepStrictEqual([yield* count("DriftFound"), yield* count("PositionAdopted")], [1, 0])
      yield* pass(35) // nobody can say sooner that it is no late fill of ours
      assert.strictEqual(yield* count("PositionAdopted"), 1)
      assert.strictEqual((yield* stops).reduce((sum, line) => sum + Number(line.split(" ")[1]), 0), 3)
      yield* send("exit")
      yield* pass(4)
      yield* nothingLeft
    })))
})

it.effect("adopt without a quote is said once, and done when there is one", () =>
  trading({ account: adopt }, Effect.gen(function*() {
    yield* settled
    yield* trade("in", "buy", 2)
    yield* pass(0.5)
    yield* (yield* MarketScript).silence("MESZ26")
    yield* pass(95)
    assert.deepStrictEqual((yield* only("DriftFound")).map(({ note }) => note), [
      "no order of ours explains the difference",
      "adopt is configured and cannot be done: no live quote of MESZ26 to put its stop by"
    ])
    yield* (yield* MarketScript).set("MESZ26", 28_000, 28_001)
    yield* pass(35)
    assert.deepStrictEqual([yield* count("PositionAdopted"), yield* stops], [1, ["stop 2 27960"]])
  })))

describe.each(settings)("flatten, %s", (_name, paper) => {
  it.effect("a position is closed, its orders go with it, and the venue says twice that it is flat", () =>
    trading({ paper, account: flatten }, Effect.gen(function*() {
      yield* settled
      yield* trade("stop", "sell", 2, stop(27_900))
      yield* trade("target", "sell", 2, limit(28_200))
      yield* trade("in", "buy", 2)
      yield* pass(3)
      assert.strictEqual(yield* denied("a"), "denied: ForeignPosition")
      yield* pass(5)
      yield* nothingLeft
      assert.deepStrictEqual((yield* only("CloseDecided")).map(({ reason }) => reason), ["drift"])
      assert.deepStrictEqual((yield* only("OutcomeReached")).filter(({ alertId }) => alertId.startsWith("reconcile-")).map(({ outcome }) => outcome), ["done"])
      yield* pass(3)
      assert.deepStrictEqual((yield* only("DriftEnded")).map(({ net }) => net), [0])
      assert.strictEqual(yield* denied("b"), "filled")
      yield* pass(60)
      assert.deepStrictEqual([yield* count("PositionAdopted"), yield* netAtVenue], [1, 2])
    })))

  it.effect("an order that could open is cancelled, asked twice whether it is there", () =>
    trading({ paper, account: flatten }, Effect.gen(function*() {
      yield* settled
      yield* trade("rests", "buy", 1, limit(27_000))
      yield* pass(40)
      assert.deepStrictEqual(yield* working, [])
      assert.deepStrictEqual([yield* count("ForeignOrderFound"), yield* count("CancelIntended"), yield* count("ForeignOrderEnded")], [1, 1, 1])
    })))

  it.effect("a venue that will not cancel it is asked three times, and it is shown on", () =>
    trading({ paper, account: flatten }, Effect.gen(function*() {
      const { switches } = yield* VenueFaults
      switches.cancel = () => "refused"
      yield* settled
      yield* trade("rests", "buy", 1, limit(27_000))
      yield* pass(150)
      assert.deepStrictEqual([yield* count("CancelIntended"), yield* count("ForeignOrderFound"), yield* count("ForeignOrderEnded")], [3, 1, 0])
    })))

  it.effect("beside our own position only what is not ours is closed", () =>
    trading({ paper, account: flatten }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(3)
      yield* trade("more", "buy", 1)
      yield* pass(40)
      assert.deepStrictEqual([yield* netAtVenue, yield* stops, yield* throughZero], [2, ["stop 2 27961"], []])
      yield* pass(35)
      assert.deepStrictEqual([yield* count("PositionAdopted"), yield* count("DriftEnded")], [1, 1])
    })))

  it.effect("an operator's flatten at the same moment closes nothing twice", () =>
    trading({ paper, account: flatten }, Effect.gen(function*() {
      yield* settled
      yield* trade("in", "buy", 2)
      for (const n of [1, 2, 3, 4, 5, 6]) {
        const { running } = yield* begun()
        yield* pass(n / 4)
        yield* Fiber.interrupt(running)
      }
      assert.deepStrictEqual(states(yield* operatorFlattens(10)), { "paper-1": "flat" })
      yield* nothingLeft
    })))

  it.effect("an operator who stopped the account is left what is not ours", () =>
    trading({ paper, account: flatten }, Effect.gen(function*() {
      yield* settled
      yield* (yield* RiskLatch).set("account/paper-1", "kill")
      yield* trade("in", "buy", 2)
      yield* pass(60)
      assert.deepStrictEqual([yield* netAtVenue, yield* count("DriftFound"), yield* count("PositionAdopted")], [2, 1, 0])
      yield* (yield* RiskLatch).clear("account/paper-1", "kill")
      yield* pass(35)
      yield* nothingLeft
    })))
})

it.effect("told to: `close` ends a position that is not ours", () =>
  trading({}, Effect.gen(function*() {
    yield* settled
    yield* trade("in", "buy", 2)
    yield* pass(4)
    yield* close
    yield* nothingLeft
    assert.deepStrictEqual((yield* only("CloseDecided")).map(({ reason }) => reason), ["operator"])
    yield* pass(35)
    assert.deepStrictEqual((yield* only("DriftEnded")).map(({ net }) => net), [0])
  })))

it.effect("told to too soon: `close` says when what the venue shows can be relied on", () =>
  trading({}, Effect.gen(function*() {
    yield* trade("in", "buy", 2)
    yield* pass(10)
    yield* close
    assert.deepStrictEqual([yield* netAtVenue, yield* count("DriftFound"), yield* only("CloseDecided")], [2, 1, []])
  })))
