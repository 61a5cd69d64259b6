/** Each account at a glance: its day, its orders in doubt, whether it settled with its venue. */
import { BigDecimal, HashMap } from "effect"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { AccountView } from "#schemas/contracts/Views.ts"
import type { AccountId } from "#schemas/Ids.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import { dayStartMs } from "#src/risk/DailyLoss.ts"
import * as Bounded from "./Bounded.ts"
import * as Orders from "./Orders.ts"
import * as Positions from "./Positions.ts"
import { type Mark, runningPnl } from "./PositionViews.ts"
import * as Switches from "./Switches.ts"
import { accountOf } from "./Streams.ts"
import * as Text from "./Text.ts"
import * as Trades from "./Trades.ts"

/** Entries remembered for the day's count; those of the last two days are kept on top. */
export const entriesMax = 10_000
const recentMs = 48 * 3_600_000

interface Entry {
  readonly seq: number
  readonly accountId: AccountId
  readonly decidedAtMs: number
}

export interface State {
  /** By place in the journal. */
  readonly entries: Bounded.Bounded<number, Entry>
  readonly reconciledAtMs: HashMap.HashMap<AccountId, number>
}

export const empty: State = { entries: Bounded.empty(entriesMax), reconciledAtMs: HashMap.empty() }

export const evolve = (state: State, row: JournalRow): State => {
  const { atMs, event, seq } = row
  const accountId = accountOf(row)
  if (accountId === undefined) return state
  switch (event._tag) {
    case "AccountReconciled":
      return { ...state, reconciledAtMs: HashMap.set(state.reconciledAtMs, accountId, event.atMs) }
    case "AccountRecovering":
      return { ...state, reconciledAtMs: HashMap.remove(state.reconciledAtMs, accountId) }
    case "EntryDecided": {
      const rule = { max: entriesMax, ageOf: (one: Entry) => one.seq, mayDrop: (one: Entry) => one.decidedAtMs < atMs - recentMs }
      return { ...state, entries: Bounded.put(state.entries, seq, { seq, accountId, decidedAtMs: event.decidedAtMs }, rule) }
    }
    default:
      return state
  }
}

/** When the account last settled with its venue, if it is settled. */
export const reconciledAtMs = (state: State, accountId: AccountId): number | undefined => {
  const found = HashMap.get(state.reconciledAtMs, accountId)
  return found._tag === "Some" ? found.value : undefined
}

/** Entries decided since then: what the day's cap counts. */
const tradesSince = (state: State, accountId: AccountId, sinceMs: number): number =>
  HashMap.reduce(state.entries.entries, 0, (count, one) => (one.accountId === accountId && one.decidedAtMs >= sinceMs ? count + 1 : count))

export interface Around {
  readonly nowMs: number
  readonly orders: Orders.State
  readonly positions: Positions.State
  readonly trades: Trades.State
  readonly mark: Mark
  readonly isLive: boolean
  readonly stateNow: AccountView["state"]
  readonly switches: Switches.State
}

/** Since the reset: trades closed, and positions still open with all they won or lost. */
export const view = (state: State, account: AccountConfig, around: Around): AccountView => {
  const sinceMs = dayStartMs(account.dayStartsAt, around.nowMs)
  const closed = Trades.closedSince(around.trades, account.id, sinceMs).map(({ realizedPnl }) => realizedPnl)
  const running = runningPnl(around.positions, account.id, around.mark)
  const { dailyLoss } = account.caps
  return {
    id: account.id,
    enabled: account.enabled,
    login: account.login,
    mode: around.isLive ? "live" : "paper",
    state: account.enabled ? around.stateNow : "disabled",
    assets: account.assets,
    dayPnl: Text.average(BigDecimal.sumAll([running, ...closed])),
    dailyLoss: dailyLoss === undefined ? null : Text.decimal(dailyLoss),
    tradesToday: tradesSince(state, account.id, sinceMs),
    openPositions: Positions.open(around.positions).filter(({ accountId }) => accountId === account.id).length,
    unknownOrders: Orders.working(around.orders).filter(({ order, status }) => order.accountId === account.id && status === "Unknown").length,
    currency: account.balance.currency,
    stoppedBy: Switches.stopping(around.switches, account, around.isLive ? "live" : "paper")
  }
}
