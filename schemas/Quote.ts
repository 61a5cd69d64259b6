/** What the market says. Prices are whole ticks of the instrument. */
import { Schema } from "effect"
import { InstrumentId } from "./Ids.ts"
import { Ticks } from "./Instrument.ts"

export const Quote = Schema.Struct({
  instrumentId: InstrumentId,
  bid: Ticks,
  ask: Ticks,
  last: Ticks,
  /** When the source said it, wall clock. */
  atMs: Schema.Finite,
  /** Login or `alert`: where it came from. */
  source: Schema.NonEmptyString,
  isSimulated: Schema.Boolean
})
export type Quote = typeof Quote.Type

/** One bar, open to close; `volume` in lots. */
export const Bar = Schema.Struct({
  instrumentId: InstrumentId,
  openAtMs: Schema.Finite,
  closeAtMs: Schema.Finite,
  open: Ticks,
  high: Ticks,
  low: Ticks,
  close: Ticks,
  volume: Schema.Int
})
export type Bar = typeof Bar.Type
