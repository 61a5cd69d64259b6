/** One execution. Prices are exact decimals: venues average, improve, and change ticks. */
import { Schema } from "effect"
import { Decimal, PositiveDecimal } from "./Decimal.ts"
import { ClientOrderId, FillId, InstrumentId, VenueOrderId } from "./Ids.ts"
import { Lots } from "./Instrument.ts"
import { Side } from "./Order.ts"

export const Fill = Schema.Struct({
  id: FillId,
  /** Absent: the venue filled an order that is not ours. */
  clientOrderId: Schema.optionalKey(ClientOrderId),
  venueOrderId: VenueOrderId,
  instrumentId: InstrumentId,
  side: Side,
  lots: Lots,
  price: PositiveDecimal,
  /** Fees in the account's currency, positive = paid. */
  fee: Decimal,
  atMs: Schema.Finite
})
export type Fill = typeof Fill.Type
