/** What the reference venue says on the wire, as its protocol sheet has it. Fields that are not named here are left unread. */
import { Schema } from "effect"
import { Decimal } from "#schemas/Decimal.ts"

/** Ids, names, codes. */
const Name = Schema.String.check(Schema.isBetweenLength(1, 128))
/** A decimal written out: no exponent, nothing that is no number. */
const Amount = Schema.String.check(Schema.isPattern(/^-?\d{1,40}(?:\.\d{1,40})?$/)).pipe(Schema.decodeTo(Decimal))
/** Unix time, milliseconds. */
const Millis = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8_640_000_000_000_000 }))
const Words = Schema.String
/** Absent and null are the same to it. */
const optional = <S extends Schema.Top>(schema: S) => Schema.optional(Schema.NullOr(schema))

export const SignedIn = Schema.Struct({
  /** It goes back in a header and in an address. */
  token: Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,4096}$/)),
  expiresAt: Millis,
  accounts: Schema.Array(Name),
  style: Schema.Literals(["native", "plain"])
})
export type SignedIn = typeof SignedIn.Type

/** A renewal says no more than the new token. */
export const Renewed = Schema.Struct({ token: SignedIn.fields.token, expiresAt: Millis })

export const Failure = Schema.Struct({ error: Schema.Struct({ code: Name, message: optional(Words) }) })
export const Penalty = Schema.Struct({ penalty: Schema.Struct({ waitMs: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 86_400_000 })) }) })

export const Listed = Schema.Struct({ symbol: Name, tick: Amount, pointValue: Amount, step: Amount })
export type Listed = typeof Listed.Type
export const Instruments = Schema.Struct({ instruments: Schema.Array(Schema.Unknown) })

const Side = Schema.Literals(["buy", "sell"])

export const Placed = Schema.Struct({ orderId: Name })
export const Done = Schema.Record(Schema.String, Schema.Unknown)
export const Cancelled = Schema.Struct({ canceled: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)) })

export const Order = Schema.Struct({
  orderId: Name,
  clientId: optional(Name),
  symbol: Name,
  side: Side,
  qty: Amount,
  filled: Amount,
  status: Schema.Literals(["held", "working", "partly", "filled", "canceled", "rejected", "expired"]),
  limit: optional(Amount),
  stop: optional(Amount),
  reason: optional(Words)
})
export type Order = typeof Order.Type
export const OneOrder = Schema.Struct({ order: Schema.Unknown })
export const Orders = Schema.Struct({ orders: Schema.Array(Schema.Unknown), asOf: optional(Millis) })

export const Fill = Schema.Struct({
  fillId: Name,
  orderId: Name,
  clientId: optional(Name),
  symbol: Name,
  side: Side,
  qty: Amount,
  price: Amount,
  fee: Amount,
  at: Millis
})
export type Fill = typeof Fill.Type
export const Fills = Schema.Struct({ fills: Schema.Array(Schema.Unknown) })

export const Position = Schema.Struct({ symbol: Name, net: Amount })
export type Position = typeof Position.Type
/** Read as a whole: a position that cannot be read would look like none. */
export const Positions = Schema.Struct({ positions: Schema.Array(Position), asOf: Millis })

export const Balance = Schema.Struct({ currency: Schema.Literals(["USD", "EUR", "USDT"]), cash: Amount })

export const Quote = Schema.Struct({ symbol: Name, bid: Amount, ask: Amount, last: Amount, at: Millis })
export type Quote = typeof Quote.Type

export const Bar = Schema.Struct({ at: Millis, open: Amount, high: Amount, low: Amount, close: Amount, volume: Amount })
export type Bar = typeof Bar.Type
export const Bars = Schema.Struct({ bars: Schema.Array(Schema.Unknown) })

/** What every frame has; the rest depends on its type. */
export const Frame = Schema.fromJsonString(Schema.Struct({
  seq: Schema.Int,
  type: Name,
  account: optional(Name),
  order: Schema.optional(Schema.Unknown),
  fill: Schema.optional(Schema.Unknown),
  position: Schema.optional(Schema.Unknown),
  quote: Schema.optional(Schema.Unknown)
}))
export type Frame = typeof Frame.Type
