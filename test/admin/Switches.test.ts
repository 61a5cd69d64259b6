/** Switches as an operator sets them: what they stop, what they leave, what a restart keeps. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Switches from "#src/admin/commands/Switches.ts"
import { Views } from "#src/admin/Views.ts"
import { Journal, JournalUnavailable } from "#src/ports/Journal.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import * as Projection from "#src/projections/Switches.ts"
import { onConnection } from "#test/support/lives.ts"
import { MarketScript } from "#test/support/market.ts"
import { pass, post, rows } from "#test/support/runtime.ts"
import { begun, ended, inWorld, limit, living, netOf, one, out, say, switched, working } from "./switching.ts"

describe("a pause", () => {
  const covering = ["all", "lane/futures", "strategy/demo-futures", "script/s1", "account/paper-1", "asset/futures", "asset/futures/paper"] as const
  it.effect.each(covering)("%s: entries are skipped, also in the next life; what works stays, exits pass", (scope) => inWorld(Effect.gen(function*() {
    yield* living(Effect.gen(function*() {
      const resting = yield* begun
      const receipt = yield* switched("pause", scope)
      assert.isTrue(receipt.durable)
      const entry = yield* say("buy", { symbol: "MNQ1!" })
      yield* pass(2)
      assert.match((yield* ended(entry)) ?? "", /^skipped: /)
      assert.strictEqual(yield* ended(resting), undefined)
      const exit = yield* out
      yield* pass(2)
      assert.strictEqual(yield* ended(exit), "done")
      assert.deepStrictEqual(yield* working, ["buy 2 limit"])
    }))
    yield* living(Effect.gen(function*() {
      const entry = yield* say("buy", { symbol: "MNQ1!" })
      yield* pass(2)
      assert.match((yield* ended(entry)) ?? "", /^skipped: /)
      yield* switched("pause", scope, false)
      const after = yield* say("buy", { symbol: "MNQ1!" })
      yield* pass(3)
      assert.strictEqual(yield* ended(after), "filled")
    }))
  })))

  it.effect.each(["asset/futures/live", "asset/crypto", "lane/crypto", "strategy/demo-crypto"] as const)("%s leaves the others", (scope) => inWorld(living(Effect.gen(function*() {
    yield* switched("pause", scope)
    const entry = yield* say("buy")
    yield* pass(3)
    assert.strictEqual(yield* ended(entry), "filled")
  }))))

  it.effect("of an account outlives a resume of all", () => inWorld(living(Effect.gen(function*() {
    yield* switched("pause", "account/paper-1")
    const { lines } = yield* switched("pause", "all", false)
    assert.deepStrictEqual(lines, ["all was not paused or blocked by a flatten: nothing to lift", "still in force: pause account/paper-1"])
    const entry = yield* say("buy")
    yield* pass(2)
    assert.strictEqual(yield* ended(entry), "skipped: AccountPaused")
  }))))

  it.effect("reaches an entry that waits for the wire, and leaves the one that is on it", () => {
    const slow = onConnection((connection) => ({
      submit: (order, instrument) => Effect.delay(connection.submit(order, instrument), "3 seconds"),
      submitBracket: (bracket, instrument) => Effect.delay(connection.submitBracket(bracket, instrument), "3 seconds")
    }))
    return inWorld(living(Effect.gen(function*() {
      const first = yield* say("buy", { symbol: "MNQ1!", orderType: "limit", limitPrice: "25000.00" })
      const crypto = (symbol: string) => post("crypto", { action: "buy", symbol, strategy: "demo-crypto", ...limit, limitPrice: "1000" })
      yield* crypto("BTCUSD")
      yield* pass(1)
      const waits = yield* say("buy", limit)
      yield* pass(1)
      yield* switched("pause", "asset/futures/paper")
      yield* pass(8)
      assert.deepStrictEqual([yield* ended(first), yield* ended(waits)], [undefined, "skipped: Paused"])
      assert.include((yield* rows).map(({ event }) => event._tag === "OrderWithheld" ? event.reason.rule : ""), "Paused")
      assert.deepStrictEqual((yield* working).filter((order) => order.startsWith("buy 2")), ["buy 2 limit"])
    }), { venues: slow }))
  })
})

describe("a kill", () => {
  const covering = ["all", "account/paper-1", "login/paper-demo", "strategy/demo-futures", "lane/futures"] as const
  it.effect.each(covering)("%s: entries are cancelled and none leaves, stops stay and exits pass, until unkill", (scope) => inWorld(living(Effect.gen(function*() {
    const resting = yield* begun
    const { commandId, durable, lines } = yield* switched("kill", scope)
    assert.deepStrictEqual([durable, lines.length, lines[1]], [true, 2, "paper-1 (SIMULATED): 1 working entry cancelled"])
    yield* pass(1)
    assert.deepStrictEqual(yield* working, ["sell 2 stop"])
    assert.strictEqual(yield* ended(resting), "canceled: Killed")
    assert.strictEqual(yield* ended(commandId), "done")
    const refused = yield* say("buy")
    const exit = yield* out
    yield* pass(2)
    assert.deepStrictEqual([yield* ended(refused), yield* ended(exit)], ["denied: Latched", "done"])
    yield* switched("kill", scope, false)
    const after = yield* say("buy")
    yield* pass(2)
    assert.strictEqual(yield* ended(after), "filled")
  }))))

  it.effect("takes what the venue holds for an entry with it", () => inWorld(living(Effect.gen(function*() {
    yield* say("buy", limit)
    yield* pass(2)
    assert.deepStrictEqual(yield* working, ["buy 2 limit", "sell 2 limit", "sell 2 stop"])
    yield* switched("kill", "all")
    yield* pass(2)
    assert.deepStrictEqual(yield* working, [])
  }), { overrides: { ...one, venues: {} } })))

  it.effect("of another lane, strategy or login leaves what works", () => inWorld(living(Effect.gen(function*() {
    yield* begun
    for (const scope of ["lane/crypto", "strategy/demo-crypto"] as const) yield* switched("kill", scope)
    yield* pass(2)
    assert.deepStrictEqual(yield* working, ["buy 2 limit", "sell 2 stop"])
  }))))

  const late = onConnection((connection) => ({
    submit: (order, instrument) => order.leg === "entry" ? Effect.tap(Effect.delay(connection.submit(order, instrument), "2 seconds"), () => Effect.sleep("1 second")) : connection.submit(order, instrument)
  }))

  it.effect("an entry on the wire: accepted afterwards, it is cancelled", () => inWorld(living(Effect.gen(function*() {
    const entry = yield* say("buy", limit)
    yield* pass(1)
    const { lines } = yield* switched("kill", "lane/futures")
    assert.strictEqual(lines[1], "paper-1 (SIMULATED): 1 entry of unknown fate: cancelled if it works after all")
    yield* pass(4)
    assert.deepStrictEqual(yield* working, [])
    assert.strictEqual(yield* ended(entry), "canceled: Killed")
  }), { venues: late })))

  it.effect("an entry on the wire: filled afterwards, it gets its stop", () => inWorld(living(Effect.gen(function*() {
    const entry = yield* say("buy")
    yield* pass(1)
    yield* switched("kill", "all")
    yield* pass(6)
    assert.strictEqual(yield* ended(entry), "filled")
    assert.deepStrictEqual([yield* netOf, yield* working], [2, ["sell 2 stop"]])
  }), { venues: late })))

  it.effect("a restart between its row and its cancels: the next life cancels", () => inWorld(Effect.gen(function*() {
    const resting = yield* living(begun)
    const kill: JournalEvent = { _tag: "SwitchSet", kind: "kill", scope: "lane/futures", on: true, who: "cli:ann", why: "test" }
    yield* (yield* Journal).append("operator", "any", [kill])
    yield* living(Effect.gen(function*() {
      yield* pass(1)
      assert.deepStrictEqual(yield* working, ["sell 2 stop"])
      assert.strictEqual(yield* ended(resting), "canceled: Killed")
    }))
  })))

  it.effect("while nothing can be written: it holds and cancels, and is not durable; nothing is lifted meanwhile", () => {
    let isFull = false
    return inWorld(Effect.gen(function*() {
      yield* living(Effect.gen(function*() {
        yield* begun
        isFull = true
        const receipt = yield* switched("kill", "all")
        assert.isFalse(receipt.durable)
        assert.match(receipt.lines[1] ?? "", /^NOT ON DISK/)
        yield* pass(2)
        assert.deepStrictEqual(yield* working, ["sell 2 stop"])
        const folded = Projection.withLatched((yield* (yield* Views).current).switches, yield* (yield* RiskLatch).all)
        assert.deepStrictEqual(Projection.views(folded).map(({ durable, kind, scope }) => [kind, scope, durable]), [["kill", "all", false]])

        isFull = false
        yield* pass(2)
        const written = (yield* (yield* Journal).readStream("operator", 0)).filter(({ event }) => event._tag === "SwitchSet")
        assert.strictEqual(written.length, 1, "as soon as there is room")
        const again = yield* switched("kill", "all")
        assert.isTrue(again.durable)
        assert.match(again.lines[0] ?? "", /^all was killed already/)
        isFull = true
        const lift = yield* switched("kill", "all", false)
        assert.isFalse(lift.durable)
        assert.match(lift.lines[0] ?? "", /^NOTHING WAS LIFTED/)
        assert.deepStrictEqual(yield* (yield* RiskLatch).all, [{ kind: "kill", scope: "all" }])
        isFull = false
        yield* pass(2)
        yield* switched("kill", "all", false)
        assert.deepStrictEqual(yield* (yield* RiskLatch).all, [])
      }), { fate: () => isFull ? "full" : "write" })
      yield* living(Effect.gen(function*() {
        assert.deepStrictEqual(yield* (yield* RiskLatch).all, [])
      }))
    }))
  })

  it.effect("is not lifted by what lifts another: overlapping kills, a flatten's block, a resume", () => inWorld(living(Effect.gen(function*() {
    const latch = yield* RiskLatch
    yield* switched("kill", "all")
    yield* switched("kill", "account/paper-1")
    yield* switched("kill", "all", false)
    const refused = yield* say("buy")
    yield* pass(2)
    assert.strictEqual(yield* ended(refused), "denied: Latched")

    const block: JournalEvent = { _tag: "SwitchSet", kind: "block", scope: "account/paper-1", on: true, who: "cli:ann", why: "flatten" }
    yield* latch.set("account/paper-1", "block")
    yield* (yield* Journal).append("operator", "any", [block])
    yield* switched("kill", "account/paper-1", false)
    assert.deepStrictEqual(yield* latch.all, [{ kind: "block", scope: "account/paper-1" }])
    const blocked = yield* say("buy")
    yield* pass(2)
    assert.strictEqual(yield* ended(blocked), "denied: Latched")
    yield* switched("kill", "account/paper-1")
    const { lines } = yield* switched("pause", "account/paper-1", false)
    assert.deepStrictEqual(lines, ["account/paper-1 is blocked by a flatten no more", "still in force: kill account/paper-1"])
    assert.deepStrictEqual(yield* latch.all, [{ kind: "kill", scope: "account/paper-1" }])
  }))))

  it.effect("lifted as the disk fills: what the journal will say is what holds", () => {
    let isFull = false
    const filling = Layer.effect(Journal, Effect.map(Journal, (journal) => Journal.of({
      ...journal,
      durable: (seq) => isFull ? Effect.fail(new JournalUnavailable({ reason: "diskFull" })) : journal.durable(seq)
    })))
    return inWorld(living(Effect.gen(function*() {
      const { SetSwitch } = yield* Switches.make
      yield* SetSwitch({ kind: "kill", scope: "all", on: true })
      isFull = true
      const lift = yield* SetSwitch({ kind: "kill", scope: "all", on: false })
      assert.deepStrictEqual([lift.durable, lift.lines[0]], [false, "all is killed no more"])
      assert.match(lift.lines[1] ?? "", /^NOT ON DISK yet/)
      assert.deepStrictEqual(yield* (yield* RiskLatch).all, [])
      assert.deepStrictEqual((yield* rows).flatMap(({ event }) => event._tag === "SwitchSet" ? [event.on] : []), [true, false])
    }).pipe(Effect.provide(filling), Effect.scoped)))
  })

  it.effect("given while a lift of it is being written, it stays", () => {
    let isSlow = false
    const slow = Layer.effect(Journal, Effect.map(Journal, (journal) => Journal.of({
      ...journal,
      durable: (seq) => Effect.andThen(isSlow ? Effect.sleep("2 seconds") : Effect.void, journal.durable(seq))
    })))
    return inWorld(living(Effect.gen(function*() {
      const latch = yield* RiskLatch
      const cleared: Array<string> = []
      const watched = RiskLatch.of({ ...latch, clear: (scope, kind) => Effect.andThen(Effect.sync(() => cleared.push(scope)), latch.clear(scope, kind)) })
      const { SetSwitch } = yield* Effect.provideService(Switches.make, RiskLatch, watched)
      const set = (on: boolean) => SetSwitch({ kind: "kill", scope: "all", on })
      yield* set(true)
      isSlow = true
      yield* Effect.forkChild(set(false))
      yield* TestClock.adjust("1 second")
      yield* Effect.forkChild(set(true))
      for (let n = 0; n < 24; n++) {
        yield* TestClock.adjust("250 millis")
        assert.deepStrictEqual(yield* latch.all, [{ kind: "kill", scope: "all" }])
      }
      const last = (yield* rows).flatMap(({ event }) => event._tag === "SwitchSet" ? [event.on] : [])
      assert.deepStrictEqual(last, [true, false, true])
      assert.deepStrictEqual(cleared, [], "not for a moment")

      yield* Effect.forkChild(SetSwitch({ kind: "pause", scope: "lane/crypto", on: true }))
      yield* TestClock.adjust("1 second")
      yield* Effect.forkChild(SetSwitch({ kind: "kill", scope: "lane/futures", on: true }))
      yield* TestClock.adjust("1 millis")
      assert.deepInclude(yield* latch.all, { kind: "kill", scope: "lane/futures" })
    })).pipe(Effect.provide(slow)))
  })
})

it.effect("a market that comes to the entry meanwhile finds none", () => inWorld(living(Effect.gen(function*() {
  yield* begun
  yield* switched("kill", "all")
  yield* pass(1)
  yield* (yield* MarketScript).set("MESZ26", 27_900, 27_901)
  yield* pass(2)
  assert.strictEqual(yield* netOf, 2)
}))))
