/** What no source proves of this protocol: each point with all its readings, the usual one first. */
import { Result } from "effect"

export const readings = {
  /** When Suspended children come to work. */
  activation: ["onFullFill", "proportional"],
  /** A stop that the market has already passed, as it comes to work. */
  wrongSideStop: ["rejected", "filled"],
  /** How far the snapshot and the lists reach back for orders, commands and fills that are over. */
  snapshot: ["all", "session"],
  /** What `user/syncrequest` takes: `{users}`, or `{accounts, entityTypes, splitResponses}` and no orders for the other form. */
  syncForm: ["classic", "partner"],
  /** Changes of one moment in the order in which they happened, or in any. */
  props: ["inOrder", "shuffled"],
  /** Changes of one moment in one frame, or each in its own. */
  frames: ["merged", "single"],
  /** Each change with its entity, or with all of its kind in a row as a list. */
  entities: ["one", "lists"],
  /** The sockets of a session that a third sign-in ended: closed without a word, or open and dumb. */
  kicked: ["closed", "silent"],
  /** `timeInForce` left out of a change: Day again, or as it was. */
  omittedOnModify: ["defaults", "kept"],
  /** What rests with Day at the end of the trading day. */
  dayOrders: ["expire", "stay"],
  /** The same `clOrdId` again: another order, or refused. */
  sameClOrdId: ["another", "refused"],
  /** What a command taken says beside its number: nothing, or a `failureReason` of Success. */
  taken: ["bare", "success"],
  /** Whether a Stop may bring its price as `price`. */
  stopByPrice: ["refused", "accepted"],
  expirationMonth: ["YYYYMM", "MM"],
  /** The body of a 401 for a token that has expired. */
  expiredText: ["Expired Access Token", "Access is denied"],
  /** Orders in `live` need a device id at sign-in. */
  environment: ["demo", "live"]
} as const

export type Switches = { readonly [Name in keyof typeof readings]: (typeof readings)[Name][number] }

export const usual: Switches = {
  activation: "onFullFill", wrongSideStop: "rejected", snapshot: "all", syncForm: "classic", props: "inOrder", frames: "merged", entities: "one", kicked: "closed",
  omittedOnModify: "defaults", dayOrders: "expire", sameClOrdId: "another", taken: "bare", stopByPrice: "refused", expirationMonth: "YYYYMM", expiredText: "Expired Access Token", environment: "demo"
}

const isName = (text: string): text is keyof Switches => Object.hasOwn(readings, text)

/** `activation=proportional frames=single`. */
export const parse = (text: string): Result.Result<Partial<Switches>, string> => {
  let switches: Partial<Switches> = {}
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const [name = "", value = ""] = word.split("=")
    if (!isName(name)) return Result.fail(`"${word}": no such switch; there are ${Object.keys(readings).join(", ")}`)
    const known: ReadonlyArray<string> = readings[name]
    if (!known.includes(value)) return Result.fail(`"${word}": ${name} is ${known.join(" or ")}`)
    switches = { ...switches, [name]: value }
  }
  return Result.succeed(switches)
}
