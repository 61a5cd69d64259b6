/** `close` of one position: whole or in part, decided at once, never through zero. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, DateTime, Effect, Fiber } from "effect"
import { AccountId } from "#schemas/Ids.ts"
import * as Flattening from "#src/admin/commands/Flattening.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { desk, isClean, mes, only, outcomeOf, send, trading, working } from "#test/actors/account/desk.ts"
import { pass, rows } from "#test/support/runtime.ts"

const close = Effect.fnUntraced(function*(symbol: string, quantity?: string, account = "paper-1") {
  const { Close } = yield* Flattening.make
  const asked = { accountId: AccountId.make(account), symbol, who: "test", ...(quantity === undefined ? {} : { quantity: BigDecimal.fromStringUnsafe(quantity) }) }
  const answering = yield* Effect.forkChild(Effect.result(Close(asked)), { startImmediately: true })
  yield* pass(0.25)
  const answer = yield* Fiber.join(answering)
  return answer._tag === "Success" ? answer.success : answer.failure
})
const linesOf = (answer: object): string => "lines" in answer ? String(answer.lines) : "message" in answer ? String(answer.message) : JSON.stringify(answer)

describe.each([["native", true], ["managed", false]] as const)("%s", (_name, nativeBrackets) => {
  const paper = { nativeBrackets }

  it.effect("all of it, with every order of it; nothing is blocked", () =>
    trading({ paper }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(2)
      const answer = yield* close("MES1!")
      assert.match(linesOf(answer), /paper-1: closes 2 lots of MESZ26/)
      assert.isTrue("durable" in answer && answer.durable)
      yield* pass(2)
      yield* isClean
      assert.deepStrictEqual(yield* (yield* RiskLatch).all, [])
      const commandId = "commandId" in answer ? answer.commandId : ""
      assert.strictEqual(yield* outcomeOf(commandId), "done")
      assert.isTrue((yield* rows).some(({ event }) => event._tag === "CommandGiven" && event.alertId === commandId && event.who === "test"))
      const again = yield* send("buy", { id: "again" })
      yield* pass(2)
      assert.strictEqual(yield* outcomeOf(again), "filled")
    })))

  it.effect("a part; the rest stays under its stop, and another part adds to it", () =>
    trading({ paper }, Effect.gen(function*() {
      yield* send("buy", { quantity: "5" })
      yield* pass(2)
      assert.match(linesOf(yield* close(mes, "1")), /closes 1 lot of MESZ26, 4 lots stay under their stop/)
      yield* close("mesz26", "2")
      yield* pass(2)
      assert.strictEqual((yield* desk).net(mes), 2)
      assert.deepStrictEqual((yield* working).filter((order) => order.startsWith("stop")), ["stop 2 27961"])
    })))

  it.effect("more than is held closes what is held, never through zero", () =>
    trading({ paper }, Effect.gen(function*() {
      yield* send("sell")
      yield* pass(2)
      assert.match(linesOf(yield* close(mes, "50")), /closes all of MESZ26: 2 lots/)
      yield* pass(2)
      assert.deepStrictEqual((yield* desk).nets(mes), [-2, 0])
      yield* isClean
    })))

  it.effect("a working entry alone is cancelled; asked for a part of it, says that nothing is held", () =>
    trading({ paper }, Effect.gen(function*() {
      const entry = yield* send("buy", { orderType: "limit", limitPrice: "6990" })
      yield* pass(2)
      assert.match(linesOf(yield* close(mes, "1")), /nothing of MESZ26 is held/)
      yield* close(mes)
      yield* pass(2)
      assert.match((yield* outcomeOf(entry)) ?? "", /^canceled/)
      yield* isClean
    })))
})

it.effect("two parts at once close both, once each", () =>
  trading({ paper: { latencyMs: 600 } }, Effect.gen(function*() {
    yield* send("buy", { quantity: "5" })
    yield* pass(4)
    yield* close(mes, "1")
    yield* close(mes, "2")
    yield* pass(6)
    assert.strictEqual((yield* desk).net(mes), 2)
  })))

it.effect("refuses by name what cannot be", () =>
  trading({}, Effect.gen(function*() {
    assert.match(linesOf(yield* close(mes)), /account paper-1 has no position and no working entry of ours in MESZ26/)
    assert.match(linesOf(yield* close("NONSENSE")), /no instrument NONSENSE/)
    assert.match(linesOf(yield* close(mes, undefined, "nobody")), /no account nobody/)
    assert.match(linesOf(yield* close(mes, "0.5")), /less than one lot/)
    assert.deepStrictEqual(yield* only("CloseDecided"), [])
  })))

it.effect("asked twice it is one close", () =>
  trading({ paper: { latencyMs: 600 } }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(4)
    yield* close(mes)
    assert.match(linesOf(yield* close(mes)), /closing already/)
    yield* pass(5)
    assert.deepStrictEqual((yield* desk).nets(mes), [2, 0])
    assert.strictEqual((yield* only("CloseDecided")).length, 1)
  })))

it.effect("an entry that waits behind it ends: nothing opens what was just closed", () =>
  trading({ strategy: { onOppositeSide: "reverse" }, paper: { latencyMs: 600 } }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(4)
    const reverse = yield* send("reverse")
    yield* pass(0.25)
    yield* close(mes)
    yield* pass(5)
    assert.strictEqual(yield* outcomeOf(reverse), "canceled: Overtaken")
    yield* isClean
    assert.deepStrictEqual((yield* desk).nets(mes), [2, 0])
  })))

it.effect("while the exchange is shut it says when it goes", () =>
  trading({
    atMs: DateTime.makeUnsafe("2026-11-20T21:59:50Z").epochMilliseconds,
    more: { instruments: { MES: { calendar: "cme-futures" } } }
  }, Effect.gen(function*() {
    yield* send("buy")
    yield* pass(15)
    assert.match(linesOf(yield* close(mes)), /the exchange is shut: it goes first at the open \(2026-11-22T23:00:00.000Z\), the stop stays/)
    yield* pass(2)
    assert.strictEqual((yield* desk).net(mes), 2)
    assert.include(yield* working, "stop 2 27961")
  })))
