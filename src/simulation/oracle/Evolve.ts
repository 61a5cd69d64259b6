/**
 * One row of the journal onto the judge's picture of it. Owns: his own reckoning of what a row means. It judges nothing; a row that contradicts
 * the picture changes it as little as a late message changes an order that is over.
 */
import * as Decimal from "./Decimal.ts"
import * as Fold from "./Fold.ts"
import type { Event, EventOf, Instrument, OrderRow, Row } from "./Shapes.ts"

const settleLive = (of: Fold.Holding, order: Fold.Order): void => {
  if (Fold.isLive(order)) of.live.add(order)
  else of.live.delete(order)
}

const made = (of: Fold.Account, row: OrderRow, instrument: Instrument | undefined, at: Row): Fold.Order => ({
  row,
  account: of.id,
  intentSeq: at.seq,
  intentAtMs: at.atMs,
  instrument,
  lots: row.lots,
  lotsMax: row.lots,
  limit: row.limit,
  stop: row.stop,
  status: "Intended",
  filled: 0,
  provisional: 0,
  wasProvisional: false,
  counted: 0,
  cost: 0n,
  fees: 0n,
  fills: new Set(),
  isAttested: false,
  adopted: undefined,
  venueOrderId: undefined,
  unknownSinceMs: undefined
})

const intended = (fold: Fold.Fold, of: Fold.Account, { order: row }: EventOf<"OrderIntended">, at: Row): void => {
  const held = Fold.holding(of, row.instrumentId)
  const order = made(of, row, held.instrument, at)
  fold.orders.set(row.id, order)
  held.live.add(order)
}

const adopted = (fold: Fold.Fold, of: Fold.Account, { instrument, order: row, plan, resting }: EventOf<"PositionAdopted">, at: Row): void => {
  const held = Fold.holding(of, row.instrumentId)
  held.instrument = instrument
  held.isExternal = plan.mode === "external"
  held.net += Fold.sign(row.side) * row.lots
  held.drift = 0
  of.isInexact = true
  fold.instruments.set(instrument.id, instrument)
  const order: Fold.Order = { ...made(of, row, instrument, at), status: "Filled", filled: row.lots, provisional: row.lots, adopted: "position" }
  fold.orders.set(row.id, order)
  for (const { order: rests, venueOrderId } of resting) {
    const one: Fold.Order = { ...made(of, rests, instrument, at), status: "Accepted", adopted: "order", venueOrderId }
    fold.orders.set(rests.id, one)
    held.live.add(one)
  }
}

const ended = (order: Fold.Order, status: Fold.Status, counted: number): void => {
  if (Fold.isTerminal(order.status)) return
  order.status = status
  order.counted = counted
  order.unknownSinceMs = undefined
}

const filled = (of: Fold.Account, order: Fold.Order, { evidence, fill }: EventOf<"FillReceived">): void => {
  if (order.fills.has(fill.id)) return
  const isProvisional = evidence === "inferred" || evidence === "attested"
  const replaced = isProvisional ? 0 : Math.min(order.provisional, fill.lots)
  order.fills.add(fill.id)
  order.provisional += isProvisional ? fill.lots : -replaced
  order.wasProvisional ||= isProvisional
  order.filled += fill.lots - replaced
  if (!isProvisional) {
    order.cost += Decimal.orZero(fill.price) * BigInt(fill.lots)
    order.fees += Decimal.orZero(fill.fee)
  }
  if (isProvisional) of.isInexact = true
  if (order.filled >= order.lots) order.status = "Filled"
  else if (!Fold.isTerminal(order.status) && order.status !== "Unknown") order.status = "PartlyFilled"
  Fold.holding(of, order.row.instrumentId).net += Fold.sign(order.row.side) * (fill.lots - replaced)
}

const overruled = (of: Fold.Account, order: Fold.Order): void => {
  Fold.holding(of, order.row.instrumentId).net -= Fold.sign(order.row.side) * order.provisional
  order.filled -= order.provisional
  order.provisional = 0
  order.counted = 0
  order.isAttested = false
  order.status = "Unknown"
}

const ofOrder = (of: Fold.Account, order: Fold.Order, event: Event, atMs: number): void => {
  switch (event._tag) {
    case "OrderAccepted":
      order.venueOrderId = event.venueOrderId
      if (Fold.isTerminal(order.status)) return
      order.status = event.held ? "Held" : order.filled > 0 ? "PartlyFilled" : "Accepted"
      order.unknownSinceMs = undefined
      return
    case "OrderRejected":
      return ended(order, "Rejected", 0)
    case "OrderWithheld":
      if (order.row.leg === "entry" && !Fold.isTerminal(order.status)) of.entriesAtMs = of.entriesAtMs.slice(0, -1)
      return ended(order, "Withheld", 0)
    case "OrderUnknown":
      if (Fold.isTerminal(order.status)) return
      order.status = "Unknown"
      order.unknownSinceMs ??= atMs
      return
    case "OrderCanceled":
      return ended(order, "Canceled", event.filledLots ?? 0)
    case "OrderExpired":
      return ended(order, "Expired", event.filledLots ?? 0)
    case "OrderModified":
      order.lots = event.lots
      order.lotsMax = Math.max(order.lotsMax, event.lots)
      order.stop = event.stop ?? order.stop
      order.limit = event.limit ?? order.limit
      if (order.filled >= order.lots && !Fold.isTerminal(order.status)) order.status = "Filled"
      return
    case "FillReceived":
      return filled(of, order, event)
    case "OrderAttested":
      order.isAttested = true
      of.isInexact = true
      return
    case "AttestationOverruled":
      return overruled(of, order)
  }
}

const ofPosition = (of: Fold.Account, event: Event, at: Row): void => {
  switch (event._tag) {
    case "EntryDecided": {
      const held = Fold.holding(of, event.instrument.id)
      held.instrument = event.instrument
      held.strategy = event.strategy
      held.isExternal = event.plan.mode === "external"
      of.entriesAtMs.push(event.decidedAtMs)
      return
    }
    case "ClosedElsewhere": {
      const held = Fold.holding(of, event.instrumentId)
      held.net -= Math.sign(held.net) * event.lots
      held.drift = 0
      of.isInexact = true
      return
    }
    case "DriftFound":
      Fold.holding(of, event.instrumentId).drift = event.venue - event.ours
      of.isInexact = true
      return
    case "DriftEnded":
      Fold.holding(of, event.instrumentId).drift = 0
      return
    case "CloseDecided":
      Fold.holding(of, event.instrumentId).closing = { atMs: at.atMs, seq: at.seq, reason: event.reason, lots: event.lots, alertId: event.alertId }
      return
    case "CloseEnded":
    case "TradeClosed":
      Fold.holding(of, event.instrumentId).closing = undefined
      if (event._tag === "TradeClosed" && event.trade !== undefined) {
        of.trades.set(event.trade.tradeId, { pnl: Decimal.orZero(event.trade.realizedPnl), closedAtMs: event.trade.closedAtMs })
        of.isInexact ||= event.trade.inferred
      }
      return
    case "AccountRecovering":
      of.reconciledSinceMs = undefined
      return
    case "AccountReconciled":
      of.reconciledSinceMs ??= at.atMs
      return
    case "OutcomeReached":
      if (!of.outcomes.has(event.alertId)) of.outcomes.set(event.alertId, { outcome: event.outcome, seq: at.seq, rule: event.reason?.rule })
      of.pending.delete(event.alertId)
      return
    case "OutcomePending":
    case "SignalQueued":
      of.pending.set(event.alertId, { cause: event.cause, atMs: at.atMs })
  }
}

/** A fill that stands beside this takes the place of as many lots, closed elsewhere or adopted. */
const explained = (of: Fold.Account, order: Fold.Order, lots: number): void => {
  Fold.holding(of, order.row.instrumentId).net -= Fold.sign(order.row.side) * lots
}

interface Sweep {
  readonly closes?: ReadonlyArray<{ readonly orderId?: string }>
}
const isSweep = (detail: unknown): detail is Sweep => typeof detail === "object" && detail !== null && "closes" in detail && Array.isArray(detail.closes)

const ofAlert = (fold: Fold.Fold, event: Event, seq: number): void => {
  switch (event._tag) {
    case "AlertAccepted": {
      const { alertId, delivery, signal } = event
      fold.alerts.set(alertId, { id: alertId, kind: "alert", seq, receivedAtMs: delivery.receivedAtMs, signal, gated: undefined, isBlocked: false })
      return
    }
    case "AlertRefused":
    case "CommandGiven": {
      const kind = event._tag === "AlertRefused" ? "refused" : "command"
      if (!fold.alerts.has(event.alertId)) {
        fold.alerts.set(event.alertId, { id: event.alertId, kind, seq, receivedAtMs: 0, signal: undefined, gated: undefined, isBlocked: false })
      }
      if (event._tag === "CommandGiven" && isSweep(event.detail)) {
        for (const { orderId } of event.detail.closes ?? []) if (orderId !== undefined) fold.swept.set(orderId, event.alertId)
      }
      return
    }
    case "AlertGated": {
      const alert = fold.alerts.get(event.alertId)
      if (alert === undefined) return
      alert.gated = event.accounts
      alert.isBlocked = event.blocked !== undefined
    }
  }
}

/** One row onto the picture. */
export const evolve = (fold: Fold.Fold, row: Row): void => {
  const { event } = row
  fold.seq = row.seq
  const id = Fold.accountOf(row.stream)
  if (id === undefined) return ofAlert(fold, event, row.seq)
  const of = Fold.account(fold, id)
  if (event._tag === "OrderIntended") return intended(fold, of, event, row)
  if (event._tag === "PositionAdopted") return adopted(fold, of, event, row)
  if (event._tag === "EntryDecided") fold.instruments.set(event.instrument.id, event.instrument)
  const order = "orderId" in event ? fold.orders.get(event.orderId) : undefined
  if (order === undefined) return ofPosition(of, event, row)
  if (event._tag === "ElsewhereExplained" || event._tag === "AdoptionExplained") explained(of, order, event.lots)
  else ofOrder(of, order, event, row.atMs)
  settleLive(Fold.holding(of, order.row.instrumentId), order)
}
