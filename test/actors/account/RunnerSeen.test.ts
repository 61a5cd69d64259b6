/** What an account keeps of a market while a position is run on. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Runner from "#actors/account/Runner.ts"
import { Clocks } from "#config/Clocks.ts"
import { Ticks } from "#schemas/Instrument.ts"
import * as QuoteBook from "#src/feeds/QuoteBook.ts"
import { QuoteBook as Quotes } from "#src/ports/QuoteBook.ts"
import { mes, startMs, trader } from "#test/src/lifecycle/trader.ts"
import { TestClock } from "effect/testing"

it.effect("a price that was there and is gone counts; another login's, and an old one, do not", () => Effect.gen(function*() {
  yield* TestClock.setTime(startMs)
  const t = trader({ overrides: { strategies: { "demo-futures": { runner: { trail: { ticks: 15, stepTicks: 4 } } } } } })
  const entry = t.enters("a")
  t.accepts(entry)
  t.fills(entry, 2)
  let rung = 0
  const runner = yield* Runner.make(Effect.sync(() => { rung += 1 }))
  yield* runner.look(t.book(), t.facts())
  yield* TestClock.adjust("10 millis")
  const quotes = yield* Quotes
  const say = (bid: number, source = t.facts().account.login as string, atMs = startMs) => Effect.andThen(quotes.put({
    instrumentId: mes.id, bid: Ticks.make(bid), ask: Ticks.make(bid + 1), last: Ticks.make(bid), atMs, source, isSimulated: true
  }), TestClock.adjust("10 millis"))
  yield* say(28_060)
  yield* say(28_030)
  yield* say(28_100, "somebody-else")
  assert.deepStrictEqual([runner.seen(mes.id)?.best, rung], [Ticks.make(28_060), 1], "and it rings once until it was looked at")
  yield* TestClock.adjust("1 minute")
  yield* say(28_200)
  assert.strictEqual<number | undefined>(runner.seen(mes.id)?.best, 28_060)
  yield* runner.look({ ...t.book(), brackets: new Map() }, t.facts())
  assert.isUndefined(runner.seen(mes.id))
}).pipe(Effect.scoped, Effect.provide(Layer.merge(QuoteBook.layer, Clocks.layerVirtual))))
