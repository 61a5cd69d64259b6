/** What the position runner does, in sentences. */
import type { RunnerConfig } from "#schemas/config/RunnerConfig.ts"
import type { ProtectionPlan } from "#schemas/events/AccountEvent.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { priceText, quantityText } from "./Orders.ts"
import * as Text from "./Text.ts"

type Stepped = Extract<JournalEvent, { readonly _tag: "RunnerStepped" }>

const plus = (offsetTicks: number): string => (offsetTicks === 0 ? "" : ` plus ${Text.ticks(offsetTicks)}`)

const breakEven = (of: NonNullable<RunnerConfig["breakEven"]>): string =>
  `stop to break-even${plus(of.offsetTicks)} ${"atFirstTarget" in of ? "at the first target" : `once ${Text.ticks(of.afterTicks)} ahead`}`

const trail = (of: NonNullable<RunnerConfig["trail"]>): string => "bars" in of
  ? `stop trails the extremes of ${of.bars} bars of ${of.timeframe}`
  : `stop trails ${Text.ticks(of.ticks)} behind in steps of ${of.stepTicks}`

/** As planned with the entry. */
export const planned = ({ runner }: ProtectionPlan, instrument: Instrument): string => {
  if (runner === undefined) return ""
  const { breakEven: even, firstTarget, timeStop, trail: trails } = runner.settings
  const parts = [
    ...firstTarget === undefined ? [] : [`the target takes ${Text.decimal(firstTarget.portion)} of it${runner.lastTarget === undefined ? "" : `, then it is ${priceText(instrument, runner.lastTarget)}`}`],
    ...even === undefined ? [] : [breakEven(even)],
    ...trails === undefined ? [] : [trail(trails)],
    ...timeStop === undefined ? [] : [`out after ${timeStop.minutes} min`]
  ]
  return parts.length === 0 ? "" : `; runner: ${parts.join(", ")}`
}

export const of = ({ instrumentId, lots, mark, step, stop }: Stepped, instrument: Instrument | undefined): string => {
  const best = mark === undefined ? "" : `, best price seen ${priceText(instrument, mark)}`
  const to = stop === undefined ? "" : `: the stop belongs at ${priceText(instrument, stop)}`
  switch (step) {
    case "started":
      return `The runner takes over on ${instrumentId}.`
    case "firstTarget":
      return `Runner: the first target on ${instrumentId} is reached${lots === undefined || lots === 0 ? ", too few lots to close a part" : ` for ${quantityText(instrument, lots)}`}${best}.`
    case "breakEven":
      return `Runner: break-even on ${instrumentId}${to}${best}.`
    case "trailed":
      return `Runner: trails on ${instrumentId}${to}${best}.`
    case "blind":
      return `Runner: no fresh quote of ${instrumentId}: the stop rests where it is.`
    case "sees":
      return `Runner: ${instrumentId} has fresh quotes again.`
    case "letGo":
      return `Runner: a person moved the protection of ${instrumentId}: it stays as that person has it.`
  }
}
