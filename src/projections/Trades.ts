/** Positions that were opened and closed. */
import { HashMap } from "effect"
import type { TradeView } from "#schemas/contracts/Views.ts"
import type { AccountId } from "#schemas/Ids.ts"
import type { Trade } from "#schemas/events/AccountEvent.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import * as Bounded from "./Bounded.ts"
import * as Catalog from "./Catalog.ts"
import { quantityText } from "./Orders.ts"
import { accountOf } from "./Streams.ts"
import * as Text from "./Text.ts"

/** Trades kept in memory; those of the last two days are kept on top, day figures need them. */
export const tradesMax = 10_000
const recentMs = 48 * 3_600_000

export interface Entry {
  readonly seq: number
  readonly accountId: AccountId
  readonly trade: typeof Trade.Type
  readonly instrument: Instrument | undefined
}

export interface State {
  readonly trades: Bounded.Bounded<string, Entry>
  readonly catalog: Catalog.State
}

export const empty: State = { trades: Bounded.empty(tradesMax), catalog: Catalog.empty }

/** Told again, a trade replaces itself: its inferred fills became reported ones. */
export const evolve = (state: State, row: JournalRow): State => {
  const { atMs, event, seq } = row
  if (event._tag === "EntryDecided") return { ...state, catalog: Catalog.evolve(state.catalog, row) }
  const accountId = accountOf(row)
  if (event._tag !== "TradeClosed" || event.trade === undefined || accountId === undefined) return state
  const { trade } = event
  const entry: Entry = { seq, accountId, trade, instrument: Catalog.find(state.catalog, trade.instrumentId) }
  const rule = { max: tradesMax, ageOf: seqOf, mayDrop: (one: Entry) => one.trade.closedAtMs < atMs - recentMs }
  return { ...state, trades: Bounded.put(state.trades, `${accountId} ${trade.tradeId}`, entry, rule) }
}

const seqOf = (entry: Entry): number => entry.seq

export const closedSince = (state: State, accountId: AccountId, sinceMs: number): ReadonlyArray<typeof Trade.Type> =>
  Array.from(HashMap.values(state.trades.entries))
    .filter((entry) => entry.accountId === accountId && entry.trade.closedAtMs >= sinceMs)
    .map(({ trade }) => trade)

export type CurrencyOf = (accountId: AccountId) => string | undefined

const view = ({ accountId, instrument, trade }: Entry, currencyOf: CurrencyOf): TradeView => ({
  tradeId: trade.tradeId,
  accountId,
  alertId: trade.alertId,
  strategy: trade.strategy,
  symbol: trade.instrumentId,
  side: trade.side,
  quantity: quantityText(instrument, trade.lots),
  entryPrice: Text.average(trade.entryPrice),
  exitPrice: Text.average(trade.exitPrice),
  fees: Text.decimal(trade.fees),
  realizedPnl: Text.average(trade.realizedPnl),
  currency: currencyOf(accountId) ?? instrument?.currency ?? "",
  openedAtMs: trade.openedAtMs,
  closedAtMs: trade.closedAtMs,
  inferred: trade.inferred
})

export const page = (
  state: State,
  asked: { readonly since?: number; readonly limit?: number },
  limitDefault: number,
  currencyOf: CurrencyOf
): ReadonlyArray<TradeView> => Bounded.page(state.trades, seqOf, asked, limitDefault).map((entry) => view(entry, currencyOf))
