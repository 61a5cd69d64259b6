/** What one broker login can be told; the entity id is the login. Nobody waits for the venue: answers come back as messages. */
import { Schema } from "effect"
import { ClusterSchema, Entity } from "effect/cluster"
import { Rpc } from "effect/rpc"
import { AccountId, StrategyId } from "#schemas/Ids.ts"
import { SessionRequest } from "#schemas/SessionRequest.ts"

export const BrokerSession = Entity.make("BrokerSession", [
  /**
   * Durable before it leaves: the session sends, it does not remember. `afterSeq`: the journal's place that must be on disk first.
   * `strategy`: whose it is, for what a kill of it stops.
   */
  Rpc.make("Ask", { payload: { request: SessionRequest, afterSeq: Schema.Int, strategy: Schema.optionalKey(StrategyId) } }),
  /** An account woke and wants to know whether the venue is there. */
  Rpc.make("Join", { payload: { accountId: AccountId } }),
  /** The connection is not to be believed any more: closed, and made anew at once. */
  Rpc.make("Reconnect"),
  Rpc.make("Wake"),
  Rpc.make("Restart", { payload: { life: Schema.Int, defect: Schema.String } })
]).annotateRpcs(ClusterSchema.Uninterruptible, "client")
