/** An entry decided: whether this account may take it, how large, at what price, with which protection. Every no has its rule and numbers. */
import { BigDecimal, Option, Result } from "effect"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import type { AlertId } from "#schemas/Ids.ts"
import { type Instrument, Lots, type Ticks } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Order, Side } from "#schemas/Order.ts"
import type { Quote } from "#schemas/Quote.ts"
import type { ApprovedSignal, Level } from "#schemas/Signal.ts"
import type { ProtectionPlan } from "#schemas/events/AccountEvent.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as ClientId from "#src/orders/ClientId.ts"
import * as Conform from "#src/orders/Conform.ts"
import * as Units from "#src/orders/Units.ts"
import * as Caps from "#src/risk/Caps.ts"
import * as DailyLoss from "#src/risk/DailyLoss.ts"
import * as Levels from "#src/risk/runner/Levels.ts"
import * as Size from "#src/sizing/Size.ts"
import type * as Book from "./Book.ts"
import * as BookOf from "./Book.ts"
import * as Day from "./Day.ts"
import { evolve } from "./Evolve.ts"
import * as Exposure from "./Exposure.ts"
import { type Facts, quoteAgeMsMax } from "./Facts.ts"
import * as Intend from "./Intend.ts"
import * as Plan from "./Plan.ts"
import { barred, reason } from "./Refuse.ts"
import * as Run from "./Run.ts"

const { EntryDecided, OrderIntended, OutcomeReached } = JournalEvent.cases

export { quoteAgeMsMax }

const freshQuote = (approved: ApprovedSignal, facts: Facts): Quote | undefined => {
  const quote = facts.quote(approved.instrument.id)
  return quote !== undefined && facts.nowMs - quote.atMs <= quoteAgeMsMax ? quote : undefined
}

/** Where the entry is expected to fill: what sizes and protection are counted from. */
const reference = (
  approved: ApprovedSignal,
  side: Side,
  prices: Conform.EntryPrices,
  strategy: StrategyConfig,
  facts: Facts
): Result.Result<{ readonly ticks: Ticks; readonly quote: Quote | undefined }, Reason> => {
  const quote = freshQuote(approved, facts)
  const own = prices.limit ?? prices.stop
  if (strategy.quotes === "live" && quote === undefined) {
    const stale = facts.quote(approved.instrument.id)
    return Result.fail(reason("QuoteStale", `strategy ${strategy.id} trades only on a live quote of ${approved.instrument.id}`, {
      ageMs: stale === undefined ? "none" : String(facts.nowMs - stale.atMs),
      maxMs: String(quoteAgeMsMax)
    }))
  }
  if (own !== undefined) return Result.succeed({ ticks: own, quote })
  if (quote !== undefined) return Result.succeed({ ticks: side === "buy" ? quote.ask : quote.bid, quote })
  const { price } = approved.signal
  return price !== undefined && Units.isRepresentable(approved.instrument, price)
    ? Result.succeed({ ticks: Units.ticksOf(approved.instrument, price, "nearest"), quote })
    : Result.fail(reason("NoReferencePrice", "no quote, and the alert names no price: send \"price\": \"{{close}}\" or trade where quotes are"))
}

const levelOf = (
  instrument: Instrument,
  leg: "stop" | "target",
  level: Level | undefined,
  side: Side,
  entryTicks: Ticks
): Result.Result<Ticks | undefined, Reason> =>
  level === undefined ? Result.succeed(undefined) : Conform.levelTicks(instrument, { level, leg, side, entryTicks })

const planOf = (
  approved: ApprovedSignal,
  side: Side,
  entryTicks: Ticks,
  strategy: StrategyConfig,
  isNative: boolean
): Result.Result<ProtectionPlan, Reason> => {
  if (strategy.protection === "external") return Result.succeed({ mode: "external" })
  const { instrument, signal } = approved
  const stop = levelOf(instrument, "stop", signal.stopLoss ?? strategy.defaultStop, side, entryTicks)
  if (Result.isFailure(stop)) return Result.fail(stop.failure)
  if (stop.success === undefined) {
    return Result.fail(reason("StopRequired", `neither the alert nor strategy ${strategy.id} names a stop: add "sl" or a defaultStop`))
  }
  const target = levelOf(instrument, "target", signal.takeProfit ?? strategy.defaultTarget, side, entryTicks)
  if (Result.isFailure(target)) return Result.fail(target.failure)
  return Result.succeed({
    mode: isNative ? "native" : "managed",
    stop: stop.success,
    ...(target.success === undefined ? {} : { target: target.success })
  })
}

/** What adds to a position never moves its stop away from the market. */
const noWider = (plan: ProtectionPlan, before: ProtectionPlan | undefined, isLong: boolean, entryTicks: Ticks): Result.Result<ProtectionPlan, Reason> => {
  const { stop } = plan
  const kept = before?.stop
  if (stop === undefined || kept === undefined || (isLong ? kept <= stop : kept >= stop)) return Result.succeed(plan)
  return (isLong ? kept < entryTicks : kept > entryTicks)
    ? Result.succeed({ ...plan, stop: kept })
    : Result.fail(reason("StopOnWrongSide", "the position's stop lies beyond this entry, and an addition never widens it", { stopTicks: String(kept) }))
}

/** One that names no target leaves the position's where it rests. */
const keptTarget = (plan: ProtectionPlan, before: ProtectionPlan | undefined): ProtectionPlan =>
  plan.mode === "external" || plan.target !== undefined || before?.target === undefined ? plan : { ...plan, target: before.target }

const sized = (
  book: Book.Book,
  approved: ApprovedSignal,
  entryTicks: Ticks,
  plan: ProtectionPlan,
  strategy: StrategyConfig,
  facts: Facts
): Result.Result<Size.Sized, Reason> => {
  const { instrument, signal } = approved
  const { caps, feePerLot } = facts.account
  const exposures = [...book.brackets.values()].map((bracket) => ({
    instrument: bracket.instrument,
    atRiskLots: Exposure.atRiskLots(book, bracket)
  }))
  const clearsAtMs = DailyLoss.nextDayStartMs(facts.account.dayStartsAt, facts.nowMs)
  const day = Day.figures(book, facts)
  const no = Option.orElse(
    Caps.positionsDenied(caps, instrument, exposures),
    () => Caps.tradesDenied(caps, day.entries, clearsAtMs)
  )
  if (Option.isSome(no)) return Result.fail(no.value)
  const size = Size.size({
    instrument,
    account: facts.account,
    strategy,
    entryTicks,
    room: Caps.room(caps, instrument, exposures),
    ...(signal.quantity === undefined ? {} : { quantity: signal.quantity }),
    ...(plan.stop === undefined ? {} : { stopTicks: plan.stop })
  })
  if (Result.isFailure(size)) return size
  const loss = DailyLoss.check({
    ...day,
    currency: facts.account.balance.currency,
    ...(caps.dailyLoss === undefined ? {} : { limit: caps.dailyLoss }),
    stopOutLoss: plan.stop === undefined ? BigDecimal.make(0n, 0) : DailyLoss.stopOutLoss(
      instrument,
      entryTicks,
      plan.stop,
      size.success.lots,
      feePerLot[instrument.asset] ?? BigDecimal.make(0n, 0)
    ),
    clearsAtMs
  })
  return Option.isSome(loss) ? Result.fail(loss.value) : size
}

const entryOrder = (
  book: Book.Book,
  approved: ApprovedSignal,
  side: Side,
  prices: Conform.EntryPrices,
  lots: Lots,
  facts: Facts
): Order => {
  const { alertId, instrument, signal } = approved
  const before = (book.alerts.get(alertId)?.orderIds ?? []).filter((id) => book.orders.get(id)?.order.leg === "entry").length
  const of = { installationId: facts.installationId, cause: alertId, accountId: facts.account.id, instrumentId: instrument.id, leg: "entry" }
  return {
    id: ClientId.make({ ...of, generation: before + 1 }),
    accountId: facts.account.id,
    alertId,
    instrumentId: instrument.id,
    instrumentVersion: instrument.version,
    leg: "entry",
    generation: before + 1,
    side,
    lots,
    type: signal.orderType,
    ...prices,
    timeInForce: signal.timeInForce ?? "day",
    ...(signal.expiresAtMs === undefined ? {} : { expiresAtMs: signal.expiresAtMs }),
    reduceOnly: false,
    lane: signal.lane
  }
}

const denied = (alertId: AlertId, no: Reason): ReadonlyArray<JournalEvent> => [
  OutcomeReached.make({ alertId, outcome: "denied", reason: no, orderIds: [] })
]

const decide = (book: Book.Book, approved: ApprovedSignal, isLong: boolean, facts: Facts): Result.Result<ReadonlyArray<JournalEvent>, Reason> =>
  Result.gen(function*() {
    const { alertId, instrument, signal } = approved
    const strategy = facts.strategies.get(signal.strategy)
    if (strategy === undefined) return yield* Result.fail(reason("UnknownStrategy", `strategy ${signal.strategy} is not configured any more`))
    const no = barred(book, approved, facts)
    if (no !== undefined) return yield* Result.fail(no)
    const side: Side = isLong ? "buy" : "sell"
    const prices = yield* Conform.entryPrices(instrument, {
      side,
      orderType: signal.orderType,
      ...(signal.limitPrice === undefined ? {} : { limitPrice: signal.limitPrice }),
      ...(signal.stopPrice === undefined ? {} : { stopPrice: signal.stopPrice })
    })
    const { quote, ticks } = yield* reference(approved, side, prices, strategy, facts)
    const isNative = facts.powers?.nativeBrackets === true && !book.brackets.has(instrument.id)
    const before = book.brackets.get(instrument.id)?.plan
    const asked = Levels.planned(yield* planOf(approved, side, ticks, strategy, isNative), strategy.runner, isLong, ticks, before)
    const plan = keptTarget(yield* noWider(asked, before, isLong, ticks), before)
    const size = yield* sized(book, approved, ticks, plan, strategy, facts)
    const opening = [
      EntryDecided.make({
        alertId,
        decidedAtMs: facts.nowMs,
        strategy: strategy.id,
        instrument,
        sizing: size.steps,
        plan,
        ...(quote === undefined ? {} : { quote }),
        configHash: facts.configHash,
        ...(signal.orderType === "market" ? { deadlineAtMs: facts.nowMs + strategy.entryDeadlineMs } : {})
      }),
      OrderIntended.make({ alertId, order: entryOrder(book, approved, side, prices, size.lots, facts) })
    ]
    if (!isNative || plan.mode !== "native") return opening
    const opened = opening.reduce(evolve, book)
    const bracket = opened.brackets.get(instrument.id)
    if (bracket === undefined) return opening
    const together = Plan.mayRestTarget(plan, facts) && !Run.hasFirstTarget(plan) ? ["stop", "target"] as const : ["stop"] as const
    const legs = together.flatMap((leg) => {
      const price = leg === "stop" ? plan.stop : plan.target
      return price === undefined ? [] : [Intend.child(opened, bracket, facts, { leg, lots: size.lots, held: 1, price })]
    })
    return [...opening, ...legs]
  })

export const enter = (book: Book.Book, approved: ApprovedSignal, isLong: boolean, facts: Facts): ReadonlyArray<JournalEvent> => {
  const decision = decide(book, approved, isLong, facts)
  return Result.isSuccess(decision) ? decision.success : denied(approved.alertId, decision.failure)
}

/** Average entry of an open bracket, on the nearest tick: what a moved stop's distance is counted from. */
export const averageEntryTicks = (book: Book.Book, bracket: Book.Bracket): Ticks => {
  const total = BookOf.ordersOf(book, bracket).filter(({ order }) => order.leg === "entry").reduce(
    (sum, { cost, filled }) => ({ lots: sum.lots + filled, cost: BigDecimal.sum(sum.cost, cost) }),
    { lots: 0, cost: BigDecimal.make(0n, 0) }
  )
  const average = BigDecimal.divideUnsafe(total.cost, BigDecimal.fromBigInt(BigInt(Math.max(1, total.lots))))
  return Units.ticksOf(bracket.instrument, average, "nearest")
}
