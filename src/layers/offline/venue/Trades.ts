/** What will trade on an account once it is enabled, in words. Pure. */
import { BigDecimal, Option } from "effect"
import type { House } from "#config/House.ts"
import type { AccountConfig, Sizing } from "#schemas/config/AccountConfig.ts"
import { type LoginConfig, modeOf, urlsOf } from "#schemas/config/LoginConfig.ts"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

const text = BigDecimal.format

const sizingText = (asset: string, sizing: Sizing): string => sizing.kind === "fixed"
  ? `${asset} ${text(sizing.quantity)} where the alert names no quantity`
  : `${asset} as much as loses ${text(sizing.amount)} at the stop`

const capsText = ({ caps: { dailyLoss, maxContracts = {}, maxContractsBySymbol = {}, maxPositions, maxTradesPerDay }, balance: { currency } }: AccountConfig): string => {
  const all = [
    ...Object.entries(maxContracts).flatMap(([asset, most]) => most === undefined ? [] : [`${asset} ${text(most)} at most`]),
    ...Object.entries(maxContractsBySymbol).map(([root, most]) => `${root} ${text(most)} at most`),
    ...(maxPositions === undefined ? [] : [`${maxPositions} positions`]),
    ...(maxTradesPerDay === undefined ? [] : [`${maxTradesPerDay} trades a day`]),
    dailyLoss === undefined ? "NO DAILY LOSS LIMIT" : `daily loss ${text(dailyLoss)} ${currency}`
  ]
  return all.join(", ")
}

interface Route {
  readonly strategy: StrategyConfig
  readonly lanes: ReadonlyArray<string>
  readonly symbols: ReadonlyArray<string>
}

/** Enabled strategies whose alerts reach it through an open lane, for what it may trade. */
const routesOf = ({ calendars, instruments, lanes, strategies }: House, account: AccountConfig, nowMs: number): ReadonlyArray<Route> =>
  [...strategies.values()].flatMap((strategy) => {
    const open = strategy.lanes.filter((id) => (account.lanes?.includes(id) ?? true) && lanes.get(id)?.enabled === true)
    const symbols = strategy.symbols.filter((symbol) => Option.match(Resolve.resolve(instruments, symbol, nowMs, calendars), {
      onNone: () => false,
      onSome: ({ asset, root }) => account.assets.includes(asset) && (account.symbols?.includes(root) ?? true)
    }))
    return strategy.enabled && open.length > 0 && symbols.length > 0 ? [{ strategy, lanes: open, symbols }] : []
  })

const routeText = ({ lanes, strategy, symbols }: Route): string =>
  `${strategy.id}: ${symbols.join(", ")} through lane ${lanes.join(", ")}${strategy.protection === "external" ? ", PROTECTED ELSEWHERE: its entries may come without a stop" : ""}`

export const lines = (house: House, account: AccountConfig, login: LoginConfig, nowMs: number): ReadonlyArray<string> => {
  const { assets, balance, id, reconciliation = "alarm", restingTargets, sizing, symbols, venueAccount = id } = account
  const routes = routesOf(house, account, nowMs).map(routeText)
  const mode = modeOf(login.venue) === "live" ? "LIVE: orders go to a broker" : "paper, SIMULATED: nothing reaches a market"
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["mode", mode],
    ["venue", [`account ${venueAccount} of login ${login.id} (${login.venue})`, ...Object.values(urlsOf(login)).slice(0, 1)].join(" at ")],
    ["balance", `${text(balance.amount)} ${balance.currency}`],
    ["trades", `${assets.join(", ")}${symbols === undefined ? "" : `, only ${symbols.join(", ")}`}`],
    ["strategies", routes.length === 0 ? "none: no alert reaches it, only orders by hand do" : routes[0] ?? ""],
    ...routes.slice(1).map((route) => ["", route] as const),
    ["size", Object.entries(sizing).flatMap(([asset, one]) => one === undefined ? [] : [sizingText(asset, one)]).join("; ")],
    ["caps", capsText(account)],
    ["not ours", reconciliation],
    ...(restingTargets ? [["targets", "rest beside the stop"] as const] : [])
  ]
  return [`account ${id}`, ...rows.map(([name, what]) => `  ${name.padEnd(11)}${what}`)]
}
