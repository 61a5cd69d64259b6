/** What an account refuses before anything is sent, with the rule that refused it. */
import { assert, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { desk, isClean, mes, moves, only, outcomeOf, pendingOf, send, trading, working } from "#test/actors/account/desk.ts"
import { MarketScript } from "#test/support/market.ts"
import { pass } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

const far = { orderType: "limit", limitPrice: "6990" }
const crypto = { strategy: "demo-crypto", symbol: "BTCUSD", lane: "crypto" }
const utc = (text: string) => DateTime.makeUnsafe(text).epochMilliseconds
const both = { strategies: { other: { id: "other", lanes: ["futures"], symbols: ["MES1!", "MNQ1!"], onSameSide: "add" } } }

it.effect("contracts of an asset class: resting entries count, what is left is taken, then no more", () =>
  trading({ account: { caps: { maxContracts: { futures: "3" } } }, more: both }, Effect.gen(function*() {
    yield* (yield* MarketScript).set("MNQ", 101_600, 101_601)
    yield* send("buy", far)
    yield* pass(1)
    const smaller = yield* send("buy", { strategy: "other", symbol: "MNQ1!" })
    yield* pass(2)
    assert.strictEqual(yield* outcomeOf(smaller), "filled")
    assert.strictEqual((yield* desk).net("MNQZ26"), 1)
    const none = yield* send("buy", { strategy: "other", symbol: "MNQ1!", id: "more" })
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(none), "denied: MaxContracts")
  })))

it.effect("contracts of a symbol", () =>
  trading({ account: { caps: { maxContractsBySymbol: { MES: "2" } } }, strategy: { onSameSide: "add" } }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    const more = yield* send("buy", { id: "more" })
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(more), "denied: MaxContractsBySymbol")
  })))

it.effect("an entry nobody answered for counts at its full size", () =>
  trading({ account: { caps: { maxContracts: { futures: "3" } } }, more: both }, Effect.gen(function*() {
    yield* (yield* MarketScript).set("MNQ", 101_600, 101_601)
    const { switches } = yield* VenueFaults
    switches.answerAfterMs = () => 60_000
    switches.tells = () => false
    switches.answersQuestions = () => false
    const unknown = yield* send("buy")
    yield* pass(11)
    switches.answerAfterMs = () => 0
    assert.isUndefined(yield* outcomeOf(unknown))
    yield* send("buy", { strategy: "other", symbol: "MNQ1!" })
    yield* pass(1)
    const decided = (yield* only("OrderIntended")).filter(({ order }) => order.leg === "entry").map(({ order }) => order.lots)
    assert.deepStrictEqual(decided, [2, 1])
  })))

it.effect("positions at the same time", () =>
  trading({ account: { caps: { maxPositions: 1 } } }, Effect.gen(function*() {
    yield* send("buy", far)
    const other = yield* send("buy", crypto)
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(other), "denied: MaxPositions")
  })))

it.effect("trades of a day start again at 17:00 in Chicago; an order that never left is none", () =>
  trading({ account: { caps: { maxTradesPerDay: 2 } }, atMs: utc("2026-11-19T22:59:00Z") }, Effect.gen(function*() {
    for (const id of ["1", "2"]) {
      yield* send("buy", { id })
      yield* pass(1)
      yield* send("exit", { id: `exit-${id}` })
      yield* pass(1)
    }
    const denied = yield* send("buy", { id: "3" })
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(denied), "denied: MaxTradesPerDay")
    const reason = (yield* only("OutcomeReached")).at(-1)?.reason
    assert.strictEqual(reason?.clearsAtMs, utc("2026-11-19T23:00:00Z"))
    yield* pass(60)
    const next = yield* send("buy", { id: "4" })
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(next), "filled")
  })))

/** One stop-out of 2 MES is 40 ticks x 1.25 x 2 + 4 x 0.62 = 102.48, as the order plans it. */
it.effect("daily loss counts this order's own stop-out, what is open and what it cost", () =>
  trading({ account: { caps: { dailyLoss: "102.48" } }, strategy: { onSameSide: "add" } }, Effect.gen(function*() {
    const fits = yield* send("buy")
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(fits), "filled")
    yield* moves(27_970)
    yield* pass(1)
    // Open -80, fees -1.24; the stop that is there is 10 ticks away: 2 lots lose 27.48, 1 lot 13.74.
    const large = yield* send("buy", { quantity: "2", id: "large" })
    const small = yield* send("buy", { quantity: "1", id: "small" })
    yield* pass(1)
    assert.deepStrictEqual([yield* outcomeOf(large), yield* outcomeOf(small)], ["denied: DailyLoss", "filled"])
  })))

it.effect("one cent less is not enough", () =>
  trading({ account: { caps: { dailyLoss: "102.47" } } }, Effect.gen(function*() {
    const denied = yield* send("buy")
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(denied), "denied: DailyLoss")
  })))

it.effect("what a day lost is forgiven by the next", () =>
  trading({ account: { caps: { dailyLoss: "150" } }, atMs: utc("2026-11-19T22:59:40Z") }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(1)
    yield* moves(27_960)
    yield* pass(2)
    yield* isClean
    const denied = yield* send("buy", { id: "again" })
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(denied), "denied: DailyLoss")
    yield* pass(16)
    const next = yield* send("buy", { id: "tomorrow" })
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(next), "filled")
  })))

it.effect("no stop, no entry", () =>
  trading({ more: { strategies: { "demo-futures": { defaultStop: null } } } }, Effect.gen(function*() {
    const bare = yield* send("buy")
    const stopped = yield* send("buy", { sl: "40t", id: "stopped" })
    yield* pass(1)
    assert.deepStrictEqual([yield* outcomeOf(bare), yield* outcomeOf(stopped)], ["denied: StopRequired", "filled"])
  })))

it.effect("a quote older than two seconds is none", () =>
  trading({}, Effect.gen(function*() {
    yield* pass(1)
    yield* (yield* MarketScript).silence(mes)
    yield* pass(3)
    const still = yield* send("buy", far)
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(still), "denied: QuoteStale")
    assert.strictEqual((yield* VenueFaults).asked.length, 0)
  })))

it.effect("a market that is shut, with the time it opens", () =>
  trading({ more: { instruments: { MES: { calendar: "cme-futures" } } }, atMs: utc("2026-11-19T22:30:00Z") }, Effect.gen(function*() {
    const early = yield* send("buy")
    yield* pass(1)
    assert.strictEqual(yield* outcomeOf(early), "denied: MarketClosed")
    assert.strictEqual((yield* only("OutcomeReached"))[0]?.reason?.clearsAtMs, utc("2026-11-19T23:00:00Z"))
  })))

it.effect("an entry that waited too long for its turn expires", () =>
  trading({ strategy: { onOppositeSide: "reverse", entryAgeMsMax: 3_000 }, paper: { nativeBrackets: false, reduceOnly: false } }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    const { switches } = yield* VenueFaults
    switches.cancel = () => "refused"
    const turn = yield* send("sell")
    yield* pass(1)
    assert.strictEqual(yield* pendingOf(turn), "working")
    yield* pass(3)
    yield* moves(27_961) // the stop that the venue would not cancel ends it
    yield* pass(2)
    assert.strictEqual(yield* outcomeOf(turn), "expired: StaleEntry")
    assert.strictEqual((yield* desk).net(mes), 0)
  })))

for (const { order, name, price } of [
  { name: "limit", order: far, price: 27_950 },
  { name: "stop", order: { orderType: "stop", stopPrice: "7010" }, price: 28_040 },
  { name: "stopLimit", order: { orderType: "stop_limit", stopPrice: "7010", limitPrice: "7015" }, price: 28_040 }
]) {
  it.effect(`a ${name} entry rests without a deadline until its price, then is protected`, () =>
    trading({ strategy: { entryDeadlineMs: 1_000 }, paper: { nativeBrackets: false } }, Effect.gen(function*() {
      const alertId = yield* send("buy", order)
      yield* pass(5)
      assert.strictEqual(yield* pendingOf(alertId), "restingLimit")
      yield* moves(price - 1)
      yield* pass(2)
      assert.strictEqual(yield* outcomeOf(alertId), "filled")
      assert.strictEqual((yield* working).filter((line) => line.startsWith("stop")).length, 1)
    })))
}

it.effect("an entry ends at its own time", () =>
  trading({}, Effect.gen(function*() {
    const alertId = yield* send("buy", { ...far, expiresAt: "2026-11-20T15:00:10Z" })
    yield* pass(5)
    assert.strictEqual(yield* pendingOf(alertId), "restingLimit")
    yield* pass(6)
    assert.match(String(yield* outcomeOf(alertId)), /^(canceled|expired)$/)
    yield* isClean
  })))
