/** Tickets: decided by the account as alerts are, now or never, always with a stop. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as AlertPages from "#src/admin/AlertPages.ts"
import * as Given from "#src/admin/commands/Given.ts"
import * as Tickets from "#src/admin/commands/Tickets.ts"
import { Views } from "#src/admin/Views.ts"
import { AccountId } from "#schemas/Ids.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import { Journal } from "#src/ports/Journal.ts"
import { type LatchKind, RiskLatch } from "#src/ports/RiskLatch.ts"
import * as Orders from "#src/projections/Orders.ts"
import * as Story from "#src/projections/Story.ts"
import { account, desk, isClean, mes, moves, only, send, trading, working } from "#test/actors/account/desk.ts"
import { wired } from "#test/support/lives.ts"
import { lifeAt, pass, rows, startMs, world } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"
import { asked, at, away, byHand, decimal, endOf, limitAt, no, ticket } from "./byHand.ts"

const storyOf = Effect.fnUntraced(function*(commandId: Parameters<typeof AlertPages.one>[1]) {
  const found = yield* AlertPages.one(yield* Journal, commandId, () => "working")
  return { alert: found?.alert, lines: Story.tell(found?.rows ?? [], Orders.empty).map(({ text }) => text) }
})

describe("a ticket", () => {
  for (const nativeBrackets of [true, false]) {
    it.effect(`becomes a protected position, and says how it was decided: ${nativeBrackets ? "native" : "managed"}`, () =>
      byHand({ paper: { nativeBrackets } }, (hand) => Effect.gen(function*() {
        const receipt = yield* hand.PlaceOrder({ ticket: ticket({ quantity: decimal("3"), takeProfit: at("7020") }), who: "cli:ann", why: "I see it coming" })
        yield* pass(3)
        const entry = (yield* asked)[0]
        assert.isTrue(receipt.durable)
        assert.deepStrictEqual(receipt.lines, [
          `order ${entry?.id}: buy 3 MESZ26 market, day`,
          "size: the alert asks for 3 MES at 1 a lot",
          `protection ${nativeBrackets ? "native" : "managed"}, stop 6990.25, target 7020`
        ])
        assert.deepStrictEqual(yield* endOf(receipt), ["filled"])
        assert.strictEqual((yield* desk).net(mes), 3)
        assert.include(yield* working, "stop 3 27961")
        const all = yield* rows
        const place = (tag: string) => all.findIndex(({ event }) => event._tag === tag && "alertId" in event && event.alertId === receipt.commandId)
        assert.isTrue(place("CommandGiven") >= 0 && place("CommandGiven") < place("EntryDecided"))
        const { alert, lines } = yield* storyOf(receipt.commandId)
        assert.deepStrictEqual([alert?.action, alert?.outcomes.map(({ outcome }) => outcome), alert?.notes], ["order place", ["filled"], ["by cli:ann: I see it coming"]])
        assert.match(lines[0] ?? "", /^cli:ann asks: order place \{.*"symbol":"MES1!".*\}, because I see it coming\.$/)
        assert.isTrue(lines.some((line) => line.startsWith("paper-1: Outcome: filled")))
      })))
  }

  it.effect("is sized by the account where it names no quantity, conformed, and put as it is asked", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      const receipt = yield* hand.PlaceOrder({ ticket: limitAt("6990.30", { timeInForce: "gtc", stopLoss: at("6980.10") }) })
      assert.match(receipt.lines.join(), /buy 2 MESZ26 limit, limit 6990.25, gtc,size: .*,protection native, stop 6980.25$/)
      yield* pass(2)
      assert.deepStrictEqual(yield* working, ["entry 2 27961"])
    })))

  it.effect("is bound by the same caps, and its no has the numbers", () =>
    byHand({ account: { caps: { dailyLoss: "5" } } }, (hand) => Effect.gen(function*() {
      const denied = yield* Effect.flip(hand.PlaceOrder({ ticket: ticket() }))
      assert.strictEqual(denied._tag, "CommandDenied")
      if (denied._tag !== "CommandDenied") return
      const { facts, rule } = denied.reason
      assert.deepStrictEqual([rule, facts["limit"], facts["current"]], ["DailyLoss", "5", "0"])
      yield* pass(2)
      assert.deepStrictEqual(yield* asked, [])
      assert.deepStrictEqual(yield* only("OutcomeReached").pipe(Effect.map((all) => all.map(({ outcome, reason }) => [outcome, reason?.rule]))), [["denied", "DailyLoss"]])
      const { lines } = yield* storyOf((yield* only("OutcomeReached"))[0]!.alertId)
      assert.match(lines.at(-1) ?? "", /Outcome: denied, .*\[DailyLoss\] \(limit 5/)
    })))

  it.effect("more than the caps leave is made smaller, with the arithmetic", () =>
    byHand({ account: { caps: { maxContracts: { futures: "4" } } } }, (hand) => Effect.gen(function*() {
      const { lines } = yield* hand.PlaceOrder({ ticket: ticket({ quantity: decimal("9") }) })
      assert.match(lines.join(), /buy 4 MESZ26.*size: the alert asks for 9 MES at 1 a lot; the account's cap for futures leaves 4 lots/)
    })))

  const stops: ReadonlyArray<readonly [RiskScope, LatchKind, string]> = [
    ["all", "pause", "Paused"], ["account/paper-1", "pause", "Paused"], ["asset/futures", "pause", "Paused"], ["asset/futures/paper", "pause", "Paused"],
    ["strategy/manual", "pause", "Paused"], ["all", "kill", "Latched"], ["account/paper-1", "block", "Latched"], ["login/paper-demo", "kill", "Latched"]
  ]
  it.effect.each(stops)("%s under a %s opens nothing", ([scope, kind, rule]) =>
    byHand({}, (hand) => Effect.gen(function*() {
      yield* (yield* RiskLatch).set(scope, kind)
      assert.match(yield* no(hand.PlaceOrder({ ticket: ticket() })), new RegExp(`^${rule}: .*${scope}`))
      yield* (yield* RiskLatch).clear(scope, kind)
      yield* pass(3)
      assert.deepStrictEqual(yield* asked, [])
    })))

  it.effect("its no names the command that lifts the pause, with its scope", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      const latch = yield* RiskLatch
      for (const [scope, command] of [["asset/futures/paper", "`interlock resume --asset futures/paper`"], ["all", "`interlock resume`"]] as const) {
        yield* latch.set(scope, "pause")
        assert.include(yield* no(hand.PlaceOrder({ ticket: ticket() })), command)
        yield* latch.clear(scope, "pause")
      }
    })))

  it.effect("a paused lane is none of its business, nor the lanes its account listens to", () =>
    byHand({ account: { lanes: ["crypto"] } }, (hand) => Effect.gen(function*() {
      yield* (yield* RiskLatch).set("lane/futures", "pause")
      yield* hand.PlaceOrder({ ticket: ticket() })
      yield* pass(3)
      assert.strictEqual((yield* desk).net(mes), 2)
    })))

  it.effect("is refused while the market is shut, with the time of the open", () =>
    byHand({ more: { instruments: { MES: { calendar: "cme-futures" } } }, atMs: DateTime.makeUnsafe("2026-11-21T15:00:00Z").epochMilliseconds }, (hand) =>
      Effect.gen(function*() {
        const denied = yield* Effect.flip(hand.PlaceOrder({ ticket: ticket() }))
        assert.deepInclude(denied._tag === "CommandDenied" ? denied.reason : {}, { rule: "MarketClosed", clearsAtMs: DateTime.makeUnsafe("2026-11-22T23:00:00Z").epochMilliseconds })
      })))

  it.effect("is refused on a disabled account, on what another strategy owns, and against its own position", () =>
    byHand({ more: { accounts: { "paper-2": { enabled: false } } } }, (hand) => Effect.gen(function*() {
      assert.match(yield* no(hand.PlaceOrder({ ticket: ticket({ accountId: AccountId.make("paper-2") }) })), /^AccountDisabled/)
      yield* send("buy")
      yield* pass(2)
      assert.match(yield* no(hand.PlaceOrder({ ticket: ticket() })), /^InstrumentOwned: .*demo-futures/)
      yield* send("exit")
      yield* pass(2)
      yield* hand.PlaceOrder({ ticket: ticket() })
      yield* pass(2)
      assert.match(yield* no(hand.PlaceOrder({ ticket: ticket({ side: "sell" }) })), /^OppositeSide/)
      yield* hand.PlaceOrder({ ticket: ticket({ quantity: decimal("1") }) })
      yield* pass(2)
      assert.strictEqual((yield* desk).net(mes), 3)
    })))

  it.effect("at the market without any quote is refused; at a limit it is not", () =>
    byHand({ more: { strategies: { "demo-futures": { symbols: ["MES1!", "MGC1!"] } } } }, (hand) => Effect.gen(function*() {
      assert.match(yield* no(hand.PlaceOrder({ ticket: ticket({ symbol: "MGC1!" }) })), /^NoReferencePrice: no quote of MGC\S+, so neither .* or with a limit/)
      yield* hand.PlaceOrder({ ticket: limitAt("4000", { symbol: "MGC1!" }) })
    })))

  it.effect("names an account and an instrument that are there, or is told what is near", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      const accounts = yield* Effect.flip(hand.PlaceOrder({ ticket: ticket({ accountId: AccountId.make("paper-l") }) }))
      assert.match(accounts.message, /no account paper-l is configured; did you mean paper-1\?/)
      const symbols = yield* Effect.flip(hand.PlaceOrder({ ticket: ticket({ symbol: "MNS1!" }) }))
      assert.match(symbols.message, /no instrument MNS1! is configured; did you mean M[NE][QS]1!\?/)
      assert.deepStrictEqual((yield* rows).filter(({ stream }) => stream === Given.stream), [])
    })))

  it.effect("that surely never left is not decided anew", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      yield* pass(10) // a look-up proves nothing while what a life before sent may still arrive
      const { switches } = yield* VenueFaults
      switches.submit = () => "neverArrives"
      const receipt = yield* hand.PlaceOrder({ ticket: ticket() })
      yield* pass(1)
      switches.submit = () => undefined
      yield* pass(40)
      assert.deepStrictEqual(yield* endOf(receipt), ["denied: Withheld"])
      assert.strictEqual((yield* asked).filter(({ leg }) => leg === "entry").length, 1)
      yield* isClean
    })))
})

describe("what a ticket waits for", () => {
  const late = wired((adapter) => ({ ...adapter, connect: (login) => Effect.delay(adapter.connect(login), "20 seconds") }))

  it.effect("is nothing: an account that is not ready refuses it, and it is not made up for", () => Effect.gen(function*() {
    yield* TestClock.setTime(startMs)
    yield* Effect.gen(function*() {
      const hand = yield* Tickets.make
      const told = yield* Effect.forkChild(no(hand.PlaceOrder({ ticket: ticket() })))
      yield* pass(2)
      assert.match(yield* Fiber.join(told), /^NotReady: account paper-1 has not settled/)
      yield* pass(40)
      assert.deepStrictEqual(yield* only("EntryDecided"), [])
    }).pipe(Effect.provide(Layer.provideMerge(Views.layer, lifeAt({}, late))))
  }).pipe(Effect.provide(world)))

  it.effect("after a death between the command and the decision nothing is sent, and `why` says so", () => Effect.gen(function*() {
    const journal = yield* Journal
    const { given, write } = yield* Given.make
    const commandId = yield* Given.nextId
    yield* write([given(commandId, "order place", {}, { accountId: account })])
    yield* pass(20)
    assert.deepStrictEqual((yield* journal.readAlert(commandId)).map(({ event }) => event._tag), ["CommandGiven"])
    assert.deepStrictEqual(yield* asked, [])
    const { lines } = yield* storyOf(commandId)
    assert.strictEqual(lines.at(-1), "Nothing has followed it: no order was sent for it, and none will be.")
  }).pipe((test) => trading({}, test)))

  it.effect("a price that moves away from a limit leaves it where it is", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      const receipt = yield* hand.PlaceOrder({ ticket: limitAt("6990", { stopLoss: away(20) }) })
      yield* pass(2)
      assert.deepStrictEqual(yield* endOf(receipt), [])
      yield* moves(27_950)
      yield* pass(2)
      assert.deepStrictEqual(yield* endOf(receipt), ["filled"])
      assert.deepStrictEqual(yield* working, ["stop 2 27940"])
    })))
})
