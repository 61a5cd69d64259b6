/** What a change by hand may not do: lose more at the stop than the account's day has left. */
import { BigDecimal, Option } from "effect"
import type { Ticks } from "#schemas/Instrument.ts"
import type { Reason } from "#schemas/Verdict.ts"
import type { Book, Bracket } from "#src/lifecycle/Book.ts"
import * as Day from "#src/lifecycle/Day.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import * as DailyLoss from "#src/risk/DailyLoss.ts"

export interface StopOut {
  readonly fromTicks: Ticks
  readonly stopTicks: Ticks
  readonly lots: number
}

/** Positions count at their marks: `fromTicks` of one is its mark, of an entry its own price. */
export const denied = (book: Book, { instrument }: Bracket, { fromTicks, lots, stopTicks }: StopOut, facts: Facts): Reason | undefined => {
  const { balance, caps, dayStartsAt, feePerLot } = facts.account
  return Option.getOrUndefined(DailyLoss.check({
    ...Day.figures(book, facts),
    currency: balance.currency,
    ...(caps.dailyLoss === undefined ? {} : { limit: caps.dailyLoss }),
    stopOutLoss: DailyLoss.stopOutLoss(instrument, fromTicks, stopTicks, lots, feePerLot[instrument.asset] ?? BigDecimal.make(0n, 0)),
    clearsAtMs: DailyLoss.nextDayStartMs(dayStartsAt, facts.nowMs)
  }))
}
