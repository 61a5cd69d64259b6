/** What a strategy's guard remembers. Stream `strategy-guard/<strategy>`. */
import { Schema } from "effect"
import { AlertId } from "../Ids.ts"
import { SenderPosition } from "../Signal.ts"
import { Reason } from "../Verdict.ts"

export const GuardEvent = {
  /** `tradingDay` is the local date `YYYY-MM-DD` the fire counts for; absent: what reduces risk does not count. */
  GuardApproved: {
    alertId: AlertId,
    atMs: Schema.Finite,
    tradingDay: Schema.optionalKey(Schema.String),
    notes: Schema.Array(Reason),
    /** Root of the instrument that `position` is of. */
    symbol: Schema.optionalKey(Schema.NonEmptyString),
    position: Schema.optionalKey(SenderPosition)
  },
  GuardBlocked: {
    alertId: AlertId,
    atMs: Schema.Finite,
    reason: Reason,
    symbol: Schema.optionalKey(Schema.NonEmptyString),
    position: Schema.optionalKey(SenderPosition)
  },
  /** Nothing was sent for it: the fire does not count, the cool-down neither. */
  FireRefunded: { alertId: AlertId },
  /** All accounts are done with it: its verdict need not be remembered. */
  GuardSettled: { alertId: AlertId }
} as const
