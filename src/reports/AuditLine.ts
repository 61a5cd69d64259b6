/**
 * Lines of `trades.jsonl`, for other tools: trades, blocks and outcomes, made from the journal's rows.
 * What is not known is null; prices, quantities and money are decimal strings; times ISO 8601 in UTC.
 */
import { BigDecimal, DateTime } from "effect"
import { modeOf } from "#schemas/config/LoginConfig.ts"
import type { Trade } from "#schemas/events/AccountEvent.ts"
import type { AlertId, VenueId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import { alertIdOf, type JournalEvent, type JournalRow } from "#schemas/JournalEvent.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Units from "#src/orders/Units.ts"

export type Value = string | number | boolean | null | ReadonlyArray<string> | { readonly [name: string]: string }
/** `seq` is the journal's: a line of a lower one was written before. */
export type Line = { readonly seq: number; readonly kind: "trade" | "block" | "outcome" } & { readonly [name: string]: Value }

/** Where an account trades, as configured now. */
export interface Place {
  readonly login: string
  readonly venue: VenueId
}
export type PlaceOf = (accountId: string) => Place | undefined

type EventOf<Tag extends JournalEvent["_tag"]> = Extract<JournalEvent, { readonly _tag: Tag }>

const accountPrefix = "account/"
/** Decimal places of quotients. */
const scale = 8

const iso = (atMs: number): string => DateTime.formatIso(DateTime.makeUnsafe(atMs))
const decimal = (value: BigDecimal.BigDecimal): string => BigDecimal.format(BigDecimal.round(value, { scale }))
const accountOf = (row: JournalRow): string | null => (row.stream.startsWith(accountPrefix) ? row.stream.slice(accountPrefix.length) : null)

/** The alert whose earlier rows a line needs, if this row makes a line. */
export const subjectOf = ({ event }: JournalRow): AlertId | undefined => {
  switch (event._tag) {
    case "TradeClosed":
      return event.trade?.alertId
    case "AlertGated":
      return event.blocked === undefined ? undefined : event.alertId
    case "AlertRefused":
      return event.signal === undefined ? undefined : event.alertId
    case "GuardBlocked":
    case "OutcomeReached":
      return alertIdOf(event)
    default:
      return undefined
  }
}

/** First event of a kind, in one stream if named. */
const firstOf = <Tag extends JournalEvent["_tag"]>(rows: ReadonlyArray<JournalRow>, tag: Tag, stream?: string) => {
  for (const { event, seq, stream: found } of rows) {
    if (event._tag === tag && (stream === undefined || found === stream)) return { event: event as EventOf<Tag>, seq }
  }
  return undefined
}

const signalOf = (rows: ReadonlyArray<JournalRow>) =>
  firstOf(rows, "AlertAccepted")?.event.signal ?? firstOf(rows, "AlertRefused")?.event.signal

const common = (row: JournalRow, rows: ReadonlyArray<JournalRow>, placeOf: PlaceOf) => {
  const signal = signalOf(rows)
  const account = accountOf(row)
  const place = account === null ? undefined : placeOf(account)
  return {
    seq: row.seq,
    at: iso(row.atMs),
    lane: signal?.lane ?? null,
    script_id: signal?.scriptId ?? null,
    strategy_id: signal?.strategy ?? null,
    mode: place === undefined ? null : modeOf(place.venue),
    venue: place?.venue ?? null,
    login: place?.login ?? null,
    account_id: account
  }
}

/** Won per unit of initial risk; null without a stop. */
const reward = (trade: Trade, instrument: Instrument, stopTicks: number | undefined): string | null => {
  if (stopTicks === undefined) return null
  const side = trade.side === "long" ? "buy" : "sell"
  const atStop = Units.pnl(instrument, side, trade.entryPrice, Units.priceOf(instrument, stopTicks), trade.lots)
  // A stop on the winning side risks nothing.
  return BigDecimal.isNegative(atStop) ? decimal(BigDecimal.divideUnsafe(trade.realizedPnl, BigDecimal.negate(atStop))) : null
}

const slippage = (trade: Trade, instrument: Instrument, signalPrice: BigDecimal.BigDecimal | undefined): string | null => {
  if (signalPrice === undefined) return null
  const worse = trade.side === "long" ? "sell" : "buy"
  return decimal(Units.pnl(instrument, worse, trade.entryPrice, signalPrice, trade.lots))
}

const tradeFields = (row: JournalRow, trade: Trade, rows: ReadonlyArray<JournalRow>) => {
  const entry = firstOf(rows, "EntryDecided", row.stream)
  const taken = firstOf(rows, "PositionAdopted", row.stream)
  const { instrument, plan } = entry?.event ?? taken?.event ?? {}
  const orders = rows.flatMap(({ event, stream }) => (event._tag === "OrderIntended" && stream === row.stream ? [event.order] : []))
  const initialStop = orders.find(({ leg }) => leg === "stop")?.stop ?? plan?.stop
  return {
    trade_id: trade.tradeId,
    order_id: orders.find(({ leg }) => leg === "entry")?.id ?? null,
    alert_id: trade.alertId,
    strategy_id: trade.strategy,
    asset: instrument?.asset ?? null,
    symbol: trade.instrumentId,
    side: trade.side,
    qty: instrument === undefined ? null : decimal(Units.quantityOf(instrument, trade.lots)),
    avg_price: decimal(trade.entryPrice),
    exit_price: decimal(trade.exitPrice),
    fees: decimal(trade.fees),
    slippage: instrument === undefined ? null : slippage(trade, instrument, signalOf(rows)?.price),
    realized_pnl: decimal(trade.realizedPnl),
    realized_pnl_pct: null,
    reward: instrument === undefined ? null : reward(trade, instrument, initialStop),
    opened_at: iso(trade.openedAtMs),
    closed_at: iso(trade.closedAtMs),
    duration_s: (trade.closedAtMs - trade.openedAtMs) / 1_000,
    quote_snapshot_id: entry?.event.quote === undefined ? null : String(entry.seq),
    status: trade.inferred ? "closed (inferred)" : "closed"
  }
}

const reasonFields = (reason: Reason | undefined) => ({
  rule: reason?.rule ?? null,
  message: reason?.message ?? null,
  facts: reason?.facts ?? null,
  clears_at: reason?.clearsAtMs === undefined ? null : iso(reason.clearsAtMs)
})

const refusalReason = ({ refusal }: EventOf<"AlertRefused">): Reason => ({ rule: refusal.error, message: refusal.message, facts: {} })

/** `rows`: those of the alert that `subjectOf` names. A trade told again (same `trade_id`) replaces the earlier line. */
export const lineOf = (row: JournalRow, rows: ReadonlyArray<JournalRow>, placeOf: PlaceOf): Line | undefined => {
  const { event } = row
  const shared = common(row, rows, placeOf)
  const block = (alertId: AlertId, stage: string, strategy: string | null, reason: Reason): Line =>
    ({ kind: "block", ...shared, strategy_id: strategy, alert_id: alertId, symbol: signalOf(rows)?.symbol ?? null, stage, ...reasonFields(reason) })

  switch (event._tag) {
    case "TradeClosed":
      return event.trade === undefined ? undefined : { kind: "trade", ...shared, ...tradeFields(row, event.trade, rows) }
    case "AlertGated":
      return event.blocked === undefined ? undefined : block(event.alertId, "gate", event.strategy, event.blocked.reason)
    case "AlertRefused":
      return event.signal === undefined ? undefined : block(event.alertId, "ingress", shared.strategy_id, refusalReason(event))
    case "GuardBlocked":
      return block(event.alertId, "guard", shared.strategy_id, event.reason)
    case "OutcomeReached":
      return { kind: "outcome", ...shared, alert_id: event.alertId, outcome: event.outcome, ...reasonFields(event.reason), order_ids: event.orderIds }
    default:
      return undefined
  }
}
