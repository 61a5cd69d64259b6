/** The whole house on a network venue: an alert as bytes at one end, orders in the fake's own ledger at the other. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { HouseConfig } from "#config/House.ts"
import { LoginId } from "#schemas/Ids.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { house } from "#test/support/house.ts"
import { lifeOver, outcomes, pass, rows, startMs, tags, world } from "#test/support/runtime.ts"
import * as Fixture from "#test/venues/reference/fixture.ts"
import { ledgerOf, send } from "#test/venues/story.ts"

const overrides = () => {
  const { accounts, venues } = Fixture.overrides({}, { sizing: { futures: { kind: "fixed", quantity: "2" } } })
  return { venues: venues ?? {}, accounts: { ...accounts, "ref-b": null, "paper-1": null, "paper-2": null, "paper-3": null } }
}

const living = <A, E, R>(style: "native" | "plain", story: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const venue = yield* Fixture.FakeVenue
    const config = Layer.merge(HouseConfig.layerOf(house(overrides())), Fixture.secrets)
    return yield* Effect.provide(Effect.andThen(pass(2), story), lifeOver<HouseConfig, never, never>(config, Layer.provide(VenuesLive.layer, Fixture.transportsOf(venue))))
  }).pipe(Effect.provide(Layer.merge(world, Layer.unwrap(Effect.as(TestClock.setTime(startMs), Fixture.fake(style))))))

const { net, records, working } = ledgerOf(Fixture.FakeVenue)

for (const style of ["native", "plain"] as const) {
  describe(style, () => {
    it.effect("an alert fills with its stop working, an exit leaves nothing behind", () => living(style, Effect.gen(function*() {
      const entry = yield* send("buy", { stopTicks: 40 })
      yield* pass(5)
      assert.strictEqual((yield* outcomes(entry))["ref-a"], "filled")
      assert.strictEqual(yield* net, "2")
      assert.include((yield* working).join(), "sell stop 2")
      const exit = yield* send("exit")
      yield* pass(5)
      assert.strictEqual((yield* outcomes(exit))["ref-a"], "done")
      assert.deepStrictEqual([yield* net, yield* working], ["0", []])
    })))

    it.effect("an entry whose acknowledgement is lost is Unknown, found by look-up, protected, and never doubled", () => living(style, Effect.gen(function*() {
      const { faults } = yield* Fixture.FakeVenue
      faults.strike("F3")
      const entry = yield* send("buy", { stopTicks: 40 })
      yield* TestClock.adjust("1 millis")
      assert.isAbove((yield* tags("ref-a")).filter((tag) => tag === "OrderUnknown").length, 0)
      yield* pass(10)
      assert.strictEqual((yield* outcomes(entry))["ref-a"], "filled")
      const entries = (yield* records("order")).filter(({ side }) => side === "buy")
      assert.strictEqual(entries.length, 1)
      const placed = (yield* records("request")).filter(({ method, what }) => method === "POST" && what === `POST orders ${entries[0]?.clientId}`)
      assert.strictEqual(placed.length, 1)
      assert.strictEqual(yield* net, "2")
      assert.include((yield* working).join(), "sell stop 2")
      assert.strictEqual((yield* tags("ref-a")).filter((tag) => tag === "FillReceived").length, 1)
    })))

    it.effect("thrown out by a sign-in elsewhere, it comes back and reconciles", () => living(style, Effect.gen(function*() {
      const { faults } = yield* Fixture.FakeVenue
      yield* send("buy", { stopTicks: 40 })
      yield* pass(5)
      faults.strike("F33")
      yield* pass(15)
      const said = (yield* rows).flatMap(({ event }) => event._tag === "SessionLost" ? [event.reason] : event._tag === "SessionConnected" && event.login === Fixture.loginId ? ["connected"] : [])
      assert.strictEqual(said.length, 3)
      assert.match(said[1] ?? "", /signed in elsewhere/)
      assert.strictEqual((yield* tags("ref-a")).filter((tag) => tag === "AccountReconciled").length, 2)
      assert.include((yield* working).join(), "sell stop 2")
    })))

    it.effect("thrown out again soon after, it leaves the login to whoever wants it, for ten minutes or until a person takes it back", () => living(style, Effect.gen(function*() {
      const { faults } = yield* Fixture.FakeVenue
      const connections = Effect.map(rows, (all) => all.filter(({ event }) => event._tag === "SessionConnected" && event.login === Fixture.loginId).length)
      yield* pass(5)
      faults.strike("F33")
      yield* pass(30)
      faults.strike("F33")
      yield* pass(590)
      assert.strictEqual(yield* connections, 2)
      yield* pass(30)
      assert.strictEqual(yield* connections, 3)
      faults.strike("F33")
      yield* pass(60)
      assert.strictEqual(yield* connections, 3)
      yield* (yield* BrokerSession.client)(LoginId.make(Fixture.loginId)).Reconnect()
      yield* pass(5)
      assert.strictEqual(yield* connections, 4)
    })))

    it.effect("a connection that breaks again and again is made anew within a second where something of ours is to be protected", () => living(style, Effect.gen(function*() {
      const { faults } = yield* Fixture.FakeVenue
      const connections = Effect.map(rows, (all) => all.filter(({ event }) => event._tag === "SessionConnected" && event.login === Fixture.loginId).length)
      yield* send("buy", { orderType: "limit", limitPrice: "6890", stopTicks: 40 })
      yield* pass(2)
      assert.isNotEmpty(yield* working)
      for (let times = 0; times < 8; times++) faults.strike("F6")
      yield* (yield* BrokerSession.client)(LoginId.make(Fixture.loginId)).Reconnect()
      yield* pass(6)
      // The venue itself holds the stop of a native entry; of another one only we can send it.
      assert.strictEqual(yield* connections, style === "native" ? 6 : 10)
    })))

    it.effect("an exit that comes while whoever insists has the login takes it back, and closes", () => living(style, Effect.gen(function*() {
      const { faults } = yield* Fixture.FakeVenue
      yield* send("buy", { stopTicks: 40 })
      yield* pass(5)
      faults.strike("F33")
      yield* pass(30)
      faults.strike("F33")
      yield* pass(60)
      assert.include((yield* working).join(), "sell stop 2")
      yield* send("exit")
      yield* pass(20)
      assert.deepStrictEqual(yield* working, [])
      assert.include(yield* tags("ref-a"), "TradeClosed")
    })))

    it.effect("an exit where nothing is held leaves the login to whoever insists", () => living(style, Effect.gen(function*() {
      const { faults } = yield* Fixture.FakeVenue
      const connections = Effect.map(rows, (all) => all.filter(({ event }) => event._tag === "SessionConnected" && event.login === Fixture.loginId).length)
      yield* pass(5)
      faults.strike("F33")
      yield* pass(30)
      faults.strike("F33")
      yield* pass(60)
      const before = yield* connections
      yield* send("exit")
      yield* pass(60)
      assert.strictEqual(yield* connections, before)
    })))

    it.effect("but what is ours to protect does not wait for whoever insists", () => living(style, Effect.gen(function*() {
      const { faults } = yield* Fixture.FakeVenue
      const connections = Effect.map(rows, (all) => all.filter(({ event }) => event._tag === "SessionConnected" && event.login === Fixture.loginId).length)
      yield* send("buy", { orderType: "limit", limitPrice: "6890", stopTicks: 40 })
      yield* pass(2)
      faults.strike("F33")
      yield* pass(30)
      assert.isNotEmpty(yield* working)
      for (const times of [3, 4]) {
        faults.strike("F33")
        yield* pass(20)
        // The venue itself holds the stop of a native entry; of another one only we can send it.
        assert.strictEqual(yield* connections, style === "native" ? 2 : times)
      }
    })))
  })
}
