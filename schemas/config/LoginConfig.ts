/** `venues.json`: broker logins. */
import { Schema } from "effect"
import { LoginId, type VenueId } from "../Ids.ts"
import { SecretRef } from "./Secret.ts"

/** How paper fills. Slippage is always against the order. */
export const PaperSettings = Schema.Struct({
  /** Seeds the simulated market: same seed, same prices at the same instant. */
  seed: Schema.Int,
  /**
   * Another login whose quotes this one fills against, live, in place of a simulated market. It is only listened to: no order reaches it.
   * It must be enabled and have quotes of its own. While it is silent nothing fills and what needs a price is refused.
   */
  quotesFrom: Schema.optionalKey(LoginId),
  slippage: Schema.Union([
    Schema.Struct({ unit: Schema.Literal("ticks"), value: Schema.Int }),
    Schema.Struct({ unit: Schema.Literal("basisPoints"), value: Schema.Int })
  ]),
  /** Time from a request to its answer, milliseconds. */
  latencyMs: Schema.Int,
  /** Most lots that one fill takes; the rest follows with the next quote. Absent: all at once. */
  lotsPerFillMax: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  /** Milliseconds between two quotes of one instrument; with `quotesFrom` its quotes come as they come, and this is how often time is looked at. */
  quoteEveryMs: Schema.Int.check(Schema.isGreaterThan(0)),
  /** What this venue claims to know: switches for trying every way of protecting a position. */
  nativeBrackets: Schema.Boolean,
  reduceOnly: Schema.Boolean,
  oca: Schema.Boolean,
  modify: Schema.Boolean
})
export type PaperSettings = typeof PaperSettings.Type

/** How the reference venue is reached: a venue of wire and protocol that moves no money. */
export const ReferenceSettings = Schema.Struct({
  /** `https://host`, or `http://` of this machine. */
  url: Schema.String.check(Schema.isPattern(/^https?:\/\/[^/?#@\s]+$/u, { expected: "http:// or https://, a host and maybe a port, nothing behind it" })),
  key: Schema.NonEmptyString,
  secret: SecretRef,
  /** The most that the venue takes of one login; 90 % of it are used. Absent: not limited from here. */
  requestsPerMinute: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0)))
})
export type ReferenceSettings = typeof ReferenceSettings.Type

export const PaperLogin = Schema.Struct({ id: LoginId, venue: Schema.Literal("paper"), enabled: Schema.Boolean, paper: PaperSettings })
export type PaperLogin = typeof PaperLogin.Type

export const ReferenceLogin = Schema.Struct({ id: LoginId, venue: Schema.Literal("reference"), enabled: Schema.Boolean, reference: ReferenceSettings })
export type ReferenceLogin = typeof ReferenceLogin.Type

export const LoginConfig = Schema.Union([PaperLogin, ReferenceLogin])
export type LoginConfig = typeof LoginConfig.Type

/** Nothing that such a venue is sent reaches a market. */
const simulated: Readonly<Record<VenueId, boolean>> = { paper: true, reference: true }
export const isSimulated = (venue: VenueId): boolean => simulated[venue]

/** What a switch of one mode means by it: `live` moves money. */
export const modeOf = (venue: VenueId): "paper" | "live" => (simulated[venue] ? "paper" : "live")

/** The other login whose quotes this one lives on. */
export const quotesFrom = (login: LoginConfig): LoginId | undefined => (login.venue === "paper" ? login.paper.quotesFrom : undefined)

export const VenuesFile = Schema.Struct({ $schema: Schema.optionalKey(Schema.String), logins: Schema.Array(LoginConfig) })
