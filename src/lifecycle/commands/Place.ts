/** An order ticket: decided as an alert is, with every rule and cap, but now or never: a ticket waits for nothing. */
import { BigDecimal } from "effect"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { ApprovedSignal } from "#schemas/Signal.ts"
import type { Reason } from "#schemas/Verdict.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import * as Decide from "#src/lifecycle/Decide.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import { reason } from "#src/lifecycle/Refuse.ts"
import * as Units from "#src/orders/Units.ts"
import { type Decided, denied, done } from "./Decided.ts"
import { again, refused } from "./Named.ts"

const notReady = (book: Book, { instrument }: ApprovedSignal, facts: Facts): Reason => {
  if (facts.powers === undefined || !book.isReconciled) {
    return reason("NotReady", `account ${facts.account.id} has not settled with its venue: place it again when \`interlock status\` shows it open`, {
      account: facts.account.id, login: facts.account.login
    })
  }
  return reason("Closing", `${instrument.id} is being closed: place it again when it is flat`, { instrument: instrument.id })
}

const noQuote = ({ instrument }: ApprovedSignal): Reason =>
  reason("NoReferencePrice", `no quote of ${instrument.id}, so neither size nor stop can be counted: place it again in a moment, or with a limit`, { instrument: instrument.id })

const price = ({ instrument }: ApprovedSignal, ticks: number): string => BigDecimal.format(Units.priceOf(instrument, ticks))

const intended = (events: ReadonlyArray<JournalEvent>, approved: ApprovedSignal): ReadonlyArray<string> =>
  events.flatMap((event) => {
    if (event._tag !== "OrderIntended" || event.order.leg !== "entry") return []
    const { id, limit, lots, side, stop, timeInForce, type } = event.order
    const { instrument } = approved
    const at = [...limit === undefined ? [] : [`limit ${price(approved, limit)}`], ...stop === undefined ? [] : [`trigger ${price(approved, stop)}`]]
    return [`order ${id}: ${side} ${BigDecimal.format(Units.quantityOf(instrument, lots))} ${instrument.id} ${[type, ...at, timeInForce].join(", ")}`]
  })

const planned = (events: ReadonlyArray<JournalEvent>, approved: ApprovedSignal): ReadonlyArray<string> =>
  events.flatMap((event) => {
    if (event._tag !== "EntryDecided") return []
    const { mode, stop, target } = event.plan
    return [
      `size: ${event.sizing.map(({ detail }) => detail).join("; ")}`,
      [
        `protection ${mode}`,
        ...stop === undefined ? [] : [`stop ${price(approved, stop)}`],
        ...target === undefined ? [] : [`target ${price(approved, target)}`]
      ].join(", ")
    ]
  })

export const place = (book: Book, approved: ApprovedSignal, facts: Facts): Decided => {
  const { alertId } = approved
  const before = again(book, alertId)
  if (before !== undefined) return before
  if (facts.isLeaving) return refused(alertId, reason("Leaving", "the house is leaving: nothing is opened any more"))
  const events = Decide.consider(book, approved, facts)
  if (events.some(({ _tag }) => _tag === "SignalQueued")) return refused(alertId, notReady(book, approved, facts))
  const no = events.flatMap((event) => (event._tag === "OutcomeReached" ? event.reason ?? [] : []))[0]
  if (no?.rule === "NoReferencePrice") return refused(alertId, noQuote(approved))
  if (no !== undefined) return { ...denied(no), events }
  return done([...intended(events, approved), ...planned(events, approved)].join("\n"), events)
}
