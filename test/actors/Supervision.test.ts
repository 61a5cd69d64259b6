import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { findings } from "#test/support/audit.ts"
import { journalWith, once, type Fate } from "#test/support/journalFaults.ts"
import { begin, errorsKept, onConnection, silent, twoLogins, wideWorld, wired } from "#test/support/lives.ts"
import type { Overrides } from "#test/support/house.ts"
import { lifeAt, outcomes, pass, post, rows, tags } from "#test/support/runtime.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"

const logins = ["paper-demo", "paper-other"]
const symbols = [["futures", "demo-futures", "MES1!"], ["futures", "demo-futures", "MNQ1!"], ["crypto", "demo-crypto", "BTCUSD"], ["crypto", "demo-crypto", "ETHUSD"]] as const

/** Thirty alerts, one each 150 ms: every market is entered and left again, several times. */
const load = Effect.gen(function*() {
  for (let n = 0; n < 30; n++) {
    const [lane, strategy, symbol] = symbols[n % 4] ?? symbols[0]
    const action = Math.floor(n / 4) % 2 === 0 ? "buy" : "exit"
    const { status } = yield* post(lane, { action, symbol, strategy, id: `load-${n}` })
    assert.strictEqual(status, 200)
    yield* TestClock.adjust("150 millis")
  }
})

const noFault = (): Fate => "write"

const under = ({ fate = noFault, log = silent, overrides = twoLogins, venues = VenuesLive.layer }: {
  readonly fate?: (stream: string, events: ReadonlyArray<JournalEvent>) => Fate
  readonly log?: Layer.Layer<never>
  readonly overrides?: Overrides
  readonly venues?: typeof VenuesLive.layer
}) => <A, E, R>(story: Effect.Effect<A, E, R>) =>
  Effect.andThen(begin, Effect.andThen(pass(1), story).pipe(
    Effect.provide(Layer.provideMerge(lifeAt<never>(overrides, venues), Layer.provideMerge(journalWith(fate), log))),
    Effect.provide(wideWorld)
  ))

const restarts = Effect.map(rows, (all) => all.flatMap(({ event, stream }) => event._tag === "Restarted" ? [stream] : []))
const recoveries = (account: string) =>
  Effect.map(rows, (all) => all.filter(({ event, stream }) => stream === `account/${account}` && event._tag === "AccountRecovering").length)

const filled = Effect.map(rows, (all) => all.filter(({ event }) => event._tag === "OutcomeReached" && event.outcome === "filled").length)

describe("an actor that dies under load comes back, and nothing is lost or doubled", () => {
  const crashes: ReadonlyArray<readonly [string, string, JournalEvent["_tag"]]> = [
    ["a guard as it approves", "strategy-guard/demo-futures", "GuardApproved"],
    ["a guard as it settles", "strategy-guard/demo-futures", "GuardSettled"],
    ["an account as it decides an entry", "account/paper-1", "EntryDecided"],
    ["an account as it hears of an acceptance", "account/paper-1", "OrderAccepted"],
    ["an account as it hears of a fill", "account/paper-1", "FillReceived"],
    ["an account as it decides a close", "account/paper-1", "CloseDecided"],
    ["an account as a trade ends", "account/paper-1", "TradeClosed"],
    ["the dispatcher as it writes a verdict", "dispatch", "AlertGated"],
    ["the dispatcher as it settles", "dispatch", "AlertSettled"],
  ]
  const cases = crashes.flatMap(([name, stream, tag]) => (["die", "writeAndDie"] as const).map((kind) => [`${name}, ${kind === "die" ? "before" : "after"} the row is written`, stream, tag, kind] as const))

  it.effect.each(cases)("%s", ([, stream, tag, kind]) =>
    under({ fate: once(stream, tag, kind) })(Effect.gen(function*() {
      yield* load
      yield* pass(40)
      assert.deepStrictEqual(yield* findings(logins), [])
      assert.isAbove(yield* filled, 40)
      assert.strictEqual((yield* restarts).join(), stream === "dispatch" ? "dispatcher/main" : stream)
      for (const id of ["paper-3", "paper-4"]) assert.strictEqual(yield* recoveries(id), 1, id)
    })))

  const lives = (stream: string) => (yielded: ReadonlyArray<string>) => assert.deepStrictEqual(yielded, [stream])

  /** Once, at the event of this number. */
  const dyingEvents = (at: number) => {
    let seen = 0
    return wired(onConnection(({ events }, login) => login !== "paper-demo" ? {} : {
      events: Stream.mapEffect(events, (event) => {
        seen += 1
        return seen === at ? Effect.die("injected") : Effect.succeed(event)
      })
    }))
  }

  it.effect.each([1, 7, 20, 55, 101])("a session whose connection's fiber dies at event %i", (at) =>
    under({ venues: dyingEvents(at) })(Effect.gen(function*() {
      yield* load
      yield* pass(40)
      assert.deepStrictEqual(yield* findings(logins), [])
      assert.isAbove(yield* filled, 20)
      lives("broker-session/paper-demo")(yield* restarts)
      for (const id of ["paper-1", "paper-2"]) assert.strictEqual(yield* recoveries(id), 2, id)
      for (const id of ["paper-3", "paper-4"]) assert.strictEqual(yield* recoveries(id), 1, id)
    })))

  it.effect("a session that dies as it connects", () =>
    under({ fate: once("broker-session/paper-demo", "SessionConnected") })(Effect.gen(function*() {
      yield* load
      yield* pass(40)
      assert.deepStrictEqual(yield* findings(logins), [])
      assert.isAbove(yield* filled, 40)
      lives("broker-session/paper-demo")(yield* restarts)
    })))

  it.effect("an adapter that gives up on itself leaves its sender alive and its order looked up", () => {
    let submits = 0
    const venues = wired(onConnection(({ submitBracket }) => ({
      submitBracket: (bracket, instrument) => {
        submits += 1
        return submits <= 6 ? Effect.interrupt : submitBracket(bracket, instrument)
      }
    })))
    return under({ venues })(Effect.gen(function*() {
      yield* load
      yield* pass(40)
      assert.deepStrictEqual(yield* findings(logins), [])
      assert.isAbove(yield* filled, 30)
      assert.deepStrictEqual(yield* restarts, [])
    }))
  })
})

const alert = (action: string, symbol = "MES1!") => Effect.gen(function*() {
  const { body, status } = yield* post("futures", { action, symbol, strategy: "demo-futures" })
  assert.strictEqual(status, 200)
  return "alertId" in body ? body.alertId : ""
})

const poisoned = (root: string) => (stream: string, events: ReadonlyArray<JournalEvent>): Fate =>
  stream === "account/paper-1" && events.some((event) => event._tag === "EntryDecided" && event.instrument.root === root) ? "die" : "write"

describe("an alert that always kills its handler", () => {
  it.effect("is told once more, ends failed, and the others go on", () => {
    const errors = errorsKept()
    return under({ fate: poisoned("MNQ"), log: errors.layer })(Effect.gen(function*() {
      const before = yield* alert("buy")
      const poison = yield* alert("buy", "MNQ1!")
      const after = yield* alert("exit")
      yield* pass(15)
      assert.strictEqual((yield* outcomes(before))["paper-1"], "filled")
      assert.deepStrictEqual(yield* outcomes(poison), { "paper-1": "failed: Crashed", "paper-2": "filled", "paper-3": "filled", "paper-4": "filled" })
      assert.strictEqual((yield* outcomes(after))["paper-1"], "done")
      const told = (yield* rows).flatMap(({ event }) => event._tag === "AlertRedriven" ? [event] : [])
      assert.deepStrictEqual(told.map(({ accountId, alertId, attempt }) => [accountId, alertId, attempt]), [["paper-1", poison, 2]])
      assert.isTrue(errors.texts.some((text) => text.includes(poison) && text.includes("failed")), errors.texts.join("; "))
      assert.deepStrictEqual(yield* findings(logins), [])
    }))
  })

  it.effect("more than three restarts a minute: no entries, exits pass, and the next restart waits", () =>
    under({ fate: poisoned("MNQ") })(Effect.gen(function*() {
      const held = yield* alert("buy")
      yield* pass(3)
      const first = yield* alert("buy", "MNQ1!")
      yield* pass(8)
      const second = yield* alert("buy", "MNQ1!")
      yield* pass(8)
      assert.strictEqual((yield* restarts).length, 3)
      const denied = yield* alert("buy", "MNQ1!")
      const out = yield* alert("exit")
      yield* pass(8)
      assert.strictEqual((yield* outcomes(held))["paper-1"], "filled")
      assert.strictEqual((yield* outcomes(first))["paper-1"], "failed: Crashed")
      assert.strictEqual((yield* outcomes(second))["paper-1"], "failed: Crashed")
      assert.strictEqual((yield* outcomes(denied))["paper-1"], "denied: ReduceOnly")
      assert.strictEqual((yield* outcomes(out))["paper-1"], "done")
      assert.strictEqual((yield* restarts).length, 3)
      yield* pass(30)
      assert.strictEqual((yield* restarts).length, 4)
      assert.include(yield* tags("paper-1"), "ReduceOnly")
      assert.deepStrictEqual(yield* findings(logins), [])
    })))

  it.effect("a session that keeps dying lets no entry out and every exit", () => {
    let isDying = false
    const venues = wired(onConnection(({ quotes }, login) => login !== "paper-demo" ? {} : {
      quotes: Stream.mapEffect(quotes, (quote) => isDying ? Effect.die("injected") : Effect.succeed(quote))
    }))
    return under({ venues })(Effect.gen(function*() {
      const held = yield* alert("buy")
      yield* pass(3)
      isDying = true
      yield* pass(20)
      isDying = false
      yield* pass(40)
      const entry = yield* alert("buy", "MNQ1!")
      const out = yield* alert("exit")
      yield* pass(5)
      assert.strictEqual((yield* outcomes(held))["paper-1"], "filled")
      assert.strictEqual((yield* outcomes(out))["paper-1"], "done")
      assert.deepStrictEqual(yield* outcomes(entry), { "paper-1": "denied: Withheld", "paper-2": "denied: Withheld", "paper-3": "filled", "paper-4": "filled" })
      assert.deepStrictEqual(yield* restarts, Array.from({ length: 4 }, () => "broker-session/paper-demo"))
      assert.deepStrictEqual(yield* findings(logins), [])
    }))
  })
})
