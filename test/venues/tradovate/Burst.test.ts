/** Twenty accounts on one login: what one alert, and then many, do to the venue's limit of that login. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { HouseConfig } from "#config/House.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import { house } from "#test/support/house.ts"
import { lifeOver, outcomes, pass, startMs, world } from "#test/support/runtime.ts"
import { ledgerOf, send } from "#test/venues/story.ts"
import * as Fixture from "#test/venues/tradovate/fixture.ts"

const numbers = Array.from({ length: 20 }, (_, index) => index + 1)
/** A small limit, so that it is soon reached: 300 trades an hour, of which entries may use up 200. */
const requestsPerHour = 500

const [user] = Fixture.fakeOptions.users
const options = {
  users: user === undefined ? [] : [{ ...user, accounts: numbers.map((number) => ({ id: `DEMO${number}`, currency: "USD", cash: "100000", feePerLot: "0.62" })) }],
  limits: { user: requestsPerHour },
  latency: { answerMs: 40 }
}

const overrides = () => {
  const { venues } = Fixture.overrides({ requestsPerHour, marketDataUrl: `https://${Fixture.host}` })
  const account = (number: number) => ({
    login: "tv-1", venueAccount: `DEMO${number}`, lanes: ["futures"], assets: ["futures"], symbols: ["MES"], caps: {}, sizing: { futures: { kind: "fixed", quantity: "1" } }
  })
  return {
    venues: venues ?? {},
    strategies: { "demo-futures": { quotes: "any" } },
    accounts: { "paper-1": null, "paper-2": null, "paper-3": null, ...Object.fromEntries(numbers.map((number) => [`tv-${number}`, account(number)])) }
  }
}

const living = <A, E, R>(story: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const venue = yield* Fixture.FakeVenue
    const config = Layer.merge(HouseConfig.layerOf(house(overrides())), Fixture.secrets)
    return yield* Effect.provide(Effect.andThen(pass(2), story), lifeOver<HouseConfig, never, never>(config, Layer.provide(VenuesLive.layer, Fixture.transportsOf(venue))))
  }).pipe(Effect.provide(Layer.merge(world, Layer.unwrap(Effect.as(TestClock.setTime(startMs), Fixture.fake(options))))))

const { records } = ledgerOf(Fixture.FakeVenue)

/** How many accounts hold something, and how many of those have their stop at work. */
const held = Effect.map(Fixture.FakeVenue, (venue) => venue.accounts().filter(({ positions }) => positions.length > 0).length)
const stopsAtWork = Effect.gen(function*() {
  const states = yield* records("state")
  return (yield* records("order")).filter(({ orderId, type }) => type === "stop" && states.findLast((state) => state.orderId === orderId)?.status === "working").length
})
/** Calls by their path, since they were last looked at. */
const looking = () => {
  let before = 0
  return Effect.map(records("request"), (all) => {
    const fresh = all.slice(before)
    before = all.length
    return { of: (path: string) => fresh.filter((one) => one.path === `/v1/${path}`).length, all: all.length }
  })
}
const every = (outcome: string) => Object.fromEntries(numbers.map((number) => [`tv-${number}`, outcome]))

/** The market stands still: an alert says its price. */
const entryTerms = { stopTicks: 40, price: "6900.25" }

describe("twenty accounts on one login", () => {
  it.effect("an alert leaves at once for all with its stops; when entries have used up their part of the limit, protecting and closing go on", () => living(Effect.gen(function*() {
    const { byHand } = yield* Fixture.FakeVenue
    const calls = looking()
    const first = yield* send("buy", entryTerms)
    yield* pass(2)
    assert.deepStrictEqual([yield* outcomes(first), yield* held, yield* stopsAtWork], [every("filled"), 20, 20])
    const entering = yield* calls
    assert.strictEqual(entering.of("order/placeoso"), 20)
    assert.isAtMost(entering.of("order/list") + entering.of("fill/list") + entering.of("position/list"), 6, "what all accounts ask is asked once")

    const out = yield* send("exit")
    yield* pass(4)
    assert.deepStrictEqual([yield* outcomes(out), yield* held, yield* stopsAtWork], [every("done"), 0, 0])

    const second = yield* send("buy", entryTerms)
    yield* pass(2)
    assert.deepStrictEqual([yield* outcomes(second), yield* held], [every("filled"), 20])
    for (const number of numbers) byHand.cancelAll(`DEMO${number}`)
    yield* pass(5)
    assert.deepStrictEqual([yield* held, yield* stopsAtWork], [20, 20], "each is protected anew")
    const flat = yield* send("exit")
    yield* pass(5)
    assert.deepStrictEqual([yield* outcomes(flat), yield* held], [every("done"), 0])

    yield* calls
    yield* send("buy", entryTerms)
    yield* pass(5)
    const refused = yield* calls
    assert.deepStrictEqual([refused.of("order/placeoso"), refused.of("order/placeorder"), yield* held], [0, 0, 0])
    // Beyond the limit the venue warns, then locks out; below it, it says nothing.
    assert.isAtMost(refused.all, requestsPerHour * 0.9)
    assert.strictEqual((yield* records("request")).filter(({ path }) => path === "/v1/auth/accesstokenrequest").length, 1)
  })))
})
