/** One-minute prices of everything the scenario trades: a walk in whole ticks from a seed, with the scenario's own steps. The same for every venue. */
import { BigDecimal } from "effect"
import type { InstrumentConfig } from "#schemas/config/InstrumentConfig.ts"
import { Ticks } from "#schemas/Instrument.ts"
import type { Price } from "#src/ports/Market.ts"
import * as Chance from "#src/simulation/Chance.ts"
import { offsetMs, type Scenario } from "#src/simulation/Scenario.ts"

const dayMs = 86_400_000
const percent = 100
/** Beyond so many day ranges from where it began, a price only comes back. */
const straysMax = 3

const ticksOf = (price: BigDecimal.BigDecimal, { tickSize }: InstrumentConfig): number =>
  Math.max(1, Math.round(BigDecimal.toNumberUnsafe(BigDecimal.divideUnsafe(price, tickSize))))

/** Prices by step, made as far as somebody has asked; scripted steps count from the scenario's start. */
const walk = (chance: Chance.Chance, startTicks: number, moveMax: number, straysTicksMax: number, scripted: ReadonlyMap<number, number>) => {
  const made: Array<number> = [scripted.get(0) ?? startTicks]
  return (step: number): number => {
    while (made.length <= step) {
      const before = made.at(-1) ?? startTicks
      const drawn = chance.below(2 * moveMax + 1) - moveMax
      const away = before - startTicks
      const moved = Math.abs(away) > straysTicksMax ? before - Math.sign(away) * Math.abs(drawn) : before + drawn
      made.push(scripted.get(made.length) ?? Math.max(1, moved))
    }
    return made[Math.max(0, step)] ?? startTicks
  }
}

export interface Prices {
  readonly stepMs: number
  /** Of the instrument's root, in whole ticks; one tick wide. */
  readonly at: (root: string, atMs: number) => Price | undefined
}

export const make = (seed: number, { market, start }: Scenario, startMs: number, instruments: ReadonlyArray<InstrumentConfig>): Prices => {
  const stepMs = (market?.stepSeconds ?? 60) * 1_000
  const stepsADay = dayMs / stepMs
  const walks = new Map(instruments.map((instrument) => {
    const { root, simulation } = instrument
    const told = market?.symbols?.[root]
    const startTicks = ticksOf(told?.price ?? simulation.price, instrument)
    const range = startTicks * (told?.dayRangePercent ?? BigDecimal.toNumberUnsafe(simulation.dayRangePercent)) / percent
    const scripted = new Map((told?.steps ?? []).map(({ at, price }) => [Math.ceil(offsetMs(at) / stepMs), ticksOf(price, instrument)]))
    // A walk of n steps with moves up to m goes about m times the root of n third parts far.
    const moveMax = Math.round(range / Math.sqrt(stepsADay / 3))
    return [root, walk(Chance.make(seed, "prices", start, root), startTicks, moveMax, range * straysMax, scripted)] as const
  }))
  return {
    stepMs,
    at: (root, atMs) => {
      const ticks = walks.get(root)?.(Math.floor((atMs - startMs) / stepMs))
      return ticks === undefined ? undefined : { bid: Ticks.make(ticks), ask: Ticks.make(ticks + 1), last: Ticks.make(ticks) }
    }
  }
}
