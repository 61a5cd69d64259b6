/** What an operator's tools may ask of a running house. Spoken by the CLI and the dashboard; handlers in `src/admin`. */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { PositiveDecimal } from "../Decimal.ts"
import { AccountId, AlertId, ClientOrderId, LoginId } from "../Ids.ts"
import { RiskScope } from "../RiskScope.ts"
import { asker, BackupReceipt, CommandDenied, CommandReceipt, Finding, FlattenProgress, OrderChange, ReloadReceipt, ReloadRefused, TailLine, Ticket } from "./Commands.ts"
import { AccountView, AlertView, AtVenueView, OrderView, PositionView, StatusView, StoryView, TradeView } from "./Views.ts"

export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { what: Schema.String, message: Schema.String }) {}

/** Asked of a house that cannot answer it: in rescue mode there is no journal to read. */
export class NotNow extends Schema.TaggedError<NotNow>()("NotNow", { message: Schema.String }) {}

const page = { since: Schema.optionalKey(Schema.Int), limit: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))) }

/** What `send` needs to post a real alert: never the secret itself beyond loopback. */
export const SendTarget = Schema.Struct({ webhookUrl: Schema.String, lane: Schema.String, secret: Schema.String })

const commandErrors = Schema.Union([CommandDenied, NotFound, NotNow])

export class AdminRpc extends RpcGroup.make(
  Rpc.make("Status", { success: StatusView }),
  Rpc.make("Accounts", { success: Schema.Array(AccountView), error: NotNow }),
  Rpc.make("Positions", { success: Schema.Array(PositionView), error: NotNow }),
  /** Asks the venue, now, and changes nothing. */
  Rpc.make("AtVenue", { payload: { accountId: AccountId }, success: AtVenueView, error: Schema.Union([NotFound, NotNow]) }),
  Rpc.make("Orders", { payload: page, success: Schema.Array(OrderView), error: NotNow }),
  Rpc.make("Trades", { payload: page, success: Schema.Array(TradeView), error: NotNow }),
  /** Rows after `since`, oldest first, at most `limit` (default 1,000); without `since` the newest ones. */
  Rpc.make("Alerts", { payload: page, success: Schema.Array(AlertView), error: NotNow }),
  Rpc.make("Why", { payload: { alertId: AlertId }, success: StoryView, error: Schema.Union([NotFound, NotNow]) }),
  /** For `send`: which lane a strategy listens on, and its secret (the operator's token already opens everything). */
  Rpc.make("SendTarget", { payload: { strategy: Schema.String }, success: SendTarget, error: Schema.Union([NotFound, NotNow]) }),
  /** `pause` and `kill`, on or off. `on: false` of a pause also lifts the block that a flatten left on the same scope. Idempotent. */
  Rpc.make("SetSwitch", {
    payload: { kind: Schema.Literals(["pause", "kill"]), scope: RiskScope, on: Schema.Boolean, ...asker },
    success: CommandReceipt,
    error: Schema.Union([NotFound, NotNow])
  }),
  /** Blocks, cancels and closes everything of one account or of all, and asks the venues until they say flat twice. */
  Rpc.make("Flatten", {
    payload: { accountId: Schema.optionalKey(AccountId), ...asker },
    success: FlattenProgress,
    error: Schema.Union([NotFound, NotNow]),
    stream: true
  }),
  /** `quantity` absent: the whole position and all of its orders. */
  Rpc.make("Close", {
    payload: { accountId: AccountId, symbol: Schema.NonEmptyString, quantity: Schema.optionalKey(PositiveDecimal), ...asker },
    success: CommandReceipt,
    error: commandErrors
  }),
  Rpc.make("PlaceOrder", { payload: { ticket: Ticket, ...asker }, success: CommandReceipt, error: commandErrors }),
  Rpc.make("ModifyOrder", { payload: { change: OrderChange, ...asker }, success: CommandReceipt, error: commandErrors }),
  Rpc.make("CancelOrder", { payload: { orderId: ClientOrderId, ...asker }, success: CommandReceipt, error: commandErrors }),
  /** A person's word on an Unknown order, in the instrument's own unit; `executed` absent: it was not executed. */
  Rpc.make("ResolveOrder", {
    payload: {
      orderId: ClientOrderId,
      executed: Schema.optionalKey(Schema.Struct({ quantity: PositiveDecimal, price: PositiveDecimal })),
      ...asker
    },
    success: CommandReceipt,
    error: commandErrors
  }),
  /** Stops a login's session, then starts it: what waited for the wire waits on, and its accounts reconcile before they add risk. */
  Rpc.make("RestartSession", { payload: { login: LoginId, ...asker }, success: CommandReceipt, error: commandErrors }),
  Rpc.make("Reload", { payload: { dryRun: Schema.Boolean, ...asker }, success: ReloadReceipt, error: Schema.Union([ReloadRefused, NotNow]) }),
  /** Into a new folder, by default below the data folder's `backups`. Without secrets. */
  Rpc.make("Backup", { payload: { to: Schema.optionalKey(Schema.NonEmptyString), ...asker }, success: BackupReceipt, error: commandErrors }),
  /** Rows after `since` (absent: from now), then live. */
  Rpc.make("Tail", { payload: { since: Schema.optionalKey(Schema.Int) }, success: TailLine, error: NotNow, stream: true }),
  /** What only the running house can say for `doctor`: its clock, disk, journal, webhook, each login's dry run. */
  Rpc.make("Diagnose", { success: Schema.Struct({ nowMs: Schema.Finite, findings: Schema.Array(Finding) }) })
) {}
