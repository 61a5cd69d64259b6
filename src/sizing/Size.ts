/** How much one account trades of one alert: its own sizing, then every cap that applies, each step in words. Never rounds up. */
import { BigDecimal, Result } from "effect"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import type { SizingStep } from "#schemas/events/AccountEvent.ts"
import { type Instrument, Lots, type Ticks } from "#schemas/Instrument.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Units from "#src/orders/Units.ts"

export interface SizeInput {
  readonly instrument: Instrument
  readonly account: Pick<AccountConfig, "sizing" | "balance">
  readonly strategy: Pick<StrategyConfig, "maxQuantity">
  /** The alert's, in the instrument's unit. */
  readonly quantity?: BigDecimal.BigDecimal
  readonly entryTicks: Ticks
  readonly stopTicks?: Ticks
  /** Lots that caps still leave (`risk/Caps`); absent: no such cap. */
  readonly room: { readonly byAsset?: number; readonly bySymbol?: number }
}

export interface Sized {
  readonly lots: Lots
  readonly steps: ReadonlyArray<SizingStep>
}

const text = BigDecimal.format
const inLots = (instrument: Instrument, quantity: BigDecimal.BigDecimal): string =>
  `${text(quantity)} ${instrument.root} at ${text(instrument.lotSize)} a lot`

const risked = (input: SizeInput, amount: BigDecimal.BigDecimal): Result.Result<SizingStep, Reason> => {
  const { account, entryTicks, instrument, stopTicks } = input
  if (account.balance.currency !== instrument.currency) {
    return Result.fail({
      rule: "CurrencyMismatch",
      message: `${instrument.id} pays in ${instrument.currency}, the account counts in ${account.balance.currency}: risk sizing needs one currency; use fixed sizing`,
      facts: { instrumentCurrency: instrument.currency, accountCurrency: account.balance.currency }
    })
  }
  if (stopTicks === undefined || stopTicks === entryTicks) {
    return Result.fail({
      rule: "RiskSizingNeedsStop",
      message: `Risk sizing divides ${text(amount)} by the loss at the stop, and there is no stop: send one, set the strategy's default, or size fixed`,
      facts: { amount: text(amount) }
    })
  }
  const distance = Math.abs(entryTicks - stopTicks)
  const lossPerLot = Units.moneyOfTicks(instrument, distance, 1)
  const lots = Units.lotsOf({ ...instrument, lotSize: lossPerLot }, amount)
  return Result.succeed({
    rule: "risk",
    lots,
    detail: `${text(amount)} ${instrument.currency} / (${distance} ticks x ${text(instrument.tickValue)}) = ${Units.lotsText(lots)}`
  })
}

const base = (input: SizeInput): Result.Result<ReadonlyArray<SizingStep>, Reason> => {
  const { instrument, quantity } = input
  const sizing = input.account.sizing[instrument.asset]
  if (sizing === undefined) {
    return Result.fail({
      rule: "NoSizing",
      message: `The account has no sizing for ${instrument.asset}: add sizing.${instrument.asset} to it`,
      facts: { asset: instrument.asset }
    })
  }
  const asked = quantity === undefined ? [] : [{
    rule: "alert",
    lots: Units.lotsOf(instrument, quantity),
    detail: `the alert asks for ${inLots(instrument, quantity)}`
  }]
  if (sizing.kind === "risk") return Result.map(risked(input, sizing.amount), (step) => [step, ...asked])
  return Result.succeed(asked.length > 0 ? asked : [{
    rule: "fixed",
    lots: Units.lotsOf(instrument, sizing.quantity),
    detail: `the account trades ${inLots(instrument, sizing.quantity)}`
  }])
}

const limits = ({ instrument, room, strategy }: SizeInput): ReadonlyArray<SizingStep> => [
  ...(strategy.maxQuantity === undefined ? [] : [{
    rule: "strategyMaxQuantity",
    lots: Units.lotsOf(instrument, strategy.maxQuantity),
    detail: `the strategy allows ${inLots(instrument, strategy.maxQuantity)}`
  }]),
  ...(room.byAsset === undefined ? [] : [{
    rule: "maxContracts",
    lots: room.byAsset,
    detail: `the account's cap for ${instrument.asset} leaves ${Units.lotsText(room.byAsset)}`
  }]),
  ...(room.bySymbol === undefined ? [] : [{
    rule: "maxContractsBySymbol",
    lots: room.bySymbol,
    detail: `the account's cap for ${instrument.root} leaves ${Units.lotsText(room.bySymbol)}`
  }])
]

const capReached = (rule: string, { instrument, room }: SizeInput, wanted: number): Reason => ({
  rule: rule === "maxContracts" ? "MaxContracts" : "MaxContractsBySymbol",
  message: `No room for ${instrument.id}: positions and working entries already fill the account's ${rule}`,
  facts: {
    wanted: text(Units.quantityOf(instrument, wanted)),
    roomLots: String((rule === "maxContracts" ? room.byAsset : room.bySymbol) ?? 0),
    instrument: instrument.id
  }
})

const nothingLeft = ({ detail, rule }: SizingStep, { id, lotSize, root }: Instrument): Reason => ({
  rule: "SizeBelowMinimum",
  message: `Size after ${rule} is less than one lot of ${text(lotSize)} ${root}: ${detail}`,
  facts: { lotSize: text(lotSize), instrument: id }
})

/** Each step's `lots` is what was left after it. */
export const size = (input: SizeInput): Result.Result<Sized, Reason> =>
  Result.flatMap(base(input), (first) => {
    const { instrument } = input
    const steps: Array<SizingStep> = []
    let lots = Number.MAX_SAFE_INTEGER
    for (const step of [...first, ...limits(input)]) {
      const left = Math.max(0, Math.min(lots, step.lots))
      const isCap = step.rule === "maxContracts" || step.rule === "maxContractsBySymbol"
      if (left === 0) {
        return Result.fail(isCap ? capReached(step.rule, input, lots) : nothingLeft(step, instrument))
      }
      steps.push({ rule: step.rule, lots: left, detail: left < lots || steps.length === 0 ? step.detail : `${step.detail}: ${Units.lotsText(left)} ${left === 1 ? "stays" : "stay"}` })
      lots = left
    }
    return Result.succeed({ lots: Lots.make(lots), steps })
  })
