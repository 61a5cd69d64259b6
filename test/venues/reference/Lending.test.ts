/** A paper login that lives on the quotes of a network venue: it is told what is traded on paper, and nothing else of it. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { house } from "#test/support/house.ts"
import { lifeOver, outcomes, pass, post, rows, startMs, world } from "#test/support/runtime.ts"
import * as Fixture from "#test/venues/reference/fixture.ts"

const overrides = () => {
  const { venues } = Fixture.overrides()
  return {
    venues: { ...venues, "paper-demo": { paper: { quotesFrom: "ref-1", slippage: { unit: "ticks", value: 0 } } } },
    accounts: { "paper-2": null, "paper-3": null }
  }
}

it.effect("paper fills at the venue's prices; no order reaches the venue", () => Effect.gen(function*() {
  const venue = yield* Fixture.FakeVenue
  const config = Layer.merge(HouseConfig.layerOf(house(overrides())), Fixture.secrets)
  yield* Effect.provide(Effect.gen(function*() {
    yield* pass(2)
    venue.market.set("MESZ26", "6900.25")
    yield* pass(1)
    const limit = yield* post("futures", { action: "buy", symbol: "MES1!", strategy: "demo-futures", orderType: "limit", limitPrice: "6890", stopTicks: 40, price: "6900" })
    assert.strictEqual(limit.status, 200)
    yield* pass(3)
    venue.market.set("MESZ26", "6889")
    yield* pass(3)
    const alertId = "alertId" in limit.body ? limit.body.alertId : ""
    const all = yield* rows
    assert.deepStrictEqual([(yield* outcomes(alertId))["paper-1"], all.some(({ event }) => event._tag === "FillReceived")], ["filled", true])
    assert.strictEqual(venue.ledger.filter(({ kind }) => kind === "order").length, 0)
  }), lifeOver<HouseConfig, never, never>(config, Layer.provide(VenuesLive.layer, Fixture.transportsOf(venue))))
}).pipe(Effect.provide(Layer.merge(world, Layer.unwrap(Effect.as(TestClock.setTime(startMs), Fixture.fake("native")))))))
