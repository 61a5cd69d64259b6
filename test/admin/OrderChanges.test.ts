/** Working orders changed and called back by hand. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ClientOrderId } from "#schemas/Ids.ts"
import { desk, isClean, mes, moves, only, send, working } from "#test/actors/account/desk.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { pass, rows } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"
import { at, away, byHand, change, decimal, endOf, limitAt, newest, no, ticket } from "./byHand.ts"

const flags = [true, false]

for (const nativeBrackets of flags) {
  const paper = { nativeBrackets }
  describe(nativeBrackets ? "native" : "managed", () => {
    it.effect("an entry's limit moves, on the grid, and ends done once the venue has it", () =>
      byHand({ paper }, (hand) => Effect.gen(function*() {
        yield* hand.PlaceOrder({ ticket: limitAt("6990") })
        yield* pass(1)
        const id = yield* newest("entry")
        const receipt = yield* hand.ModifyOrder(change(id, { limitPrice: decimal("6991.10") }))
        assert.deepStrictEqual(receipt.lines, [`entry ${id}: limit 6991`])
        yield* pass(1)
        assert.include(yield* working, "entry 2 27964")
        assert.deepStrictEqual(yield* endOf(receipt), ["done"])
        assert.match(yield* no(hand.ModifyOrder(change(id, { limitPrice: decimal("6991") }))), /^NothingToChange/)
        assert.match(yield* no(hand.ModifyOrder(change(id, { stopPrice: decimal("6991") }))), /^NoSuchPrice: order .* is a limit order: it has no stop price/)
      })))

    it.effect("never past its own stop, and with the stop in the same command it may", () =>
      byHand({ paper }, (hand) => Effect.gen(function*() {
        yield* hand.PlaceOrder({ ticket: limitAt("6990", { stopLoss: at("6980") }) })
        yield* pass(1)
        const id = yield* newest("entry")
        assert.match(yield* no(hand.ModifyOrder(change(id, { limitPrice: decimal("6979") }))), /^StopOnWrongSide: A buy entry at 6979 .* not at 6980/)
        const receipt = yield* hand.ModifyOrder(change(id, { limitPrice: decimal("6979"), stopLoss: at("6970"), takeProfit: away(40) }))
        assert.deepStrictEqual(receipt.lines, [`entry ${id}: limit 6979`, "MESZ26: stop from 6980 to 6970, target to 6989, in force with its fill"])
        yield* pass(1)
        yield* moves(27_910)
        yield* pass(3)
        assert.deepStrictEqual(yield* working, ["stop 2 27880", "target 2 27956"])
        assert.deepStrictEqual(yield* endOf(receipt), ["done"])
      })))

    it.effect("a stop moves either way, toward the entry onto the grid; the target with it", () =>
      byHand({ paper }, (hand) => Effect.gen(function*() {
        yield* hand.PlaceOrder({ ticket: ticket({ takeProfit: at("7020") }) })
        yield* pass(2)
        const id = yield* newest("stop")
        const tighter = yield* hand.ModifyOrder(change(id, { stopLoss: at("6995.10") }))
        assert.deepStrictEqual(tighter.lines, ["MESZ26: stop from 6990.25 to 6995.25"])
        yield* pass(1)
        assert.include(yield* working, "stop 2 27981")
        const wider = yield* hand.ModifyOrder(change(yield* newest("entry"), { stopLoss: at("6985"), takeProfit: at("7010.10") }))
        yield* pass(1)
        assert.deepStrictEqual(yield* working, ["stop 2 27940", "target 2 28040"])
        assert.deepStrictEqual([yield* endOf(tighter), yield* endOf(wider)], [["done"], ["done"]])
        assert.isAtMost((yield* desk).nakedMs(mes), 500)
      })))

    it.effect("a cancelled target is gone and does not come back; the stop stays", () =>
      byHand({ paper }, (hand) => Effect.gen(function*() {
        yield* hand.PlaceOrder({ ticket: ticket({ takeProfit: at("7020") }) })
        yield* pass(2)
        const receipt = yield* hand.CancelOrder({ orderId: yield* newest("target") })
        yield* pass(10)
        assert.deepStrictEqual(yield* working, ["stop 2 27961"])
        assert.deepStrictEqual(yield* endOf(receipt), ["done"])
        yield* moves(28_200)
        yield* pass(2)
        assert.strictEqual((yield* desk).net(mes), 2)
      })))

    it.effect("its cancel is asked for again where the answer was lost", () =>
      byHand({ paper }, (hand) => Effect.gen(function*() {
        yield* hand.PlaceOrder({ ticket: ticket({ takeProfit: at("7020") }) })
        yield* pass(2)
        const { switches } = yield* VenueFaults
        let times = 0
        switches.cancel = () => ++times === 1 ? "refused" : undefined
        const receipt = yield* hand.CancelOrder({ orderId: yield* newest("target") })
        yield* pass(10)
        assert.deepStrictEqual(yield* working, ["stop 2 27961"])
        assert.deepStrictEqual(yield* endOf(receipt), ["done"])
      })))

    it.effect("a cancelled entry ends canceled, its command done", () =>
      byHand({ paper }, (hand) => Effect.gen(function*() {
        const placed = yield* hand.PlaceOrder({ ticket: limitAt("6990") })
        yield* pass(1)
        const receipt = yield* hand.CancelOrder({ orderId: yield* newest("entry"), who: "cli:ann" })
        yield* pass(2)
        assert.deepStrictEqual([yield* endOf(placed), yield* endOf(receipt)], [["canceled"], ["done"]])
        yield* isClean
        assert.match(yield* no(hand.CancelOrder({ orderId: yield* newest("entry") })), /^OrderEnded: order .* has ended \(Canceled\)/)
      })))
  })
}

describe("what is not done", () => {
  it.effect("a stop that protects is not cancelled: its no says what to do", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      yield* hand.PlaceOrder({ ticket: ticket() })
      yield* pass(2)
      const id = yield* newest("stop")
      const said = yield* no(hand.CancelOrder({ orderId: id }))
      assert.match(said, new RegExp(`^StopProtects: .*order modify ${id} --sl.*interlock close paper-1 MESZ26`))
      yield* pass(2)
      assert.deepStrictEqual(yield* working, ["stop 2 27961"])
    })))

  it.effect("a stop or target through the market, with its numbers", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      yield* hand.PlaceOrder({ ticket: ticket({ takeProfit: at("7020") }) })
      yield* pass(2)
      const id = yield* newest("stop")
      assert.match(yield* no(hand.ModifyOrder(change(id, { stopLoss: at("7000") }))), /^ThroughMarket: a stop of a long position .* below the market at 7000, not at 7000/)
      assert.match(yield* no(hand.ModifyOrder(change(id, { takeProfit: at("6999") }))), /^ThroughMarket: a target .* above the market at 7000, not at 6999/)
      yield* pass(2)
      assert.deepStrictEqual(yield* working, ["stop 2 27961", "target 2 28080"])
    })))

  it.effect("a stop farther away than the day may lose", () =>
    byHand({ account: { caps: { dailyLoss: "120" } } }, (hand) => Effect.gen(function*() {
      yield* hand.PlaceOrder({ ticket: ticket() })
      yield* pass(2)
      const id = yield* newest("stop")
      assert.match(yield* no(hand.ModifyOrder(change(id, { stopLoss: at("6980") }))), /^DailyLoss: .* against a limit of -120 USD/)
      yield* hand.ModifyOrder(change(id, { stopLoss: at("6991") }))
    })))

  it.effect("a stop farther away while new risk is stopped; a tighter one moves", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      yield* hand.PlaceOrder({ ticket: ticket() })
      yield* pass(2)
      const id = yield* newest("stop")
      yield* (yield* RiskLatch).set("all", "kill")
      assert.match(yield* no(hand.ModifyOrder(change(id, { stopLoss: at("6980") }))), /^Latched: no new risk may leave: all is stopped/)
      yield* hand.ModifyOrder(change(id, { stopLoss: at("6991") }))
      yield* pass(1)
      assert.deepStrictEqual(yield* working, ["stop 2 27964"])
    })))

  it.effect("an entry's price where the venue cannot change one, or while new risk is stopped", () =>
    byHand({ paper: { modify: false } }, (hand) => Effect.gen(function*() {
      yield* hand.PlaceOrder({ ticket: limitAt("6990") })
      yield* pass(1)
      const to = change(yield* newest("entry"), { limitPrice: decimal("6991") })
      assert.match(yield* no(hand.ModifyOrder(to)), /^CannotModify: .*cancel it and place it anew/)
      yield* (yield* RiskLatch).set("all", "kill")
      assert.match(yield* no(hand.ModifyOrder(to)), /^Latched/)
    })))

  it.effect("nothing for an order that nobody knows", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      yield* hand.PlaceOrder({ ticket: limitAt("6990") })
      yield* pass(1)
      const id = yield* newest("entry")
      const near = ClientOrderId.make(`${id.slice(0, -1)}1`)
      const error = yield* Effect.flip(hand.CancelOrder({ orderId: near }))
      assert.deepInclude(error, { _tag: "NotFound", message: `no order ${near} is known; did you mean ${id}?; \`interlock orders\` lists them` })
    })))

  it.effect("a change that the venue refuses ends rejected, and the order is where it was", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      yield* hand.PlaceOrder({ ticket: limitAt("6990") })
      yield* pass(1)
      const { switches } = yield* VenueFaults
      switches.modify = () => "refused"
      const receipt = yield* hand.ModifyOrder(change(yield* newest("entry"), { limitPrice: decimal("6991") }))
      yield* pass(2)
      assert.deepStrictEqual(yield* endOf(receipt), ["rejected: Venue"])
      assert.deepStrictEqual(yield* working, ["entry 2 27960"])
    })))
})

it.effect("a stop moved faster than the venue answers ends where it was moved last, without more requests than moves", () =>
  byHand({}, (hand) => Effect.gen(function*() {
    yield* hand.PlaceOrder({ ticket: ticket() })
    yield* pass(2)
    const id = yield* newest("stop")
    const prices = Array.from({ length: 20 }, (_, n) => 6_990 - n)
    for (const price of prices) {
      yield* hand.ModifyOrder(change(id, { stopLoss: at(String(price)) }))
      yield* TestClock.adjust("15 millis")
    }
    yield* pass(2)
    assert.deepStrictEqual(yield* working, ["stop 2 27884"])
    assert.isAtMost((yield* only("ModifyIntended")).length, prices.length)
    assert.isAtMost((yield* only("OrderModified")).length, 2 * prices.length)
  })))

it.effect("an order of an alert is changed as well, its row before all that follows", () =>
  byHand({}, (hand) => Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    const { commandId } = yield* hand.ModifyOrder(change(yield* newest("stop"), { stopLoss: at("6995") }))
    yield* pass(1)
    assert.include(yield* working, "stop 2 27980")
    assert.deepStrictEqual((yield* rows).flatMap(({ event }) => "alertId" in event && event.alertId === commandId ? [event._tag] : []), [
      "CommandGiven", "ProtectionMoved", "OutcomePending", "OutcomeReached"
    ])
    assert.deepStrictEqual((yield* only("ModifyIntended")).length, 1)
  })))
