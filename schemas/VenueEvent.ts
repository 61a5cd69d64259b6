/** What a venue tells unasked, already in our words. Delivery may repeat, reorder and lose: the account folds by id. */
import { Schema } from "effect"
import { Fill } from "./Fill.ts"
import { InstrumentId } from "./Ids.ts"
import { NetLots } from "./Instrument.ts"
import { OrderReport } from "./Order.ts"

export const PositionReport = Schema.Struct({ instrumentId: InstrumentId, net: NetLots })
export type PositionReport = typeof PositionReport.Type

export const VenueEvent = Schema.TaggedUnion({
  OrderChanged: { report: OrderReport },
  Filled: { fill: Fill },
  PositionChanged: { position: PositionReport }
})
export type VenueEvent = typeof VenueEvent.Type

/** The venue's own picture of one account, asked for at start and after every gap. */
export const AccountSnapshot = Schema.Struct({
  /** Our non-terminal orders as looked up one by one, and all orders now working. */
  orders: Schema.Array(OrderReport),
  /** Ids asked for that the venue says it never saw. Proof only where `lookupIsProof`. */
  notFound: Schema.Array(OrderReport.fields.clientOrderId),
  positions: Schema.Array(PositionReport),
  fills: Schema.Array(Fill),
  /** The venue's own word that its look-up is complete: "not found" is then evidence of "never placed". */
  lookupIsProof: Schema.Boolean,
  atMs: Schema.Finite
})
export type AccountSnapshot = typeof AccountSnapshot.Type
