/** What can be traded and in which steps. Owns: ticks, lots, the value of a tick. Not here: which month is in front (`src/symbols`). */
import { Schema } from "effect"
import { PositiveDecimal } from "./Decimal.ts"
import { InstrumentId } from "./Ids.ts"
import { Currency } from "./Money.ts"

/** Whole ticks of the instrument version beside it. A spread may be zero or below. */
export const Ticks = Schema.Int.pipe(Schema.brand("Ticks"))
export type Ticks = typeof Ticks.Type

/** Whole lots of the instrument version beside it, always > 0: direction lives in `side`, never in the sign. */
export const Lots = Schema.Int.check(Schema.isGreaterThan(0)).pipe(Schema.brand("Lots"))
export type Lots = typeof Lots.Type

/** Signed lots of a position: long > 0, short < 0, flat 0. */
export const NetLots = Schema.Int.pipe(Schema.brand("NetLots"))
export type NetLots = typeof NetLots.Type

export const Asset = Schema.Literals(["futures", "crypto"])
export type Asset = typeof Asset.Type

export const Instrument = Schema.Struct({
  id: InstrumentId,
  /** Rises when a venue changes tick or lot: orders and fills name the version they were made with. */
  version: Schema.Int,
  /** What its months share: `MES`; of a perpetual its own id. Caps and allow-lists name roots. */
  root: Schema.NonEmptyString,
  asset: Asset,
  exchange: Schema.NonEmptyString,
  /** Smallest price step, in the price's own unit. */
  tickSize: PositiveDecimal,
  /** Money won by one lot when the price rises one tick. */
  tickValue: PositiveDecimal,
  currency: Currency,
  /** Quantity of one lot in the unit people write: 1 contract, 0.0001 XBT. */
  lotSize: PositiveDecimal,
  /** Trading hours by name (`calendars.json`). */
  calendar: Schema.NonEmptyString,
  /** Absent: a perpetual. */
  expiresAtMs: Schema.optionalKey(Schema.Finite)
})
export type Instrument = typeof Instrument.Type
