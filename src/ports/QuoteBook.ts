/** The last word of each market, by where it came from. */
import { Context, type Effect, Option, type Stream } from "effect"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { Quote } from "#schemas/Quote.ts"

/** Holds one quote per source and instrument: bounded by the catalogue, not by time. */
export class QuoteBook extends Context.Service<QuoteBook, {
  put(quote: Quote): Effect.Effect<void>
  /** The quote of `source` if it has one, else the freshest of any other. Its age is the caller's to judge. */
  latest(instrumentId: InstrumentId, source: string): Effect.Effect<Option.Option<Quote>>
  /** All that was said is too old to count: the clock jumped. */
  readonly forget: Effect.Effect<void>
  /** What was said of these counts no more: their ticks are others now. */
  forgetOf(isMeant: (instrumentId: InstrumentId) => boolean): Effect.Effect<void>
  /** Live changes only; a slow reader misses the older ones. */
  readonly changes: Stream.Stream<Quote>
}>()("src/ports/QuoteBook") {}
