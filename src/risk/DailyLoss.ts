/** An account's day and how much it may still lose in it. */
import { BigDecimal, Option } from "effect"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Units from "#src/orders/Units.ts"
import * as LocalTime from "#src/symbols/LocalTime.ts"

type DayStart = AccountConfig["dayStartsAt"]

const startedDay = (config: DayStart, nowMs: number): LocalTime.Day => {
  const today = LocalTime.dayAt(nowMs, config.zone)
  return LocalTime.instantOf(today, LocalTime.minuteOf(config.time), config.zone) <= nowMs ? today : today - 1
}

/** When the day in progress began. */
export const dayStartMs = (config: DayStart, nowMs: number): number =>
  LocalTime.instantOf(startedDay(config, nowMs), LocalTime.minuteOf(config.time), config.zone)

/** When the next one begins: loss and trade counts start again. */
export const nextDayStartMs = (config: DayStart, nowMs: number): number =>
  LocalTime.instantOf(startedDay(config, nowMs) + 1, LocalTime.minuteOf(config.time), config.zone)

/** What an order loses at its stop, both sides' fees included. Positive. */
export const stopOutLoss = (
  instrument: Instrument,
  entryTicks: number,
  stopTicks: number,
  lots: number,
  feePerLot: BigDecimal.BigDecimal
): BigDecimal.BigDecimal =>
  BigDecimal.sum(
    Units.moneyOfTicks(instrument, Math.abs(entryTicks - stopTicks), lots),
    BigDecimal.multiply(feePerLot, BigDecimal.fromBigInt(2n * BigInt(lots)))
  )

export interface LossInput {
  /** Since the day began, before fees. */
  readonly realized: BigDecimal.BigDecimal
  /** Of open positions, at their marks. */
  readonly open: BigDecimal.BigDecimal
  /** Since the day began; positive = paid. */
  readonly fees: BigDecimal.BigDecimal
  /** Of all these amounts: how the reason names them. */
  readonly currency?: string
  /** Absent: no limit. */
  readonly limit?: BigDecimal.BigDecimal
  /** What this order adds to the loss when its stop is hit (`stopOutLoss`); 0 for an order without one. */
  readonly stopOutLoss: BigDecimal.BigDecimal
  /** `nextDayStartMs` */
  readonly clearsAtMs: number
}

/** No new risk once the limit is reached, nor by an order whose own stop-out would take the day below it. Exactly at it is allowed. */
export const check = (input: LossInput): Option.Option<Reason> => {
  if (input.limit === undefined) return Option.none()
  const floor = BigDecimal.negate(input.limit)
  const current = BigDecimal.subtract(BigDecimal.sum(input.realized, input.open), input.fees)
  const after = BigDecimal.subtract(current, input.stopOutLoss)
  const isReached = BigDecimal.isLessThanOrEqualTo(current, floor)
  if (!isReached && BigDecimal.isGreaterThanOrEqualTo(after, floor)) return Option.none()

  const distance = BigDecimal.format(BigDecimal.subtract(current, floor))
  const money = (amount: BigDecimal.BigDecimal) => BigDecimal.format(amount) + (input.currency === undefined ? "" : ` ${input.currency}`)
  const stands = `day P&L ${money(current)} against a limit of ${money(floor)}`
  return Option.some({
    rule: "DailyLoss",
    message: isReached
      ? `${stands}: the limit is reached`
      : `${stands}: this order's stop-out would lose ${money(input.stopOutLoss)}, leaving ${money(after)}`,
    facts: {
      limit: BigDecimal.format(input.limit),
      current: BigDecimal.format(current),
      realized: BigDecimal.format(input.realized),
      open: BigDecimal.format(input.open),
      fees: BigDecimal.format(input.fees),
      stopOut: BigDecimal.format(input.stopOutLoss),
      after: BigDecimal.format(after),
      distance
    },
    clearsAtMs: input.clearsAtMs
  })
}
