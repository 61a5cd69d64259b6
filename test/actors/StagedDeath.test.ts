/** A process that dies takes along what had its place in the journal and was not on disk: nothing of that may have left the house. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { findings, venueBooks } from "#test/support/audit.ts"
import { folder } from "#test/support/folder.ts"
import type { Overrides } from "#test/support/house.ts"
import { mortalLosingStaged } from "#test/support/journalFaults.ts"
import { begin, lifeThatDies, silent, slowWire, wired } from "#test/support/lives.ts"
import { lifeAt, outcomes, pass, post, rows, world } from "#test/support/runtime.ts"

const one: Overrides = { accounts: { "paper-2": null, "paper-3": null } }
const managed: Overrides = { ...one, venues: { "paper-demo": { paper: { nativeBrackets: false } } } }
/** A venue that can do nothing for us: no linked orders, no reduce-only, no change of an order. */
const bare: Overrides = { ...one, venues: { "paper-demo": { paper: { nativeBrackets: false, reduceOnly: false, oca: false, modify: false } } } }
const kinds = [["native", one], ["managed", managed], ["bare", bare]] as const
const lived = { stepMs: 10, steps: 400 }

const say = (action: "buy" | "exit", by: "id" | "body") =>
  post("futures", { action, symbol: "MES1!", strategy: "demo-futures", ...(by === "id" ? { id: `the-${action}` } : {}) })

/** Bought at once, left after a second. What was answered with a yes is told. */
const story = (by: "id" | "body", taken: Array<string>) => Effect.gen(function*() {
  for (const action of ["buy", "exit"] as const) {
    const { body, status } = yield* say(action, by)
    if (status === 200 && "alertId" in body) taken.push(body.alertId)
    yield* Effect.sleep("1 second")
  }
})

/** What left reaches the venue, whoever dies meanwhile. */
const wireMs = 200
const house = (overrides: Overrides) => lifeAt<never>(overrides, wired(slowWire(() => wireMs)))

/** How long the disk takes for a row. */
const diskMs = 40

type At = Parameters<typeof mortalLosingStaged>[2]

/** One life ends somewhere, the next finds everything as it should be; then both alerts are sent again, as whoever got no answer does. */
const survives = (overrides: Overrides, at: At, steps = lived.steps, by: "id" | "body" = "id") =>
  Effect.gen(function*() {
    const path = `${yield* folder}/journal.sqlite`
    const death = mortalLosingStaged(path, diskMs, at)
    const taken: Array<string> = []
    const lives = house(overrides)
    yield* begin
    yield* lifeThatDies(lives, death, Effect.andThen(Effect.sleep("1 second"), story(by, taken)), { ...lived, steps })
    yield* Effect.andThen(pass(1), Effect.gen(function*() {
      const accepted = (yield* rows).flatMap(({ event }) => event._tag === "AlertAccepted" ? [event.alertId as string] : [])
      assert.deepStrictEqual(taken.filter((id) => !accepted.includes(id)), [])
      yield* pass(20)
      assert.deepStrictEqual(yield* findings(), [])
      const answers: Array<string | undefined> = []
      for (const action of ["buy", "exit"] as const) {
        if (by === "body" && taken.length > answers.length) {
          answers.push((yield* outcomes(taken[answers.length] ?? ""))["paper-1"])
          continue
        }
        const { body } = yield* say(action, by)
        yield* pass(4)
        answers.push((yield* outcomes("alertId" in body ? body.alertId : ""))["paper-1"])
      }
      assert.deepStrictEqual(answers, ["filled", "done"])
      assert.deepStrictEqual(yield* findings(), [])
      const venue = (yield* venueBooks(["paper-demo"])).get("paper-1")
      assert.deepStrictEqual([venue?.fills.map(({ lots, side }) => `${side} ${lots}`), venue?.orders.size], [["buy 2", "sell 2"], 0])
    })).pipe(Effect.provide(Layer.provideMerge(lives, Layer.merge(silent, death.left))))
  }).pipe(Effect.scoped, Effect.provide(world))

/** Which of many failed. */
const naming = <A, E, R>(name: string, one: Effect.Effect<A, E, R>) =>
  Effect.catchDefect(one, (defect) => Effect.die(new Error(`${name}: ${String(defect)}`, { cause: defect })))

/** How often a whole life takes places, and waits for the disk. */
const countsOf = (overrides: Overrides, by: "id" | "body" = "id") => Effect.gen(function*() {
  const death = mortalLosingStaged(`${yield* folder}/journal.sqlite`, diskMs)
  yield* begin
  yield* lifeThatDies(house(overrides), death, Effect.andThen(Effect.sleep("1 second"), story(by, [])), lived)
  return { ...death.counts }
}).pipe(Effect.scoped, Effect.provide(world))

const instants = [...Array.from({ length: 30 }, (_, n) => 10 * n), ...Array.from({ length: 30 }, (_, n) => 1_000 + 10 * n)]

describe("a process that dies with rows that are not on disk", () => {
  it.effect.each(kinds)("at any instant, %s", ([, overrides]) =>
    Effect.forEach(instants, (ms) => naming(`died ${ms} ms after the alert`, survives(overrides, undefined, 100 + ms / 10)), { discard: true }), 120_000)

  it.effect.each(kinds)("once any of them has its place, once any wait for the disk is over, %s", ([, overrides]) => Effect.gen(function*() {
    const counts = yield* countsOf(overrides)
    assert.isAbove(counts.stage, 15)
    assert.isAtLeast(counts.durable, 5)
    for (const when of ["stage", "durable"] as const) {
      for (let nth = 1; nth <= counts[when]; nth++) yield* naming(`died at ${when} ${nth} of ${counts[when]}`, survives(overrides, { when, nth }))
    }
  }), 120_000)

  it.effect.each(kinds)("of alerts without an id, %s", ([, overrides]) => Effect.gen(function*() {
    const { stage } = yield* countsOf(overrides, "body")
    for (let nth = 1; nth <= stage; nth++) yield* naming(`died at place ${nth} of ${stage}`, survives(overrides, { when: "stage", nth }, lived.steps, "body"))
  }), 120_000)
})
