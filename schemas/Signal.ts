/**
 * What an alert asks for, once understood, and its stages: a `Signal` is decoded, a `GatedSignal` passed the gates and has its
 * instrument, an `ApprovedSignal` passed its strategy's guard. Only the last can reach an account.
 */
import { Schema } from "effect"
import { Decimal, PositiveDecimal } from "./Decimal.ts"
import { AlertId, LaneId, StrategyId } from "./Ids.ts"
import { Instrument } from "./Instrument.ts"
import { Reason, Verdict } from "./Verdict.ts"

/** `sell` opens or reduces to short; `exit` closes the strategy's position; `update` moves its protection. */
export const Action = Schema.Literals(["buy", "sell", "exit", "reverse", "flatten", "cancel", "update"])
export type Action = typeof Action.Type

/** Where a stop or target lies: an absolute price, or a distance from the entry (ticks > 0, or percent of its price > 0). */
export const Level = Schema.TaggedUnion({
  Price: { price: PositiveDecimal },
  Distance: { ticks: Schema.Int.check(Schema.isGreaterThan(0)) },
  Percent: { percent: PositiveDecimal }
})
export type Level = typeof Level.Type

export const OrderType = Schema.Literals(["market", "limit", "stop", "stopLimit"])
export type OrderType = typeof OrderType.Type

export const TimeInForce = Schema.Literals(["day", "gtc", "ioc"])
export type TimeInForce = typeof TimeInForce.Type

export const Direction = Schema.Literals(["long", "short", "flat"])
export type Direction = typeof Direction.Type

/** The sender's own book before and after (`{{strategy.market_position}}` and its kin); sizes >= 0 in the sender's units. */
export const SenderPosition = Schema.Struct({
  previous: Schema.optionalKey(Direction),
  previousSize: Schema.optionalKey(Decimal),
  now: Schema.optionalKey(Direction),
  nowSize: Schema.optionalKey(Decimal)
})
export type SenderPosition = typeof SenderPosition.Type

export const Signal = Schema.Struct({
  lane: LaneId,
  strategy: StrategyId,
  action: Action,
  /** As sent: `MES1!`, `BTCUSD`. */
  symbol: Schema.NonEmptyString,
  /** The sender's price at the signal: for slippage, and a quote of last resort. Never an order's limit. */
  price: Schema.optionalKey(PositiveDecimal),
  takeProfit: Schema.optionalKey(Level),
  stopLoss: Schema.optionalKey(Level),
  /** In the instrument's own unit (contracts, coins). Absent: the account's own sizing. */
  quantity: Schema.optionalKey(PositiveDecimal),
  orderType: OrderType,
  limitPrice: Schema.optionalKey(PositiveDecimal),
  stopPrice: Schema.optionalKey(PositiveDecimal),
  timeInForce: Schema.optionalKey(TimeInForce),
  expiresAtMs: Schema.optionalKey(Schema.Finite),
  /** Lane named in the body: the lane gate compares it with the route's. */
  bodyLane: Schema.optionalKey(Schema.NonEmptyString),
  scriptId: Schema.optionalKey(Schema.NonEmptyString),
  sourceSymbol: Schema.optionalKey(Schema.NonEmptyString),
  /** `{{time}}`: the bar's open. Never used for age. */
  barAtMs: Schema.optionalKey(Schema.Finite),
  /** `{{timenow}}`, whole seconds. */
  sentAtMs: Schema.optionalKey(Schema.Finite),
  /** The sender's own identity of this alert, when it has one. */
  explicitId: Schema.optionalKey(Schema.NonEmptyString),
  position: Schema.optionalKey(SenderPosition)
})
export type Signal = typeof Signal.Type

/** Passed every gate; its symbol is resolved to one instrument, in force at that moment. */
export const GatedSignal = Schema.TaggedStruct("GatedSignal", {
  alertId: AlertId,
  /** The alert's place in the journal: the order in which commands of one account and instrument run. */
  seq: Schema.Int,
  receivedAtMs: Schema.Finite,
  signal: Signal,
  instrument: Instrument,
  verdicts: Schema.Array(Verdict),
  configHash: Schema.String
})
export type GatedSignal = typeof GatedSignal.Type

/** Passed its strategy's guard: what an account may act on. */
export const ApprovedSignal = Schema.TaggedStruct("ApprovedSignal", {
  ...GatedSignal.fields,
  _tag: Schema.tag("ApprovedSignal"),
  guardNotes: Schema.Array(Reason)
})
export type ApprovedSignal = typeof ApprovedSignal.Type

/** What reduces risk passes every gate but identity and symbol. */
export const isReducing = (action: Action): boolean => action === "exit" || action === "flatten" || action === "cancel" || action === "update"
