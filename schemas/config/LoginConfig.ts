/** `venues.json`: broker logins. */
import { Schema } from "effect"
import { LoginId } from "../Ids.ts"

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

export const LoginConfig = Schema.Union([
  Schema.Struct({ id: LoginId, venue: Schema.Literal("paper"), enabled: Schema.Boolean, paper: PaperSettings })
])
export type LoginConfig = typeof LoginConfig.Type

export const VenuesFile = Schema.Struct({ $schema: Schema.optionalKey(Schema.String), logins: Schema.Array(LoginConfig) })
