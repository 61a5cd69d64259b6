/** The house of one day: two logins, five accounts, three strategies, four symbols. Owns: which of its settings change from day to day. */
import { Result } from "effect"
import type { House } from "#config/House.ts"
import * as Load from "#config/Load.ts"
import * as ManualStrategy from "#config/ManualStrategy.ts"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import { AccountId, LoginId, type StrategyId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Powers } from "#src/lifecycle/Facts.ts"
import type * as Chance from "#src/simulation/Chance.ts"
import type * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

/** What a login's venue can do, and whether its "not found" proves anything. */
export interface Abilities {
  readonly style: Ledger.Style
  readonly powers: Powers
  readonly lookupIsProof: boolean
}

const all = { nativeBrackets: true, reduceOnly: true, oca: true, modify: true, closeTakesOrders: false }
const abilities: ReadonlyArray<Omit<Abilities, "lookupIsProof">> = [
  { style: "native", powers: all },
  { style: "native", powers: { ...all, nativeBrackets: false, oca: false, modify: false, closeTakesOrders: false } },
  { style: "native", powers: { ...all, nativeBrackets: false, oca: false } },
  { style: "plain", powers: { nativeBrackets: false, reduceOnly: false, oca: false, modify: true, closeTakesOrders: false } },
  { style: "plain", powers: { nativeBrackets: false, reduceOnly: false, oca: false, modify: false, closeTakesOrders: false } }
]

export const drawAbilities = (chance: Chance.Chance): Abilities => ({
  ...abilities[chance.below(abilities.length)] ?? { style: "native", powers: all },
  lookupIsProof: chance.hits(0.3)
})

const accountsOf: Readonly<Record<string, ReadonlyArray<string>>> = { "login-a": ["acct-1", "acct-2", "acct-3"], "login-b": ["acct-4", "acct-5"] }
export const logins = Object.entries(accountsOf).map(([login, accounts]) => ({
  login: LoginId.make(login), accounts: accounts.map((id) => AccountId.make(id))
}))

/** As the venue names them, with where the price begins, in ticks. */
export const symbols = [
  { symbol: "MES1!", startTicks: 27_600 },
  { symbol: "MNQ1!", startTicks: 101_600 },
  { symbol: "PF_XBTUSD", startTicks: 90_000 },
  { symbol: "PF_ETHUSD", startTicks: 30_000 }
] as const

const zone = "America/New_York"
const exits = { stop: true, target: true, runner: true, signalExit: true }
const common = { enabled: true, lanes: ["all"], exitProfile: exits, entryAgeMsMax: 60_000, coolDownMs: 0, expectation: "ignore", protection: "required" }

const strategies = [
  {
    ...common, id: "trend", symbols: ["MES1!", "PF_XBTUSD"], defaultStop: { _tag: "Distance", ticks: 40 }, defaultTarget: { _tag: "Distance", ticks: 60 },
    quotes: "live", onSameSide: "deny", onOppositeSide: "exit", entryDeadlineMs: 30_000, fires: { zone, dayStartsAt: "00:00" }
  },
  {
    ...common, id: "scale", symbols: ["MNQ1!", "PF_XBTUSD"], defaultStop: { _tag: "Percent", percent: "0.2" },
    quotes: "any", onSameSide: "add", onOppositeSide: "reverse", entryDeadlineMs: 10_000, maxQuantity: "40", fires: { zone, dayStartsAt: "00:00", max: 25 }
  },
  {
    ...common, id: "fade", symbols: ["PF_ETHUSD", "MES1!"], defaultStop: { _tag: "Distance", ticks: 25 }, defaultTarget: { _tag: "Distance", ticks: 25 },
    quotes: "live", onSameSide: "replace", onOppositeSide: "deny", entryDeadlineMs: 30_000, fires: { zone, dayStartsAt: "00:00" }
  }
]

const policies = [{ reconciliation: "alarm" }, { reconciliation: "adopt", adoptStop: { _tag: "Distance", ticks: 50 } }, { reconciliation: "flatten" }] as const

const accounts = (variant: number) => logins.flatMap(({ accounts: ids, login }) => ids.map((id, index) => ({
  id, login, enabled: true, venueAccount: `V-${id}`, balance: { amount: "100000", currency: "USD" }, assets: ["futures", "crypto"],
  sizing: {
    futures: index === 1 ? { kind: "risk", amount: "250" } : { kind: "fixed", quantity: String(1 + index) },
    crypto: { kind: "fixed", quantity: index === 2 ? "0.003" : "0.05" }
  },
  caps: index === 0 ? { maxContracts: { futures: "4", crypto: "0.2" } } : index === 1 ? { maxPositions: 2, dailyLoss: "3000" } : {},
  dayStartsAt: { time: "17:00", zone: "America/Chicago" },
  restingTargets: true,
  feePerLot: { futures: "0.62", crypto: "0.002" },
  ...policies[(variant + index) % policies.length]
})))

const always = { id: "always", zone: "Etc/UTC", always: true, windows: [], closedOn: [], earlyCloses: [] }
const future = { version: 1, asset: "futures", exchange: "CME", tickSize: "0.25", currency: "USD", lotSize: "1", calendar: "always", aliases: [],
  roll: { months: ["H", "M", "U", "Z"], expiry: "thirdFriday", daysBefore: 6, zone: "America/Chicago" }, simulation: { price: "6900.00", dayRangePercent: "1.2" } }
const perpetual = { version: 1, asset: "crypto", exchange: "KRAKEN_FUTURES", tickValue: "0.0001", currency: "USD", calendar: "always", aliases: [],
  simulation: { price: "90000", dayRangePercent: "3" } }
const instruments = [
  { ...future, root: "MES", tickValue: "1.25" },
  { ...future, root: "MNQ", tickValue: "0.50" },
  { ...perpetual, root: "PF_XBTUSD", tickSize: "1", lotSize: "0.0001" },
  { ...perpetual, root: "PF_ETHUSD", tickSize: "0.1", lotSize: "0.001" }
]

const textsOf = (variant: number): Load.Texts => ({
  "lanes.json": JSON.stringify({ lanes: [{ id: "all", enabled: true, secret: { $env: "LANE_SECRET" }, formats: ["canonical"] }] }),
  "strategies.json": JSON.stringify({ strategies }),
  "accounts.json": JSON.stringify({ accounts: accounts(variant) }),
  "venues.json": JSON.stringify({ logins: logins.map(({ login }) => ({
    id: login, venue: "reference", enabled: true, reference: { url: `https://${login}.test`, key: login, secret: { $env: "KEY_SECRET" } } })) }),
  "instruments.json": JSON.stringify({ instruments }),
  "calendars.json": JSON.stringify({ calendars: [always] })
})

export interface Settled {
  readonly house: House
  readonly strategies: ReadonlyMap<StrategyId, StrategyConfig>
}

export const variants = policies.length
const made = new Map<number, Settled>()

export const house = (variant: number): Settled => {
  const known = made.get(variant)
  if (known !== undefined) return known
  const loaded = Load.fromTexts(textsOf(variant))
  if (Result.isFailure(loaded)) throw new Error(loaded.failure.message)
  const settled: Settled = { house: loaded.success, strategies: ManualStrategy.makeWith()(loaded.success.strategies) }
  made.set(variant, settled)
  return settled
}

export const instrumentOf = ({ house: { calendars, instruments: known } }: Settled, symbol: string, atMs: number): Instrument => {
  const found = Resolve.resolve(known, symbol, atMs, calendars)
  if (found._tag === "None") throw new Error(`no instrument ${symbol}`)
  return found.value
}
