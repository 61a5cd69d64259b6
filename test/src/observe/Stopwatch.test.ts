/** What is slow is said once in a while, with what it was; what is fast is only counted. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, Metric, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { LoginConfig } from "#schemas/config/LoginConfig.ts"
import { LoginId } from "#schemas/Ids.ts"
import * as TimedVenues from "#src/observe/TimedVenues.ts"
import * as Stopwatch from "#src/ports/Stopwatch.ts"
import { type Connection, Unavailable, Venues } from "#src/ports/Venue.ts"
import { account } from "#test/projections/rows.ts"

const listening = <A, E>(test: (said: ReadonlyArray<string>) => Effect.Effect<A, E, never>) => {
  const said: Array<string> = []
  return test(said).pipe(Effect.provide(Layer.mergeAll(
    Logger.layer([Logger.make(({ message }) => { said.push(String(message)) })]),
    Layer.sync(Metric.MetricRegistry, () => new Map()),
    Layer.sync(Stopwatch.Warnings, () => new Map())
  )))
}

/** Runs it while the clock moves. */
const passing = <A, E, R>(work: Effect.Effect<A, E, R>, ms: number) =>
  Effect.andThen(Effect.forkChild(work, { startImmediately: true }), TestClock.adjust(ms))

const taking = (what: Stopwatch.What, ms: number) => passing(Stopwatch.timed(what)(Effect.sleep(ms)), ms)

const histogram = (name: string) => Effect.map(Metric.snapshot, (all) => {
  const found = all.find(({ id }) => id === name)
  return found?.type === "Histogram" ? { count: found.state.count, sum: found.state.sum, attributes: found.attributes } : undefined
})

describe("a slow call", () => {
  it.effect("is warned of once per kind and period; the next warning counts those left out", () => listening((said) => Effect.gen(function*() {
    yield* taking({ kind: "rpc", name: "Status" }, 999)
    assert.deepStrictEqual(said, [])
    yield* taking({ kind: "rpc", name: "Why" }, 1_500)
    yield* taking({ kind: "rpc", name: "Why" }, 1_500)
    yield* taking({ kind: "rpc", name: "Orders" }, 1_500)
    yield* taking({ kind: "venue", name: "submit", of: "login paper-demo" }, 2_500)
    assert.deepStrictEqual(said, [
      "slow rpc: Why took 1500 ms, expected less than 1000",
      "slow venue: submit of login paper-demo took 2500 ms, expected less than 2000"
    ])
    yield* TestClock.adjust(Stopwatch.quietMs)
    yield* taking({ kind: "rpc", name: "Alerts" }, 1_200)
    assert.strictEqual(said[2], "slow rpc: Alerts took 1200 ms, expected less than 1000; 2 more such since the last warning")
  })))

  it.effect("is counted however it ends", () => listening(() => Effect.gen(function*() {
    yield* taking({ kind: "journal", name: "commit" }, 100)
    yield* Effect.exit(Stopwatch.timed({ kind: "journal", name: "commit" })(Effect.fail("no")))
    yield* Effect.exit(Stopwatch.timed({ kind: "journal", name: "commit" })(Effect.die("no")))
    const found = yield* histogram("interlock_journal_commit_seconds")
    assert.deepStrictEqual([found?.count, found?.sum], [3, 0.1])
  })))
})

it.effect("every request to a venue is timed under its own name, and answered as before", () => listening((said) => Effect.gen(function*() {
  const slow = <A>(answer: A) => Effect.delay(Effect.succeed(answer), "3 seconds")
  const no = () => Effect.fail(new Unavailable({ reason: "closed" }))
  const real: Connection = {
    capabilities: {
      nativeBrackets: true, reduceOnly: true, oca: true, modify: true, closeTakesOrders: false, lookupProvesAfterMs: 0, wireEndsWithUs: true, isSimulated: true
    },
    accounts: [account("paper-1")],
    submit: no, submitBracket: no, modify: no, cancel: no, cancelAll: no, closePosition: no, balances: no, fillsSince: no, bars: no,
    orderByClientId: () => slow(Option.none()),
    workingOrders: () => slow([]),
    positions: () => slow([]),
    events: Stream.never,
    quotes: Stream.never
  }
  const login: LoginConfig = { id: LoginId.make("paper-demo"), venue: "paper", enabled: true } as LoginConfig
  const venues = Layer.provide(TimedVenues.layer, Layer.succeed(Venues, Venues.of({
    paper: { id: "paper", requestsAtOnce: 4, connect: () => Effect.succeed(real) },
    reference: { id: "reference", requestsAtOnce: 4, connect: () => Effect.never },
    tradovate: { id: "tradovate", requestsAtOnce: 4, connect: () => Effect.never }
  })))
  yield* Effect.scoped(Effect.gen(function*() {
    const { paper } = yield* Venues
    assert.strictEqual(paper.requestsAtOnce, 4)
    const connection = yield* paper.connect(login)
    assert.strictEqual(connection.events, real.events)
    const asked = yield* Effect.forkChild(connection.positions(account("paper-1")), { startImmediately: true })
    yield* TestClock.adjust("3 seconds")
    assert.strictEqual(asked.pollUnsafe()?._tag, "Success")
    assert.strictEqual((yield* Effect.flip(connection.balances(account("paper-1"))))._tag, "Unavailable")
  })).pipe(Effect.provide(venues))
  assert.deepStrictEqual(said, ["slow venue: positions of login paper-demo took 3000 ms, expected less than 2000"])
  const names = (yield* Metric.snapshot).map(({ attributes }) => attributes?.["name"])
  assert.deepStrictEqual(names, ["positions", "balances"])
})))
