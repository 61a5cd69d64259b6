/** Which quote counts. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Stream } from "effect"
import { InstrumentId } from "#schemas/Ids.ts"
import { Ticks } from "#schemas/Instrument.ts"
import type { Quote } from "#schemas/Quote.ts"
import * as QuoteBookInMemory from "#src/feeds/QuoteBook.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"

const mes = InstrumentId.make("MESZ26")
const quote = (source: string, atMs: number, bid: number, isSimulated = false): Quote =>
  ({ instrumentId: mes, bid: Ticks.make(bid), ask: Ticks.make(bid + 1), last: Ticks.make(bid), atMs, source, isSimulated })

const latest = (source: string) =>
  Effect.gen(function*() {
    const book = yield* QuoteBook
    return Option.getOrUndefined(Option.map(yield* book.latest(mes, source), ({ bid, source }) => `${source} ${bid}`))
  })

describe("quote book", () => {
  it.effect("the asked source counts, else the freshest of the others", () => Effect.gen(function*() {
    const book = yield* QuoteBook
    assert.isUndefined(yield* latest("one"))
    yield* book.put(quote("two", 2_000, 20))
    yield* book.put(quote("three", 3_000, 30))
    yield* book.put(quote("four", 1_000, 40))
    assert.strictEqual(yield* latest("one"), "three 30")
    assert.strictEqual(yield* latest("four"), "four 40")
    assert.isTrue(Option.isNone(yield* book.latest(InstrumentId.make("ESZ26"), "two")))
  }).pipe(Effect.provide(QuoteBookInMemory.layer)))

  it.effect("an invented price counts for whoever invents it alone", () => Effect.gen(function*() {
    const book = yield* QuoteBook
    yield* book.put(quote("paper", 3_000, 30, true))
    assert.strictEqual(yield* latest("paper"), "paper 30")
    assert.isUndefined(yield* latest("broker"))
    yield* book.put(quote("other", 1_000, 10))
    assert.strictEqual(yield* latest("broker"), "other 10")
  }).pipe(Effect.provide(QuoteBookInMemory.layer)))

  it.effect("a quote that comes late does not replace a newer one of its source", () => Effect.gen(function*() {
    const book = yield* QuoteBook
    yield* book.put(quote("one", 2_000, 20))
    yield* book.put(quote("one", 1_000, 10))
    assert.strictEqual(yield* latest("one"), "one 20")
  }).pipe(Effect.provide(QuoteBookInMemory.layer)))

  it.effect("changes are told as they happen", () => Effect.gen(function*() {
    const book = yield* QuoteBook
    yield* book.put(quote("one", 1_000, 10))
    const fiber = yield* Effect.forkChild(Stream.runCollect(Stream.take(book.changes, 2)))
    yield* Effect.yieldNow
    yield* book.put(quote("one", 2_000, 20))
    yield* book.put(quote("one", 1_500, 15))
    yield* book.put(quote("two", 1_500, 25))
    assert.deepStrictEqual((yield* Fiber.join(fiber)).map(({ bid }) => Number(bid)), [20, 25])
  }).pipe(Effect.provide(QuoteBookInMemory.layer)))
})
