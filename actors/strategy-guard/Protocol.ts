/** What a strategy's guard can be told; the entity id is the strategy. Messages are volatile: only the journal remembers. */
import { Schema } from "effect"
import { ClusterSchema, Entity } from "effect/cluster"
import { Rpc } from "effect/rpc"
import { AlertId } from "#schemas/Ids.ts"
import { GatedSignal } from "#schemas/Signal.ts"
import { Reason } from "#schemas/Verdict.ts"

/** `Unconfirmed`: the handler died or nothing could be written down. Ask again: a verdict that was reached is given again. */
export const GuardAnswer = Schema.TaggedUnion({
  Approved: { notes: Schema.Array(Reason) },
  Blocked: { reason: Reason },
  Unconfirmed: {}
})
export type GuardAnswer = typeof GuardAnswer.Type

export const StrategyGuard = Entity.make("StrategyGuard", [
  /** May this alert go to the accounts? Asked again before it is settled, it gets the same answer and counts once. */
  Rpc.make("Consider", { payload: { gated: GatedSignal }, success: GuardAnswer }),
  /** All accounts are done with it. Nothing sent: its fire is given back. True once that is durable; else say it again. */
  Rpc.make("Settle", { payload: { alertId: AlertId, sent: Schema.Boolean }, success: Schema.Boolean }),
  Rpc.make("Wake"),
  Rpc.make("Restart", { payload: { life: Schema.Int, defect: Schema.String } }) // this it tells itself
]).annotateRpcs(ClusterSchema.Uninterruptible, "client") // a caller that gives up must not stop a handler half way
