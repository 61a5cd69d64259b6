/** All that people look at, folded together from one journal. */
import type { JournalRow } from "#schemas/JournalEvent.ts"
import * as Accounts from "./Accounts.ts"
import * as Alerts from "./Alerts.ts"
import * as Findings from "./Findings.ts"
import * as Orders from "./Orders.ts"
import * as Positions from "./Positions.ts"
import * as Switches from "./Switches.ts"
import * as Trades from "./Trades.ts"

export interface State {
  /** The last row folded. */
  readonly seq: number
  readonly alerts: Alerts.State
  readonly orders: Orders.State
  readonly positions: Positions.State
  readonly trades: Trades.State
  readonly accounts: Accounts.State
  readonly switches: Switches.State
  readonly findings: Findings.State
}

export const empty: State = {
  seq: 0,
  alerts: Alerts.empty,
  orders: Orders.empty,
  positions: Positions.empty,
  trades: Trades.empty,
  accounts: Accounts.empty,
  switches: Switches.empty,
  findings: Findings.empty
}

export const evolve = (state: State, row: JournalRow): State => ({
  seq: row.seq,
  alerts: Alerts.evolve(state.alerts, row),
  orders: Orders.evolve(state.orders, row),
  positions: Positions.evolve(state.positions, row),
  trades: Trades.evolve(state.trades, row),
  accounts: Accounts.evolve(state.accounts, row),
  switches: Switches.evolve(state.switches, row),
  findings: Findings.evolve(state.findings, row)
})
