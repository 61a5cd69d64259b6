/** What an operator's tools may ask of a running house. Spoken by the CLI and the dashboard; handlers in `src/admin`. */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { AccountId, AlertId } from "../Ids.ts"
import { AccountView, AlertView, FlattenReceipt, OrderView, PositionView, StatusView, StoryView, TradeView } from "./Views.ts"

export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { what: Schema.String, message: Schema.String }) {}

/** Asked of a house that cannot answer it: in rescue mode there is no journal to read. */
export class NotNow extends Schema.TaggedError<NotNow>()("NotNow", { message: Schema.String }) {}

const page = { since: Schema.optionalKey(Schema.Int), limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))) }

/** What `send` needs to post a real alert: never the secret itself beyond loopback. */
export const SendTarget = Schema.Struct({ webhookUrl: Schema.String, lane: Schema.String, secret: Schema.String })

export class AdminRpc extends RpcGroup.make(
  Rpc.make("Status", { success: StatusView }),
  Rpc.make("Accounts", { success: Schema.Array(AccountView), error: NotNow }),
  Rpc.make("Positions", { success: Schema.Array(PositionView), error: NotNow }),
  Rpc.make("Orders", { payload: page, success: Schema.Array(OrderView), error: NotNow }),
  Rpc.make("Trades", { payload: page, success: Schema.Array(TradeView), error: NotNow }),
  /** Rows after `since`, oldest first, at most `limit` (default 1,000); without `since` the newest ones. */
  Rpc.make("Alerts", { payload: page, success: Schema.Array(AlertView), error: NotNow }),
  Rpc.make("Why", { payload: { alertId: AlertId }, success: StoryView, error: Schema.Union([NotFound, NotNow]) }),
  /** For `send`: which lane a strategy listens on, and its secret (the operator's token already opens everything). */
  Rpc.make("SendTarget", { payload: { strategy: Schema.String }, success: SendTarget, error: Schema.Union([NotFound, NotNow]) }),
  /** Cancels and closes everything of one account or of all, and asks the venues until they say flat twice. Rescue mode only, for now. */
  Rpc.make("Flatten", { payload: { accountId: Schema.optionalKey(AccountId) }, success: Schema.Array(FlattenReceipt), error: Schema.Union([NotFound, NotNow]) })
) {}
