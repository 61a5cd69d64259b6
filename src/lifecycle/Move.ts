/** New places for an open position's stop and target. A stop moves only toward the market: more risk takes a new decision. */
import { BigDecimal, Result } from "effect"
import { Ticks } from "#schemas/Instrument.ts"
import type { Level } from "#schemas/Signal.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Conform from "#src/orders/Conform.ts"
import * as Units from "#src/orders/Units.ts"
import type * as Book from "./Book.ts"

/** Absolute prices may pass the entry (break-even and beyond); distances are counted from the entry. */
const ticksOf = (bracket: Book.Bracket, leg: "stop" | "target", level: Level, entryTicks: Ticks): Result.Result<Ticks, Reason> => {
  const { instrument, isLong } = bracket
  if (level._tag !== "Price") return Conform.levelTicks(instrument, { level, leg, side: isLong ? "buy" : "sell", entryTicks })
  const isAbove = isLong === (leg === "target")
  const ticks = Units.isRepresentable(instrument, level.price) ? Units.ticksOf(instrument, level.price, isAbove ? "down" : "up") : 0
  return ticks > 0 ? Result.succeed(Ticks.make(ticks)) : Result.fail({
    rule: "PriceOutOfRange",
    message: `${BigDecimal.format(level.price)} is not a price ${instrument.id} can have`,
    facts: { price: BigDecimal.format(level.price) }
  })
}

const widened = (bracket: Book.Bracket, before: Ticks, asked: Ticks): Reason => ({
  rule: "StopWidened",
  message: "an update moves a stop only toward the market",
  facts: {
    stop: BigDecimal.format(Units.priceOf(bracket.instrument, before)),
    asked: BigDecimal.format(Units.priceOf(bracket.instrument, asked))
  }
})

export const stop = (bracket: Book.Bracket, level: Level, entryTicks: Ticks): Result.Result<Ticks, Reason> =>
  Result.flatMap(ticksOf(bracket, "stop", level, entryTicks), (ticks) => {
    const before = bracket.plan.stop
    const isWider = before !== undefined && (bracket.isLong ? ticks < before : ticks > before)
    return isWider ? Result.fail(widened(bracket, before, ticks)) : Result.succeed(ticks)
  })

/** By a person: to either side of where it is. */
export const stopAnywhere = (bracket: Book.Bracket, level: Level, entryTicks: Ticks): Result.Result<Ticks, Reason> =>
  ticksOf(bracket, "stop", level, entryTicks)

export const target = (bracket: Book.Bracket, level: Level, entryTicks: Ticks): Result.Result<Ticks, Reason> =>
  ticksOf(bracket, "target", level, entryTicks)
