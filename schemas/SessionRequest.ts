/** What an account asks of its broker session, and what it is told in return. */
import { Schema } from "effect"
import { AccountId, ClientOrderId, VenueOrderId } from "./Ids.ts"
import { Instrument, Lots, Ticks } from "./Instrument.ts"
import { BracketOrder, Order } from "./Order.ts"
import { Reason } from "./Verdict.ts"

export const SessionRequest = Schema.TaggedUnion({
  /** `notAfterMs`: an entry whose alert is too old by then; it surely does not leave later. */
  Submit: { order: Order, instrument: Instrument, notAfterMs: Schema.optionalKey(Schema.Finite) },
  SubmitBracket: { bracket: BracketOrder, instrument: Instrument, notAfterMs: Schema.optionalKey(Schema.Finite) },
  Modify: {
    accountId: AccountId,
    orderId: ClientOrderId,
    lots: Lots,
    stop: Schema.optionalKey(Ticks),
    limit: Schema.optionalKey(Ticks)
  },
  Cancel: { accountId: AccountId, orderId: ClientOrderId },
  /** The venue's picture: working orders, positions, fills since; and these orders one by one. */
  Snapshot: { accountId: AccountId, orderIds: Schema.Array(ClientOrderId), sinceMs: Schema.Finite }
})
export type SessionRequest = typeof SessionRequest.Type

/** The fate of a request, as far as the wire can tell. `Withheld`: surely nothing left. */
export const RequestResult = Schema.TaggedUnion({
  Accepted: { venueOrderId: Schema.optionalKey(VenueOrderId) },
  Refused: { reason: Schema.String, kind: Schema.Literals(["invalid", "margin", "marketClosed", "notFound", "other"]) },
  Withheld: { reason: Reason, retry: Schema.Boolean },
  Unknown: { cause: Schema.String }
})
export type RequestResult = typeof RequestResult.Type
