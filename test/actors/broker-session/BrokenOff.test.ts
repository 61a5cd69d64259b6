import { assert, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Ambiguous, RateLimited } from "#src/ports/Venue.ts"
import { begin, onConnection, silent, wideWorld, wired } from "#test/support/lives.ts"
import { lifeAt, pass, post, rows } from "#test/support/runtime.ts"

const living = (venues: ReturnType<typeof wired>) => <A, E, R>(story: Effect.Effect<A, E, R>) =>
  Effect.andThen(begin, Effect.provide(Effect.andThen(pass(1), story), Layer.provideMerge(lifeAt<never>({}, venues), silent))).pipe(Effect.provide(wideWorld))

it.effect("a fill that came in a picture which then broke off counts, and is protected", () => {
  let isBroken = false
  const venues = wired(onConnection(({ capabilities, events, positions }) => ({
    capabilities: { ...capabilities, nativeBrackets: false },
    events: Stream.filter(events, ({ event }) => !isBroken || event._tag === "OrderChanged"),
    positions: (account) => isBroken ? Effect.fail(new Ambiguous({ cause: "cut" })) : positions(account)
  })))
  return living(venues)(Effect.gen(function*() {
    isBroken = true
    yield* post("futures", { action: "buy", symbol: "MES1!", strategy: "demo-futures" })
    yield* pass(2)
    const events = (yield* rows).map(({ event }) => event)
    assert.include(events.flatMap((event) => event._tag === "FillReceived" ? [event.evidence] : []), "event")
    const stops = events.flatMap((event) => event._tag === "OrderIntended" && event.order.leg === "stop" ? [event.order.id] : [])
    assert.isNotEmpty(stops)
    assert.isTrue(events.some((event) => event._tag === "OrderAccepted" && stops.includes(event.orderId)))
  }))
})

it.effect("a venue that wants silence without saying how long is not asked to connect without end", () => {
  let tries = 0
  const venues = wired((adapter) => ({
    ...adapter,
    connect: () => Effect.suspend(() => {
      tries += 1
      return Effect.fail(new RateLimited({ retryAfterMs: 0 }))
    })
  }))
  return living(venues)(Effect.gen(function*() {
    tries = 0
    yield* TestClock.adjust("60 seconds")
    assert.isAtLeast(tries, 2)
    assert.isAtMost(tries, 15)
  }))
})

for (const [what, seconds, ends] of [["a moment", 5, "pending"], ["most of an hour", 2_400, "denied"]] as const) {
  it.effect(`an entry that may not leave for ${what} is ${ends === "pending" ? "decided anew" : "told so at once"}`, () => {
    const no = () => Effect.fail(new RateLimited({ retryAfterMs: seconds * 1_000 }))
    return living(wired(onConnection(() => ({ submit: no, submitBracket: no }))))(Effect.gen(function*() {
      yield* post("futures", { action: "buy", symbol: "MES1!", strategy: "demo-futures" })
      yield* pass(3)
      const reached = (yield* rows).flatMap(({ event }) => event._tag === "OutcomeReached" && event.reason?.rule !== "DailyLoss" ? [`${event.outcome} ${event.reason?.message ?? ""}`] : [])
      if (ends === "pending") assert.deepStrictEqual(reached, [])
      else assert.match(reached[0] ?? "", /^denied .*2400 s/)
    }))
  })
}
