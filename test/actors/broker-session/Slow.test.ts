import { assert, it } from "@effect/vitest"
import { Clock, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { AccountId, ClientOrderId } from "#schemas/Ids.ts"
import { SessionRequest } from "#schemas/SessionRequest.ts"
import type { VenueError } from "#src/ports/Venue.ts"
import { findings } from "#test/support/audit.ts"
import type { Overrides } from "#test/support/house.ts"
import { begin, onConnection, silent, slowWire, wideWorld, wired } from "#test/support/lives.ts"
import { lifeAt, outcomes, pass, post, rows, startMs } from "#test/support/runtime.ts"

const ids = ["paper-1", "paper-2", "paper-3", "paper-4", "paper-5", "paper-6"]
const six = (strategy: { readonly [key: string]: number } = {}): Overrides => ({
  accounts: Object.fromEntries(ids.map((id) => [id, { caps: { maxContracts: { futures: "9" }, dailyLoss: "100000" } }])),
  strategies: { "demo-futures": strategy }
})
const living = (overrides: Overrides, venues: ReturnType<typeof wired>) => <A, E, R>(story: Effect.Effect<A, E, R>) =>
  Effect.andThen(begin, Effect.provide(Effect.andThen(pass(1), story), Layer.provideMerge(lifeAt<never>(overrides, venues), silent))).pipe(
    Effect.provide(wideWorld)
  )
const say = (action: string, symbol = "MES1!") =>
  Effect.map(post("futures", { action, symbol, strategy: "demo-futures" }), ({ body }) => "alertId" in body ? body.alertId : "")

it.effect("what protects or closes never waits behind slow entries and pictures", () => {
  let isSlow = false
  const left: Array<number> = []
  const venues = wired(onConnection(({ cancel, submitBracket, workingOrders }) => ({
    submitBracket: (bracket, instrument) => Effect.delay(submitBracket(bracket, instrument), isSlow ? "9 seconds" : 0),
    workingOrders: (account) => Effect.delay(workingOrders(account), isSlow ? "9 seconds" : 0),
    cancel: (account, id) => Effect.andThen(Effect.map(Clock.currentTimeMillis, (nowMs) => left.push(nowMs)), cancel(account, id))
  })))
  return living(six(), venues)(Effect.gen(function*() {
    yield* say("buy", "MNQ1!")
    yield* pass(3)
    isSlow = true
    yield* say("buy")
    yield* TestClock.adjust("200 millis")
    const askedMs = yield* Clock.currentTimeMillis
    const out = yield* say("exit", "MNQ1!")
    yield* pass(3)
    assert.isAtLeast(left.length, ids.length)
    assert.isAtMost(Math.max(...left) - askedMs, 1_000)
    assert.deepStrictEqual(yield* outcomes(out), Object.fromEntries(ids.map((id) => [id, "done"])))
  }))
})

it.effect("an entry that waited for the wire until its alert was too old does not leave", () =>
  living(six({ entryAgeMsMax: 8_000 }), wired(slowWire(() => 5_000)))(Effect.gen(function*() {
    const alertId = yield* say("buy")
    yield* pass(40)
    assert.deepStrictEqual(yield* outcomes(alertId), {
      "paper-1": "filled", "paper-2": "filled", "paper-3": "filled", "paper-4": "filled", "paper-5": "expired: staleEntry", "paper-6": "expired: staleEntry"
    })
    const withheld = (yield* rows).flatMap(({ event, stream }) => event._tag === "OrderWithheld" && event.retry ? [`${stream} ${event.reason.rule}`] : [])
    assert.deepStrictEqual(withheld, ["account/paper-5 StaleEntry", "account/paper-6 StaleEntry"])
    assert.deepStrictEqual(yield* findings(), [])
  })))

it.effect("a venue that takes seconds for each answer reconciles; its look-ups go side by side, a few at a time", () => {
  let now = 0
  let most = 0
  const slowly = <A>(question: Effect.Effect<A, VenueError>) => Effect.delay(question, "4 seconds")
  const lookUp = Effect.acquireUseRelease(
    Effect.sync(() => {
      now += 1
      most = Math.max(most, now)
    }),
    () => Effect.as(Effect.sleep("1 second"), Option.none()),
    () => Effect.sync(() => {
      now -= 1
    })
  )
  const venues = wired(onConnection(({ fillsSince, positions, workingOrders }) => ({
    workingOrders: (account) => slowly(workingOrders(account)),
    fillsSince: (account, sinceMs) => slowly(fillsSince(account, sinceMs)),
    positions: (account) => slowly(positions(account)),
    orderByClientId: () => lookUp
  })))
  return living({ accounts: { "paper-2": null, "paper-3": null } }, venues)(Effect.gen(function*() {
    yield* pass(13)
    const reconciled = (yield* rows).find(({ event }) => event._tag === "AccountReconciled")
    assert.isAtMost((reconciled?.atMs ?? Infinity) - startMs, 14_000)
    const session = (yield* BrokerSession.client)("paper-demo")
    const orderIds = Array.from({ length: 20 }, (_, n) => ClientOrderId.make(`il-${n}`))
    yield* session.Ask({ afterSeq: 0, request: SessionRequest.cases.Snapshot.make({ accountId: AccountId.make("paper-1"), orderIds, sinceMs: 0 }) })
    yield* pass(20)
    assert.strictEqual(most, 4)
  }))
})

it.effect("a picture that still waits for the wire is not asked for twice", () => {
  let asked = 0
  const venues = wired(onConnection(({ workingOrders }) => ({
    workingOrders: (account) => Effect.suspend(() => {
      asked += 1
      return Effect.delay(workingOrders(account), "3 seconds")
    })
  })))
  return living({ accounts: { "paper-2": null, "paper-3": null } }, venues)(Effect.gen(function*() {
    yield* pass(5)
    asked = 0
    const session = (yield* BrokerSession.client)("paper-demo")
    const request = SessionRequest.cases.Snapshot.make({ accountId: AccountId.make("paper-1"), orderIds: [], sinceMs: 0 })
    for (let n = 0; n < 10; n++) {
      yield* session.Ask({ afterSeq: 0, request })
      yield* TestClock.adjust("10 millis")
    }
    yield* pass(12)
    assert.strictEqual(asked, 3)
  }))
})
