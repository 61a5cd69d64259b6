/** What is not ours is not touched before that is certain, nor while nobody may: no fill of our own is ever taken for somebody else's. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import { NetLots } from "#schemas/Instrument.ts"
import { netAtVenue, throughZero, trade } from "#test/actors/account/byHand.ts"
import { mes, only, outcomeOf, send, trading } from "#test/actors/account/desk.ts"
import { adopt, count, flatten, limit, nothingLeft, resting, settled } from "#test/actors/account/foreign.ts"
import { pass } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

/** Shut for one minute from 16:00 in Chicago, 22:00 UTC. */
const shutForALittle = {
  instruments: { MES: { calendar: "cme-futures" } },
  calendars: {
    "cme-futures": {
      windows: [
        { from: { day: "wed", time: "17:00" }, to: { day: "thu", time: "16:00" } },
        { from: { day: "thu", time: "16:01" }, to: { day: "fri", time: "16:00" } }
      ]
    }
  }
}
const shutAtMs = DateTime.makeUnsafe("2026-11-19T21:59:26Z").epochMilliseconds

describe("not before it is certain", () => {
  const policies = [["adopt", adopt], ["flatten", flatten]] as const
  it.effect.each(policies)("%s: positions half a minute old after our own exit are nobody's", ([, policy]) =>
    trading({ account: policy }, Effect.gen(function*() {
      yield* settled
      const { switches } = yield* VenueFaults
      yield* send("buy")
      yield* pass(3)
      const before = switches.positions
      switches.positions = (_, seen) => seen.length > 0 ? seen : [{ instrumentId: InstrumentId.make(mes), net: NetLots.make(2) }]
      switches.tells = ({ _tag }) => _tag !== "PositionChanged"
      yield* send("exit")
      yield* pass(29)
      switches.positions = before
      yield* pass(60)
      yield* nothingLeft
      assert.deepStrictEqual([yield* count("PositionAdopted"), yield* count("DriftFound"), yield* count("DriftEnded")], [0, 1, 1])
    })))

  it.effect.each(policies)("%s: a position ahead of our own fill is ours", ([, policy]) =>
    trading({ account: policy }, Effect.gen(function*() {
      yield* settled
      const { switches } = yield* VenueFaults
      switches.tells = ({ _tag }) => _tag === "PositionChanged"
      switches.fills = () => []
      switches.answerAfterMs = () => 20_000
      yield* send("buy")
      yield* pass(70)
      assert.deepStrictEqual([yield* count("PositionAdopted"), yield* throughZero, yield* netAtVenue], [0, [], 2])
    })))

  it.effect.each(policies)("%s: after a restart no sooner than what is remembered there can be young", ([, policy]) =>
    trading({ account: policy }, Effect.gen(function*() {
      yield* trade("in", "buy", 2)
      yield* pass(25)
      assert.deepStrictEqual([yield* count("DriftFound"), yield* count("PositionAdopted")], [1, 0])
      yield* pass(12)
      assert.strictEqual(yield* count("PositionAdopted"), 1)
    })))

  it.effect.each(policies)("%s: what the venue has said since counts more than its picture", ([, policy]) =>
    trading({ account: policy }, Effect.gen(function*() {
      yield* settled
      const { switches } = yield* VenueFaults
      yield* trade("in", "buy", 2)
      yield* pass(1.25) // a first picture has been asked for
      switches.positions = () => [{ instrumentId: InstrumentId.make(mes), net: NetLots.make(2) }]
      yield* trade("out", "sell", 2)
      yield* pass(29)
      switches.positions = (_, seen) => seen
      yield* pass(35)
      yield* nothingLeft
      assert.strictEqual(yield* count("PositionAdopted"), 0)
    })))
})

it.effect("an order under a name as ours without an intent is a second writer: no entries at all, and nothing is touched", () =>
  trading({ account: flatten }, Effect.gen(function*() {
    yield* settled
    yield* trade("", "buy", 1, { ...limit(27_000), id: ClientOrderId.make("il-another-house") })
    yield* pass(40)
    const crypto = yield* send("buy", { id: "c" })
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(crypto), "denied: SecondWriter")
    assert.deepStrictEqual([yield* resting, yield* count("CancelIntended")], [["1 27000"], 0])
  })))

it.effect("the exchange is shut: the close waits for the open", () =>
  trading({ more: shutForALittle, account: flatten, atMs: shutAtMs }, Effect.gen(function*() {
    yield* settled
    yield* trade("in", "buy", 2)
    yield* pass(18)
    assert.strictEqual(yield* netAtVenue, 2)
    assert.deepStrictEqual((yield* only("OutcomePending")).map(({ cause }) => cause), ["waitingForOpen"])
    assert.strictEqual(yield* netAtVenue, 2)
    yield* pass(60)
    yield* nothingLeft
  })))
