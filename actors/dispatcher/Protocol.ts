/** The dispatcher is not told of alerts: it follows the journal. One per process. */
import { Schema } from "effect"
import { ClusterSchema, Entity } from "effect/cluster"
import { Rpc } from "effect/rpc"

export const theOne = "main"

export const Dispatcher = Entity.make("Dispatcher", [
  Rpc.make("Wake"),
  Rpc.make("Restart", { payload: { life: Schema.Int, defect: Schema.String } })
]).annotateRpcs(ClusterSchema.Uninterruptible, "client")
