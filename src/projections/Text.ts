/** How numbers are written for people and machines: plain decimals, never an exponent. */
import { BigDecimal } from "effect"

/** Digits behind the point that an average may show; sums of prices need fewer. */
const averageScaleMax = 10

/** Plain digits, however large or small. */
export const decimal = (value: BigDecimal.BigDecimal): string => {
  const { scale, value: digits } = BigDecimal.normalize(value)
  if (scale <= 0) return `${digits * 10n ** BigInt(-scale)}`
  const sign = digits < 0n ? "-" : ""
  const whole = `${digits < 0n ? -digits : digits}`.padStart(scale + 1, "0")
  return `${sign}${whole.slice(0, -scale)}.${whole.slice(-scale)}`
}

/** `1 tick`, `2.5 ticks` */
export const ticks = (count: number | string): string => `${count} ${`${count}` === "1" ? "tick" : "ticks"}`

/** A quotient as shown: exact where it ends within the digits, else rounded. */
export const average = (value: BigDecimal.BigDecimal): string =>
  decimal(BigDecimal.round(value, { scale: averageScaleMax, mode: "half-from-zero" }))
