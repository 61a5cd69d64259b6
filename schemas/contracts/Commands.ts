/** What operators' commands carry and answer. Prices and quantities are decimal strings in the instrument's own unit. */
import { Schema } from "effect"
import { PositiveDecimal } from "../Decimal.ts"
import { AccountId, AlertId, ClientOrderId } from "../Ids.ts"
import { Level, OrderType, TimeInForce } from "../Signal.ts"
import { Reason } from "../Verdict.ts"
import { FlattenReceipt } from "./Views.ts"

/** Journaled with every command. `who`: a name as given by the tool (`cli:ann`), absent: `operator`. */
export const asker = {
  who: Schema.optionalKey(Schema.NonEmptyString.check(Schema.isMaxLength(120))),
  why: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(500)))
}
export interface Asker { readonly who?: string; readonly why?: string }

/** `durable: false`: it holds in this process, but the disk has not got it. `commandId`: `why` tells what followed. */
export const CommandReceipt = Schema.Struct({
  commandId: AlertId,
  durable: Schema.Boolean,
  /** What was done, one sentence each. */
  lines: Schema.Array(Schema.String)
})
export type CommandReceipt = typeof CommandReceipt.Type

/** Our own no to a command, with what to do. Nothing was done. */
export class CommandDenied extends Schema.TaggedError<CommandDenied>()("CommandDenied", { reason: Reason }) {
  override get message() {
    return this.reason.message
  }
}

/** Protection is not optional: a ticket names its stop. */
export const Ticket = Schema.Struct({
  accountId: AccountId,
  symbol: Schema.NonEmptyString,
  side: Schema.Literals(["buy", "sell"]),
  /** Absent: the account's own sizing. */
  quantity: Schema.optionalKey(PositiveDecimal),
  orderType: OrderType,
  limitPrice: Schema.optionalKey(PositiveDecimal),
  stopPrice: Schema.optionalKey(PositiveDecimal),
  timeInForce: Schema.optionalKey(TimeInForce),
  stopLoss: Level,
  takeProfit: Schema.optionalKey(Level)
})
export type Ticket = typeof Ticket.Type

export const OrderChange = Schema.Struct({
  orderId: ClientOrderId,
  limitPrice: Schema.optionalKey(PositiveDecimal),
  stopPrice: Schema.optionalKey(PositiveDecimal),
  stopLoss: Schema.optionalKey(Level),
  takeProfit: Schema.optionalKey(Level)
})
export type OrderChange = typeof OrderChange.Type

/** A flatten as it goes: each account's steps, then its receipt. */
export const FlattenProgress = Schema.TaggedUnion({
  Step: { accountId: AccountId, atMs: Schema.Finite, text: Schema.String },
  Receipt: { receipt: FlattenReceipt }
})
export type FlattenProgress = typeof FlattenProgress.Type

/** When a changed setting counts. `refused`: what it names has a position, a working or an Unknown order. */
export const ConfigChange = Schema.Struct({
  /** `accounts/paper-1/caps/dailyLoss`. */
  path: Schema.String,
  kind: Schema.Literals(["added", "removed", "changed"]),
  before: Schema.optionalKey(Schema.Unknown),
  after: Schema.optionalKey(Schema.Unknown),
  effect: Schema.Literals(["now", "next order", "needs flat", "restart"]),
  refused: Schema.optionalKey(Schema.String)
})
export type ConfigChange = typeof ConfigChange.Type

/** `applied: false`: a dry run, or nothing differs. */
export const ReloadReceipt = Schema.Struct({
  hashBefore: Schema.String,
  hashAfter: Schema.String,
  applied: Schema.Boolean,
  changes: Schema.Array(ConfigChange),
  /** What else was done or is still to do: `login paper-b connects`, `restart the house for INTERLOCK_...`. */
  notes: Schema.Array(Schema.String)
})
export type ReloadReceipt = typeof ReloadReceipt.Type

/** One place of the configuration that is wrong. */
export const ConfigProblemView = Schema.Struct({
  file: Schema.String,
  path: Schema.String,
  expected: Schema.String,
  got: Schema.String,
  nearest: Schema.optionalKey(Schema.String),
  /** Id of the entry it lies in. */
  entry: Schema.optionalKey(Schema.String),
  /** What to do about it. */
  remedy: Schema.optionalKey(Schema.String)
})
export type ConfigProblemView = typeof ConfigProblemView.Type

export class ReloadRefused extends Schema.TaggedError<ReloadRefused>()("ReloadRefused", {
  problems: Schema.Array(ConfigProblemView),
  refused: Schema.Array(ConfigChange),
  message: Schema.String
}) {}

/** `kept`: backups that lie in that folder by now, this one included; the house never deletes one. */
export const BackupReceipt = Schema.Struct({
  commandId: AlertId,
  path: Schema.String,
  files: Schema.Array(Schema.Struct({ name: Schema.String, bytes: Schema.Int, sha256: Schema.String })),
  seq: Schema.Int,
  kept: Schema.Int
})
export type BackupReceipt = typeof BackupReceipt.Type

/** One row of the journal as `tail` shows it, secrets masked. */
export const TailLine = Schema.Struct({
  seq: Schema.Int,
  atMs: Schema.Finite,
  stream: Schema.String,
  event: Schema.String,
  text: Schema.String,
  detail: Schema.Unknown
})
export type TailLine = typeof TailLine.Type

/** One check of `doctor`. `unknown`: it could not be looked at. */
export const Finding = Schema.Struct({
  check: Schema.String,
  state: Schema.Literals(["ok", "warning", "failed", "unknown"]),
  text: Schema.String,
  /** What to do about it. */
  remedy: Schema.optionalKey(Schema.String)
})
export type Finding = typeof Finding.Type
