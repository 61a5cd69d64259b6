/** What one account can be told; the entity id is the account. Messages are volatile: only the journal remembers. */
import { Schema } from "effect"
import { ClusterSchema, Entity } from "effect/cluster"
import { Rpc } from "effect/rpc"
import { AccountCommand, CommandAnswer } from "#schemas/AccountCommand.ts"
import { AlertId, ClientOrderId, InstrumentId, StrategyId } from "#schemas/Ids.ts"
import { NetLots } from "#schemas/Instrument.ts"
import { Leg } from "#schemas/Order.ts"
import { RequestResult, SessionRequest } from "#schemas/SessionRequest.ts"
import { ApprovedSignal } from "#schemas/Signal.ts"
import { AccountSnapshot, VenueEvent } from "#schemas/VenueEvent.ts"
import { Outcome, Reason } from "#schemas/Verdict.ts"

/** `Unconfirmed`: the handler died, the journal knows. `NotDurable`: nothing could be written, nothing was done; tell it again. */
export const Taken = Schema.Literals(["Taken", "Unconfirmed", "NotDurable"])

/** What the login's venue can do. */
export const Powers = Schema.Struct({
  nativeBrackets: Schema.Boolean,
  reduceOnly: Schema.Boolean,
  oca: Schema.Boolean,
  modify: Schema.Boolean,
  closeTakesOrders: Schema.Boolean
})

/** What the account's book holds: instruments that are not done with, and orders that may be at the venue or on their way. */
export const Holdings = Schema.Struct({
  isReconciled: Schema.Boolean,
  instruments: Schema.Array(Schema.Struct({ instrumentId: InstrumentId, net: NetLots, isClosing: Schema.Boolean })),
  orders: Schema.Array(Schema.Struct({ id: ClientOrderId, instrumentId: InstrumentId, leg: Leg, isUnknown: Schema.Boolean }))
})
export type Holdings = typeof Holdings.Type

/** One instrument of an account: a position, orders that may still come, an alert that waits. */
export const Commitment = Schema.Struct({
  instrumentId: InstrumentId,
  root: Schema.optionalKey(Schema.String),
  strategy: Schema.optionalKey(StrategyId),
  text: Schema.String
})
export type Commitment = typeof Commitment.Type

export const Account = Entity.make("Account", [
  /** Idempotent by alert: one that is known changes nothing, unless its entry surely never left. */
  Rpc.make("Consider", { payload: { approved: ApprovedSignal }, success: Taken }),
  /** Ends an alert that this account did not end itself. */
  Rpc.make("Conclude", { payload: { alertId: AlertId, outcome: Outcome, reason: Reason }, success: Taken }),
  /** From an operator. Idempotent by the command's id. */
  Rpc.make("Command", { payload: { command: AccountCommand }, success: CommandAnswer }),
  /** Answered at once, beside whatever is being handled. */
  Rpc.make("Holds", { success: Holdings }),
  /** In turn with everything else: asked once its entries wait, nothing is being decided any more that would add to it. Null: the handler died. */
  Rpc.make("Commitments", { success: Schema.NullOr(Schema.Array(Commitment)) }),
  /** From its session: the fate of a request. */
  Rpc.make("Answered", { payload: { request: SessionRequest, result: RequestResult } }),
  /** From its session: what the venue says unasked. */
  Rpc.make("Reported", { payload: { events: Schema.Array(VenueEvent) } }),
  /** From its session: the picture asked for, or that it could not be had. */
  Rpc.make("Pictured", { payload: { snapshot: Schema.optionalKey(AccountSnapshot) } }),
  Rpc.make("SessionUp", { payload: { powers: Powers } }),
  Rpc.make("SessionDown"),
  /** It tells itself these two. */
  Rpc.make("Tick"),
  Rpc.make("Restart", { payload: { life: Schema.Int, defect: Schema.String } }),
  Rpc.make("Wake")
]).annotateRpcs(ClusterSchema.Uninterruptible, "client") // a caller that gives up must not stop a handler half way
