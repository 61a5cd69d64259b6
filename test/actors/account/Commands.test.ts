/** Exit, flatten, cancel, update and reverse, as alerts. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { desk, events, isClean, mes, moves, only, outcomeOf, pendingOf, send, trades, trading, working } from "#test/actors/account/desk.ts"
import { MarketScript } from "#test/support/market.ts"
import { pass } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

const second = {
  strategies: { other: { id: "other", lanes: ["futures"], symbols: ["MES1!", "BTCUSD"] } }
}
const flags = [true, false]
const limit = { orderType: "limit", limitPrice: "6990" } // 27,960 ticks, below the market

for (const nativeBrackets of flags) {
  const paper = { nativeBrackets }
  describe(nativeBrackets ? "native" : "managed", () => {
    it.effect("an exit closes everything and ends done", () =>
      trading({ paper }, Effect.gen(function*() {
        yield* send("buy")
        yield* pass(2)
        const exit = yield* send("exit")
        yield* pass(1)
        assert.strictEqual(yield* outcomeOf(exit), "done")
        yield* isClean
        assert.deepStrictEqual(yield* trades(), ["long 2 -9.98 fees 2.48"])
      })))

    it.effect("an exit with nothing to close says so", () =>
      trading({ paper }, Effect.gen(function*() {
        const exit = yield* send("exit")
        yield* pass(1)
        assert.strictEqual(yield* outcomeOf(exit), "nothingToDo: NothingToDo")
      })))

    it.effect("an exit less than one lot closes nothing and says so", () =>
      trading({ paper }, Effect.gen(function*() {
        yield* send("buy")
        yield* pass(2)
        const exit = yield* send("exit", { quantity: "0.5" })
        yield* pass(1)
        assert.strictEqual(yield* outcomeOf(exit), "denied: SizeBelowMinimum")
        assert.strictEqual((yield* desk).net(mes), 2)
      })))

    it.effect("two exits by quantity at once close both parts, once each", () =>
      trading({ paper }, Effect.gen(function*() {
        yield* send("buy", { quantity: "5" })
        yield* pass(2)
        const first = yield* send("exit", { quantity: "1", id: "a" })
        const other = yield* send("exit", { quantity: "2", id: "b" })
        yield* pass(2)
        assert.deepStrictEqual([yield* outcomeOf(first), yield* outcomeOf(other)], ["done", "done"])
        assert.strictEqual((yield* desk).net(mes), 2)
        assert.deepStrictEqual((yield* working).filter((order) => order.startsWith("stop")), ["stop 2 27961"])
      })))

    it.effect("one exit by quantity after another closes its own part", () =>
      trading({ paper }, Effect.gen(function*() {
        yield* send("buy", { quantity: "5" })
        yield* pass(2)
        for (const left of [4, 2]) {
          yield* send("exit", { quantity: left === 4 ? "1" : "2" })
          yield* pass(2)
          assert.strictEqual((yield* desk).net(mes), left)
        }
      })))

    it.effect("an exit by quantity does not turn a flatten back", () =>
      trading({ paper }, Effect.gen(function*() {
        yield* send("buy", { quantity: "5" })
        yield* pass(2)
        yield* send("flatten")
        yield* send("exit", { quantity: "1" })
        yield* pass(2)
        yield* isClean
      })))

    it.effect("an exit while the entry is in flight ends flat", () =>
      trading({ paper: { ...paper, latencyMs: 600 } }, Effect.gen(function*() {
        const entry = yield* send("buy")
        yield* pass(0.25)
        const exit = yield* send("exit")
        yield* pass(5)
        assert.deepStrictEqual([yield* outcomeOf(entry), yield* outcomeOf(exit)], ["filled", "done"])
        yield* isClean
      })))

    it.effect("a resting limit entry is cancelled with its children", () =>
      trading({ paper }, Effect.gen(function*() {
        const entry = yield* send("buy", limit)
        yield* pass(2)
        assert.strictEqual(yield* pendingOf(entry), "restingLimit")
        assert.deepStrictEqual(yield* working, ["entry 2 27960"])
        const cancel = yield* send("cancel")
        yield* pass(1)
        assert.deepStrictEqual([yield* outcomeOf(entry), yield* outcomeOf(cancel)], ["canceled", "done"])
        yield* isClean
        const again = yield* send("cancel", { id: "again" })
        yield* pass(1)
        assert.strictEqual(yield* outcomeOf(again), "nothingToDo: NothingToDo")
      })))

    it.effect("a stop moves only toward the market, a target anywhere", () =>
      trading({ paper }, Effect.gen(function*() {
        yield* send("buy")
        yield* pass(2)
        const tighter = yield* send("update", { sl: "6995", tp: "7030", id: "1" })
        yield* pass(1)
        assert.strictEqual(yield* outcomeOf(tighter), "done")
        assert.deepStrictEqual(yield* working, ["stop 2 27980", "target 2 28120"])
        const wider = yield* send("update", { sl: "6990", id: "2" })
        const empty = yield* send("update", { id: "3" })
        yield* pass(1)
        assert.deepStrictEqual([yield* outcomeOf(wider), yield* outcomeOf(empty)], ["denied: StopWidened", "denied: UpdateWithoutLevel"])
        assert.deepStrictEqual(yield* working, ["stop 2 27980", "target 2 28120"])
      })))

    for (const modify of flags) {
      it.effect(`a stop that moves leaves no moment without one, modify ${modify}`, () =>
        trading({ paper: { ...paper, modify } }, Effect.gen(function*() {
          yield* send("buy", { tp: "200t" })
          yield* pass(2)
          const before = (yield* desk).nakedMs(mes)
          yield* send("update", { sl: "6995" })
          yield* pass(2)
          yield* moves(28_010)
          yield* pass(1)
          assert.deepStrictEqual((yield* working).filter((order) => order.startsWith("stop")), ["stop 2 27980"])
          assert.strictEqual((yield* desk).nakedMs(mes), before)
        })))

      it.effect(`a stop that the venue will not move stays where it is and keeps its size right, modify ${modify}`, () =>
        trading({ paper: { ...paper, modify } }, Effect.gen(function*() {
          yield* send("buy", { quantity: "3" })
          yield* pass(2)
          const { switches } = yield* VenueFaults
          switches.modify = () => "refused"
          switches.submit = ({ leg }) => leg === "stop" ? "refused" : undefined
          const update = yield* send("update", { sl: "6995" })
          yield* pass(3)
          assert.strictEqual(yield* outcomeOf(update), "rejected: Venue")
          assert.strictEqual((yield* desk).net(mes), 3)
          assert.include(yield* working, "stop 3 27961")
          switches.modify = () => undefined
          switches.submit = () => undefined
          yield* send("update", { sl: "6995", id: "again" })
          yield* pass(2)
          assert.include(yield* working, "stop 3 27980")
        })))
    }

    it.effect("reverse closes, then enters the other way as a new decision", () =>
      trading({ paper }, Effect.gen(function*() {
        yield* send("buy")
        yield* pass(2)
        const reverse = yield* send("reverse")
        yield* pass(3)
        assert.strictEqual(yield* outcomeOf(reverse), "filled")
        assert.strictEqual((yield* desk).net(mes), -2)
        assert.deepStrictEqual((yield* desk).nets(mes), [2, 0, -2])
        assert.include(yield* working, "stop 2 28040")
        const tags = (yield* events()).map(({ _tag }) => _tag)
        assert.isBelow(tags.indexOf("TradeClosed"), tags.lastIndexOf("EntryDecided"))
      })))

    it.effect("a denied second half of a reversal leaves flat and says so", () =>
      trading({ paper, account: { caps: { maxTradesPerDay: 1 } } }, Effect.gen(function*() {
        yield* send("buy")
        yield* pass(2)
        const reverse = yield* send("reverse")
        yield* pass(3)
        assert.strictEqual(yield* outcomeOf(reverse), "denied: MaxTradesPerDay")
        yield* isClean
      })))

    it.effect("what a reversal opened can be closed by a rule: its orders have names of their own", () =>
      trading({ paper: { ...paper, reduceOnly: false, oca: false } }, Effect.gen(function*() {
        yield* send("buy")
        yield* pass(2)
        yield* send("reverse")
        yield* pass(3)
        yield* moves(27_900) // the short's target, watched here
        yield* pass(3)
        yield* isClean
        assert.strictEqual((yield* trades()).length, 2)
        const ids = (yield* VenueFaults).asked.map(({ id }) => id)
        assert.strictEqual(new Set(ids).size, ids.length)
      })))

    it.effect("exit and the entry the other way within one second: short after flat", () =>
      trading({ paper }, Effect.gen(function*() {
        yield* send("buy")
        yield* pass(2)
        const exit = yield* send("exit")
        const sell = yield* send("sell")
        yield* pass(3)
        assert.deepStrictEqual([yield* outcomeOf(exit), yield* outcomeOf(sell)], ["done", "filled"])
        assert.deepStrictEqual((yield* desk).nets(mes), [2, 0, -2])
      })))

    it.effect("flatten closes every instrument of its strategy and nothing of another's", () =>
      trading({ paper, more: second }, Effect.gen(function*() {
        yield* (yield* MarketScript).set("PF_ETHUSD", 30_000, 30_001)
        yield* send("buy", { strategy: "other" })
        yield* send("buy", { strategy: "other", symbol: "BTCUSD", sl: "1%" })
        yield* send("buy", { strategy: "demo-crypto", symbol: "ETHUSD", lane: "crypto" })
        yield* pass(2)
        const flatten = yield* send("flatten", { strategy: "other" })
        yield* pass(2)
        assert.strictEqual(yield* outcomeOf(flatten), "done")
        const at = yield* desk
        assert.deepStrictEqual([at.net(mes), at.net("PF_XBTUSD"), at.net("PF_ETHUSD")], [0, 0, 50])
        assert.strictEqual((yield* only("TradeClosed")).length, 2)
      })))
  })
}
