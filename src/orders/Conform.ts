/**
 * Prices and quantities as an alert names them, brought onto the instrument's grid without ever widening risk, or a "no" in words.
 * A stop moves toward the entry, a target toward the entry (where the market is), a quantity toward zero.
 */
import { BigDecimal, Result } from "effect"
import { type Instrument, Ticks } from "#schemas/Instrument.ts"
import type { Side } from "#schemas/Order.ts"
import { Level, type OrderType } from "#schemas/Signal.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Units from "#src/orders/Units.ts"

export interface LevelInput {
  readonly level: Level
  readonly leg: "stop" | "target"
  /** Of the entry. */
  readonly side: Side
  /** What distances are counted from: the limit, or the market for a market order. */
  readonly entryTicks: Ticks
}

const hundred = BigDecimal.fromBigInt(100n)
const priceText = (instrument: Instrument, ticks: number): string => BigDecimal.format(Units.priceOf(instrument, ticks))

const outOfRange = (instrument: Instrument, what: string, text: string): Reason => ({
  rule: "PriceOutOfRange",
  message: `The ${what} ${text} is not a price ${instrument.id} can have: correct it in the alert or the strategy`,
  facts: { instrument: instrument.id, what, price: text, tickSize: BigDecimal.format(instrument.tickSize) }
})

const onWrongSide = (instrument: Instrument, input: LevelInput, ticks: number, isAbove: boolean): Reason => ({
  rule: input.leg === "stop" ? "StopOnWrongSide" : "TargetOnWrongSide",
  message: `A ${input.side} entry at ${priceText(instrument, input.entryTicks)} needs its ${input.leg} at least one tick ${
    isAbove ? "above" : "below"
  } it, not at ${priceText(instrument, ticks)}`,
  facts: {
    side: input.side,
    entry: priceText(instrument, input.entryTicks),
    [input.leg]: priceText(instrument, ticks),
    tickSize: BigDecimal.format(instrument.tickSize)
  }
})

const percentDistance = (instrument: Instrument, entryTicks: Ticks, percent: BigDecimal.BigDecimal): BigDecimal.BigDecimal =>
  BigDecimal.divideUnsafe(BigDecimal.multiply(BigDecimal.abs(Units.priceOf(instrument, entryTicks)), percent), hundred)

/** A stop or target as absolute ticks. */
export const levelTicks = (instrument: Instrument, input: LevelInput): Result.Result<Ticks, Reason> => {
  const { entryTicks, leg, side } = input
  const isAbove = (side === "buy") === (leg === "target")
  const away = isAbove ? 1 : -1
  const towardEntry: Units.Rounding = isAbove ? "down" : "up"

  const ticks = Level.match(input.level, {
    Price: ({ price }) => Units.isRepresentable(instrument, price) ? Units.ticksOf(instrument, price, towardEntry) : undefined,
    Distance: (level) => entryTicks + away * level.ticks,
    Percent: ({ percent }) => {
      const distance = percentDistance(instrument, entryTicks, percent)
      return Units.isRepresentable(instrument, distance) ? entryTicks + away * Units.ticksOf(instrument, distance, "down") : undefined
    }
  })
  if (ticks === undefined || ticks <= 0 || !Number.isSafeInteger(ticks)) {
    return Result.fail(outOfRange(instrument, leg, ticks === undefined ? "of this alert" : priceText(instrument, ticks)))
  }
  return (ticks - entryTicks) * away >= 1 ? Result.succeed(Ticks.make(ticks)) : Result.fail(onWrongSide(instrument, input, ticks, isAbove))
}

export interface EntryPrices {
  readonly limit?: Ticks
  readonly stop?: Ticks
}

const priceTicks = (
  instrument: Instrument,
  what: "limitPrice" | "stopPrice",
  price: BigDecimal.BigDecimal | undefined,
  rounding: Units.Rounding
): Result.Result<Ticks, Reason> => {
  if (price === undefined) {
    return Result.fail({ rule: "PriceMissing", message: `This order type needs a ${what} in the alert`, facts: { missing: what } })
  }
  if (!Units.isRepresentable(instrument, price)) return Result.fail(outOfRange(instrument, what, BigDecimal.toExponential(price)))
  const ticks = Units.ticksOf(instrument, price, rounding)
  return ticks <= 0 ? Result.fail(outOfRange(instrument, what, BigDecimal.format(price))) : Result.succeed(ticks)
}

/**
 * An entry's own prices. A limit never pays more (sells for less) than asked. A stop never triggers before the asked price: on a grid of
 * ticks the next one beyond it is the first that can.
 */
export const entryPrices = (instrument: Instrument, asked: {
  readonly side: Side
  readonly orderType: OrderType
  readonly limitPrice?: BigDecimal.BigDecimal
  readonly stopPrice?: BigDecimal.BigDecimal
}): Result.Result<EntryPrices, Reason> => {
  const limit = () => priceTicks(instrument, "limitPrice", asked.limitPrice, asked.side === "buy" ? "down" : "up")
  const stop = () => priceTicks(instrument, "stopPrice", asked.stopPrice, asked.side === "buy" ? "up" : "down")
  switch (asked.orderType) {
    case "market":
      return Result.succeed({})
    case "limit":
      return Result.map(limit(), (ticks) => ({ limit: ticks }))
    case "stop":
      return Result.map(stop(), (ticks) => ({ stop: ticks }))
    case "stopLimit":
      return Result.flatMap(limit(), (limitTicks) => Result.map(stop(), (stopTicks) => ({ limit: limitTicks, stop: stopTicks })))
  }
}

/** `why`: what the quantity is: `The quantity to close`. */
export const belowMinimum = (instrument: Instrument, quantity: string, why: string): Reason => ({
  rule: "SizeBelowMinimum",
  message: `${why} is ${quantity} ${instrument.root}: less than one lot of ${BigDecimal.format(instrument.lotSize)} ${instrument.root}`,
  facts: { quantity, lotSize: BigDecimal.format(instrument.lotSize), instrument: instrument.id }
})
