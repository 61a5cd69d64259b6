import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { findings, venueBooks } from "#test/support/audit.ts"
import type { Overrides } from "#test/support/house.ts"
import { type Death, mortal } from "#test/support/journalFaults.ts"
import { begin, lifeThatDies, silent, slowWire, wired } from "#test/support/lives.ts"
import { lifeAt, outcomes, pass, post, world } from "#test/support/runtime.ts"
import * as VenuesLive from "#src/layers/Venues.ts"

const one: Overrides = { accounts: { "paper-2": null, "paper-3": null } }
const managed: Overrides = { ...one, venues: { "paper-demo": { paper: { nativeBrackets: false } } } }
/** A venue that can do nothing for us: no linked orders, no reduce-only, no change of an order. */
const bare: Overrides = { ...one, venues: { "paper-demo": { paper: { nativeBrackets: false, reduceOnly: false, oca: false, modify: false } } } }
const kinds = [["native", one], ["managed", managed], ["bare", bare]] as const

const say = (action: "buy" | "exit") => post("futures", { action, symbol: "MES1!", strategy: "demo-futures", id: `the-${action}` })

/** Bought at once, left after a second. */
const story = Effect.gen(function*() {
  yield* say("buy")
  yield* Effect.sleep("1 second")
  yield* say("exit")
}).pipe(Effect.asVoid)

const nextLife = <A, E, R>(overrides: Overrides, story: Effect.Effect<A, E, R>) =>
  Effect.provide(Effect.andThen(pass(1), story), Layer.provideMerge(lifeAt<never>(overrides, VenuesLive.layer), silent))

/** One life ends somewhere, the next finds everything as it should be; then both alerts are sent again, as whoever got no answer does. */
const survives = (overrides: Overrides, death: Death, lived: { readonly stepMs: number; readonly steps: number }) =>
  Effect.gen(function*() {
    yield* begin
    yield* lifeThatDies(lifeAt<never>(overrides, VenuesLive.layer), death, Effect.andThen(Effect.sleep("1 second"), story), lived)
    return yield* nextLife(overrides, Effect.gen(function*() {
      yield* pass(20)
      assert.deepStrictEqual(yield* findings(), [])
      for (const action of ["buy", "exit"] as const) {
        const { body } = yield* say(action)
        yield* pass(4)
        const reached = (yield* outcomes("alertId" in body ? body.alertId : ""))["paper-1"]
        assert.strictEqual(reached, action === "buy" ? "filled" : "done")
      }
      assert.deepStrictEqual(yield* findings(), [])
      const venue = (yield* venueBooks(["paper-demo"])).get("paper-1")
      assert.deepStrictEqual([venue?.fills.map(({ lots, side }) => `${side} ${lots}`), venue?.orders.size], [["buy 2", "sell 2"], 0])
    }))
  }).pipe(Effect.provide(world))

/** Which of many failed. */
const naming = <A, E, R>(name: string, one: Effect.Effect<A, E, R>) =>
  Effect.catchDefect(one, (defect) => Effect.die(new Error(`${name}: ${String(defect)}`, { cause: defect })))

describe("a process that dies", () => {
  const instants = [...Array.from({ length: 12 }, (_, n) => 20 * n), 500, ...Array.from({ length: 14 }, (_, n) => 1_000 + 20 * n), 2_500]

  it.effect.each(kinds)("at any instant, %s", ([, overrides]) =>
    Effect.forEach(instants, (atMs) =>
      naming(`died ${atMs} ms after the alert`, survives(overrides, mortal(), { stepMs: 10, steps: 100 + atMs / 10 })), { discard: true }))

  const appendsOf = (overrides: Overrides) => Effect.gen(function*() {
    const death = mortal()
    yield* begin
    yield* lifeThatDies(lifeAt<never>(overrides, VenuesLive.layer), death, Effect.andThen(Effect.sleep("1 second"), story), { stepMs: 10, steps: 400 })
    return death.appends()
  }).pipe(Effect.provide(world))

  it.effect.each(kinds.slice(0, 2))("right before or right after any of its commits, %s", ([, overrides]) => Effect.gen(function*() {
    const appends = yield* appendsOf(overrides)
    assert.isAbove(appends, 15)
    for (let append = 1; append <= appends; append++) {
      for (const when of ["before", "after"] as const) {
        const death = mortal({ append, when })
        yield* naming(`died ${when} append ${append} of ${appends}`, survives(overrides, death, { stepMs: 10, steps: 400 }))
      }
    }
  }))

  it.effect.each([["native", one, 4_000], ["managed", managed, 4_000], ["native", one, 9_000]] as const)("while its entry is still on its way, %s: it counts once", ([, overrides, delayMs]) =>
    Effect.gen(function*() {
      let ms: number = delayMs
      const house = lifeAt<never>(overrides, wired(slowWire(() => ms)))
      yield* begin
      const death = mortal()
      yield* lifeThatDies(house, death, Effect.andThen(Effect.sleep("1 second"), Effect.asVoid(say("buy"))), { stepMs: 10, steps: 130 })
      ms = 0
      yield* Effect.gen(function*() {
        yield* pass(30)
        assert.deepStrictEqual(yield* findings(), [])
        const venue = (yield* venueBooks(["paper-demo"])).get("paper-1")
        assert.deepStrictEqual(venue?.fills.map(({ lots, side }) => `${side} ${lots}`), ["buy 2"])
      }).pipe(Effect.provide(Layer.provideMerge(house, silent)))
    }).pipe(Effect.provide(world)))
})
