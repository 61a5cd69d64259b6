/** Makes orders of a bracket, each with its deterministic id. */
import { BigDecimal } from "effect"
import type { AlertId } from "#schemas/Ids.ts"
import { Lots, type Ticks } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Leg, Order } from "#schemas/Order.ts"
import type { Trade } from "#schemas/events/AccountEvent.ts"
import * as ClientId from "#src/orders/ClientId.ts"
import * as Book from "./Book.ts"
import * as Elsewhere from "./Elsewhere.ts"
import * as Exposure from "./Exposure.ts"
import type { Facts } from "./Facts.ts"

const priceDigits = 10
/** Of a trade made of a late fill alone. */
const late = "-late"

/** The opposite of the bracket's direction closes it; of what was closed too much, its own direction. */
export const closingSide = (bracket: Book.Bracket, held: number): Order["side"] => (bracket.isLong === held > 0 ? "sell" : "buy")

/** Of everything this cause ever intended for this leg here: a reversal's alert closes one bracket and owns the next. */
const nextGeneration = (book: Book.Book, cause: AlertId, { instrument }: Book.Bracket, leg: Leg): number => {
  const ids = book.alerts.get(cause)?.orderIds
  const orders = ids === undefined ? book.orders.values() : ids.flatMap((id) => book.orders.get(id) ?? [])
  let last = 0
  for (const { order } of orders) {
    if (order.alertId === cause && order.leg === leg && order.instrumentId === instrument.id) last = Math.max(last, order.generation)
  }
  return last + 1
}

export const child = (
  book: Book.Book,
  bracket: Book.Bracket,
  facts: Facts,
  of: { readonly leg: Exclude<Leg, "entry">; readonly lots: number; readonly held: number; readonly cause?: AlertId; readonly price?: Ticks }
): JournalEvent => {
  const cause = of.cause ?? bracket.alertId
  const generation = nextGeneration(book, cause, bracket, of.leg)
  const order: Order = {
    id: ClientId.make({
      installationId: facts.installationId,
      cause,
      accountId: facts.account.id,
      instrumentId: bracket.instrument.id,
      leg: of.leg,
      generation
    }),
    accountId: facts.account.id,
    alertId: cause,
    instrumentId: bracket.instrument.id,
    instrumentVersion: bracket.instrument.version,
    leg: of.leg,
    generation,
    side: closingSide(bracket, of.held),
    lots: Lots.make(of.lots),
    type: of.leg === "stop" ? "stop" : of.leg === "target" ? "limit" : "market",
    ...(of.leg === "stop" && of.price !== undefined ? { stop: of.price } : {}),
    ...(of.leg === "target" && of.price !== undefined ? { limit: of.price } : {}),
    timeInForce: of.leg === "exit" ? "ioc" : "gtc",
    reduceOnly: facts.powers?.reduceOnly ?? false
  }
  return JournalEvent.cases.OrderIntended.make({ alertId: cause, order })
}

/** Trades that were closed with orders of this bracket before it was joined to them, but the one that is told anew: what they brought stays with them. */
const toldBefore = (book: Book.Book, bracket: Book.Bracket, tradeId: string) => {
  const ids = new Set<string>(bracket.orderIds.slice(0, bracket.joined).flatMap((id) => [id, `${id}${late}`]))
  return book.trades.filter((trade) => trade.tradeId !== tradeId && ids.has(trade.tradeId)).reduce(
    (sum, { fees, realizedPnl }) => ({ fees: BigDecimal.sum(sum.fees, fees), pnl: BigDecimal.sum(sum.pnl, realizedPnl) }),
    { fees: BigDecimal.make(0n, 0), pnl: BigDecimal.make(0n, 0) }
  )
}

/** The trade that a flat bracket was; absent when its entry never filled. */
export const tradeOf = (book: Book.Book, bracket: Book.Bracket, facts: Facts): Trade | undefined => {
  const orders = Book.ordersOf(book, bracket)
  const total = (isEntry: boolean) =>
    orders.filter(({ order }) => (order.leg === "entry") === isEntry).reduce(
      (sum, { cost, filled }) => ({ lots: sum.lots + filled, cost: BigDecimal.sum(sum.cost, cost) }),
      { lots: 0, cost: BigDecimal.make(0n, 0) }
    )
  const opened = total(true)
  if (opened.lots === 0) return undefined
  const closed = bracket.elsewhere.reduce(
    (sum, part) => ({ lots: sum.lots + part.lots, cost: BigDecimal.sum(sum.cost, Elsewhere.costOf(part)) }),
    total(false)
  )
  const average = ({ cost, lots }: { readonly lots: number; readonly cost: BigDecimal.BigDecimal }) =>
    lots === 0 ? BigDecimal.make(0n, 0) : BigDecimal.normalize(
      BigDecimal.round(BigDecimal.divideUnsafe(cost, BigDecimal.fromBigInt(BigInt(lots))), { scale: priceDigits, mode: "half-even" })
    )
  const { instrument } = bracket
  const perPoint = BigDecimal.divideUnsafe(instrument.tickValue, instrument.tickSize)
  const tradeId = `${orders[0]?.order.id ?? bracket.alertId}${Book.isOrphan(bracket) ? late : ""}` // its order's first trade stays
  const before = toldBefore(book, bracket, tradeId)
  const allFees = Exposure.feesOf(book, bracket)
  const pnl = BigDecimal.subtract(BigDecimal.multiply(Exposure.flowOf(book, bracket), perPoint), allFees)
  return {
    tradeId,
    alertId: bracket.alertId,
    strategy: bracket.strategy,
    instrumentId: instrument.id,
    side: bracket.isLong ? "long" : "short",
    lots: Lots.make(opened.lots),
    entryPrice: average(opened),
    exitPrice: average(closed),
    fees: BigDecimal.normalize(BigDecimal.subtract(allFees, before.fees)),
    realizedPnl: BigDecimal.normalize(BigDecimal.subtract(pnl, before.pnl)),
    openedAtMs: bracket.openedAtMs,
    closedAtMs: facts.nowMs,
    inferred: bracket.elsewhere.length > 0 || orders.some(({ wasInferred }) => wasInferred)
  }
}
