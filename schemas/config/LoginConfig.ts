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

/** `https://host`, or `http://` of this machine. */
const Origin = Schema.String.check(Schema.isPattern(/^https?:\/\/[^/?#@\s]+$/u, { expected: "http:// or https://, a host and maybe a port, nothing behind it" }))

/** How the reference venue is reached: a venue of wire and protocol that moves no money. */
export const ReferenceSettings = Schema.Struct({
  url: Origin,
  key: Schema.NonEmptyString,
  secret: SecretRef,
  /** The most that the venue takes of one login; 90 % of it are used. Absent: not limited from here. */
  requestsPerMinute: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0)))
})
export type ReferenceSettings = typeof ReferenceSettings.Type

/** A user of Tradovate with an API key. Accounts in evaluation live on the demo hosts. */
export const TradovateSettings = Schema.Struct({
  /** `https://demo.tradovateapi.com` or `https://live.tradovateapi.com`. */
  url: Origin,
  /** `https://md.tradovateapi.com`, where the user has paid for market data over the API. Absent: no quotes and no bars from here. */
  marketDataUrl: Schema.optionalKey(Origin),
  /** The user's name, not an account's. */
  name: Schema.NonEmptyString,
  password: SecretRef,
  appId: Schema.NonEmptyString,
  appVersion: Schema.NonEmptyString,
  /** Always the same for this installation: live orders need it. */
  deviceId: Schema.NonEmptyString,
  /** The API key's number and its secret. */
  cid: Schema.optionalKey(Schema.Int),
  sec: Schema.optionalKey(SecretRef),
  /** The most that the venue takes of one user; 90 % of it are used. */
  requestsPerHour: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0)))
})
export type TradovateSettings = typeof TradovateSettings.Type

export const PaperLogin = Schema.Struct({ id: LoginId, venue: Schema.Literal("paper"), enabled: Schema.Boolean, paper: PaperSettings })
export type PaperLogin = typeof PaperLogin.Type

export const ReferenceLogin = Schema.Struct({ id: LoginId, venue: Schema.Literal("reference"), enabled: Schema.Boolean, reference: ReferenceSettings })
export type ReferenceLogin = typeof ReferenceLogin.Type

export const TradovateLogin = Schema.Struct({ id: LoginId, venue: Schema.Literal("tradovate"), enabled: Schema.Boolean, tradovate: TradovateSettings })
export type TradovateLogin = typeof TradovateLogin.Type

export const LoginConfig = Schema.Union([PaperLogin, ReferenceLogin, TradovateLogin])
export type LoginConfig = typeof LoginConfig.Type

/** Nothing that such a venue is sent reaches a market. What a demo account of Tradovate loses may cost an evaluation: it counts as live. */
const simulated: Readonly<Record<VenueId, boolean>> = { paper: true, reference: true, tradovate: false }
export const isSimulated = (venue: VenueId): boolean => simulated[venue]

/** What a switch of one mode means by it: `live` moves money. */
export const modeOf = (venue: VenueId): "paper" | "live" => (simulated[venue] ? "paper" : "live")

/** What its broker gave for it in secret. */
export const secretsOf = (login: LoginConfig): ReadonlyArray<SecretRef> => {
  switch (login.venue) {
    case "paper":
      return []
    case "reference":
      return [login.reference.secret]
    case "tradovate":
      return [login.tradovate.password, ...(login.tradovate.sec === undefined ? [] : [login.tradovate.sec])]
  }
}

/** Where it is reached, by the setting that says so. */
export const urlsOf = (login: LoginConfig): Readonly<Record<string, string>> => {
  switch (login.venue) {
    case "paper":
      return {}
    case "reference":
      return { "reference.url": login.reference.url }
    case "tradovate": {
      const { marketDataUrl, url } = login.tradovate
      return { "tradovate.url": url, ...(marketDataUrl === undefined ? {} : { "tradovate.marketDataUrl": marketDataUrl }) }
    }
  }
}

/** The other login whose quotes this one lives on. */
export const quotesFrom = (login: LoginConfig): LoginId | undefined => (login.venue === "paper" ? login.paper.quotesFrom : undefined)

export const VenuesFile = Schema.Struct({ $schema: Schema.optionalKey(Schema.String), logins: Schema.Array(LoginConfig) })
