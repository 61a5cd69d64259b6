/** Orders as this house speaks of them. Owns: identity, side, size, price, states. Not here: wire shapes, sizing. */
import { Schema } from "effect"
import { AccountId, AlertId, ClientOrderId, InstrumentId, LaneId, VenueOrderId } from "./Ids.ts"
import { Lots, Ticks } from "./Instrument.ts"
import { OrderType, TimeInForce } from "./Signal.ts"

export const Side = Schema.Literals(["buy", "sell"])
export type Side = typeof Side.Type

/** What an order is for. `exit` closes, `stop` and `target` protect and take profit. */
export const Leg = Schema.Literals(["entry", "stop", "target", "exit"])
export type Leg = typeof Leg.Type

export const Order = Schema.Struct({
  id: ClientOrderId,
  accountId: AccountId,
  /** The alert that caused it; of an order made by a rule, the alert of its entry. */
  alertId: AlertId,
  instrumentId: InstrumentId,
  instrumentVersion: Schema.Int,
  leg: Leg,
  /** Counts journaled intents of this leg, never attempts on the wire. */
  generation: Schema.Int,
  side: Side,
  lots: Lots,
  type: OrderType,
  limit: Schema.optionalKey(Ticks),
  stop: Schema.optionalKey(Ticks),
  timeInForce: TimeInForce,
  expiresAtMs: Schema.optionalKey(Schema.Finite),
  /** Never opens or grows a position, where the venue can promise it. */
  reduceOnly: Schema.Boolean,
  /** Of an entry: the lane its alert came through. A kill of the lane reaches it. */
  lane: Schema.optionalKey(LaneId)
})
export type Order = typeof Order.Type

/** Entry with its protection, sent as one where the venue can (OSO); the children's prices are absolute. */
export const BracketOrder = Schema.Struct({
  entry: Order,
  stop: Schema.optionalKey(Order),
  target: Schema.optionalKey(Order)
})
export type BracketOrder = typeof BracketOrder.Type

/**
 * `Intended` is durable and may have left; `Unknown` may have been executed and counts at full size; `Withheld` surely never left.
 * A native bracket's child is `Held` by the venue until its parent fills.
 */
export const OrderStatus = Schema.Literals([
  "Intended", "Held", "Accepted", "PartlyFilled", "Unknown", "Withheld", "Rejected", "Filled", "Canceled", "Expired"
])
export type OrderStatus = typeof OrderStatus.Type

/** What a venue reports of one order at one moment. */
export const OrderReport = Schema.Struct({
  clientOrderId: ClientOrderId,
  venueOrderId: VenueOrderId,
  instrumentId: InstrumentId,
  side: Side,
  lots: Lots,
  filledLots: Schema.Int,
  status: Schema.Literals(["Held", "Accepted", "PartlyFilled", "Rejected", "Filled", "Canceled", "Expired"]),
  limit: Schema.optionalKey(Ticks),
  stop: Schema.optionalKey(Ticks),
  reason: Schema.optionalKey(Schema.String),
  /** Somebody else's, without a name that the venue would take from us: it can be seen, and neither changed nor cancelled. */
  isOutOfReach: Schema.optionalKey(Schema.Literal(true))
})
export type OrderReport = typeof OrderReport.Type
