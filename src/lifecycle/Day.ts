/** The account's day in figures: what is realised, what is open at its mark, what it cost. */
import { BigDecimal } from "effect"
import * as Units from "#src/orders/Units.ts"
import * as DailyLoss from "#src/risk/DailyLoss.ts"
import type * as Book from "./Book.ts"
import * as Exposure from "./Exposure.ts"
import type { Facts } from "./Facts.ts"

export interface Figures {
  /** Before fees. */
  readonly realized: BigDecimal.BigDecimal
  readonly open: BigDecimal.BigDecimal
  readonly fees: BigDecimal.BigDecimal
  readonly entries: number
}

/** Where an open position is marked: what it could be sold for; without a quote at its stop, the worst it is meant to become. */
const markOf = (bracket: Book.Bracket, facts: Facts): number | undefined => {
  const quote = facts.quote(bracket.instrument.id)
  if (quote !== undefined) return bracket.isLong ? quote.bid : quote.ask
  return bracket.plan.stop
}

/** Everything an open bracket has won or lost so far, its closed part included. */
export const openPnl = (book: Book.Book, bracket: Book.Bracket, facts: Facts): BigDecimal.BigDecimal => {
  const { held } = Exposure.of(book, bracket)
  const { instrument, isLong } = bracket
  const mark = markOf(bracket, facts)
  if (mark === undefined) return BigDecimal.make(0n, 0)
  const worth = BigDecimal.multiply(Units.priceOf(instrument, mark), BigDecimal.fromBigInt(BigInt(isLong ? held : -held)))
  const points = BigDecimal.sum(Exposure.flowOf(book, bracket), worth)
  return BigDecimal.normalize(BigDecimal.divideUnsafe(BigDecimal.multiply(points, instrument.tickValue), instrument.tickSize))
}

export const figures = (book: Book.Book, facts: Facts): Figures => {
  const fromMs = DailyLoss.dayStartMs(facts.account.dayStartsAt, facts.nowMs)
  const trades = book.trades.filter(({ closedAtMs }) => closedAtMs >= fromMs)
  const brackets = [...book.brackets.values()]
  const sum = BigDecimal.sumAll
  return {
    realized: sum(trades.map(({ fees, realizedPnl }) => BigDecimal.sum(realizedPnl, fees))),
    open: sum(brackets.map((bracket) => openPnl(book, bracket, facts))),
    fees: sum([...trades.map(({ fees }) => fees), ...brackets.map((bracket) => Exposure.feesOf(book, bracket))]),
    entries: book.entriesAtMs.filter((atMs) => atMs >= fromMs).length
  }
}
