/** The whole house on Tradovate: an alert as bytes at one end, orders in the fake's own ledger at the other. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { house } from "#test/support/house.ts"
import { lifeOver, pass, rows, startMs, tags, world } from "#test/support/runtime.ts"
import * as Fixture from "#test/venues/tradovate/fixture.ts"
import { ledgerOf, send } from "#test/venues/story.ts"

const overrides = () => {
  const { accounts, venues } = Fixture.overrides({}, { sizing: { futures: { kind: "fixed", quantity: "2" } } })
  return { venues: venues ?? {}, accounts: { ...accounts, "tv-b": null, "paper-1": null, "paper-2": null, "paper-3": null } }
}

type Switches = Parameters<typeof Fixture.fake>[0]

const living = <A, E, R>(story: Effect.Effect<A, E, R>, options: Switches = {}) =>
  Effect.gen(function*() {
    const venue = yield* Fixture.FakeVenue
    const config = Layer.merge(HouseConfig.layerOf(house(overrides())), Fixture.secrets)
    return yield* Effect.provide(Effect.andThen(pass(2), story), lifeOver<HouseConfig, never, never>(config, Layer.provide(VenuesLive.layer, Fixture.transportsOf(venue))))
  }).pipe(Effect.provide(Layer.merge(world, Layer.unwrap(Effect.as(TestClock.setTime(startMs), Fixture.fake(options))))))

const { working } = ledgerOf(Fixture.FakeVenue)

describe("the house", () => {
  it.effect("thrown out by a sign-in elsewhere, it comes back and reconciles; thrown out again soon, it stands aside", () => living(Effect.gen(function*() {
    const { faults } = yield* Fixture.FakeVenue
    const said = Effect.map(rows, (all) => all.flatMap(({ event }) => event._tag === "SessionLost" ? ["lost"] : event._tag === "SessionConnected" && event.login === Fixture.loginId ? ["connected"] : []))
    yield* send("buy", { stopTicks: 40 })
    yield* pass(20)
    faults.strike("F33")
    yield* pass(30)
    assert.deepStrictEqual(yield* said, ["connected", "lost", "connected"])
    assert.strictEqual((yield* tags("tv-a")).filter((tag) => tag === "AccountReconciled").length, 2)
    assert.include((yield* working).join(), "sell stop 2")
    faults.strike("F33")
    yield* pass(590)
    assert.deepStrictEqual(yield* said, ["connected", "lost", "connected", "lost"])
    yield* pass(30)
    assert.strictEqual((yield* said).at(-1), "connected")
  })))

  it.effect("goes out by the venue's own call, which takes stop and target along: neither is cancelled before, none is left after", () => living(Effect.gen(function*() {
    const { ledger } = yield* Fixture.FakeVenue
    yield* send("buy", { stopTicks: 40, targetTicks: 80 })
    yield* pass(5)
    assert.strictEqual((yield* working).length, 2)
    const before = ledger.length
    yield* send("exit")
    yield* pass(5)
    const asked = ledger.slice(before).flatMap((record) => record.kind === "request" && record.method === "POST" ? [record.path] : [])
    assert.deepStrictEqual(asked, ["/v1/order/liquidateposition"])
    assert.deepStrictEqual(yield* working, [])
    assert.deepStrictEqual((yield* tags("tv-a")).slice(-1), ["OutcomeReached"])
    assert.include(yield* tags("tv-a"), "TradeClosed")
  })))
})
