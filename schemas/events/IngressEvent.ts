/** What happened at the webhook. Stream `ingress/<lane>`. */
import { Schema } from "effect"
import { Delivery, Refusal } from "../Alert.ts"
import { AlertId } from "../Ids.ts"
import { Signal } from "../Signal.ts"

export const IngressEvent = {
  /** Durable before the 200. */
  AlertAccepted: { alertId: AlertId, delivery: Delivery, signal: Signal },
  /** `alertId` is the first's; only this row is new. */
  AlertDuplicated: { alertId: AlertId, delivery: Delivery, by: Schema.Literals(["id", "resend"]) },
  AlertRefused: {
    alertId: AlertId,
    delivery: Delivery,
    refusal: Refusal,
    signal: Schema.optionalKey(Signal),
    /** Where there is no signal: what could be read of one. */
    partial: Schema.optionalKey(Schema.Struct({
      strategy: Schema.optionalKey(Schema.String),
      action: Schema.optionalKey(Schema.String),
      symbol: Schema.optionalKey(Schema.String)
    }))
  },
  /** Written after the answer left, awaited by nobody: without it a body-equal resend may be the same alert. */
  AlertAnswered: { alertId: AlertId, status: Schema.Int, answeredAtMs: Schema.Finite }
} as const
