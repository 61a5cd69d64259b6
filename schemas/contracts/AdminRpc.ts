/** What an operator's tools may ask of a running house. Spoken by the CLI and the dashboard; handlers in `src/admin`. */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { AlertId } from "../Ids.ts"
import { AccountView, AlertView, OrderView, PositionView, StatusView, StoryView, TradeView } from "./Views.ts"

export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { what: Schema.String, message: Schema.String }) {}

const page = { since: Schema.optionalKey(Schema.Int), limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))) }

/** What `send` needs to post a real alert: never the secret itself beyond loopback. */
export const SendTarget = Schema.Struct({ webhookUrl: Schema.String, lane: Schema.String, secret: Schema.String })

export class AdminRpc extends RpcGroup.make(
  Rpc.make("Status", { success: StatusView }),
  Rpc.make("Accounts", { success: Schema.Array(AccountView) }),
  Rpc.make("Positions", { success: Schema.Array(PositionView) }),
  Rpc.make("Orders", { payload: page, success: Schema.Array(OrderView) }),
  Rpc.make("Trades", { payload: page, success: Schema.Array(TradeView) }),
  /** Rows after `since`, oldest first, at most `limit` (default 1,000); without `since` the newest ones. */
  Rpc.make("Alerts", { payload: page, success: Schema.Array(AlertView) }),
  Rpc.make("Why", { payload: { alertId: AlertId }, success: StoryView, error: NotFound }),
  /** For `send`: which lane a strategy listens on, and its secret (the operator's token already opens everything). */
  Rpc.make("SendTarget", { payload: { strategy: Schema.String }, success: SendTarget, error: NotFound })
) {}
