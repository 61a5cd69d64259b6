/** Why an account does not take an alert, before any number is computed: filters, age, ownership, latches, state. */
import { Option } from "effect"
import type { InstrumentId } from "#schemas/Ids.ts"
import { manualLane } from "#schemas/Manual.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import { type ApprovedSignal, isReducing } from "#schemas/Signal.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Resume from "#src/gates/Resume.ts"
import * as Units from "#src/orders/Units.ts"
import * as Hours from "#src/symbols/Hours.ts"
import type * as Book from "./Book.ts"
import type { Facts } from "./Facts.ts"
import * as Stopped from "./Stopped.ts"

export const reason = (rule: string, message: string, facts: Record<string, string> = {}): Reason => ({ rule, message, facts })

/** Filters: this alert is not for this account. Not a risk rule, so the outcome is `skipped`. */
export const filtered = ({ instrument, signal }: ApprovedSignal, { account }: Facts): Reason | undefined => {
  if (!account.enabled) return reason("AccountDisabled", `account ${account.id} is disabled: enable it in accounts.json`)
  if (signal.lane !== manualLane && account.lanes !== undefined && !account.lanes.includes(signal.lane)) {
    return reason("Lane", `account ${account.id} does not listen to lane ${signal.lane}`, { lane: signal.lane, listens: account.lanes.join(" ") })
  }
  if (!account.assets.includes(instrument.asset)) {
    return reason("Asset", `account ${account.id} does not trade ${instrument.asset}`, { asset: instrument.asset, trades: account.assets.join(" ") })
  }
  if (account.symbols !== undefined && !account.symbols.includes(instrument.root)) {
    return reason("Symbol", `${instrument.root} is not among the symbols of account ${account.id}`, {
      symbol: instrument.root,
      allowed: account.symbols.join(" ")
    })
  }
  return undefined
}

/** An entry never trades older than its strategy allows; what reduces risk never ages. */
export const tooLate = ({ receivedAtMs, signal }: ApprovedSignal, facts: Facts): Reason | undefined => {
  const strategy = facts.strategies.get(signal.strategy)
  if (isReducing(signal.action) || strategy === undefined) return undefined
  if (signal.expiresAtMs !== undefined && signal.expiresAtMs <= facts.nowMs) {
    return reason("Expired", "its own expiresAt has passed", { expiresAtMs: String(signal.expiresAtMs) })
  }
  const ageMs = facts.nowMs - Math.min(signal.sentAtMs ?? receivedAtMs, receivedAtMs) // a sender's clock ahead keeps nothing young
  return ageMs <= strategy.entryAgeMsMax ? undefined : reason("StaleEntry", `${ageMs} ms old when its turn came; at most ${strategy.entryAgeMsMax}`, {
    ageMs: String(ageMs),
    maxMs: String(strategy.entryAgeMsMax)
  })
}

export const instrumentOwned = (bracket: Book.Bracket): Reason =>
  reason("InstrumentOwned", `${bracket.instrument.id} belongs to strategy ${bracket.strategy} until it is flat`, { owner: bracket.strategy })
export const entryInFlight = (bracket: Book.Bracket): Reason =>
  reason("EntryInFlight", `an entry on ${bracket.instrument.id} is still working`, { alertId: bracket.alertId })
export const sameSide = (bracket: Book.Bracket): Reason =>
  reason("SameSide", `already ${bracket.isLong ? "long" : "short"} ${bracket.instrument.id}, and onSameSide is deny`, { alertId: bracket.alertId })
export const oppositeSide = (bracket: Book.Bracket): Reason =>
  reason("OppositeSide", `${bracket.isLong ? "long" : "short"} ${bracket.instrument.id}, and onOppositeSide is deny`, { alertId: bracket.alertId })

export const latchedReason = (scope: RiskScope): Reason =>
  reason("Latched", `no new risk may leave: ${scope} is stopped until an operator lifts it`, { scope })

const latched = (approved: ApprovedSignal, facts: Facts): Reason | undefined => {
  const scope = Stopped.latchOn(Stopped.ofSignal(approved), facts)
  return scope === undefined ? undefined : latchedReason(scope)
}

/** An operator's filter: what comes meanwhile is skipped and not made up for. What reduces risk passes. */
export const paused = (approved: ApprovedSignal, facts: Facts): Reason | undefined => {
  const scope = isReducing(approved.signal.action) ? undefined : Stopped.pauseOn(Stopped.ofSignal(approved), facts)
  return scope === undefined ? undefined : reason("Paused", `${scope} is paused by an operator: entries are skipped until ${Resume.command(scope)}`, { scope })
}

const orderText = ({ report: { clientOrderId, filledLots, lots, side } }: Book.Stranger): string =>
  `${clientOrderId} (${side} ${Units.lotsText(lots - filledLots)})`

/** Something at the venue that this house did not make: what an entry would do beside it nobody can say. */
const notOurs = (book: Book.Book, id: InstrumentId): Reason | undefined => {
  const writer = [...book.strangers.values()].find(({ isOurShape }) => isOurShape)
  if (writer !== undefined) {
    return reason("SecondWriter", `order ${orderText(writer)} works at the venue under a name as this house makes them, and the journal has no intent of it: ` +
      "another house trades this account, or the journal is an older copy; it clears when that order is gone", { orderId: writer.report.clientOrderId })
  }
  const lots = book.drift.get(id) ?? 0
  if (lots !== 0) {
    return reason("ForeignPosition", `the venue holds ${Units.lotsText(lots)} of ${id} that no order of ours explains: ` +
      "it clears when they are closed at the venue, by `interlock close`, or as the account's `reconciliation` says", { lots: String(lots) })
  }
  if (book.proving.has(id)) return reason("ForeignPosition", `what was not ours on ${id} is being closed: it clears when the venue has said twice that it is gone`)
  const order = [...book.strangers.values()].find(({ report }) => report.instrumentId === id)
  return order === undefined ? undefined : reason("ForeignOrder", `order ${orderText(order)} of ${id} is not ours: it clears when that order is gone from the venue`, {
    orderId: order.report.clientOrderId, lots: String(order.report.lots - order.report.filledLots)
  })
}

/** What must be true of account and instrument before any number is computed. */
export const barred = (book: Book.Book, approved: ApprovedSignal, facts: Facts): Reason | undefined => {
  const { instrument } = approved
  const stopped = latched(approved, facts)
  if (stopped !== undefined) return stopped
  if (book.isReduceOnly && facts.nowMs < book.reduceOnlyUntilMs) {
    return {
      ...reason("ReduceOnly", "the account restarted too often: for 10 minutes it only reduces risk; its log says what went wrong"),
      clearsAtMs: book.reduceOnlyUntilMs
    }
  }
  if (facts.isLowOnDisk) return reason("LowDisk", "less than 1 GB is free where the journal lives: make room")
  const unknown = [...book.orders.live.values()].find(({ order, status }) => status === "Unknown" && order.instrumentId === instrument.id)
  if (unknown !== undefined) {
    return reason("UnknownOrder", `order ${unknown.order.id} may or may not have been executed; it is being looked up`, { orderId: unknown.order.id })
  }
  const foreign = notOurs(book, instrument.id)
  if (foreign !== undefined) return foreign
  const calendar = facts.calendars.get(instrument.calendar)
  if (calendar !== undefined && !Hours.isOpen(calendar, facts.nowMs)) {
    return {
      ...reason("MarketClosed", `${instrument.id} does not trade now`, { calendar: calendar.id }),
      ...Option.match(Hours.nextOpenMs(calendar, facts.nowMs), { onNone: () => ({}), onSome: (clearsAtMs) => ({ clearsAtMs }) })
    }
  }
  if (instrument.expiresAtMs !== undefined && instrument.expiresAtMs <= facts.nowMs) {
    return reason("Expired", `${instrument.id} has ended`, { expiresAtMs: String(instrument.expiresAtMs) })
  }
  return undefined
}
