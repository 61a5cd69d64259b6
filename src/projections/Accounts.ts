/** Each account at a glance: its day, its orders in doubt, whether it settled with its venue. */
import { BigDecimal, HashMap } from "effect"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { AccountView } from "#schemas/contracts/Views.ts"
import type { AccountId } from "#schemas/Ids.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import { dayStartMs } from "#src/risk/DailyLoss.ts"
import * as Minutes from "./Minutes.ts"
import * as Findings from "./Findings.ts"
import * as Orders from "./Orders.ts"
import * as Positions from "./Positions.ts"
import { type Mark, runningPnl } from "./PositionViews.ts"
import * as Switches from "./Switches.ts"
import { accountOf } from "./Streams.ts"
import * as Text from "./Text.ts"
import * as Trades from "./Trades.ts"

export interface State {
  /** Entries decided. */
  readonly entries: Minutes.Minutes<number>
  readonly reconciledAtMs: HashMap.HashMap<AccountId, number>
}

export const empty: State = { entries: Minutes.empty(), reconciledAtMs: HashMap.empty() }

export const evolve = (state: State, row: JournalRow): State => {
  const { event } = row
  const accountId = accountOf(row)
  if (accountId === undefined) return state
  switch (event._tag) {
    case "AccountReconciled":
      return { ...state, reconciledAtMs: HashMap.set(state.reconciledAtMs, accountId, event.atMs) }
    case "AccountRecovering":
      return { ...state, reconciledAtMs: HashMap.remove(state.reconciledAtMs, accountId) }
    case "EntryDecided":
      return { ...state, entries: Minutes.change(state.entries, accountId, event.decidedAtMs, (count = 0) => count + 1) }
    default:
      return state
  }
}

/** When the account last settled with its venue, if it is settled. */
export const reconciledAtMs = (state: State, accountId: AccountId): number | undefined => {
  const found = HashMap.get(state.reconciledAtMs, accountId)
  return found._tag === "Some" ? found.value : undefined
}

export interface Around {
  readonly nowMs: number
  readonly orders: Orders.State
  readonly positions: Positions.State
  readonly trades: Trades.State
  readonly mark: Mark
  readonly isLive: boolean
  readonly stateNow: AccountView["state"]
  readonly switches: Switches.State
  readonly findings: Findings.State
}

/** Since the reset: trades closed, and positions still open with all they won or lost. */
export const view = (state: State, account: AccountConfig, around: Around): AccountView => {
  const sinceMs = dayStartMs(account.dayStartsAt, around.nowMs)
  const running = runningPnl(around.positions, account.id, around.mark)
  const { dailyLoss } = account.caps
  const findings = Findings.views(around.findings, around.orders.catalog, account.id)
  return {
    id: account.id,
    enabled: account.enabled,
    login: account.login,
    mode: around.isLive ? "live" : "paper",
    state: account.enabled ? around.stateNow : "disabled",
    assets: account.assets,
    dayPnl: Text.average(BigDecimal.sum(running, Trades.realizedSince(around.trades, account.id, sinceMs))),
    dailyLoss: dailyLoss === undefined ? null : Text.decimal(dailyLoss),
    tradesToday: Minutes.since(state.entries, account.id, sinceMs, 0, (sum, count) => sum + count),
    openPositions: Positions.open(around.positions).filter(({ accountId }) => accountId === account.id).length,
    unknownOrders: Orders.working(around.orders).filter(({ order, status }) => order.accountId === account.id && status === "Unknown").length,
    currency: account.balance.currency,
    stoppedBy: Switches.stopping(around.switches, account, around.isLive ? "live" : "paper"),
    ...(findings.length === 0 ? {} : { findings })
  }
}
