/** Between decimals as venues write them and whole steps of ours: exact, or not at all. Nothing is rounded here. */
import { BigDecimal } from "effect"

/** How often `step` (> 0) fits into a value without a rest. Undefined: it does not, or is beyond all counting. */
export const whole = (value: BigDecimal.BigDecimal, step: BigDecimal.BigDecimal): number | undefined => {
  const scale = Math.max(value.scale, step.scale)
  const [a, b] = [BigDecimal.scale(value, scale).value, BigDecimal.scale(step, scale).value]
  if (b <= 0n || a % b !== 0n) return undefined
  const count = Number(a / b)
  return Number.isSafeInteger(count) ? count : undefined
}

/** Plain digits, whatever the scale: no venue is asked to read an exponent. */
export const text = (step: BigDecimal.BigDecimal, count: number): string => {
  const { scale, value } = BigDecimal.normalize(BigDecimal.multiply(step, BigDecimal.fromBigInt(BigInt(count))))
  const digits = String(value < 0n ? -value : value)
  const sign = value < 0n ? "-" : ""
  if (scale <= 0) return `${sign}${digits}${"0".repeat(-scale)}`
  const padded = digits.padStart(scale + 1, "0")
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}
