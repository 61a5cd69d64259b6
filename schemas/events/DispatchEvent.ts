/** The way of an alert to its accounts. Stream `dispatch`. */
import { Schema } from "effect"
import { AccountId, AlertId, StrategyId } from "../Ids.ts"
import { Reason, Verdict } from "../Verdict.ts"

export const DispatchEvent = {
  /** The accounts that were asked; of a blocked alert those that end with `blocked`. */
  AlertGated: {
    alertId: AlertId,
    strategy: StrategyId,
    verdicts: Schema.Array(Verdict),
    configHash: Schema.String,
    accounts: Schema.Array(AccountId),
    blocked: Schema.optionalKey(Schema.Struct({ outcome: Schema.Literals(["skipped", "expired", "failed"]), reason: Reason }))
  },
  /** Told once more, because its handler died: `attempt` 2; after that the pair ends `failed`. */
  AlertRedriven: { alertId: AlertId, accountId: AccountId, attempt: Schema.Int },
  /** Every account has its outcome. `sent`: at least one order left. */
  AlertSettled: { alertId: AlertId, sent: Schema.Boolean }
} as const
