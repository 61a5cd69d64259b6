/** How an open position of a strategy is run on: a part out at a first target, the stop to break-even, a trail, an end in time. */
import { BigDecimal, Schema } from "effect"
import { PositiveDecimal } from "../Decimal.ts"

/** Whole ticks, more than none. */
const Distance = Schema.Int.check(Schema.isGreaterThan(0))

/** From the average entry, in the direction of profit. */
const OffsetTicks = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** Of a position's lots: more than none, less than all. */
const Portion = PositiveDecimal.check(Schema.isLessThanBigDecimal(BigDecimal.make(1n, 0)))

export const Timeframe = Schema.Literals(["1m", "2m", "3m", "5m", "10m", "15m", "30m", "60m"])
export type Timeframe = typeof Timeframe.Type

/** More bars than this are not kept. */
const barsMax = 200

export const RunnerConfig = Schema.Struct({
  /** So many ticks from the entry this portion is closed, rounded down to whole lots; the rest keeps its stop. */
  firstTarget: Schema.optionalKey(Schema.Struct({ ticks: Distance, portion: Portion })),
  /** Once the market was so many ticks ahead, or the first target is reached, the stop goes to the entry and `offsetTicks` beyond. */
  breakEven: Schema.optionalKey(Schema.Union([
    Schema.Struct({ afterTicks: Distance, offsetTicks: OffsetTicks }),
    Schema.Struct({ atFirstTarget: Schema.Literal(true), offsetTicks: OffsetTicks })
  ])),
  /** The stop follows: by ticks behind the best price, in steps of at least `stepTicks`; or one tick beyond the extremes of the last closed bars. */
  trail: Schema.optionalKey(Schema.Union([
    Schema.Struct({ ticks: Distance, stepTicks: Distance }),
    Schema.Struct({ bars: Distance.check(Schema.isLessThanOrEqualTo(barsMax)), timeframe: Timeframe })
  ])),
  /** What is open so long after its first fill is closed. */
  timeStop: Schema.optionalKey(Schema.Struct({ minutes: Distance }))
})
export type RunnerConfig = typeof RunnerConfig.Type
