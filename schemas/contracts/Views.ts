/** What the CLI and the dashboard show. Prices, quantities and money are decimal strings; quantities in the instrument's own unit. */
import { Schema } from "effect"
import { Refusal } from "../Alert.ts"
import { AccountId, AlertId, ClientOrderId, LoginId, VenueId, VenueOrderId } from "../Ids.ts"
import { Leg, OrderStatus, Side } from "../Order.ts"
import { RiskScope } from "../RiskScope.ts"
import { OrderType } from "../Signal.ts"
import { Outcome, PendingCause, Reason } from "../Verdict.ts"

const Text = Schema.String
const Instant = Schema.Finite

export const OutcomeView = Schema.Struct({
  accountId: AccountId,
  outcome: Schema.Union([Outcome, Schema.Literal("pending")]),
  cause: Schema.optionalKey(PendingCause),
  reason: Schema.optionalKey(Reason),
  clientOrderIds: Schema.Array(ClientOrderId)
})
export type OutcomeView = typeof OutcomeView.Type

/** A duplicate shows the id and the outcomes of the first. */
export const AlertView = Schema.Struct({
  alertId: AlertId,
  seq: Schema.Int,
  receivedAtMs: Instant,
  lane: Text,
  strategy: Schema.NullOr(Text),
  symbol: Schema.NullOr(Text),
  action: Schema.NullOr(Text),
  status: Schema.Literals(["accepted", "duplicate", "refused"]),
  refusal: Schema.optionalKey(Refusal),
  notes: Schema.Array(Text),
  outcomes: Schema.Array(OutcomeView)
})
export type AlertView = typeof AlertView.Type

export const OrderView = Schema.Struct({
  clientOrderId: ClientOrderId,
  venueOrderId: Schema.NullOr(VenueOrderId),
  accountId: AccountId,
  alertId: AlertId,
  leg: Leg,
  symbol: Text,
  side: Side,
  type: OrderType,
  quantity: Text,
  limitPrice: Schema.optionalKey(Text),
  stopPrice: Schema.optionalKey(Text),
  filled: Text,
  avgPrice: Schema.NullOr(Text),
  status: OrderStatus,
  reason: Schema.optionalKey(Text),
  /** At work at the venue and not made by this house: `alertId` is `foreign`, `leg` what it looks like. */
  isForeign: Schema.optionalKey(Schema.Literal(true)),
  createdAtMs: Instant
})
export type OrderView = typeof OrderView.Type

export const PositionView = Schema.Struct({
  accountId: AccountId,
  symbol: Text,
  /** Signed: long > 0. */
  quantity: Text,
  avgPrice: Text,
  /** Null: no quote to mark it with. */
  unrealizedPnl: Schema.NullOr(Text),
  currency: Text,
  protection: Schema.Struct({
    /** `foreign`: the venue holds it and no order of ours explains it; its average is `unknown`. */
    state: Schema.Literals(["protected", "pending", "none", "external", "foreign"]),
    stop: Schema.optionalKey(Text),
    targets: Schema.optionalKey(Schema.Array(Text))
  }),
  isSimulated: Schema.Boolean
})
export type PositionView = typeof PositionView.Type

export const TradeView = Schema.Struct({
  tradeId: Text,
  accountId: AccountId,
  alertId: AlertId,
  strategy: Text,
  symbol: Text,
  side: Schema.Literals(["long", "short"]),
  quantity: Text,
  entryPrice: Text,
  exitPrice: Text,
  fees: Text,
  realizedPnl: Text,
  currency: Text,
  openedAtMs: Instant,
  closedAtMs: Instant,
  inferred: Schema.Boolean
})
export type TradeView = typeof TradeView.Type

/** Something at a venue that this house did not make. Entries on its symbol are denied while it lasts; with a second writer all of the account's. */
export const FindingView = Schema.Struct({
  accountId: AccountId,
  kind: Schema.Literals(["position", "order", "secondWriter"]),
  level: Schema.Literals(["amber", "red"]),
  symbol: Text,
  text: Text,
  sinceMs: Instant
})
export type FindingView = typeof FindingView.Type

export const AccountView = Schema.Struct({
  id: AccountId,
  enabled: Schema.Boolean,
  login: LoginId,
  mode: Schema.Literals(["paper", "live"]),
  /** `open`: may take new risk. */
  state: Schema.Literals(["disabled", "connecting", "reconciling", "open", "reduceOnly"]),
  assets: Schema.Array(Text),
  dayPnl: Text,
  dailyLoss: Schema.NullOr(Text),
  tradesToday: Schema.Int,
  openPositions: Schema.Int,
  unknownOrders: Schema.Int,
  currency: Text,
  /** `kill all`, `pause asset/futures`: switches that keep it from new risk, in all or in one of its asset classes. */
  stoppedBy: Schema.Array(Text),
  /** Absent: nothing. */
  findings: Schema.optionalKey(Schema.Array(FindingView))
})
export type AccountView = typeof AccountView.Type

export const SessionView = Schema.Struct({
  id: LoginId,
  venue: VenueId,
  state: Schema.Literals(["disabled", "connecting", "connected", "lost"])
})
export type SessionView = typeof SessionView.Type

/** What an operator stopped. `durable: false`: it holds in this process only, no journal has it, and who set it is forgotten. */
export const SwitchView = Schema.Struct({
  kind: Schema.Literals(["pause", "kill", "block"]),
  scope: RiskScope,
  who: Text,
  why: Text,
  atMs: Schema.optionalKey(Instant),
  durable: Schema.Boolean
})
export type SwitchView = typeof SwitchView.Type

export const StatusView = Schema.Struct({
  version: Text,
  mode: Schema.Literals(["paper", "live"]),
  /** `starting` until every account has settled once; `rescue`: the journal could not be opened. */
  state: Schema.Literals(["starting", "running", "stopping", "rescue"]),
  isSimulated: Schema.Boolean,
  ingress: Schema.Struct({ paused: Schema.Boolean, killed: Schema.Boolean }),
  /** In force now: kills, then blocks, then pauses; at most 200. */
  switches: Schema.Array(SwitchView),
  journal: Schema.Struct({ seq: Schema.Int, durable: Schema.Boolean, lowDisk: Schema.Boolean }),
  sessions: Schema.Array(SessionView),
  accounts: Schema.Array(Schema.Struct({ id: AccountId, enabled: Schema.Boolean, state: AccountView.fields.state })),
  /** Of all accounts, the oldest first. Absent: nothing. */
  findings: Schema.optionalKey(Schema.Array(FindingView)),
  /** Deliveries nobody could attribute to an alert (400, 401, 404 ...), since the start, by error. */
  refusedDeliveries: Schema.Record(Text, Schema.Int)
})
export type StatusView = typeof StatusView.Type

/** What the venue itself says of one account, asked now; no word of ours is in it. */
export const AtVenueView = Schema.Struct({
  accountId: AccountId,
  isSimulated: Schema.Boolean,
  atMs: Instant,
  /** Signed: long > 0. */
  positions: Schema.Array(Schema.Struct({ symbol: Text, quantity: Text })),
  /** Those that work or are held for a parent. */
  orders: Schema.Array(Schema.Struct({
    clientOrderId: ClientOrderId,
    venueOrderId: VenueOrderId,
    symbol: Text,
    side: Side,
    quantity: Text,
    limitPrice: Schema.optionalKey(Text),
    stopPrice: Schema.optionalKey(Text),
    status: OrderStatus
  })),
  /** Orders of ours on their way there. */
  inHand: Schema.Array(ClientOrderId)
})
export type AtVenueView = typeof AtVenueView.Type

/** What came of flattening one account. `unknown` is never flat: the venue could not be asked. */
export const FlattenReceipt = Schema.Struct({
  accountId: AccountId,
  state: Schema.Literals(["flat", "notFlat", "unknown"]),
  isSimulated: Schema.Boolean,
  /** What was done and seen, in order. */
  steps: Schema.Array(Schema.Struct({ atMs: Instant, text: Text })),
  reason: Schema.optionalKey(Text)
})
export type FlattenReceipt = typeof FlattenReceipt.Type

/** One line of an alert's story. `sinceFirstMs`: from its arrival. */
export const StoryLine = Schema.Struct({
  seq: Schema.Int,
  atMs: Instant,
  sinceFirstMs: Schema.Finite,
  sinceBeforeMs: Schema.Finite,
  stream: Text,
  event: Text,
  text: Text,
  /** The row itself, for machines. */
  detail: Schema.Unknown
})
export type StoryLine = typeof StoryLine.Type

export const StoryView = Schema.Struct({ alert: AlertView, body: Text, lines: Schema.Array(StoryLine) })
export type StoryView = typeof StoryView.Type
