/** What an operator tells one account. Every command has an id of its own (`operator-...`): what follows from it names it as its cause. */
import { Schema } from "effect"
import { PositiveDecimal } from "./Decimal.ts"
import { AlertId, ClientOrderId, InstrumentId, LaneId, StrategyId } from "./Ids.ts"
import { Lots } from "./Instrument.ts"
import { ApprovedSignal, Level } from "./Signal.ts"
import { Reason } from "./Verdict.ts"

/** Of a command, not of an alert. */
export const isCommand = (id: AlertId): boolean => id.startsWith("operator-")

export const AccountCommand = Schema.TaggedUnion({
  /** Of a kill or a flatten: every entry that works, of one strategy or lane or of all; Unknown and in-flight ones as soon as they can be. */
  CancelEntries: { commandId: AlertId, strategy: Schema.optionalKey(StrategyId), lane: Schema.optionalKey(LaneId) },
  /** One instrument or all; `lots` absent: the whole position with all of its orders. Queued entries of what is closed end. */
  Close: { commandId: AlertId, instrumentId: Schema.optionalKey(InstrumentId), lots: Schema.optionalKey(Lots) },
  /** An order ticket: decided like an alert of the built-in strategy `manual`, always with protection. */
  Place: { approved: ApprovedSignal },
  /** A working entry's limit or stop price, or the levels of the protection that the order belongs to. */
  Modify: {
    commandId: AlertId,
    orderId: ClientOrderId,
    limitPrice: Schema.optionalKey(PositiveDecimal),
    stopPrice: Schema.optionalKey(PositiveDecimal),
    stopLoss: Schema.optionalKey(Level),
    takeProfit: Schema.optionalKey(Level)
  },
  /** A working entry or target. A stop that protects is not cancelled by hand. */
  CancelOrder: { commandId: AlertId, orderId: ClientOrderId },
  /** A person's word on an Unknown order: executed in full or in part at a price, or not at all. */
  Attest: {
    commandId: AlertId,
    orderId: ClientOrderId,
    executed: Schema.optionalKey(Schema.Struct({ lots: Lots, price: PositiveDecimal }))
  }
})
export type AccountCommand = typeof AccountCommand.Type

/**
 * `Done`: decided, on its way to the wire, and durable once the journal has it up to `afterSeq`; without one it is held in memory, as the
 * disk has no room. `NotDurable`: nothing was done. `Unconfirmed`: the handler died, the journal knows.
 */
export const CommandAnswer = Schema.TaggedUnion({
  Done: { text: Schema.String, afterSeq: Schema.optionalKey(Schema.Int) },
  Denied: { reason: Reason },
  NotDurable: {},
  Unconfirmed: {}
})
export type CommandAnswer = typeof CommandAnswer.Type
