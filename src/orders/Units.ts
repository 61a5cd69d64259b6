/** Between the units people write (prices, quantities, money) and whole ticks and lots. Exact: no binary floats. */
import { BigDecimal } from "effect"
import { type Instrument, Ticks } from "#schemas/Instrument.ts"
import type { Side } from "#schemas/Order.ts"

/** `down` is toward minus infinity, also below zero; `nearest` takes a half up. */
export type Rounding = "down" | "up" | "nearest"

const whole = (n: number): BigDecimal.BigDecimal => BigDecimal.fromBigInt(BigInt(n))

const floorDiv = (a: bigint, b: bigint): bigint => {
  const quotient = a / b
  return a % b !== 0n && (a < 0n) !== (b < 0n) ? quotient - 1n : quotient
}

/** How often `step` (> 0) fits into a value, rounded. */
const stepsIn = (value: BigDecimal.BigDecimal, step: BigDecimal.BigDecimal, rounding: Rounding): bigint => {
  const scale = Math.max(value.scale, step.scale)
  const a = BigDecimal.scale(value, scale).value
  const b = BigDecimal.scale(step, scale).value
  switch (rounding) {
    case "down":
      return floorDiv(a, b)
    case "up":
      return -floorDiv(-a, b)
    case "nearest":
      return floorDiv(2n * a + b, 2n * b)
  }
}

export const priceOf = (instrument: Instrument, ticks: number): BigDecimal.BigDecimal =>
  BigDecimal.normalize(BigDecimal.multiply(instrument.tickSize, whole(ticks)))

/** Ask `isRepresentable` first of a price that a stranger wrote: one beyond all counting is a defect here. */
export const ticksOf = (instrument: Instrument, price: BigDecimal.BigDecimal, rounding: Rounding): Ticks =>
  Ticks.make(Number(stepsIn(price, instrument.tickSize, rounding)))

/** Ticks and money of it stay far from the end of the integers. */
const magnitudeMax = BigDecimal.fromBigInt(1_000_000_000_000n)
/** A written price with more decimals is no price, and costs time to compute with. */
const decimalsMax = 100

export const isRepresentable = (instrument: Instrument, price: BigDecimal.BigDecimal): boolean =>
  BigDecimal.normalize(price).scale <= decimalsMax &&
  BigDecimal.isLessThanOrEqualTo(BigDecimal.abs(price), BigDecimal.multiply(instrument.tickSize, magnitudeMax))

export const quantityOf = (instrument: Instrument, lots: number): BigDecimal.BigDecimal =>
  BigDecimal.normalize(BigDecimal.multiply(instrument.lotSize, whole(lots)))

const lotsMax = 1_000_000_000n

/** Of an unsigned quantity, toward zero and at most a thousand million lots; 0 when it is less than one lot. */
export const lotsOf = (instrument: Instrument, quantity: BigDecimal.BigDecimal): number => {
  if (BigDecimal.isGreaterThanOrEqualTo(quantity, quantityOf(instrument, Number(lotsMax)))) return Number(lotsMax)
  if (BigDecimal.isLessThan(quantity, instrument.lotSize)) return 0
  return Number(stepsIn(quantity, instrument.lotSize, "down"))
}

/** `1 lot`, `2 lots` */
export const lotsText = (lots: number): string => `${lots} ${Math.abs(lots) === 1 ? "lot" : "lots"}`

/** Signed as the ticks are, in the instrument's currency. */
export const moneyOfTicks = (instrument: Instrument, ticks: number, lots: number): BigDecimal.BigDecimal =>
  BigDecimal.normalize(BigDecimal.multiply(instrument.tickValue, BigDecimal.fromBigInt(BigInt(ticks) * BigInt(lots))))

/** Won (> 0) or lost between two prices by a position that `side` opened, before fees, in the instrument's currency. */
export const pnl = (
  instrument: Instrument,
  side: Side,
  entryPrice: BigDecimal.BigDecimal,
  exitPrice: BigDecimal.BigDecimal,
  lots: number
): BigDecimal.BigDecimal => {
  const gain = side === "buy" ? BigDecimal.subtract(exitPrice, entryPrice) : BigDecimal.subtract(entryPrice, exitPrice)
  const value = BigDecimal.multiply(BigDecimal.multiply(gain, whole(lots)), instrument.tickValue)
  return BigDecimal.normalize(BigDecimal.divideUnsafe(value, instrument.tickSize))
}
