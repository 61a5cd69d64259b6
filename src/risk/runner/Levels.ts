/** Prices and lots that the runner counts with, the same way round for long and short. Pure. */
import { BigDecimal } from "effect"
import type { RunnerConfig } from "#schemas/config/RunnerConfig.ts"
import type { ProtectionPlan } from "#schemas/events/AccountEvent.ts"
import { type Instrument, Ticks } from "#schemas/Instrument.ts"
import * as Units from "#src/orders/Units.ts"

/** Ticks by which `to` is better for the position than `from`; below zero: worse. */
export const gain = (isLong: boolean, from: number, to: number): number => (isLong ? to - from : from - to)

/** So many ticks from a price toward profit. */
export const ahead = (isLong: boolean, from: number, ticks: number): Ticks => Ticks.make(isLong ? from + ticks : from - ticks)

export const better = <A extends number | undefined>(isLong: boolean, one: A, other: A): A =>
  one === undefined ? other : other === undefined ? one : gain(isLong, one, other) > 0 ? other : one

/** The average entry, rounded to where a stop on it loses rather than wins: nobody is told of a break-even that costs less than it does. */
export const even = (instrument: Instrument, isLong: boolean, average: BigDecimal.BigDecimal): Ticks =>
  Units.ticksOf(instrument, average, isLong ? "down" : "up")

/** A portion of so many lots in whole ones, rounded down: of one lot none. */
export const firstLots = ({ firstTarget }: RunnerConfig, opened: number): number => {
  if (firstTarget === undefined) return 0
  const part = BigDecimal.multiply(firstTarget.portion, BigDecimal.fromBigInt(BigInt(opened)))
  return BigDecimal.toNumberUnsafe(BigDecimal.round(part, { scale: 0, mode: "floor" }))
}

/** A first target at or beyond the position's own target is none. */
const firstOf = (settings: RunnerConfig, isLong: boolean, entry: Ticks, target: Ticks | undefined): Ticks | undefined => {
  if (settings.firstTarget === undefined) return undefined
  const first = ahead(isLong, entry, settings.firstTarget.ticks)
  return first > 0 && (target === undefined || gain(isLong, first, target) > 0) ? first : undefined
}

/** The plan of an entry with its runner; `before`: of the position that it adds to. Protection kept elsewhere has none. */
export const planned = (
  plan: ProtectionPlan,
  settings: RunnerConfig | undefined,
  isLong: boolean,
  entry: Ticks,
  before: ProtectionPlan | undefined
): ProtectionPlan => {
  if (settings === undefined || plan.stop === undefined) return plan
  const first = firstOf(settings, isLong, entry, plan.target)
  const { firstTarget: _, ...rest } = settings
  if (first === undefined) return { ...plan, runner: { settings: rest } }
  const last = plan.target ?? before?.runner?.lastTarget
  return { ...plan, target: first, runner: { settings, ...(last === undefined ? {} : { lastTarget: last }) } }
}
