/** Names of things. Owns: every branded identifier. All are case-sensitive and never reused. */
import { Schema } from "effect"

const name = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u, {
  expected: "a name of at most 64 letters, digits, \".\", \"_\" or \"-\", the first a letter or digit"
}))

/** An entrance for alerts, the last part of its webhook's path. */
export const LaneId = name.pipe(Schema.brand("LaneId"))
export type LaneId = typeof LaneId.Type

export const StrategyId = name.pipe(Schema.brand("StrategyId"))
export type StrategyId = typeof StrategyId.Type

/** A trading account as this house knows it; the venue's own number is in its configuration. */
export const AccountId = name.pipe(Schema.brand("AccountId"))
export type AccountId = typeof AccountId.Type

/** One sign-in at one broker; it may carry many accounts. */
export const LoginId = name.pipe(Schema.brand("LoginId"))
export type LoginId = typeof LoginId.Type

/** Which adapter speaks for a login. */
export const VenueId = Schema.Literals(["paper", "reference", "tradovate"])
export type VenueId = typeof VenueId.Type

/** A tradable instrument: `MESZ6` (one delivery month), `PF_XBTUSD`. Never a continuous symbol. */
export const InstrumentId = name.pipe(Schema.brand("InstrumentId"))
export type InstrumentId = typeof InstrumentId.Type

/** Given to each delivery at its arrival; a duplicate carries the id of the first. */
export const AlertId = Schema.NonEmptyString.pipe(Schema.brand("AlertId"))
export type AlertId = typeof AlertId.Type

/** Ours, deterministic, at most 32 of `[a-z0-9-]`: what every venue accepts and what a look-up after a crash asks for. */
export const ClientOrderId = Schema.String.check(Schema.isPattern(/^[a-z0-9-]{1,32}$/)).pipe(Schema.brand("ClientOrderId"))
export type ClientOrderId = typeof ClientOrderId.Type

export const VenueOrderId = Schema.NonEmptyString.pipe(Schema.brand("VenueOrderId"))
export type VenueOrderId = typeof VenueOrderId.Type

/** The venue's own id of one execution, unique within its account; each counts once. */
export const FillId = Schema.NonEmptyString.pipe(Schema.brand("FillId"))
export type FillId = typeof FillId.Type
