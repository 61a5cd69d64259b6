/** `flatten` while something is broken: a dead venue, a full disk, an account that dies or is busy, the process killed half way. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, type Duration, Effect, Fiber, Layer } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { AlertId } from "#schemas/Ids.ts"
import * as Applied from "#src/layers/Applied.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { Journal } from "#src/ports/Journal.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { begun, flatten, states, texts } from "#test/admin/flattening.ts"
import { venueBooks } from "#test/support/audit.ts"
import type { Overrides } from "#test/support/house.ts"
import { type Fate, journalWith, mortal, once } from "#test/support/journalFaults.ts"
import { begin, lifeThatDies, onConnection, silent, twoLogins, wideWorld, wired } from "#test/support/lives.ts"
import { lifeAt, outcomes, pass, post, rows } from "#test/support/runtime.ts"

const logins = ["paper-demo", "paper-other"]
const one: Overrides = { accounts: { "paper-2": null, "paper-3": null } }
const say = (fields: Readonly<Record<string, unknown>>) =>
  Effect.map(post("futures", { symbol: "MES1!", strategy: "demo-futures", action: "buy", ...fields }), ({ body }) => "alertId" in body ? body.alertId : "")

const isFlatAt = Effect.fnUntraced(function*(account: string) {
  const book = (yield* venueBooks(logins)).get(account)
  return book === undefined || (book.orders.size === 0 && Array.from(book.positions).length === 0)
})
const sides = Effect.fnUntraced(function*(account: string) {
  return (yield* venueBooks(logins)).get(account)?.fills.map(({ lots, side }) => `${side} ${lots}`) ?? []
})

/** Each commit of the account takes its time, before it has its place: its mailbox fills meanwhile. */
const slowJournal = (delay: () => Duration.Input) => Layer.effect(Journal, Effect.map(Journal, (journal) => Journal.of({
  ...journal,
  stage: (stream, expected, events) => stream === "account/paper-1"
    ? Effect.andThen(Effect.sleep(delay()), journal.stage(stream, expected, events))
    : journal.stage(stream, expected, events)
})))

const living = ({ fate = () => "write", overrides = one, slow = () => 0, venues = VenuesLive.layer }: {
  readonly fate?: (stream: string, events: Parameters<Parameters<typeof journalWith>[0]>[1]) => Fate
  readonly overrides?: Overrides
  readonly slow?: () => Duration.Input
  readonly venues?: typeof VenuesLive.layer
}) => <A, E, R>(story: Effect.Effect<A, E, R>) =>
  Effect.andThen(begin, Effect.andThen(pass(1), story).pipe(
    Effect.provide(Layer.provideMerge(lifeAt<never>(overrides, venues), Layer.provideMerge(Layer.provideMerge(slowJournal(slow), journalWith(fate)), silent))),
    Effect.provide(wideWorld)
  ))

it.effect("a dead venue ends unknown and names its login; the others are flat meanwhile", () => {
  let isDead = false
  const dead = <A, E>(answer: Effect.Effect<A, E>) => Effect.suspend(() => isDead ? Effect.never : answer)
  const venues = wired(onConnection(({ cancel, cancelAll, closePosition, positions, submit, workingOrders }, login) => login !== "paper-other" ? {} : {
    workingOrders: (account) => dead(workingOrders(account)),
    positions: (account) => dead(positions(account)),
    submit: (order, instrument) => dead(submit(order, instrument)),
    cancel: (account, id) => dead(cancel(account, id)),
    cancelAll: (account) => dead(cancelAll(account)),
    closePosition: (account, instrument, id) => dead(closePosition(account, instrument, id))
  }))
  return living({ overrides: twoLogins, venues })(Effect.gen(function*() {
    yield* say({})
    yield* pass(3)
    isDead = true
    const flattened = yield* flatten(13)
    assert.deepStrictEqual(states(flattened), { "paper-1": "flat", "paper-2": "flat", "paper-3": "unknown", "paper-4": "unknown" })
    for (const id of ["paper-1", "paper-2"]) assert.isAtMost(flattened.afterMs[id] ?? Infinity, 5_000)
    for (const { reason, state } of flattened.receipts) if (state === "unknown") assert.match(reason ?? "", /login paper-other/)
  }))
})

it.effect("a login that is lost is connected at once, and flat within five seconds of being there", () => {
  let refusals = 0
  const venues = wired((adapter) => ({
    ...adapter,
    connect: (login) => Effect.suspend(() => {
      if (refusals <= 0) return adapter.connect(login)
      refusals -= 1
      return Effect.flatMap(Effect.sleep("100 millis"), () => Effect.fail({ _tag: "Unavailable", reason: "not now" } as never))
    })
  }))
  return living({ venues })(Effect.gen(function*() {
    yield* say({})
    yield* pass(3)
    refusals = 2
    yield* (yield* BrokerSession.client)("paper-demo").Reconnect()
    yield* pass(7) // lost twice: the next try is ten seconds away
    const flattened = yield* flatten(6)
    assert.deepStrictEqual(states(flattened), { "paper-1": "flat" })
    assert.isAtMost(flattened.afterMs["paper-1"] ?? Infinity, 5_000)
  }))
})

it.effect("a full disk holds up nothing: closed once, noted, and the receipt says that the block is not on disk", () => {
  let isFull = false
  return living({ fate: () => isFull ? "full" : "write" })(Effect.gen(function*() {
    yield* say({})
    yield* say({ symbol: "MNQ1!", orderType: "limit", limitPrice: "25000" })
    yield* pass(3)
    isFull = true
    const flattened = yield* flatten(6)
    assert.deepStrictEqual(states(flattened), { "paper-1": "flat" })
    assert.match(texts(flattened).join("\n"), /NOT ON DISK/)
    assert.deepStrictEqual(yield* sides("paper-1"), ["buy 2", "sell 2"])
    assert.isTrue(yield* isFlatAt("paper-1"))
    assert.strictEqual((yield* (yield* RiskLatch).all).length, 1)
    isFull = false
    yield* pass(5)
    assert.deepStrictEqual(yield* sides("paper-1"), ["buy 2", "sell 2"])
    assert.isTrue((yield* rows).some(({ event }) => event._tag === "CloseDecided"))
  }))
})

describe("an account that dies on it", () => {
  it.effect.each([["CloseDecided", "die"], ["CloseDecided", "writeAndDie"], ["FillReceived", "die"], ["TradeClosed", "writeAndDie"]] as const)("at %s, %s", ([tag, kind]) => {
    let isArmed = false
    const dies = once("account/paper-1", tag, kind)
    return living({ fate: (stream, events) => isArmed ? dies(stream, events) : "write" })(Effect.gen(function*() {
      yield* say({})
      yield* pass(3)
      isArmed = true
      const flattened = yield* flatten(9)
      assert.deepStrictEqual(states(flattened), { "paper-1": "flat" })
      assert.deepStrictEqual(yield* sides("paper-1"), ["buy 2", "sell 2"])
      assert.isTrue(yield* isFlatAt("paper-1"))
    }))
  })

  it.effect("again and again: the venue's own word counts then, and nothing is closed twice", () => {
    let isArmed = false
    const fate = (stream: string): Fate => isArmed && stream === "account/paper-1" ? "die" : "write"
    return living({ fate })(Effect.gen(function*() {
      yield* say({})
      yield* pass(3)
      isArmed = true
      const flattened = yield* flatten(11)
      assert.deepStrictEqual(states(flattened), { "paper-1": "flat" }, texts(flattened).join("\n"))
      assert.deepStrictEqual(yield* sides("paper-1"), ["buy 2", "sell 2"])
      isArmed = false
      yield* pass(40)
      assert.deepStrictEqual(yield* sides("paper-1"), ["buy 2", "sell 2"])
      assert.isTrue(yield* isFlatAt("paper-1"))
    }))
  })
})

it.effect("an account that stays away is not closed behind its back where its own close could then open the other side", () => {
  let isArmed = false
  const overrides = { ...one, venues: { "paper-demo": { paper: { nativeBrackets: false, reduceOnly: false } } } }
  const fate = (stream: string): Fate => isArmed && stream === "account/paper-1" ? "die" : "write"
  return living({ fate, overrides })(Effect.gen(function*() {
    yield* say({})
    yield* pass(3)
    isArmed = true
    const [receipt] = (yield* flatten(11)).receipts
    assert.strictEqual(receipt?.state, "notFlat")
    assert.match(receipt?.reason ?? "", /2 lots of MESZ26, 1 working order, its account does not answer/)
    isArmed = false
    yield* pass(40)
    const again = yield* flatten(6)
    assert.deepStrictEqual(states(again), { "paper-1": "flat" })
    assert.deepStrictEqual(yield* sides("paper-1"), ["buy 2", "sell 2"])
    assert.isTrue(yield* isFlatAt("paper-1"))
  }))
})

it.effect("what works is cancelled at once although a thousand commands stand before it", () => {
  const cancelled: Array<number> = []
  const venues = wired(onConnection(({ cancel }) => ({
    cancel: (account, id) => Effect.andThen(Effect.map(Clock.currentTimeMillis, (nowMs) => cancelled.push(nowMs)), cancel(account, id))
  })))
  // The first of them takes its time: an account that is busy looks at the latch with each command, one that is stuck does not.
  const delays: Array<Duration.Input> = []
  return living({ venues, slow: () => delays.shift() ?? 0 })(Effect.gen(function*() {
    const resting = yield* say({ orderType: "limit", limitPrice: "6900" })
    yield* pass(3)
    const account = (yield* Account.client)("paper-1")
    delays.push("3 seconds")
    for (let n = 0; n < 1_000; n++) {
      const reason = { rule: "Busy", message: "one of a thousand", facts: {} }
      yield* account.Conclude({ alertId: AlertId.make(`busy-${n}`), outcome: "skipped", reason }, { discard: true })
    }
    const askedMs = yield* Clock.currentTimeMillis
    const { flattened, running } = yield* begun("paper-1")
    yield* pass(10)
    yield* Fiber.join(running)
    assert.isAtMost((cancelled[0] ?? Infinity) - askedMs, 50)
    assert.deepStrictEqual(states(flattened), { "paper-1": "flat" })
    assert.isAtLeast(flattened.afterMs["paper-1"] ?? 0, 3_000, "it was busy")
    assert.notMatch(texts(flattened).join("\n"), /does not answer/)
    assert.match((yield* outcomes(resting))["paper-1"] ?? "", /^canceled/)
  }))
})

describe("killed half way", () => {
  it.effect.each(Array.from({ length: 14 }, (_, n) => n * 60))("%i ms after the command: the block holds and the close goes on", (diesAfterMs) => {
    const death = mortal()
    return Effect.gen(function*() {
      yield* begin
      const story = Effect.gen(function*() {
        yield* pass(1)
        yield* say({})
        yield* say({ symbol: "MNQ1!", orderType: "limit", limitPrice: "25000" })
        yield* pass(3)
        yield* begun()
        yield* Effect.never
      }).pipe(Effect.scoped)
      yield* lifeThatDies(lifeAt<never>(one, VenuesLive.layer), death, story, { stepMs: 20, steps: (4_000 + diesAfterMs) / 20 })
      const given = (yield* rows).some(({ event }) => event._tag === "SwitchSet")
      yield* Effect.gen(function*() {
        yield* pass(8)
        if (!given) return
        assert.deepStrictEqual(yield* (yield* RiskLatch).all, [{ kind: "block", scope: "all" }])
        if ((yield* rows).some(({ event }) => event._tag === "CloseDecided")) {
          assert.isTrue(yield* isFlatAt("paper-1"))
          assert.deepStrictEqual(yield* sides("paper-1"), ["buy 2", "sell 2"])
        }
      }).pipe(Effect.provide(Layer.provideMerge(Layer.provideMerge(Applied.layer, lifeAt<never>(one, VenuesLive.layer)), silent)))
      if (diesAfterMs >= 120) assert.isTrue(given, "the block was on disk by then")
    }).pipe(Effect.provide(wideWorld))
  })
})
