/** `flatten` of a running house: what it does at the venue, what it says, and what stays. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Exit, Fiber, Option, Scope } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import { AccountId, AlertId, ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import { Lots, NetLots, Ticks } from "#schemas/Instrument.ts"
import type { Order } from "#schemas/Order.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import * as Resolve from "#src/symbols/Resolve.ts"
import { desk, events, isClean, mes, outcomeOf, send, trading, working } from "#test/actors/account/desk.ts"
import { begun, flatten, states, texts } from "#test/admin/flattening.ts"
import { pass, rows } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

const flat = { "paper-1": "flat" }
const limit = { symbol: "BTCUSD", sl: "1%", orderType: "limit", limitPrice: "44000" }
const crypto = { strategies: { "demo-futures": { symbols: ["MES1!", "BTCUSD"] } } }

const foreign = (name: string, side: Order["side"], lots: number, stop?: number): Order => ({
  id: ClientOrderId.make(`by-hand-${name}`),
  accountId: AccountId.make("paper-1"),
  alertId: AlertId.make("by-hand"),
  instrumentId: InstrumentId.make(mes),
  instrumentVersion: 1,
  leg: "entry",
  generation: 1,
  side,
  lots: Lots.make(lots),
  type: stop === undefined ? "market" : "stop",
  ...(stop === undefined ? {} : { stop: Ticks.make(stop) }),
  timeInForce: "gtc",
  reduceOnly: false
})

const byHand = Effect.fnUntraced(function*(order: Order) {
  const { calendars, instruments } = yield* (yield* HouseConfig).current
  yield* Effect.forkChild((yield* VenueFaults).trade(order, Option.getOrThrow(Resolve.byId(instruments, order.instrumentId, calendars))))
  yield* pass(1)
})

describe.each([
  ["native", { nativeBrackets: true }],
  ["managed", { nativeBrackets: false }],
  ["managed without reduce-only and changes", { nativeBrackets: false, reduceOnly: false, oca: false, modify: false }]
] as const)("%s", (_name, paper) => {
  it.effect("closes positions, cancels entries, proves it, and blocks until resume", () =>
    trading({ paper, more: crypto }, Effect.gen(function*() {
      yield* send("buy")
      const resting = yield* send("buy", limit)
      yield* pass(2)
      assert.strictEqual((yield* desk).net(mes), 2)
      const flattened = yield* flatten(5)
      assert.deepStrictEqual(states(flattened), flat)
      assert.isAtMost(flattened.afterMs["paper-1"] ?? Infinity, 5_000)
      yield* isClean
      assert.match((yield* outcomeOf(resting)) ?? "", /^canceled/)
      assert.deepStrictEqual((yield* desk).nets(mes), [2, 0])
      const said = texts(flattened)
      assert.match(said[0] ?? "", /^no new risk leaves until `interlock resume`: operator-/)
      assert.match(said.join("\n"), /cancel 1 entry\n/)
      assert.deepStrictEqual(said.slice(-2), ["the venue says flat, no order working", "the venue says so again"])

      const after = yield* send("buy", { id: "after" })
      yield* pass(1)
      assert.strictEqual(yield* outcomeOf(after), "denied: Latched")
    })))

  it.effect("the stop works until the close has filled, where the venue keeps it from doubling", () =>
    trading({ paper: { ...paper, latencyMs: 400 } }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(4)
      const { nakedMs } = yield* desk
      const before = nakedMs(mes)
      const { flattened, running } = yield* begun()
      yield* TestClock.adjust("150 millis")
      assert.include(yield* working, "stop 2 27961")
      yield* pass(8)
      assert.isNotNull(running.pollUnsafe())
      assert.deepStrictEqual(states(flattened), flat)
      if (!("reduceOnly" in paper)) assert.strictEqual(nakedMs(mes), before)
      yield* isClean
    })))

  it.effect("closes what is not ours too, once ours is closed, each once", () =>
    trading({ paper }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(2)
      yield* byHand(foreign("more", "buy", 3))
      yield* byHand(foreign("stop", "sell", 3, 27_900))
      yield* byHand(foreign("entry", "buy", 1, 28_100))
      const { flattened, running } = yield* begun()
      const { net, nets, working: orders } = yield* desk
      for (let step = 0; step < 120; step++) {
        yield* TestClock.adjust("50 millis")
        const ids: ReadonlyArray<string> = orders().map(({ clientOrderId }) => clientOrderId)
        if (net(mes) !== 0) assert.include(ids, "by-hand-stop", "what protects a position stays until it is closed")
      }
      assert.isNotNull(running.pollUnsafe())
      assert.deepStrictEqual(states(flattened), flat)
      assert.deepStrictEqual(nets(mes), [2, 5, 3, 0])
      yield* isClean
      assert.match(texts(flattened).join("\n"), /close 3 lots of MESZ26 that no order of ours explains/)
      const swept = (yield* rows).flatMap(({ event }) => event._tag === "CommandGiven" && event.command === "sweep" ? [JSON.stringify(event.detail)] : [])
      assert.isTrue(swept.some((detail) => detail.includes("MESZ26")) && swept.some((detail) => detail.includes("by-hand-stop")), swept.join())
    })))
})

it.effect("says who asked and why, before anything follows", () =>
  trading({}, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    yield* flatten(4, "paper-1")
    const all = (yield* rows).map(({ event }) => event)
    const given = all.findIndex(({ _tag }) => _tag === "CommandGiven")
    const command = all[given]
    const block = all[given + 1]
    const closes = all.find(({ _tag }) => _tag === "CloseDecided")
    assert.isTrue(command?._tag === "CommandGiven" && command.who === "test" && command.why === "drill" && command.command === "flatten")
    assert.deepStrictEqual(block, { _tag: "SwitchSet", kind: "block", scope: "account/paper-1", on: true, who: "test", why: "drill" })
    assert.isTrue(closes?._tag === "CloseDecided" && command?._tag === "CommandGiven" && closes.alertId === command.alertId && closes.reason === "operator")
    assert.isBelow(given, all.findIndex(({ _tag }) => _tag === "CloseDecided"))
  })))

it.effect("a kill of everything does not stop it", () =>
  trading({}, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    yield* (yield* RiskLatch).set("all", "kill")
    assert.deepStrictEqual(states(yield* flatten(5)), flat)
    yield* isClean
  })))

it.effect("a house that leaves half way says so: nobody takes its silence for flat", () =>
  trading({}, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    const life = yield* Scope.make()
    const { flattened, running } = yield* Effect.provideService(begun(), Scope.Scope, life)
    yield* TestClock.adjust("10 millis")
    yield* Scope.close(life, Exit.void)
    yield* Fiber.join(running)
    assert.deepStrictEqual(states(flattened), { "paper-1": "unknown" })
    assert.match(flattened.receipts[0]?.reason ?? "", /^the house left before its venue had said flat twice/)
    assert.include(texts(flattened).join("\n"), "closes 2 lots of MESZ26")
  })))

it.effect("while the venue is still connecting it waits, then closes what the account finds there", () =>
  trading({ paper: { latencyMs: 700 } }, Effect.gen(function*() {
    const flattened = yield* flatten(8)
    assert.deepStrictEqual(states(flattened), flat)
  })))

it.effect("an entry on its way is not flat: it is awaited, then closed", () =>
  trading({ paper: { nativeBrackets: false } }, Effect.gen(function*() {
    const { switches } = yield* VenueFaults
    switches.answerAfterMs = () => 2_000
    yield* send("buy")
    yield* pass(0.5)
    const flattened = yield* flatten(9)
    assert.deepStrictEqual(states(flattened), flat)
    yield* isClean
    assert.deepStrictEqual((yield* desk).nets(mes).at(-1), 0)
  })))

it.effect("a venue whose picture is late is not believed at once: what was closed is not closed again", () =>
  trading({ paper: { nativeBrackets: false, reduceOnly: false } }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(2)
    const { switches } = yield* VenueFaults
    let empty = 0
    switches.positions = (_, seen) => {
      empty += seen.length === 0 ? 1 : 0
      return empty === 2 ? [{ instrumentId: InstrumentId.make(mes), net: NetLots.make(2) }] : seen
    }
    const flattened = yield* flatten(6)
    assert.deepStrictEqual(states(flattened), flat)
    assert.notMatch(texts(flattened).join("\n"), /no order of ours explains/)
    assert.deepStrictEqual((yield* desk).nets(mes), [2, 0])
  })))

it.effect("an order that may have been executed is not flat", () =>
  trading({ paper: { nativeBrackets: false } }, Effect.gen(function*() {
    const { switches } = yield* VenueFaults
    switches.submit = ({ leg }) => leg === "entry" ? "lost" : undefined
    switches.answersQuestions = () => false
    yield* send("buy")
    yield* pass(1)
    const [receipt] = (yield* flatten(12)).receipts
    assert.strictEqual(receipt?.state, "unknown")
    assert.match(receipt?.reason ?? "", /paper-demo/)
  })))

describe("the exchange is shut", () => {
  const shut = {
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
  const atMs = DateTime.makeUnsafe("2026-11-19T21:59:50Z").epochMilliseconds

  for (const reduceOnly of [true, false]) {
    it.effect(`answers at once when it opens; the stop stays, the close goes first then, reduceOnly ${reduceOnly}`, () =>
      trading({ more: shut, paper: { reduceOnly }, atMs }, Effect.gen(function*() {
        yield* send("buy")
        yield* pass(15)
        const { flattened } = yield* begun()
        yield* pass(1)
        const [receipt] = flattened.receipts
        assert.strictEqual(receipt?.state, "notFlat")
        assert.match(receipt?.reason ?? "", /MESZ26 opens at 2026-11-19T22:01:00.000Z/)
        yield* pass(20)
        assert.include(yield* working, "stop 2 27961")
        assert.strictEqual((yield* desk).net(mes), 2)
        yield* pass(40)
        yield* isClean
        const tags = (yield* events()).map(({ _tag }) => _tag)
        assert.strictEqual(tags.filter((tag) => tag === "CloseDecided").length, 1)
      })))
  }
})
