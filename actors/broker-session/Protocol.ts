/** What one broker login can be told; the entity id is the login. Nobody waits for the venue: answers come back as messages. */
import { Schema } from "effect"
import { ClusterSchema, Entity } from "effect/cluster"
import { Rpc } from "effect/rpc"
import { AccountId, ClientOrderId, InstrumentId, StrategyId } from "#schemas/Ids.ts"
import { OrderReport } from "#schemas/Order.ts"
import { SessionRequest } from "#schemas/SessionRequest.ts"
import { PositionReport } from "#schemas/VenueEvent.ts"

/** What the venue says of one account now. `inHand`: orders of it that waited here or were on the wire as it was asked. `reduceOnly`: it knows such orders. */
export const Look = Schema.TaggedUnion({
  Seen: { positions: Schema.Array(PositionReport), orders: Schema.Array(OrderReport), inHand: Schema.Array(ClientOrderId), reduceOnly: Schema.Boolean },
  Unreachable: { reason: Schema.String }
})
export type Look = typeof Look.Type

/** A position that no book of ours explains, and the order that closes it: asked twice, it is the same order. */
export const Remainder = Schema.Struct({ instrumentId: InstrumentId, orderId: ClientOrderId })

/** How the venue took it. `unsure`: it may have been executed. */
export const Swept = Schema.Struct({
  what: Schema.Union([ClientOrderId, InstrumentId]),
  result: Schema.Literals(["accepted", "refused", "unsure"]),
  text: Schema.String
})

export const BrokerSession = Entity.make("BrokerSession", [
  /**
   * Durable before it leaves: the session sends, it does not remember. `afterSeq`: the journal's place that must be on disk first.
   * `strategy`: whose it is, for what a kill of it stops.
   */
  Rpc.make("Ask", { payload: { request: SessionRequest, afterSeq: Schema.Int, strategy: Schema.optionalKey(StrategyId) } }),
  /** An account woke and wants to know whether the venue is there. */
  Rpc.make("Join", { payload: { accountId: AccountId } }),
  /** At once, ahead of all that waits: cancels of this account's entries that may work, those sent from here and those named. Harmless twice; how many. */
  Rpc.make("CancelEntries", { payload: { accountId: AccountId, orderIds: Schema.Array(ClientOrderId) }, success: Schema.Int }),
  /** Beside what is being handled, as the next: the venue itself is asked, and the asker waits. */
  Rpc.make("Look", { payload: { accountId: AccountId }, success: Look }).annotate(ClusterSchema.InterruptOnTermination, true),
  /** What is at the venue and in no book of ours: orders cancelled, positions closed there. */
  Rpc.make("Sweep", {
    payload: { accountId: AccountId, orderIds: Schema.Array(ClientOrderId), remainders: Schema.Array(Remainder) },
    success: Schema.Array(Swept)
  }).annotate(ClusterSchema.InterruptOnTermination, true),
  /** The connection is not to be believed any more: closed, and made anew at once as the configuration now has it, or not at all. */
  Rpc.make("Reconnect"),
  /** An account has something that does not wait: a connection that is gone is made again soon. Does nothing to one that is there. */
  Rpc.make("Need"),
  /** Does nothing to a connection; a login that was disabled looks whether it still is. */
  Rpc.make("Wake"),
  Rpc.make("Restart", { payload: { life: Schema.Int, defect: Schema.String } })
]).annotateRpcs(ClusterSchema.Uninterruptible, "client")
