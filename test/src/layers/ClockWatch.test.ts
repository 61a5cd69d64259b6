import { assert, it } from "@effect/vitest"
import { Clock, Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { Clocks } from "#config/Clocks.ts"
import { InstrumentId } from "#schemas/Ids.ts"
import { Ticks } from "#schemas/Instrument.ts"
import * as ClockWatch from "#src/layers/ClockWatch.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import { begin, silent } from "#test/support/lives.ts"
import { life, outcomes, pass, post, rows, startMs, world } from "#test/support/runtime.ts"

/** The wall clock this much ahead, the monotonic one as far. */
const stepped = (wallMs: () => number, monotonicMs: () => number) => Layer.succeed(Clocks, Clocks.of({
  wallMs: Effect.map(Clock.currentTimeMillis, (nowMs) => nowMs + wallMs()),
  monotonicMs: Effect.map(Clock.currentTimeMillis, (nowMs) => nowMs + monotonicMs())
}))

const sessions = Effect.map(rows, (all) => all.flatMap(({ event }) =>
  event._tag === "SessionConnected" || event._tag === "SessionLost" || (event._tag === "AccountReconciled") ? [event._tag] : []))

const cases = [
  ["forward", 2_500, 0, true], ["back", -2_500, 0, true], ["by a little", 1_500, 0, false], ["with a sleep", 6_000, 6_000, true], ["with a short pause", 3_000, 3_000, false]
] as const

it.effect.each(cases)("a clock that jumps %s: quotes are forgotten, logins connect anew and reconcile", ([, wallMs, monotonicMs, isGap]) => {
  let isStepped = false
  const clocks = stepped(() => isStepped ? wallMs : 0, () => isStepped ? monotonicMs : 0)
  const house = Layer.provideMerge(Layer.provide(ClockWatch.layer, clocks), Layer.provideMerge(life({ accounts: { "paper-2": null, "paper-3": null } }), silent))
  return Effect.andThen(begin, Effect.gen(function*() {
    yield* pass(4)
    assert.deepStrictEqual(yield* sessions, ["SessionConnected", "AccountReconciled"])
    const quotes = yield* QuoteBook
    const before = yield* quotes.latest(InstrumentId.make("MESZ26"), "paper-demo")
    assert.isTrue(Option.isSome(before))
    const old = { instrumentId: InstrumentId.make("OLD"), bid: Ticks.make(1), ask: Ticks.make(2), last: Ticks.make(1), atMs: startMs, source: "elsewhere", isSimulated: true }
    yield* quotes.put(old)
    isStepped = true
    yield* pass(2)
    assert.deepStrictEqual(yield* sessions, ["SessionConnected", "AccountReconciled", ...(isGap ? ["SessionLost", "SessionConnected", "AccountReconciled"] : [])])
    assert.strictEqual(Option.isNone(yield* quotes.latest(old.instrumentId, old.source)), isGap)
    yield* pass(4)
    assert.strictEqual((yield* sessions).length, isGap ? 5 : 2)
    const { body } = yield* post("futures", { action: "buy", symbol: "MES1!", strategy: "demo-futures" })
    yield* pass(3)
    assert.deepStrictEqual(yield* outcomes("alertId" in body ? body.alertId : ""), { "paper-1": "filled" })
  }).pipe(Effect.provide(house))).pipe(Effect.provide(world))
})

it.effect("a slow drift is nobody's jump", () =>
  Effect.gen(function*() {
    let look = { wallMs: 0, monotonicMs: 0 }
    for (let n = 1; n <= 100; n++) {
      const now = { wallMs: n * 1_100, monotonicMs: n * 1_000 }
      assert.isUndefined(ClockWatch.gap(look, now))
      look = now
    }
    yield* TestClock.adjust(0)
  }))
