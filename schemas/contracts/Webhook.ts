/** What `POST /webhook/:lane` answers. A description; its handler is in `src/ingress`. */
import { Schema } from "effect"
import { Refusal, type RefusalError } from "../Alert.ts"
import { AlertId } from "../Ids.ts"

/** 200. A duplicate carries the id of the first. */
export const WebhookAccepted = Schema.Struct({ alertId: AlertId, status: Schema.Literals(["accepted", "duplicate"]) })
export type WebhookAccepted = typeof WebhookAccepted.Type

/** Any other status. */
export const WebhookRefused = Refusal
export type WebhookRefused = Refusal

/** 5xx asks the sender to come again: only where nothing is wrong with the delivery itself. */
export const statusOf: Readonly<Record<RefusalError, number>> = {
  tooLarge: 413,
  sourceNotAllowed: 403,
  unknownLane: 404,
  undecodable: 400,
  badSecret: 401,
  tooManyFailures: 429,
  invalid: 422,
  unknownStrategy: 422,
  unknownSymbol: 422,
  notDurable: 503
}
