/** Targets that rest nowhere and are watched here: the account is woken when their market says that one is reached. */
import { Effect, FiberHandle, Stream } from "effect"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { Ticks } from "#schemas/Instrument.ts"
import type { Quote } from "#schemas/Quote.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import * as Plan from "#src/lifecycle/Plan.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"

interface Watched {
  readonly isLong: boolean
  readonly target: Ticks
}

const of = (book: Book, facts: Facts): ReadonlyMap<InstrumentId, Watched> => new Map(Array.from(book.brackets.values()).flatMap((bracket) => {
  const { closing, instrument, isLong, plan: { target } } = bracket
  return closing === undefined && target !== undefined && Plan.isTargetWatched(bracket, Exposure.of(book, bracket), facts)
    ? [[instrument.id, { isLong, target }] as const]
    : []
}))

export const make = Effect.fnUntraced(function*(ring: Effect.Effect<void>) {
  const quotes = yield* QuoteBook
  const following = yield* FiberHandle.make()
  let watched: ReadonlyMap<InstrumentId, Watched> = new Map()

  const isReached = (quote: Quote): boolean => {
    const wanted = watched.get(quote.instrumentId)
    return wanted !== undefined && Plan.isReached(wanted.isLong, wanted.target, quote)
  }
  const follow = Stream.runForEach(quotes.changes, (quote) => isReached(quote) ? ring : Effect.void)

  /** After each commit. Who watches nothing hears nothing. */
  return Effect.fnUntraced(function*(book: Book, facts: Facts) {
    const before = watched.size
    watched = of(book, facts)
    if (watched.size > 0 && before === 0) yield* FiberHandle.run(following, follow)
    if (watched.size === 0 && before > 0) yield* FiberHandle.clear(following)
  })
})
