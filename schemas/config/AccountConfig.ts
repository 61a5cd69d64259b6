/** `accounts.json`: one self-contained entry per account. */
import { Schema } from "effect"
import { NonNegativeDecimal, PositiveDecimal } from "../Decimal.ts"
import { AccountId, LaneId, LoginId } from "../Ids.ts"
import { Asset } from "../Instrument.ts"
import { Money } from "../Money.ts"
import { Level } from "../Signal.ts"
import { TimeOfDay, ZoneName } from "./StrategyConfig.ts"

/** `fixed`: this much where the alert names no quantity. `risk`: as much as loses this amount at the stop, never more than the alert asks. */
export const Sizing = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("fixed"), quantity: PositiveDecimal }),
  Schema.Struct({ kind: Schema.Literal("risk"), amount: PositiveDecimal })
])
export type Sizing = typeof Sizing.Type

/** Absent caps do not bind. Quantities in the instrument's own unit; the smallest of all that apply counts. */
export const Caps = Schema.Struct({
  /** Per account and asset class, over all symbols, working and Unknown orders at full size. */
  maxContracts: Schema.optionalKey(Schema.Record(Asset, Schema.optionalKey(PositiveDecimal))),
  /** Per instrument root: `MES`. */
  maxContractsBySymbol: Schema.optionalKey(Schema.Record(Schema.String, PositiveDecimal)),
  /** Instruments with a position or an entry at the same time. */
  maxPositions: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  maxTradesPerDay: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  /** Realised + open P&L - fees since the reset, less this order's own stop-out, may not fall below minus this. */
  dailyLoss: Schema.optionalKey(PositiveDecimal)
})
export type Caps = typeof Caps.Type

/**
 * What is done about positions and orders at the venue that this house did not make. `alarm`: shown, not touched. `adopt`: a position becomes
 * one of ours, with a stop. `flatten`: it is closed, and orders that could open one are cancelled.
 */
export const Reconciliation = Schema.Literals(["alarm", "adopt", "flatten"])
export type Reconciliation = typeof Reconciliation.Type

/** How far from the market an adopted position's stop is put. */
export const AdoptStop = Schema.Union([Level.cases.Distance, Level.cases.Percent])

export const AccountConfig = Schema.Struct({
  id: AccountId,
  enabled: Schema.Boolean,
  login: LoginId,
  /** The venue's own name of the account. Absent: our id. */
  venueAccount: Schema.optionalKey(Schema.NonEmptyString),
  balance: Money,
  /** Lanes it listens to; absent: all. */
  lanes: Schema.optionalKey(Schema.Array(LaneId)),
  /** Asset classes it trades. */
  assets: Schema.Array(Asset),
  /** Instrument roots it may trade; absent: all of its asset classes. */
  symbols: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  sizing: Schema.Record(Asset, Schema.optionalKey(Sizing)),
  caps: Caps,
  /** When its day begins: daily loss and trade counts start again. */
  dayStartsAt: Schema.Struct({ time: TimeOfDay, zone: ZoneName }),
  /** Rest the target beside the stop although the venue keeps neither OCA nor reduce-only: both may fill. */
  restingTargets: Schema.Boolean,
  /** Absent: `alarm`. */
  reconciliation: Schema.optionalKey(Reconciliation),
  /** Of a position that is adopted and has no stop at the venue: required where positions are adopted. */
  adoptStop: Schema.optionalKey(AdoptStop),
  /** Paid per lot and side, in the balance's currency (paper charges it; elsewhere the venue's figure counts). */
  feePerLot: Schema.Record(Asset, Schema.optionalKey(NonNegativeDecimal))
})
export type AccountConfig = typeof AccountConfig.Type

export const AccountsFile = Schema.Struct({ $schema: Schema.optionalKey(Schema.String), accounts: Schema.Array(AccountConfig) })
