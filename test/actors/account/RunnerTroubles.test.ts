/** The runner when the venue says no, the market gaps or falls silent, time is up, a person steps in, lots are added or taken. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { byHand, change, at, newest } from "#test/admin/byHand.ts"
import { desk, isClean, mes, moves, only, send, trades, trading, working } from "#test/actors/account/desk.ts"
import { MarketScript } from "#test/support/market.ts"
import type { Json } from "#test/support/house.ts"
import { pass } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

/** Bought 2 at 28002, its stop at 27961. */
const filledAt = 28_002
const whole = { firstTarget: { ticks: 20, portion: "0.5" }, breakEven: { atFirstTarget: true, offsetTicks: 2 }, trail: { ticks: 15, stepTicks: 4 } }
const byEven = { breakEven: { afterTicks: 20, offsetTicks: 2 } }
const byTrail = { trail: { ticks: 15, stepTicks: 4 } }

type Fields = { readonly [key: string]: Json }
const running = (runner: Fields, paper: Fields = {}, strategy: Fields = {}) => ({ paper, strategy: { runner, defaultTarget: null, ...strategy } })

const steps = Effect.map(only("RunnerStepped"), (all) => all.map(({ step }) => step))
const stops = Effect.map(working, (all) => all.filter((one) => one.startsWith("stop")))

const bought = Effect.andThen(send("buy"), pass(3))
const entered = Effect.andThen(bought, Effect.map(stops, (all) => assert.deepStrictEqual(all, ["stop 2 27961"])))

/** Lots and price of all stops; without a way to change an order there may be several. */
const stopped = Effect.map(stops, (all) => {
  const parts = all.map((one) => one.split(" "))
  return `${parts.reduce((sum, [, lots]) => sum + Number(lots), 0)} at ${[...new Set(parts.map(([, , price]) => price))].join(" ")}`
})

const venues = {
  managed: { nativeBrackets: false },
  bare: { nativeBrackets: false, reduceOnly: false, oca: false, modify: false }
}

for (const [name, paper] of Object.entries(venues)) {
  describe(name, () => {
    it.effect("a stop that the venue will not move stays, is tried again later each time, and moves once it may", () =>
      trading(running(byEven, paper), Effect.gen(function*() {
        const { asked, switches } = yield* VenueFaults
        yield* entered
        let noes = 0
        switches.modify = () => {
          noes += 1
          return "refused"
        }
        switches.submit = ({ leg }) => leg === "stop" ? "refused" : undefined
        yield* moves(filledAt + 20)
        yield* pass(5)
        assert.deepStrictEqual(yield* stops, ["stop 2 27961"])
        const tried = () => noes + asked.filter(({ leg }) => leg === "stop").length
        const first = tried()
        yield* pass(60)
        assert.isAtMost(tried(), first + 3 * 3, "three tries each after 10, 20 and 40 seconds")
        assert.isAbove(tried(), first)
        assert.deepStrictEqual(yield* stops, ["stop 2 27961"])
        assert.strictEqual((yield* desk).net(mes), 2)
        switches.modify = () => undefined
        switches.submit = () => undefined
        yield* pass(90)
        assert.deepStrictEqual(yield* stops, [`stop 2 ${filledAt + 2}`])
        assert.deepStrictEqual(yield* steps, ["started", "breakEven"])
        assert.isAtMost((yield* desk).nakedMs(mes), 500)
      })), 60_000)

    it.effect("a gap through the stop: out at once, whatever the runner wanted", () =>
      trading(running(whole, paper), Effect.gen(function*() {
        yield* entered
        yield* moves(28_022)
        yield* pass(4)
        assert.deepStrictEqual(yield* working, [`stop 1 ${filledAt + 2}`])
        yield* moves(27_900)
        yield* pass(3)
        yield* isClean
        assert.deepStrictEqual((yield* desk).nets(mes), [2, 1, 0])
        assert.strictEqual((yield* trades()).length, 1)
        yield* pass(30)
        assert.strictEqual((yield* only("RunnerStepped")).length, 3)
      })))

    it.effect("a market that came back before the stop could move: it is not put past it", () =>
      trading(running(byEven, { ...paper, latencyMs: 0 }), Effect.gen(function*() {
        yield* entered
        const { switches } = yield* VenueFaults
        switches.modify = () => "refused"
        switches.submit = ({ leg }) => leg === "stop" ? "refused" : undefined
        yield* moves(filledAt + 20)
        yield* pass(4)
        yield* moves(filledAt - 10)
        switches.modify = () => undefined
        switches.submit = () => undefined
        yield* pass(60)
        assert.deepStrictEqual(yield* working, ["stop 2 27961"])
        assert.strictEqual((yield* desk).net(mes), 2)
        yield* moves(filledAt + 4)
        yield* pass(3)
        assert.deepStrictEqual(yield* working, [`stop 2 ${filledAt + 2}`])
      })), 60_000)

    it.effect("a market that races: one change of the stop at a time, never faster than one a second", () =>
      trading(running(byTrail, paper), Effect.gen(function*() {
        yield* bought
        const before = (yield* only("ProtectionMoved")).length
        for (let n = 1; n <= 40; n++) {
          yield* moves(28_000 + 10 * n)
          yield* pass(0.25)
        }
        yield* pass(3)
        assert.isAtMost((yield* only("ProtectionMoved")).length - before, 12)
        assert.deepStrictEqual(yield* working, [`stop 2 ${28_400 - 15}`])
        assert.isAtMost((yield* desk).nakedMs(mes), 500)
      })))

    it.effect("time is up: closed at the market", () =>
      trading(running({ timeStop: { minutes: 2 } }, paper), Effect.gen(function*() {
        yield* entered
        yield* pass(110)
        assert.strictEqual((yield* desk).net(mes), 2)
        yield* pass(15)
        yield* isClean
        assert.deepStrictEqual((yield* only("CloseDecided")).map(({ reason }) => reason), ["timeStop"])
      })), 60_000)

    it.effect("a market that falls silent: the stop rests, it is told once, and goes on", () =>
      trading(running(byTrail, paper), Effect.gen(function*() {
        yield* bought
        const market = yield* MarketScript
        yield* market.silence(mes)
        yield* pass(100)
        assert.deepStrictEqual((yield* steps).filter((step) => step === "blind" || step === "sees"), ["blind"])
        const before = yield* only("ProtectionMoved")
        yield* moves(28_060)
        yield* pass(3)
        assert.deepStrictEqual((yield* steps).slice(-2), ["trailed", "sees"])
        assert.deepStrictEqual(yield* working, [`stop 2 ${28_060 - 15}`])
        assert.strictEqual((yield* only("ProtectionMoved")).length, before.length + 1)
      })), 60_000)

    it.effect("lots that come and go: the first target's part and the stop follow what is held", () =>
      trading(running(whole, { ...paper, lotsPerFillMax: 1 }, { onSameSide: "add" }), Effect.gen(function*() {
        yield* send("buy", { quantity: "2" })
        yield* pass(5)
        yield* moves(28_022)
        yield* pass(6)
        assert.strictEqual((yield* desk).net(mes), 1)
        assert.strictEqual(yield* stopped, `1 at ${filledAt + 2}`)
        yield* send("buy", { quantity: "2", id: "more" })
        yield* pass(6)
        assert.strictEqual((yield* desk).net(mes), 3)
        assert.strictEqual(yield* stopped, `3 at ${filledAt + 2}`, "the stop does not go back")
        yield* moves(28_045)
        yield* pass(6)
        assert.strictEqual((yield* desk).net(mes), 2, "half of four, less what was closed")
        assert.isAtMost((yield* desk).nakedMs(mes), 1_000)
        yield* send("exit", { quantity: "1", id: "part" })
        yield* pass(4)
        assert.match(yield* stopped, /^1 at 280\d\d$/)
        yield* send("exit", { id: "all" })
        yield* pass(5)
        yield* isClean
      })))
  })
}

it.effect("one lot: nothing is closed at the first target, the stop goes to break-even", () =>
  trading({ ...running(whole), account: { sizing: { futures: { kind: "fixed", quantity: "1" } } } }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(3)
    assert.deepStrictEqual(yield* working, ["stop 1 27961"], "no target rests")
    yield* moves(28_021)
    yield* pass(4)
    assert.deepStrictEqual(yield* working, [`stop 1 ${filledAt + 2}`])
    assert.strictEqual((yield* desk).net(mes), 1)
  })))

for (const paper of [{ nativeBrackets: true }, venues.managed, venues.bare]) {
  it.effect(`what the first target leaves has the alert's own target, ${JSON.stringify(paper)}`, () =>
    trading(running(whole, paper), Effect.gen(function*() {
      yield* send("buy", { tp: "60t" })
      yield* pass(3)
      yield* moves(28_021)
      yield* pass(5)
      assert.strictEqual((yield* desk).net(mes), 1)
      yield* moves(28_061)
      yield* pass(5)
      yield* isClean
      assert.deepStrictEqual((yield* desk).nets(mes), [2, 1, 0])
    })))
}

it.effect("a short position, the other way round", () =>
  trading(running(whole), Effect.gen(function*() {
    yield* send("sell")
    yield* pass(3)
    assert.deepStrictEqual(yield* stops, ["stop 2 28040"])
    yield* moves(27_979) // the ask at 27980: 20 ticks
    yield* pass(5)
    assert.strictEqual((yield* desk).net(mes), -1)
    assert.deepStrictEqual(yield* working, ["stop 1 27997"])
    yield* moves(28_000)
    yield* pass(3)
    yield* isClean
  })))

it.effect("bars: one tick below the lowest bid of the last two whole minutes", () =>
  trading(running({ trail: { bars: 2, timeframe: "1m" } }), Effect.gen(function*() {
    yield* entered
    for (const [bid, stop] of [[28_010, 27_961], [28_020, 27_961], [28_030, 28_009], [28_040, 28_019], [28_025, 28_024]] as const) {
      yield* moves(bid)
      yield* pass(60)
      assert.deepStrictEqual(yield* working, [`stop 2 ${stop}`])
    }
  })), 60_000)

it.effect("an update of the alert's counts, and the runner never goes back behind it", () =>
  trading(running(byEven), Effect.gen(function*() {
    yield* entered
    yield* send("update", { sl: "7001.25", id: "closer" }) // 28005
    yield* moves(28_010)
    yield* pass(3)
    yield* moves(filledAt + 25)
    yield* pass(3)
    assert.deepStrictEqual(yield* stops, ["stop 2 28005"])
    assert.deepStrictEqual(yield* steps, ["started", "breakEven"])
  })))

it.effect("a stop moved by hand is let go, and told", () =>
  byHand(running(whole), (hand) => Effect.gen(function*() {
    yield* entered
    yield* hand.ModifyOrder(change(yield* newest("stop"), { stopLoss: at("6980") }))
    yield* pass(3)
    yield* moves(28_022)
    yield* pass(5)
    assert.strictEqual((yield* desk).net(mes), 1, "the first target is still its own")
    assert.deepStrictEqual(yield* working, ["stop 1 27920"])
    yield* moves(28_100)
    yield* pass(5)
    assert.deepStrictEqual(yield* working, ["stop 1 27920"])
    assert.deepStrictEqual(yield* steps, ["started", "letGo", "firstTarget"])
  })))

it.effect("a stop moved back by hand stays there, wherever the runner wanted it before", () =>
  byHand(running(byEven), (hand) => Effect.gen(function*() {
    yield* entered
    yield* moves(filledAt + 20)
    yield* pass(3)
    assert.deepStrictEqual(yield* stops, [`stop 2 ${filledAt + 2}`])
    yield* hand.ModifyOrder(change(yield* newest("stop"), { stopLoss: at("6995") }))
    yield* pass(20)
    assert.deepStrictEqual(yield* stops, ["stop 2 27980"])
  })))

it.effect("an addition that was decided before the stop moved does not take it back", () =>
  trading(running(byTrail, { nativeBrackets: false }, { onSameSide: "add" }), Effect.gen(function*() {
    yield* bought
    yield* send("buy", { orderType: "stop", stopPrice: "7012.5", id: "more" }) // 28050
    yield* moves(28_045)
    yield* pass(4)
    assert.strictEqual(yield* stopped, `2 at ${28_045 - 15}`)
    const before = (yield* only("OrderModified")).length
    yield* moves(28_049)
    yield* pass(4)
    const places = (yield* only("OrderModified")).slice(before).map(({ stop = 0 }) => stop)
    assert.isAtLeast(Math.min(...places), 28_045 - 15)
    assert.strictEqual((yield* desk).net(mes), 4)
    assert.strictEqual(yield* stopped, `4 at ${28_049 - 15}`)
  })))

it.effect("a target moved by hand is for all of it", () =>
  byHand(running(whole), (hand) => Effect.gen(function*() {
    yield* entered
    yield* hand.ModifyOrder(change(yield* newest("stop"), { takeProfit: at("7010") }))
    yield* pass(3)
    assert.include(yield* working, "target 2 28040")
    yield* moves(28_041)
    yield* pass(3)
    yield* isClean
  })))

it.effect("time is up while the exchange is shut: the stop rests, the exit leaves with the open", () => {
  const shut = {
    instruments: { MES: { calendar: "cme-futures" } },
    calendars: { "cme-futures": { windows: [
      { from: { day: "wed", time: "17:00" }, to: { day: "thu", time: "16:00" } }, { from: { day: "thu", time: "16:05" }, to: { day: "fri", time: "16:00" } }
    ] } }
  }
  return trading({ ...running({ timeStop: { minutes: 1 } }), more: shut, atMs: DateTime.makeUnsafe("2026-11-19T21:59:30Z").epochMilliseconds }, Effect.gen(function*() {
    yield* entered
    yield* pass(90)
    assert.deepStrictEqual((yield* only("CloseDecided")).map(({ reason }) => reason), ["timeStop"])
    assert.deepStrictEqual([yield* working, (yield* desk).net(mes)], [["stop 2 27961"], 2])
    yield* pass(250)
    yield* isClean
  }))
}, 60_000)
