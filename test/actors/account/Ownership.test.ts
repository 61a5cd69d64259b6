/** Who may trade an instrument that somebody already trades, and what a strategy's second entry does. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { desk, events, isClean, mes, moves, only, outcomeOf, pendingOf, send, trading, working } from "#test/actors/account/desk.ts"
import type { Json } from "#test/support/house.ts"
import { pass } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

const second = { strategies: { other: { id: "other", lanes: ["futures"], symbols: ["MES1!"] } } }
const far = { orderType: "limit", limitPrice: "6990" }
const flags = [true, false]

it.effect("an instrument belongs to the strategy that entered it, until it is flat", () =>
  trading({ more: second }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    const refused = yield* send("buy", { strategy: "other" })
    const exit = yield* send("exit", { strategy: "other" })
    yield* pass(1)
    assert.deepStrictEqual([yield* outcomeOf(refused), yield* outcomeOf(exit)], ["denied: InstrumentOwned", "nothingToDo: NothingToDo"])
    yield* send("exit")
    yield* pass(1)
    const later = yield* send("buy", { strategy: "other", id: "later" })
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(later), "filled")
  })))

it.effect("a working entry owns the instrument too, and is the only one in flight", () =>
  trading({ more: second, strategy: { onSameSide: "add" } }, Effect.gen(function*() {
    yield* send("buy", far)
    yield* pass(1)
    const other = yield* send("buy", { strategy: "other" })
    const same = yield* send("buy", { id: "same" })
    yield* pass(1)
    assert.deepStrictEqual([yield* outcomeOf(other), yield* outcomeOf(same)], ["denied: InstrumentOwned", "denied: EntryInFlight"])
  })))

const again = (strategy: { readonly [key: string]: Json }, first: string, then: string, fields: { readonly [key: string]: Json } = {}) =>
  Effect.gen(function*() {
    yield* send(first)
    yield* pass(2)
    const alertId = yield* send(then, { id: "second", ...fields })
    yield* pass(3)
    return { outcome: yield* outcomeOf(alertId), net: (yield* desk).net(mes), orders: yield* working }
  }).pipe((test) => trading({ strategy }, test))

it.effect("same side: deny", () => Effect.gen(function*() {
  const seen = yield* again({ onSameSide: "deny" }, "buy", "buy")
  assert.deepStrictEqual(seen, { outcome: "denied: SameSide", net: 2, orders: ["stop 2 27961", "target 2 28061"] })
}))

for (const nativeBrackets of flags) {
  it.effect(`same side: add, under one stop that is never wider, native ${nativeBrackets}`, () =>
    trading({ paper: { nativeBrackets }, strategy: { onSameSide: "add" } }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(2)
      const wider = yield* send("buy", { id: "second", sl: "80t", quantity: "1" })
      yield* pass(3)
      assert.strictEqual(yield* outcomeOf(wider), "filled")
      assert.strictEqual((yield* desk).net(mes), 3)
      assert.deepStrictEqual(yield* working, ["stop 3 27961", "target 3 28061"])
      yield* moves(28_010)
      yield* pass(1)
      yield* send("buy", { id: "third", quantity: "1" })
      yield* pass(3)
      assert.deepStrictEqual(yield* working, ["stop 4 27971", "target 4 28071"])
      assert.isAtMost((yield* desk).nakedMs(mes), 500)
      yield* moves(27_960)
      yield* pass(2)
      yield* isClean
    })))

  it.effect(`same side: replace a resting entry, native ${nativeBrackets}`, () =>
    trading({ paper: { nativeBrackets }, strategy: { onSameSide: "replace" } }, Effect.gen(function*() {
      const first = yield* send("buy", far)
      yield* pass(1)
      const next = yield* send("buy", { ...far, limitPrice: "6991" })
      yield* pass(2)
      assert.deepStrictEqual([yield* outcomeOf(first), yield* pendingOf(next)], ["canceled", "restingLimit"])
      assert.deepStrictEqual(yield* working, ["entry 2 27964"])
    })))
}

for (const modify of flags) {
  it.effect(`same side: add, with a stop that the market has already passed: all of it goes flat, modify ${modify}`, () =>
    trading({ paper: { modify }, strategy: { onSameSide: "add" } }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(2)
      yield* send("buy", { id: "second", sl: "1t", quantity: "1" })
      yield* pass(4)
      assert.isAtLeast((yield* only("ProtectionAlarm")).length, 1)
      yield* isClean
    })))
}

it.effect("same side: add at a limit, which changes nothing before it fills", () =>
  trading({ strategy: { onSameSide: "add" } }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    yield* send("buy", { id: "second", orderType: "limit", limitPrice: "6995", sl: "10t", tp: "20t", quantity: "1" })
    yield* pass(2)
    assert.deepStrictEqual(yield* working, ["entry 1 27980", "stop 2 27961", "target 2 28061"])
    yield* moves(27_979)
    yield* pass(2)
    assert.deepStrictEqual(yield* working, ["stop 3 27970", "target 3 28000"])
  })))

it.effect("same side: replace, but the venue will not let go of the resting entry", () =>
  trading({ strategy: { onSameSide: "replace" } }, Effect.gen(function*() {
    const first = yield* send("buy", far)
    yield* pass(1)
    const { switches } = yield* VenueFaults
    switches.cancel = () => "refused"
    const next = yield* send("buy", { ...far, limitPrice: "6991" })
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(next), "denied: EntryInFlight")
    assert.strictEqual(yield* pendingOf(first), "restingLimit")
    assert.notInclude((yield* events()).map(({ _tag }) => _tag), "Restarted")
  })))

it.effect("opposite side: exit", () => Effect.gen(function*() {
  const seen = yield* again({ onOppositeSide: "exit" }, "buy", "sell")
  assert.deepStrictEqual(seen, { outcome: "done", net: 0, orders: [] })
}))

it.effect("opposite side: exit, but only the quantity that is named", () => Effect.gen(function*() {
  const seen = yield* again({ onOppositeSide: "exit" }, "buy", "sell", { quantity: "1" })
  assert.deepStrictEqual(seen, { outcome: "done", net: 1, orders: ["stop 1 27961", "target 1 28061"] })
}))

it.effect("opposite side: reverse", () => Effect.gen(function*() {
  const seen = yield* again({ onOppositeSide: "reverse" }, "sell", "buy")
  assert.deepStrictEqual(seen, { outcome: "filled", net: 2, orders: ["stop 2 27961", "target 2 28061"] })
}))

it.effect("opposite side: deny", () => Effect.gen(function*() {
  const seen = yield* again({ onOppositeSide: "deny" }, "sell", "buy")
  assert.deepStrictEqual(seen, { outcome: "denied: OppositeSide", net: -2, orders: ["stop 2 28040", "target 2 27940"] })
}))
