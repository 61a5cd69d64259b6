/** Exact decimals, written as strings at every edge. No binary floating point ever holds money, a price or a quantity. */
import { BigDecimal, Schema } from "effect"

/** Digits before and after the point that anything traded could need; more would only cost time to compute with. */
const digitsMax = 40
const isModest = Schema.makeFilter(
  ({ scale, value }: BigDecimal.BigDecimal) => Math.abs(scale) <= digitsMax && value < 10n ** 40n && value > -(10n ** 40n),
  { expected: `a decimal of at most ${digitsMax} digits before and after the point` },
  true
)

export const Decimal = Schema.BigDecimalFromString.check(isModest)
export type Decimal = typeof Decimal.Type

export const PositiveDecimal = Decimal.check(Schema.isGreaterThanBigDecimal(BigDecimal.make(0n, 0)))
export const NonNegativeDecimal = Decimal.check(Schema.isGreaterThanOrEqualToBigDecimal(BigDecimal.make(0n, 0)))
