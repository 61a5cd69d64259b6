/** The market a paper venue trades in: a seam, so that it can be scripted. */
import { Context, type Effect, type Option } from "effect"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Quote } from "#schemas/Quote.ts"

/** In whole ticks. */
export type Price = Pick<Quote, "bid" | "ask" | "last">

export class Market extends Context.Service<Market, {
  /** Same seed, instrument and instant: same price, whoever asks and when. None: this instrument has no market. */
  quote(seed: number, instrument: Instrument, atMs: number): Effect.Effect<Option.Option<Price>>
}>()("src/ports/Market") {}
