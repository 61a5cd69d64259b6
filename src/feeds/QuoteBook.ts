/** The quote book in memory. Owns: which of two quotes is the newer one, and who hears of it. */
import { Effect, Layer, Option, PubSub, Stream } from "effect"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { Quote } from "#schemas/Quote.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"

/** Changes that a slow reader may be behind before it misses the oldest. */
const changesBehindMax = 1_024

export const layer = Layer.effect(QuoteBook, Effect.gen(function*() {
  const held = new Map<InstrumentId, Map<string, Quote>>()
  const changes = yield* PubSub.sliding<Quote>(changesBehindMax)
  yield* Effect.addFinalizer(() => PubSub.shutdown(changes))

  return QuoteBook.of({
    put: (quote) => Effect.suspend(() => {
      const bySource = held.get(quote.instrumentId) ?? new Map<string, Quote>()
      const before = bySource.get(quote.source)
      if (before !== undefined && before.atMs > quote.atMs) return Effect.void // came late: a newer one is here
      held.set(quote.instrumentId, bySource.set(quote.source, quote))
      return PubSub.publish(changes, quote)
    }),
    latest: (instrumentId, source) => Effect.sync(() => {
      const bySource = held.get(instrumentId)
      const own = bySource?.get(source)
      if (bySource === undefined || own !== undefined) return Option.fromUndefinedOr(own)
      // An invented market is no price for anybody but who invents it.
      const others = [...bySource.values()].filter(({ isSimulated }) => !isSimulated)
      return Option.fromUndefinedOr(others.toSorted((one, other) => other.atMs - one.atMs)[0])
    }),
    forget: Effect.sync(() => held.clear()),
    forgetOf: (isMeant) => Effect.sync(() => {
      for (const id of held.keys()) if (isMeant(id)) held.delete(id)
    }),
    changes: Stream.fromPubSub(changes)
  })
}))
