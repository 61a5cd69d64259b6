/** One delivery at the webhook, as journaled. The body is kept as it came, with every secret masked. */
import { Schema } from "effect"
import { LaneId } from "./Ids.ts"

/** Codes in the order in which they are checked; the number is the HTTP status. */
export const RefusalError = Schema.Literals([
  "tooLarge", "sourceNotAllowed", "unknownLane", "undecodable", "badSecret", "tooManyFailures",
  "invalid", "unknownStrategy", "unknownSymbol", "notDurable"
])
export type RefusalError = typeof RefusalError.Type

export const Refusal = Schema.Struct({
  error: RefusalError,
  message: Schema.String,
  /** Where in the body: `tp`, `quantity`. */
  path: Schema.optionalKey(Schema.String)
})
export type Refusal = typeof Refusal.Type

export const Delivery = Schema.Struct({
  lane: LaneId,
  receivedAtMs: Schema.Finite,
  /** Address of the sender as far as it can be trusted. */
  source: Schema.String,
  contentType: Schema.String,
  /** As it came, secrets masked. */
  body: Schema.String,
  /** Which decoder understood it: `canonical`, `abtradex-legacy`. */
  format: Schema.String,
  /** Bounded repairs that were needed, by name. */
  repairs: Schema.Array(Schema.String),
  /** Remarks for the inbox: a byte-equal repeat, an ambiguous resend, a sender's clock ahead. */
  notes: Schema.Array(Schema.String),
  /** sha256 of route and original body, base64url: finds resends of a body without an id. */
  bodyHash: Schema.String
})
export type Delivery = typeof Delivery.Type
