/** What Tradovate says on the wire, as its protocol sheet has it. Fields that are not named here are left unread. */
import { BigDecimal, DateTime, Option, Schema, SchemaGetter } from "effect"
import { Decimal } from "#schemas/Decimal.ts"

/** An entity's id: 64 bits there, exact here as long as it is a whole number. */
const Id = Schema.Int.check(Schema.isGreaterThan(0))
const Words = Schema.String
/** Absent and null are the same to it. */
const optional = <S extends Schema.Top>(schema: S) => Schema.optional(Schema.NullOr(schema))

/** A price or an amount: the shortest decimal that is this number, which is the one that was written. */
const Amount = Schema.Finite.pipe(Schema.decodeTo(Decimal, {
  decode: SchemaGetter.transform((value: number) => BigDecimal.format(BigDecimal.fromNumberUnsafe(value))),
  encode: SchemaGetter.transform((text: string) => Number(text))
}))

/** ISO 8601, always in UTC: read as Unix time, milliseconds. */
const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?Z$/
export const instantText = (atMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(atMs))
const Instant = Schema.String.check(Schema.isPattern(instant)).pipe(Schema.decodeTo(Schema.Int, {
  decode: SchemaGetter.transform((text: string) => Option.match(DateTime.make(text), { onNone: () => NaN, onSome: DateTime.toEpochMillis })),
  encode: SchemaGetter.transform(instantText)
}))

/** It goes back in a header and in a frame. */
const Token = Schema.String.check(Schema.isPattern(/^[\x21-\x7e]{1,4096}$/))

export const SignedIn = Schema.Struct({ accessToken: Token, mdAccessToken: optional(Token), expirationTime: Instant, userId: optional(Id), userStatus: optional(Words) })
export type SignedIn = typeof SignedIn.Type

/** Always in a 200, or in a frame with status 200: nothing was done. */
export const Penalty = Schema.Struct({
  "p-ticket": Schema.String.check(Schema.isBetweenLength(1, 4_096)),
  "p-time": Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 86_400 })),
  "p-captcha": optional(Schema.Boolean)
})
export const Failure = Schema.Struct({ failureReason: Schema.String.check(Schema.isBetweenLength(1, 128)), failureText: optional(Words) })
export const Violations = Schema.Struct({ violations: Schema.NonEmptyArray(Schema.Struct({ description: optional(Words) })) })

export const Account = Schema.Struct({ id: Id, name: Schema.NonEmptyString, active: optional(Schema.Boolean), archived: optional(Schema.Boolean), readonly: optional(Schema.Boolean) })
export type Account = typeof Account.Type
export const Contract = Schema.Struct({ id: Id, name: Schema.NonEmptyString, contractMaturityId: Id })
export type Contract = typeof Contract.Type
export const Maturity = Schema.Struct({ id: Id, productId: Id })
export type Maturity = typeof Maturity.Type
export const Product = Schema.Struct({ id: Id, name: Schema.NonEmptyString, tickSize: Amount, valuePerPoint: Amount })
export type Product = typeof Product.Type

export const orderTypes = ["Limit", "MIT", "LimitIfTouched", "Market", "QTS", "Stop", "StopLimit", "TrailingStop", "TrailingStopLimit"] as const
const Action = Schema.Literals(["Buy", "Sell"])

/** Neither price nor quantity: those are its version's. */
export const Order = Schema.Struct({
  id: Id,
  accountId: Id,
  contractId: Id,
  action: Action,
  ordStatus: Schema.Literals([
    "PendingNew", "Working", "PendingReplace", "PendingCancel", "Suspended", "Filled", "Completed", "Canceled", "Expired", "Rejected", "Unknown"
  ]),
  parentId: optional(Id)
})
export type Order = typeof Order.Type

export const OrderVersion = Schema.Struct({
  id: Id,
  orderId: Id,
  orderQty: Schema.Int.check(Schema.isGreaterThan(0)),
  orderType: Schema.Literals(orderTypes),
  price: optional(Amount),
  stopPrice: optional(Amount),
  timeInForce: optional(Schema.Literals(["Day", "FOK", "GTC", "GTD", "IOC"])),
  expireTime: optional(Words),
  maxShow: optional(Schema.Finite),
  pegDifference: optional(Schema.Finite),
  text: optional(Words)
})
export type OrderVersion = typeof OrderVersion.Type

/** Its states change by themselves: one that is unknown is neither a yes nor a no. */
export const Command = Schema.Struct({ id: Id, orderId: Id, commandType: Words, commandStatus: optional(Words), clOrdId: optional(Words), customTag50: optional(Words) })
export type Command = typeof Command.Type
export const CommandReport = Schema.Struct({ id: Id, commandId: Id, commandStatus: optional(Words), rejectReason: optional(Words), text: optional(Words) })
export type CommandReport = typeof CommandReport.Type

/** Of all that it says, only why something was refused is not said elsewhere. */
export const ExecutionReport = Schema.Struct({ id: Id, orderId: Id, rejectReason: optional(Words), text: optional(Words) })
export type ExecutionReport = typeof ExecutionReport.Type

export const Fill = Schema.Struct({
  id: Id, orderId: Id, contractId: Id, timestamp: Instant, action: Action, qty: Schema.Int.check(Schema.isGreaterThan(0)), price: Amount
})
export type Fill = typeof Fill.Type

export const Position = Schema.Struct({ id: Id, accountId: Id, contractId: Id, timestamp: Instant, netPos: Schema.Int })
export type Position = typeof Position.Type

export const Placed = Schema.Struct({ orderId: Id, oso1Id: optional(Id), oso2Id: optional(Id) })
export const Commanded = Schema.Struct({ commandId: Id })
export const Balance = Schema.Struct({ totalCashValue: Amount })
/** Read row by row. */
export const Rows = Schema.Array(Schema.Unknown)

/** Every frame's message is a reply or an event. */
export const Reply = Schema.Struct({ s: Schema.Int, i: Schema.Int, d: Schema.optional(Schema.Unknown) })
export const Event = Schema.Struct({ e: Schema.NonEmptyString, d: Schema.optional(Schema.Unknown) })
export type Event = typeof Event.Type
export const Change = Schema.Struct({ entityType: Schema.NonEmptyString, eventType: Words, entity: Schema.Unknown })
export const Shutdown = Schema.Struct({ reasonCode: optional(Words), reason: optional(Words) })

/** A quote's parts come as they change. */
const Part = optional(Schema.Struct({ price: optional(Amount) }))
export const Quote = Schema.Struct({ timestamp: Instant, contractId: Id, entries: Schema.Struct({ Bid: Part, Offer: Part, Trade: Part }) })
export const MarketData = Schema.Struct({ quotes: Schema.optional(Rows) })

export const ChartAsked = Schema.Struct({ historicalId: optional(Id), realtimeId: optional(Id) })
export const Charts = Schema.Struct({ charts: Rows })
export const ChartPacket = Schema.Struct({ id: Id, eoh: optional(Schema.Boolean), bars: optional(Rows) })
export const Bar = Schema.Struct({
  timestamp: Instant, open: Amount, high: Amount, low: Amount, close: Amount, upVolume: optional(Schema.Finite), downVolume: optional(Schema.Finite)
})
export type Bar = typeof Bar.Type
