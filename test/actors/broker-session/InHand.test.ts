import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Applied from "#src/layers/Applied.ts"
import * as Given from "#src/admin/commands/Given.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { Journal } from "#src/ports/Journal.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { findings, venueBooks } from "#test/support/audit.ts"
import type { Overrides } from "#test/support/house.ts"
import { type Fate, journalWith, once } from "#test/support/journalFaults.ts"
import { begin, onConnection, silent, slowWire, wideWorld, wired } from "#test/support/lives.ts"
import { lifeAt, outcomes, pass, post, rows, startMs } from "#test/support/runtime.ts"

const ids = ["paper-1", "paper-2", "paper-3", "paper-4", "paper-5", "paper-6"]
/** Six accounts on one login whose wire takes four requests at once, two of them entries. */
const six: Overrides = {
  accounts: Object.fromEntries(ids.map((id) => [id, { caps: { maxContracts: { futures: "9" }, dailyLoss: "100000" } }]))
}
const sixManaged: Overrides = { ...six, venues: { "paper-demo": { paper: { nativeBrackets: false } } } }

const living = ({ fate = () => "write" as const, overrides = six, venues = VenuesLive.layer }: {
  readonly fate?: (stream: string, events: ReadonlyArray<JournalEvent>) => Fate
  readonly overrides?: Overrides
  readonly venues?: typeof VenuesLive.layer
}) => <A, E, R>(story: Effect.Effect<A, E, R>) =>
  Effect.andThen(begin, Effect.provide(Effect.andThen(pass(1), story), Layer.provideMerge(lifeAt<never>(overrides, venues), Layer.provideMerge(journalWith(fate), silent)))).pipe(
    Effect.provide(wideWorld)
  )

const say = (action: string, symbol = "MES1!") => Effect.map(post("futures", { action, symbol, strategy: "demo-futures" }), ({ body }) => "alertId" in body ? body.alertId : "")
const everyone = (outcome: string) => Object.fromEntries(ids.map((id) => [id, outcome]))
const all = <Tag extends JournalEvent["_tag"]>(tag: Tag) =>
  Effect.map(rows, (journal) => journal.flatMap(({ event, stream }) => event._tag === tag ? [{ stream, event: event as Extract<JournalEvent, { _tag: Tag }> }] : []))
const entriesPlaced = Effect.map(venueBooks(["paper-demo"]), (books) => Array.from(books.values(), ({ fills }) => fills.filter(({ side }) => side === "buy").length))

describe("orders on the wire", () => {
  it.effect("an account that restarts meanwhile does not believe a look-up, and uses the late answer", () => {
    return living({ fate: once("account/paper-1", "CloseDecided"), venues: wired(slowWire(() => 5_000)) })(Effect.gen(function*() {
      const slow = yield* say("buy")
      yield* TestClock.adjust("500 millis")
      yield* say("exit") // kills the account once
      yield* pass(4)
      assert.deepStrictEqual((yield* all("Restarted")).map(({ stream }) => stream), ["account/paper-1"])
      assert.deepStrictEqual((yield* all("OrderWithheld")).map(({ event }) => event.reason.rule), [])
      yield* pass(40)
      assert.strictEqual((yield* outcomes(slow))["paper-1"], "filled")
      assert.deepStrictEqual(yield* entriesPlaced, ids.map(() => 1))
      assert.deepStrictEqual(yield* findings(), [])
    }))
  })

  it.effect.each([["two on the wire, four waiting", 5_000], ["arriving only after the new connection", 8_000]] as const)("a session that restarts: %s", ([, delayMs]) => {
    let isDying = false
    const dying = onConnection(({ quotes }) => ({
      quotes: Stream.mapEffect(quotes, (quote) => {
        if (!isDying) return Effect.succeed(quote)
        isDying = false
        return Effect.die("injected")
      })
    }))
    const slow = slowWire(() => delayMs)
    return living({ venues: wired((adapter) => slow(dying(adapter))) })(Effect.gen(function*() {
      const alert = yield* say("buy")
      yield* TestClock.adjust("1 second")
      isDying = true
      yield* pass(4)
      assert.deepStrictEqual((yield* all("Restarted")).map(({ stream }) => stream), ["broker-session/paper-demo"])
      const withheld = (yield* all("OrderWithheld")).filter(({ event }) => event.retry)
      assert.deepStrictEqual(withheld.map(({ event, stream }) => `${stream} ${event.reason.rule}`), ["account/paper-3 NotConnected", "account/paper-4 NotConnected", "account/paper-5 NotConnected", "account/paper-6 NotConnected"])
      const unknown = new Set((yield* all("OrderUnknown")).map(({ stream }) => stream))
      assert.deepStrictEqual([...unknown].toSorted(), ["account/paper-1", "account/paper-2"])
      yield* pass(30)
      assert.deepStrictEqual(yield* outcomes(alert), everyone("filled"))
      assert.deepStrictEqual((yield* all("OrderWithheld")).filter(({ event }) => event.reason.rule === "NeverArrived"), [])
      assert.deepStrictEqual(yield* entriesPlaced, ids.map(() => 1))
      assert.deepStrictEqual(yield* findings(), [])
    }))
  })

  it.effect("what was lost with its session's wire is proven never to have arrived, but only once it cannot arrive any more", () => {
    let isLost = true
    let isDying = false
    const venues = wired(onConnection(({ quotes, submitBracket }) => ({
      submitBracket: (bracket, instrument) => isLost ? Effect.never : submitBracket(bracket, instrument),
      quotes: Stream.mapEffect(quotes, (quote) => {
        if (!isDying) return Effect.succeed(quote)
        isDying = false
        isLost = false
        return Effect.die("injected")
      })
    })))
    return living({ venues, overrides: { accounts: { "paper-2": null, "paper-3": null } } })(Effect.gen(function*() {
      const alert = yield* say("buy")
      yield* TestClock.adjust("1 second")
      isDying = true
      yield* pass(7)
      assert.deepStrictEqual(yield* all("OrderWithheld"), [])
      yield* pass(10)
      assert.deepStrictEqual((yield* all("OrderWithheld")).map(({ event }) => event.reason.rule), Array.from({ length: 3 }, () => "NeverArrived"))
      assert.deepStrictEqual(yield* outcomes(alert), { "paper-1": "filled" })
      assert.deepStrictEqual(yield* findings(), [])
    }))
  })
})

/** As a defect of its handler does: meant for whichever life began in this span. */
const restartSession = Effect.gen(function*() {
  const session = (yield* BrokerSession.client)("paper-demo")
  for (let life = startMs; life < startMs + 500; life++) yield* session.Restart({ life, defect: "injected" }, { discard: true })
})

it.effect("while a session that restarted is not connected again, entries wait in their accounts and bounce off nothing", () => {
  let connects = 0
  const venues = wired((adapter) => ({
    ...adapter,
    connect: (login) => Effect.suspend(() => {
      connects += 1
      return Effect.delay(adapter.connect(login), connects === 1 ? 0 : "4 seconds")
    })
  }))
  return living({ venues })(Effect.gen(function*() {
    yield* pass(2)
    yield* Effect.forkChild(restartSession)
    yield* pass(3)
    assert.strictEqual(connects, 2)
    assert.strictEqual((yield* all("Restarted")).length, 1)
    const alert = yield* say("buy")
    yield* pass(1)
    assert.deepStrictEqual((yield* all("SignalQueued")).map(({ event }) => event.cause), ids.map(() => "reconciling"))
    yield* pass(10)
    assert.deepStrictEqual(yield* all("OrderWithheld"), [])
    assert.deepStrictEqual(yield* outcomes(alert), everyone("filled"))
    assert.deepStrictEqual(yield* findings(), [])
  }))
})

describe("a kill while entries wait for the wire", () => {
  it.effect.each(["all", "login/paper-demo", "strategy/demo-futures", "asset/futures"] as const)("%s: they stay here, exits and stops leave", (scope) => {
    let delayMs = 0
    return living({ overrides: sixManaged, venues: wired(slowWire(() => delayMs)) })(Effect.gen(function*() {
      const held = yield* say("buy", "MNQ1!")
      yield* pass(3)
      assert.deepStrictEqual(yield* outcomes(held), everyone("filled"))
      delayMs = 1_000
      const waiting = yield* say("buy")
      yield* TestClock.adjust("500 millis") // two are on their way
      yield* (yield* RiskLatch).set(scope)
      const out = yield* say("exit", "MNQ1!")
      yield* pass(15)
      const ended = yield* outcomes(waiting)
      assert.deepStrictEqual(ids.map((id) => ended[id]?.split(":")[0]), ["filled", "filled", "denied", "denied", "denied", "denied"])
      const withheld = (yield* all("OrderWithheld")).map(({ event, stream }) => `${stream} ${event.reason.rule}`)
      assert.deepStrictEqual(withheld, ["account/paper-3 Latched", "account/paper-4 Latched", "account/paper-5 Latched", "account/paper-6 Latched"])
      assert.deepStrictEqual(yield* outcomes(out), everyone("done"))
      assert.deepStrictEqual(yield* findings(), [])
    }))
  })

  it.effect("holds in the next life", () =>
    Effect.gen(function*() {
      yield* begin
      const journal = yield* Journal
      const kill = { _tag: "SwitchSet", kind: "kill", scope: "all", on: true, who: "test", why: "test" } as const
      yield* Effect.provide(Effect.andThen(pass(1), Effect.andThen(say("buy"), pass(3))), Layer.provideMerge(lifeAt<never>(six, VenuesLive.layer), silent))
      yield* journal.append(Given.stream, "any", [kill])
      yield* Effect.gen(function*() {
        yield* pass(2)
        const entry = yield* say("buy", "MNQ1!")
        const out = yield* say("exit")
        yield* pass(4)
        assert.deepStrictEqual(yield* outcomes(entry), everyone("denied: Latched"))
        assert.deepStrictEqual(yield* outcomes(out), everyone("done"))
        assert.deepStrictEqual(yield* findings(), [])
      }).pipe(Effect.provide(Layer.provideMerge(Layer.provideMerge(Applied.layer, lifeAt<never>(six, VenuesLive.layer)), silent)))
    }).pipe(Effect.provide(wideWorld)))
})
