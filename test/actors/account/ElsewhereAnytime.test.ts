/** Closes by hand at any moment, and across a restart of the house: nothing of ours ever opens or turns what the venue holds. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Random } from "effect"
import { TestClock } from "effect/testing"
import { InstrumentId } from "#schemas/Ids.ts"
import * as Book from "#src/lifecycle/Book.ts"
import { netAtVenue, throughZero, trade } from "#test/actors/account/byHand.ts"
import { account, mes, only, send, working } from "#test/actors/account/desk.ts"
import { flatten, states } from "#test/admin/flattening.ts"
import { bookOf } from "#test/support/audit.ts"
import { silent } from "#test/support/lives.ts"
import { lifeAt, pass, rows, startMs, world } from "#test/support/runtime.ts"
import { layer as venueFaults, VenueFaults } from "#test/support/venueFaults.ts"

const seeds = [1, 2, 3, 4, 25, 42, 49] // the last three found what was wrong once
const steps = 25

const overrides = (paper: Readonly<Record<string, boolean>>) => ({
  venues: { "paper-demo": { paper } },
  accounts: { [account]: {}, "paper-2": null, "paper-3": null },
  strategies: { "demo-futures": { onSameSide: "add", onOppositeSide: "reverse" } }
})

const living = <A, E, R>(paper: Readonly<Record<string, boolean>>, life: Effect.Effect<A, E, R>) =>
  Effect.provide(Effect.andThen(pass(2), life), Layer.provideMerge(lifeAt(overrides(paper), venueFaults), silent))

const inWorld = <A, E, R>(test: Effect.Effect<A, E, R>) => Effect.andThen(TestClock.setTime(startMs), test).pipe(Effect.provide(world))

/** What our book says that the venue holds: ours, and what is shown as somebody else's. */
const netInBook = Effect.map(rows, (all) => {
  const book = bookOf(all, account)
  const id = InstrumentId.make(mes)
  const bracket = book.brackets.get(id)
  return (bracket === undefined ? 0 : Book.netOf(book, bracket)) + (book.drift.get(id) ?? 0)
})

/** A part, all of it, or one too many. */
const closesByHand = Effect.fnUntraced(function*(name: string) {
  const net = yield* netAtVenue
  if (net === 0) return
  yield* trade(name, net > 0 ? "sell" : "buy", yield* Random.nextIntBetween(1, Math.abs(net) + 1))
})

const act = Effect.fnUntraced(function*(n: number) {
  const dice = yield* Random.nextIntBetween(0, 10)
  if (dice < 3) yield* send("buy", { id: `n${n}` })
  else if (dice < 5) yield* send("sell", { id: `n${n}` })
  else if (dice < 6) yield* send("exit", { id: `n${n}` })
  else yield* closesByHand(`n${n}`)
  yield* pass((yield* Random.nextIntBetween(1, 20)) / 4)
})

const settings = [
  ["native", { nativeBrackets: true, reduceOnly: false }],
  ["managed", { nativeBrackets: false, reduceOnly: false, oca: false }],
  ["managed without changes", { nativeBrackets: false, reduceOnly: false, oca: false, modify: false }],
  ["managed with reduce-only", { nativeBrackets: false }]
] as const

describe.each(settings)("%s", (_name, paper) => {
  it.effect.each(seeds)("at random moments, seed %i", (seed) =>
    inWorld(living(paper, Effect.gen(function*() {
      for (let n = 0; n < steps; n++) yield* act(n)
      yield* pass(45)
      assert.deepStrictEqual(yield* throughZero, [])
      assert.strictEqual(yield* netInBook, yield* netAtVenue)
      assert.deepStrictEqual(states(yield* flatten(10)), { "paper-1": "flat" })
      assert.deepStrictEqual([yield* netAtVenue, yield* working, yield* throughZero], [0, [], []])
    }))).pipe(Random.withSeed(seed)))

  it.effect("while the house was away", () =>
    inWorld(Effect.gen(function*() {
      yield* living(paper, Effect.andThen(send("buy"), pass(3)))
      // The venue goes on; its next connection is another life's.
      const asked = yield* living(paper, Effect.gen(function*() {
        const { switches } = yield* VenueFaults
        switches.answersQuestions = () => false
        switches.tells = () => false
        yield* trade("away", "sell", 2)
        yield* pass(2)
      }))
      assert.isUndefined(asked)
      yield* living(paper, Effect.gen(function*() {
        const faults = yield* VenueFaults
        yield* pass(6)
        assert.deepStrictEqual((yield* only("ClosedElsewhere")).map(({ lots }) => lots), [2])
        assert.deepStrictEqual(faults.asked, [])
        assert.deepStrictEqual([yield* netAtVenue, yield* netInBook, yield* only("ProtectionAlarm")], [0, 0, []])
        assert.deepStrictEqual(states(yield* flatten(5)), { "paper-1": "flat" })
      }))
    })))
})
