/**
 * When a changed setting counts, and what it must not be changed under. Pure. Owns the table: `now`, `next order`, `restart` (the login's
 * session stops, then starts), `needs flat` (refused while what it touches holds anything).
 */
import type { AccountId, LoginId, StrategyId } from "#schemas/Ids.ts"
import * as Diff from "./Diff.ts"
import type { ConfigProblem } from "./ConfigInvalid.ts"
import { fileOf, type FileName } from "./Files.ts"
import type { House } from "./House.ts"

export type Effective = "now" | "next order" | "needs flat" | "restart"

/** What has to hold nothing. */
export interface Touched {
  readonly kind: "account" | "login" | "strategy" | "instrument"
  readonly id: string
}

export interface Change extends Diff.Difference {
  readonly effect: Effective
  readonly touches?: Touched
}

/** The longest beginning of a setting's keys decides; what is not named counts `now`. */
const effects: Readonly<Record<FileName, Readonly<Record<string, Effective>>>> = {
  lanes: {},
  strategies: {
    defaultStop: "next order", defaultTarget: "next order", runner: "next order", protection: "next order", quotes: "next order", onSameSide: "next order",
    onOppositeSide: "next order", entryAgeMsMax: "next order", entryDeadlineMs: "next order", maxQuantity: "next order"
  },
  accounts: {
    login: "needs flat", venueAccount: "needs flat", restingTargets: "needs flat", "balance/currency": "needs flat",
    balance: "next order", lanes: "next order", assets: "next order", symbols: "next order", sizing: "next order", caps: "next order"
  },
  venues: {
    venue: "needs flat", enabled: "needs flat", paper: "needs flat",
    "paper/slippage": "restart", "paper/latencyMs": "restart", "paper/lotsPerFillMax": "restart", "paper/quoteEveryMs": "restart",
    reference: "needs flat", "reference/secret": "restart", "reference/requestsPerMinute": "restart"
  },
  // An open position is managed in the steps that it was opened in, and at prices of that market.
  instruments: {
    version: "needs flat", asset: "needs flat", exchange: "needs flat", tickSize: "needs flat", tickValue: "needs flat",
    currency: "needs flat", lotSize: "needs flat", calendar: "needs flat", roll: "needs flat", simulation: "needs flat"
  },
  calendars: {}
}

const kinds: Readonly<Partial<Record<FileName, Touched["kind"]>>> = {
  accounts: "account", venues: "login", strategies: "strategy", instruments: "instrument"
}

const named = ({ file, keys }: Diff.Difference): Effective =>
  keys.map((_, index) => effects[file][keys.slice(0, keys.length - index).join("/")]).find((effect) => effect !== undefined) ?? "now"

/** Served by this process before, and no more afterwards: removed, whatever the file says of it. */
const isDropped = ({ file, id }: Diff.Difference, before: House, after: House): boolean => {
  switch (file) {
    case "accounts":
      return before.accounts.has(id as AccountId) && !after.accounts.has(id as AccountId)
    case "strategies":
      return before.strategies.has(id as StrategyId) && !after.strategies.has(id as StrategyId)
    case "venues":
      return before.logins.has(id as LoginId) && !after.logins.has(id as LoginId)
    case "instruments":
      return !after.instruments.some(({ root }) => root === id)
    default:
      return false
  }
}

const effectOf = (difference: Diff.Difference, before: House, after: House): Effective => {
  if (isDropped(difference, before, after)) return "needs flat"
  const { file, keys } = difference
  if (keys.length === 0) return "now"
  return file === "venues" && keys[0] === "enabled" && difference.after === true ? "now" : named(difference)
}

export const of = (before: House, after: House): ReadonlyArray<Change> =>
  Diff.of(before, after).map((difference) => {
    const effect = effectOf(difference, before, after)
    const kind = kinds[difference.file]
    return { ...difference, effect, ...(effect === "needs flat" && kind !== undefined ? { touches: { kind, id: difference.id } } : {}) }
  })

/** Accounts whose holdings decide whether these changes may be made. */
export const accountsTouched = (changes: ReadonlyArray<Change>, { accounts }: House): ReadonlySet<AccountId> => {
  const touched = changes.flatMap(({ touches }) => touches === undefined ? [] : [touches])
  const isAny = touched.some(({ kind }) => kind === "strategy" || kind === "instrument")
  return new Set(Array.from(accounts.values()).flatMap(({ id, login }) =>
    isAny || touched.some((one) => one.id === (one.kind === "login" ? login : id)) ? [id] : []))
}

const specKeys = ["tickSize", "tickValue", "lotSize", "currency"] as const

/** Orders and fills name the version they were made with: another tick or lot under the same one would change what they say. */
export const versionProblems = (before: House, after: House): ReadonlyArray<ConfigProblem> => {
  const differences = Diff.of(before, after)
  return after.instruments.flatMap(({ root, version }, index) => {
    const old = before.instruments.find((one) => one.root === root)
    if (old === undefined) return []
    const changed = specKeys.filter((key) => differences.some(({ file, id, keys }) => file === "instruments" && id === root && keys[0] === key))
    if (changed.length === 0 ? version >= old.version : version > old.version) return []
    return [{
      file: fileOf("instruments"), path: `instruments[${index}].version`, entry: root,
      expected: changed.length === 0 ? `${old.version} or above` : `a version above ${old.version}, as ${changed.join(" and ")} changed`,
      got: String(version)
    }]
  })
}
