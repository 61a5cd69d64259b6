/** Positions that were opened and closed. */
import { BigDecimal, HashMap, Option } from "effect"
import type { TradeView } from "#schemas/contracts/Views.ts"
import type { AccountId } from "#schemas/Ids.ts"
import type { Trade } from "#schemas/events/AccountEvent.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import * as Bounded from "./Bounded.ts"
import * as Catalog from "./Catalog.ts"
import * as Minutes from "./Minutes.ts"
import { quantityText } from "./Orders.ts"
import { accountOf } from "./Streams.ts"
import * as Text from "./Text.ts"

/** Trades kept in memory; recent ones that the venue's own fills may still correct are kept on top. */
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
  /** Won or lost, after fees. */
  readonly realized: Minutes.Minutes<BigDecimal.BigDecimal>
  readonly catalog: Catalog.State
}

const zero = BigDecimal.make(0n, 0)

export const empty: State = { trades: Bounded.empty(tradesMax), realized: Minutes.empty(), catalog: Catalog.empty }

/** Told again, a trade replaces itself: its inferred fills became reported ones. */
export const evolve = (state: State, row: JournalRow): State => {
  const { atMs, event, seq } = row
  if (event._tag === "EntryDecided" || event._tag === "PositionAdopted") return { ...state, catalog: Catalog.evolve(state.catalog, row) }
  const accountId = accountOf(row)
  if (event._tag !== "TradeClosed" || event.trade === undefined || accountId === undefined) return state
  const { trade } = event
  const key = `${accountId} ${trade.tradeId}`
  const entry: Entry = { seq, accountId, trade, instrument: Catalog.find(state.catalog, trade.instrumentId) }
  const mayDrop = ({ trade: { closedAtMs, inferred } }: Entry) => !inferred || closedAtMs < atMs - recentMs
  const before = Option.getOrUndefined(HashMap.get(state.trades.entries, key))
  const without = before === undefined ? state.realized : plus(state.realized, accountId, before.trade.closedAtMs, BigDecimal.negate(before.trade.realizedPnl))
  return {
    ...state,
    trades: Bounded.put(state.trades, key, entry, { max: tradesMax, ageOf: seqOf, mayDrop }),
    realized: plus(without, accountId, trade.closedAtMs, trade.realizedPnl)
  }
}

const plus = (realized: State["realized"], accountId: AccountId, atMs: number, amount: BigDecimal.BigDecimal): State["realized"] =>
  Minutes.change(realized, accountId, atMs, (sum = zero) => BigDecimal.sum(sum, amount))

const seqOf = (entry: Entry): number => entry.seq

/** Of trades that were closed since then. */
export const realizedSince = ({ realized }: State, accountId: AccountId, sinceMs: number): BigDecimal.BigDecimal =>
  Minutes.since(realized, accountId, sinceMs, zero, (sum, amount) => BigDecimal.sum(sum, amount))

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
