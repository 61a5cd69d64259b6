/** Trades and orders by hand at any moment, under each policy and across restarts of the house: nothing of ours turns what the venue holds. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Random } from "effect"
import { TestClock } from "effect/testing"
import { InstrumentId } from "#schemas/Ids.ts"
import { Ticks } from "#schemas/Instrument.ts"
import * as Book from "#src/lifecycle/Book.ts"
import type * as VenueBook from "#src/matching/Book.ts"
import * as Books from "#src/projections/Books.ts"
import * as Positions from "#src/projections/Positions.ts"
import { cancel, netAtVenue, throughZero, trade } from "#test/actors/account/byHand.ts"
import { account, events, mes, only, send } from "#test/actors/account/desk.ts"
import { flatten, states } from "#test/admin/flattening.ts"
import { bookOf, venueBooks } from "#test/support/audit.ts"
import { silent } from "#test/support/lives.ts"
import { lifeAt, pass, rows, startMs, world } from "#test/support/runtime.ts"
import { layer as venueFaults } from "#test/support/venueFaults.ts"

const seeds = [1, 2, 3, 4, 5, 6]
const steps = 14
const lives = 3

const policies = {
  alarm: {},
  adopt: { reconciliation: "adopt", adoptStop: { _tag: "Distance", ticks: 400 } },
  flatten: { reconciliation: "flatten" }
} as const

const overrides = (policy: keyof typeof policies, paper: Readonly<Record<string, boolean>>) => ({
  venues: { "paper-demo": { paper } },
  accounts: { [account]: policies[policy], "paper-2": null, "paper-3": null },
  strategies: { "demo-futures": { onSameSide: "add", onOppositeSide: "reverse" } }
})

const id = InstrumentId.make(mes)

const look = Effect.gen(function*() {
  const book = bookOf(yield* rows, account)
  const venue = (yield* venueBooks(["paper-demo"])).get(account)
  const bracket = book.brackets.get(id)
  return { book, venue, net: yield* netAtVenue, ours: bracket === undefined ? 0 : Book.netOf(book, bracket) }
})

/** Lots of stops at work at the venue that our book has. */
const coveredBy = (book: Book.Book, venue: VenueBook.Book | undefined, net: number): number =>
  Array.from(venue?.orders.values() ?? []).filter(({ status, ticket }) =>
    ticket.type === "stop" && status !== "Held" && ticket.side === (net > 0 ? "sell" : "buy") && book.orders.has(ticket.id)
  ).reduce((sum, { filledLots, lots }) => sum + lots - filledLots, 0)

/** Findings told again although nothing has changed. */
const repeated = Effect.map(events(), (all) => {
  let last = ""
  return all.flatMap((event) => {
    if (event._tag === "DriftEnded" || event._tag === "PositionAdopted" || event._tag === "ClosedElsewhere") last = ""
    if (event._tag !== "DriftFound") return []
    const text = `${event.ours} ${event.venue} ${event.note}`
    const found = text === last ? [text] : []
    last = text
    return found
  })
})

const taken = { alarm: 0, adopt: 0, flatten: 0 }

const act = Effect.fnUntraced(function*(name: string) {
  const dice = yield* Random.nextIntBetween(0, 12)
  const side = (yield* Random.nextBoolean) ? "buy" : "sell"
  const lots = yield* Random.nextIntBetween(1, 4)
  if (dice < 3) yield* send(side, { id: name })
  else if (dice < 4) yield* send("exit", { id: name })
  else if (dice < 8) yield* trade(name, side, lots)
  else if (dice < 10) yield* trade(name, side, lots, side === "sell" ? { type: "stop", stop: Ticks.make(27_000) } : { type: "limit", limit: Ticks.make(26_000) })
  else yield* Effect.ignoreCause(cancel(`${name.slice(0, 2)}${yield* Random.nextIntBetween(0, steps)}`))
  yield* pass((yield* Random.nextIntBetween(1, 40)) / 4)
})

const inWorld = <A, E, R>(test: Effect.Effect<A, E, R>) => Effect.andThen(TestClock.setTime(startMs), test).pipe(Effect.provide(world))

const settings = [
  ["native", {}],
  ["managed without reduce-only", { nativeBrackets: false, reduceOnly: false, oca: false }]
] as const

describe.each(settings)("%s", (_name, paper) => {
  describe.each(["alarm", "adopt", "flatten"] as const)("%s", (policy) => {
    const living = <A, E, R>(life: Effect.Effect<A, E, R>) =>
      Effect.provide(Effect.andThen(pass(2), life), Layer.provideMerge(lifeAt(overrides(policy, paper), venueFaults), silent))

    it.effect.each(seeds)("seed %i", (seed) =>
      inWorld(Effect.gen(function*() {
        for (let life = 0; life < lives; life++) {
          yield* living(Effect.gen(function*() {
            for (let n = 0; n < steps; n++) yield* act(`l${life}${n}`)
            assert.deepStrictEqual(yield* throughZero, [])
          }))
        }
        yield* living(Effect.gen(function*() {
          yield* pass(140)
          const { book, net, ours, venue } = yield* look
          const drift = book.drift.get(id) ?? 0
          assert.strictEqual(ours + drift, net)
          assert.deepStrictEqual(Positions.open((yield* rows).reduce(Books.evolve, Books.empty).positions).map(Positions.netOf), ours === 0 ? [] : [ours])
          assert.strictEqual(coveredBy(book, venue, ours), Math.abs(ours))
          if (policy !== "alarm") assert.strictEqual(drift, 0)
          if (policy === "flatten") assert.deepStrictEqual([...book.strangers.values()].filter(({ mayOpen }) => mayOpen), [])
          assert.deepStrictEqual(yield* repeated, [])
          taken[policy] += (yield* only("PositionAdopted")).length
          assert.strictEqual(states(yield* flatten(15))["paper-1"], "flat")
          assert.deepStrictEqual([yield* netAtVenue, yield* throughZero], [0, []])
        }))
      })).pipe(Random.withSeed(seed)))
  })
})

it.effect("a restart repeats no finding", () => {
  const living = <A, E, R>(life: Effect.Effect<A, E, R>) =>
    Effect.provide(Effect.andThen(pass(2), life), Layer.provideMerge(lifeAt(overrides("alarm", {}), venueFaults), silent))
  return inWorld(Effect.gen(function*() {
    yield* living(Effect.gen(function*() {
      yield* trade("in", "buy", 2)
      yield* trade("rests", "buy", 1, { type: "limit", limit: Ticks.make(26_000) })
      yield* pass(40)
    }))
    yield* living(pass(70))
    yield* living(Effect.gen(function*() {
      assert.deepStrictEqual([(yield* only("DriftFound")).length, (yield* only("ForeignOrderFound")).length], [1, 1])
      yield* trade("out", "sell", 2)
      yield* pass(5)
      assert.strictEqual((yield* only("DriftEnded")).length, 1)
    }))
  }))
})

it("each policy did what it is for", () => {
  assert.strictEqual(taken.alarm, 0)
  assert.isAbove(taken.adopt, seeds.length)
  assert.isAbove(taken.flatten, seeds.length)
})
