/** All that an account remembers. Stream `account/<account>`. Every event of an order names the alert that caused it. */
import { Schema } from "effect"
import { RunnerConfig } from "../config/RunnerConfig.ts"
import { Decimal, PositiveDecimal } from "../Decimal.ts"
import { Fill } from "../Fill.ts"
import { AlertId, ClientOrderId, InstrumentId, StrategyId, VenueOrderId } from "../Ids.ts"
import { Instrument, Lots, NetLots, Ticks } from "../Instrument.ts"
import { Order, OrderReport } from "../Order.ts"
import { Quote } from "../Quote.ts"
import { ApprovedSignal } from "../Signal.ts"
import { Outcome, PendingCause, Reason } from "../Verdict.ts"

/** One line of the sizing arithmetic: a rule and what it left of the quantity, in lots. */
export const SizingStep = Schema.Struct({ rule: Schema.String, lots: Schema.Int, detail: Schema.String })
export type SizingStep = typeof SizingStep.Type

/** Protection as planned at the decision: absolute prices in ticks, conformed. */
export const ProtectionPlan = Schema.Struct({
  mode: Schema.Literals(["native", "managed", "external"]),
  stop: Schema.optionalKey(Ticks),
  target: Schema.optionalKey(Ticks),
  /** As configured at the entry. With a first target `target` is that one; `lastTarget`: of what it leaves. */
  runner: Schema.optionalKey(Schema.Struct({ settings: RunnerConfig, lastTarget: Schema.optionalKey(Ticks) }))
})
export type ProtectionPlan = typeof ProtectionPlan.Type

/** `blind`: no fresh quote, so nothing is moved; `sees`: again. `letGo`: a person moved its stop or target, and it stays as that person has it. */
export const RunnerStep = Schema.Literals(["started", "firstTarget", "breakEven", "trailed", "blind", "sees", "letGo"])
export type RunnerStep = typeof RunnerStep.Type

/** Why a position is being closed. */
export const CloseReason = Schema.Literals(["signal", "reverse", "flatten", "target", "unprotected", "excess", "operator", "drift", "timeStop"])
export type CloseReason = typeof CloseReason.Type

export const Trade = Schema.Struct({
  tradeId: Schema.NonEmptyString,
  alertId: AlertId,
  strategy: StrategyId,
  instrumentId: InstrumentId,
  side: Schema.Literals(["long", "short"]),
  lots: Lots,
  entryPrice: Decimal,
  exitPrice: Decimal,
  fees: Decimal,
  /** After fees, in the account's currency. */
  realizedPnl: Decimal,
  openedAtMs: Schema.Finite,
  closedAtMs: Schema.Finite,
  /** Some fill was inferred from the position, not reported. */
  inferred: Schema.Boolean
})
export type Trade = typeof Trade.Type

export const AccountEvent = {
  /** An entry was decided: owner, size with its arithmetic, protection. Its `OrderIntended` rows follow in the same commit. */
  EntryDecided: {
    alertId: AlertId,
    decidedAtMs: Schema.Finite,
    strategy: StrategyId,
    instrument: Instrument,
    sizing: Schema.Array(SizingStep),
    plan: ProtectionPlan,
    quote: Schema.optionalKey(Quote),
    configHash: Schema.String,
    /** When what is left of the entry is cancelled; absent: by its time in force. */
    deadlineAtMs: Schema.optionalKey(Schema.Finite)
  },
  /** An alert that waits its turn (for the venue, or for what goes before it on its instrument): it is decided when its turn comes. */
  SignalQueued: { alertId: AlertId, cause: PendingCause, approved: ApprovedSignal },
  /** Its turn came. */
  SignalTaken: { alertId: AlertId },
  /** Durable before the venue hears of it. */
  OrderIntended: { alertId: AlertId, order: Order },
  OrderAccepted: { alertId: AlertId, orderId: ClientOrderId, venueOrderId: VenueOrderId, held: Schema.Boolean },
  OrderRejected: { alertId: AlertId, orderId: ClientOrderId, reason: Schema.String },
  /** Surely never left, or the venue proved that it never saw it. `retry`: an entry that may be decided anew while it is young enough. */
  OrderWithheld: { alertId: AlertId, orderId: ClientOrderId, reason: Reason, retry: Schema.Boolean },
  OrderUnknown: { alertId: AlertId, orderId: ClientOrderId, cause: Schema.String },
  /** `filledLots`: what the venue counts as filled by then; fills that are still to come are waited for. */
  OrderCanceled: {
    alertId: AlertId,
    orderId: ClientOrderId,
    filledLots: Schema.optionalKey(Schema.Int),
    /** When this process heard of it. */
    atMs: Schema.optionalKey(Schema.Finite)
  },
  OrderExpired: { alertId: AlertId, orderId: ClientOrderId, filledLots: Schema.optionalKey(Schema.Int) },
  CancelIntended: { alertId: AlertId, orderId: ClientOrderId, why: Schema.Literals(["closing", "deadline", "expired", "sibling", "replaced", "alert", "leaving", "killed", "drift"]) },
  /** The venue's no to a cancel or modify: the order is as it was, or gone. */
  ChangeRefused: { alertId: AlertId, orderId: ClientOrderId, reason: Schema.String },
  ModifyIntended: { alertId: AlertId, orderId: ClientOrderId, lots: Lots, stop: Schema.optionalKey(Ticks), limit: Schema.optionalKey(Ticks) },
  OrderModified: { alertId: AlertId, orderId: ClientOrderId, lots: Lots, stop: Schema.optionalKey(Ticks), limit: Schema.optionalKey(Ticks) },
  /** Each venue fill id once. `evidence`: how we learned of it; an inferred or attested one is replaced by the venue's own, never added to. */
  FillReceived: {
    alertId: AlertId,
    orderId: ClientOrderId,
    fill: Fill,
    evidence: Schema.Literals(["event", "query", "inferred", "attested"]),
    /** When the first evidence of it reached this process. */
    seenAtMs: Schema.Finite
  },
  /** A person's word on an Unknown order; what follows from it stands beside it. `executed` absent: not at all. `alertId` is the command's. */
  OrderAttested: {
    alertId: AlertId,
    orderId: ClientOrderId,
    executed: Schema.optionalKey(Schema.Struct({ lots: Lots, price: PositiveDecimal }))
  },
  /** The venue's word against it: what was attested no longer counts, and the order is Unknown until the venue's own rows settle it. */
  AttestationOverruled: { alertId: AlertId, orderId: ClientOrderId, reason: Schema.String },
  /**
   * The venue holds less than our book: so many lots were closed there, by no order of ours that we know of. From here on the venue's figure
   * counts. `alertId`: of the entry. `price` absent: nobody knows, and the position's own entry stands in for it.
   */
  ClosedElsewhere: {
    alertId: AlertId,
    instrumentId: InstrumentId,
    lots: Lots,
    price: Schema.optionalKey(PositiveDecimal),
    /** `fills`: the venue showed somebody else's. `position`: its position alone says so, and a late fill of ours may turn out to be it. */
    evidence: Schema.Literals(["fills", "position"]),
    /** The venue was asked then: what it executed before is counted. */
    asOfMs: Schema.Finite,
    note: Schema.String
  },
  /** It was this order of ours after all: the lots count as its fill, which stands beside this, and no longer as closed elsewhere. */
  ElsewhereExplained: { alertId: AlertId, instrumentId: InstrumentId, orderId: ClientOrderId, lots: Lots },
  /** A fill or a position that no order of ours explains. It lasts until it is found anew, ends, is adopted or counts as closed elsewhere. */
  DriftFound: { instrumentId: InstrumentId, ours: NetLots, venue: NetLots, note: Schema.String },
  /** The venue holds what our book says again. `net`: this. */
  DriftEnded: { instrumentId: InstrumentId, net: NetLots, note: Schema.String },
  /** At work at the venue, and no intent of ours explains it; told again where it has changed. `isOurShape`: its id is one as this house makes them. */
  ForeignOrderFound: { alertId: AlertId, report: OrderReport, isOurShape: Schema.Boolean, mayOpen: Schema.Boolean, atMs: Schema.Finite },
  ForeignOrderEnded: { alertId: AlertId, instrumentId: InstrumentId, foreignId: ClientOrderId },
  /**
   * What the venue holds beyond our orders counts as ours from here on: as if `order` had filled at `price`. `resting`: orders at work there
   * that are ours with it. `alertId`: `reconcile-...`, or the command that asks for it. `next`: its close stands beside this.
   */
  PositionAdopted: {
    alertId: AlertId,
    instrument: Instrument,
    order: Order,
    price: PositiveDecimal,
    /** `fills`: the venue showed somebody else's. `position`: its position alone says so, and a late fill of ours may turn out to be it. */
    evidence: Schema.Literals(["fills", "position"]),
    plan: ProtectionPlan,
    resting: Schema.Array(Schema.Struct({ order: Order, venueOrderId: VenueOrderId })),
    next: Schema.Literals(["keep", "close"]),
    /** The venue was asked then: what it executed before is counted. */
    asOfMs: Schema.Finite,
    configHash: Schema.String,
    note: Schema.String
  },
  /** It was this order of ours after all: the lots count as its fill, which stands beside this, and no longer as adopted with `adoptedId`. */
  AdoptionExplained: { alertId: AlertId, instrumentId: InstrumentId, orderId: ClientOrderId, adoptedId: ClientOrderId, lots: Lots },
  /** `alertId`: the alert that asks for it, or of a rule the alert of the entry. `lots` absent: all of it. */
  CloseDecided: { alertId: AlertId, instrumentId: InstrumentId, reason: CloseReason, lots: Schema.optionalKey(Lots) },
  /** A part was closed as asked, the rest stays; or the close was overtaken. A whole close ends with `TradeClosed`. */
  CloseEnded: { alertId: AlertId, instrumentId: InstrumentId },
  ProtectionMoved: {
    alertId: AlertId,
    instrumentId: InstrumentId,
    stop: Schema.optionalKey(Ticks),
    target: Schema.optionalKey(Ticks),
    /** From here on without a target; a stop is only ever moved. */
    targetOff: Schema.optionalKey(Schema.Literal(true)),
    /** By the position runner, at this instant. */
    runnerAtMs: Schema.optionalKey(Schema.Finite)
  },
  /**
   * What the position runner has come to, and cannot tell from orders and fills alone. `mark`: the best price seen so far; `stop`: where it wants
   * the stop from here on; `lots`: closed at the first target. A move itself stands beside it as `ProtectionMoved`, or comes once it is possible.
   */
  RunnerStepped: {
    alertId: AlertId,
    instrumentId: InstrumentId,
    atMs: Schema.Finite,
    step: RunnerStep,
    mark: Schema.optionalKey(Ticks),
    stop: Schema.optionalKey(Ticks),
    lots: Schema.optionalKey(Schema.Int)
  },
  /** A position without its stop past its time: on its way to flat, and somebody should know. */
  ProtectionAlarm: { alertId: AlertId, instrumentId: InstrumentId, message: Schema.String },
  /** Flat, and no order of it is left. */
  TradeClosed: { alertId: AlertId, instrumentId: InstrumentId, trade: Schema.optionalKey(Trade) },
  OutcomeReached: { alertId: AlertId, outcome: Outcome, reason: Schema.optionalKey(Reason), orderIds: Schema.Array(ClientOrderId) },
  OutcomePending: { alertId: AlertId, cause: PendingCause, reason: Schema.optionalKey(Reason) },
  /** A new life, or a new connection: what was asked of the venue and not answered is forgotten, and no new risk until it is reconciled. */
  AccountRecovering: { atMs: Schema.Finite },
  /** The venue was asked and all is settled that could be: new risk may be taken. */
  AccountReconciled: { atMs: Schema.Finite, unknown: Schema.Int }
} as const
