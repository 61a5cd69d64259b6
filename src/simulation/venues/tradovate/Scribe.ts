/** What happens in the books, written into the entities: which rows change, in which order, under which numbers. Owns: the life of an order as this venue tells it. */
import { DateTime } from "effect"
import * as Decimal from "#src/simulation/venues/shared/Decimal.ts"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import { type Contracts, isoOf } from "./Contracts.ts"
import type * as Core from "./Core.ts"
import * as Entities from "./Entities.ts"

type Order = Ledger.Order
type OrderEvent = Extract<Ledger.Event, { readonly type: "order" }>
type FillEvent = Extract<Ledger.Event, { readonly type: "fill" }>

const hourMs = 3_600_000
/** The trading day begins so long before midnight UTC. */
const dayBeginsMs = 2 * hourMs

const ordersMax = 60_000
const ordersForgotten = 5_000

/** What a customer says about an order or a command beside its terms. */
export interface Labels {
  readonly clOrdId?: string | undefined
  readonly text?: string | undefined
  readonly customTag50?: string | undefined
  readonly isAutomated?: boolean | undefined
  readonly timeInForce?: string | undefined
  readonly session?: number | undefined
  readonly sender?: number | undefined
}

/** An order's numbers, and what of it has been told. */
export interface Ticket {
  readonly id: number
  readonly accountId: number
  readonly contractId: number
  readonly account: string
  labels: Labels
  /** The newest command. */
  commandId: number
  /** A command is under way: nothing else is taken. */
  isPending: boolean
  isTold: boolean
  ordStatus: string
  terms: string
  filled: number
  cost: number
  linked: { readonly ocoId?: number; readonly parentId?: number }
}

interface Held {
  readonly id: number
  day: string
  bought: number
  boughtValue: number
  sold: number
  soldValue: number
  prevPos: number
}

export interface Scribe {
  readonly core: Core.Core
  readonly contracts: Contracts
  readonly tickets: WeakMap<Order, Ticket>
  readonly byId: Map<number, Order>
  readonly held: Map<string, Held>
  readonly cash: Map<string, number>
  readonly accountIds: ReadonlyMap<string, number>
}

const words = {
  held: "Suspended", working: "Working", partly: "Working", filled: "Filled", canceled: "Canceled", rejected: "Rejected", expired: "Expired"
} as const
const types = { market: "Market", limit: "Limit", stop: "Stop", stopLimit: "StopLimit" } as const

const actionOf = ({ side }: { readonly side: "buy" | "sell" }): string => side === "buy" ? "Buy" : "Sell"
const priceOf = ({ tick }: Ledger.Book, ticks: number): number => Number(Decimal.format(Decimal.times(tick, ticks)))

export const tradeDateOf = (atMs: number): { readonly year: number; readonly month: number; readonly day: number } => {
  const { day, month, year } = DateTime.toPartsUtc(DateTime.makeUnsafe(atMs + dayBeginsMs))
  return { year, month, day }
}

/** When the trading day of an instant began. */
export const dayBegan = (atMs: number): number => Math.floor((atMs + dayBeginsMs) / (24 * hourMs)) * 24 * hourMs - dayBeginsMs

export const make = (core: Core.Core, contracts: Contracts): Scribe => {
  const accountIds = new Map(core.users.flatMap(({ accountIds: ids }) => [...ids]))
  const scribe: Scribe = { core, contracts, tickets: new WeakMap(), byId: new Map(), held: new Map(), cash: new Map(), accountIds }
  for (const { id, options: { accounts, name } } of core.users) {
    Entities.set(core.entities, "user", { id, name, timestamp: isoOf(core.nowMs()), email: `${name}@example.test`, status: "Active" })
    for (const { id: account } of accounts) {
      Entities.set(core.entities, "account", {
        id: accountIds.get(account) ?? 0, name: account, userId: id, accountType: "Customer", active: true, clearingHouseId: 2, riskCategoryId: 16, autoLiqProfileId: 28,
        marginAccountType: "Speculator", legalStatus: "Individual", readonly: false, archived: false
      }, account)
      scribe.cash.set(account, core.entities.nextId())
      putCash(scribe, account, true)
    }
  }
  return scribe
}

const putCash = (scribe: Scribe, account: string, isFirst = false): void => {
  const { core, accountIds, cash } = scribe
  const of = core.ledger.accounts.get(account)
  const id = cash.get(account)
  if (of === undefined || id === undefined) return
  const atMs = core.nowMs()
  const [amount, opening] = [Number(Decimal.format(of.cash)), Number(Decimal.format(of.opening))]
  const won = Number((amount - opening).toFixed(8))
  const row = {
    id, accountId: accountIds.get(account) ?? 0, timestamp: isoOf(atMs), tradeDate: tradeDateOf(atMs), currencyId: 1, amount, realizedPnL: won, weekRealizedPnL: won
  }
  if (isFirst) Entities.set(core.entities, "cashBalance", row, account)
  else Entities.put(core.entities, "cashBalance", row, { account })
}

const putOrder = (scribe: Scribe, order: Order, ticket: Ticket, ordStatus: string, event?: Ledger.Event): void => {
  const { core: { entities } } = scribe
  ticket.ordStatus = ordStatus
  const before = Entities.rowOf(entities, "order", ticket.id)
  Entities.put(entities, "order", {
    id: ticket.id, accountId: ticket.accountId, contractId: ticket.contractId, timestamp: before?.["timestamp"] ?? isoOf(entities.nowMs()), action: actionOf(order),
    ordStatus, executionProviderId: 7, ...ticket.linked, admin: false
  }, { account: ticket.account, event })
}

const putVersion = (scribe: Scribe, order: Order, { account, id: orderId, labels: { text, timeInForce = "Day" } }: Ticket, id: number, terms: Terms): void =>
  Entities.put(scribe.core.entities, "orderVersion", {
    id, orderId, orderQty: terms.qty, orderType: types[order.type],
    ...(terms.limit === undefined ? {} : { price: priceOf(order.book, terms.limit) }),
    ...(terms.stop === undefined ? {} : { stopPrice: priceOf(order.book, terms.stop) }),
    timeInForce, ...(text === undefined ? {} : { text })
  }, { account })

export interface Terms {
  readonly qty: number
  readonly limit: number | undefined
  readonly stop: number | undefined
}

const termsText = ({ limit, qty, stop }: Terms): string => `${qty} ${limit} ${stop}`

const putCommand = (scribe: Scribe, ticket: Ticket, id: number, commandType: "New" | "Modify" | "Cancel", labels: Labels): void => {
  const { clOrdId, customTag50, isAutomated = false, sender, session } = labels
  ticket.commandId = id
  Entities.put(scribe.core.entities, "command", {
    id, orderId: ticket.id, timestamp: isoOf(scribe.core.nowMs()), ...(clOrdId === undefined ? {} : { clOrdId }), commandType, commandStatus: "Pending",
    ...(sender === undefined ? {} : { senderId: sender }), ...(session === undefined ? {} : { userSessionId: session }),
    ...(customTag50 === undefined ? {} : { customTag50 }), isAutomated
  }, { account: ticket.account })
}

/** A command goes on; the command itself is only seen to have done so by who asks. */
const report = (scribe: Scribe, { account, commandId }: Ticket, commandStatus: string, more: { readonly rejectReason?: string; readonly text?: string; readonly ordStatus?: string } = {}): void => {
  const { core: { entities, nowMs } } = scribe
  const command = Entities.rowOf(entities, "command", commandId)
  if (command !== undefined) Entities.set(entities, "command", { ...command, commandStatus }, account)
  Entities.put(entities, "commandReport", { id: entities.nextId(), commandId, timestamp: isoOf(nowMs()), commandStatus, ...more }, { account })
}

const execute = (scribe: Scribe, order: Order, ticket: Ticket, execType: string, more: Readonly<Record<string, unknown>> = {}): void => {
  const { core: { entities, nowMs } } = scribe
  const { account, accountId, commandId, contractId, cost, filled: cumQty, id: orderId, labels: { clOrdId } } = ticket
  const id = entities.nextId()
  Entities.put(entities, "executionReport", {
    id, commandId, name: String(id), accountId, contractId, timestamp: isoOf(nowMs()), tradeDate: tradeDateOf(nowMs()), orderId, execType, ordStatus: ticket.ordStatus,
    action: actionOf(order), cumQty, ...(cumQty === 0 ? {} : { avgPx: Number((cost / cumQty).toFixed(8)) }),
    ...(clOrdId === undefined ? {} : { externalClOrdId: clOrdId }), ...more
  }, { account })
}

const terms = ({ limit, qty, stop }: Order): Terms => ({ qty, limit, stop })

/** The oldest that are over can be named no more. */
const forget = ({ byId }: Scribe): void => {
  let left = ordersForgotten
  for (const [id, order] of byId) {
    if (left-- === 0) return
    if (Ledger.isEnded(order)) byId.delete(id)
  }
}

/** An order gets its numbers. Whoever comes in by the venue's own screen is announced by what happens to him. */
export const announce = (scribe: Scribe, order: Order, labels: Labels): Ticket => {
  const { accountIds, contracts } = scribe
  const id = Number(order.orderId)
  const ticket: Ticket = {
    id, accountId: accountIds.get(order.account.id) ?? 0, contractId: contracts.idOf(order.book), account: order.account.id, labels, commandId: id,
    isPending: false, isTold: false, ordStatus: "PendingNew", terms: termsText(terms(order)), filled: 0, cost: 0, linked: {}
  }
  scribe.tickets.set(order, ticket)
  scribe.byId.set(id, order)
  if (scribe.byId.size > ordersMax) forget(scribe)
  return ticket
}

/** Created, and its command with it: what the others are called is known by now. */
export const open = (scribe: Scribe, order: Order, ticket: Ticket): void => {
  const numberOf = (other: Order | undefined) => other === undefined ? undefined : scribe.tickets.get(other)?.id
  const parentId = numberOf(order.parent)
  const ocoId = numberOf(order.sibling ?? order.parent?.children.find((one) => one !== order))
  ticket.linked = { ...(ocoId === undefined ? {} : { ocoId }), ...(parentId === undefined ? {} : { parentId }) }
  putOrder(scribe, order, ticket, order.status === "held" ? "Suspended" : "PendingNew")
  putCommand(scribe, ticket, ticket.id, "New", ticket.labels)
  putVersion(scribe, order, ticket, ticket.id, terms(order))
}

/** Another command for an order of ours. A change has its version under the same number. */
export const command = (scribe: Scribe, order: Order, kind: "Modify" | "Cancel", labels: Labels, to?: Terms): number => {
  const ticket = ticketOf(scribe, order)
  const id = scribe.core.entities.nextId()
  putCommand(scribe, ticket, id, kind, labels)
  if (to === undefined) return id
  const omitted = scribe.core.switches.omittedOnModify === "kept" ? ticket.labels.timeInForce : "Day"
  ticket.labels = { ...ticket.labels, timeInForce: labels.timeInForce ?? omitted, text: labels.text }
  putVersion(scribe, order, ticket, id, to)
  ticket.terms = termsText(to)
  return id
}

/** The command is with the exchange. */
export const pass = (scribe: Scribe, order: Order): void => {
  const ticket = ticketOf(scribe, order)
  report(scribe, ticket, "RiskPassed")
  report(scribe, ticket, "AtExecution")
}

/** The exchange will have none of it; the order stays what it was. */
export const refuse = (scribe: Scribe, order: Order, rejectReason: string, text: string): void => {
  const ticket = ticketOf(scribe, order)
  report(scribe, ticket, "ExecutionRejected", { rejectReason, text })
  putOrder(scribe, order, ticket, words[order.status])
}

export const pend = (scribe: Scribe, order: Order, ordStatus: "PendingCancel" | "PendingReplace"): void => putOrder(scribe, order, ticketOf(scribe, order), ordStatus)

export const ticketOf = (scribe: Scribe, order: Order): Ticket => {
  const known = scribe.tickets.get(order)
  if (known !== undefined) return known
  const ticket = announce(scribe, order, {})
  open(scribe, order, ticket)
  return ticket
}

const working = (scribe: Scribe, event: OrderEvent, ticket: Ticket): void => {
  const { of: order } = event
  const asTold = termsText(terms(order))
  const wasAsleep = ticket.ordStatus === "Suspended"
  if (wasAsleep) putOrder(scribe, order, ticket, "PendingNew")
  if (ticket.terms !== asTold) {
    ticket.terms = asTold
    putVersion(scribe, order, ticket, scribe.core.entities.nextId(), terms(order))
  }
  if (wasAsleep) report(scribe, ticket, "AtExecution")
  ticket.ordStatus = "Working"
  execute(scribe, order, ticket, ticket.isTold ? "Replaced" : "New")
  ticket.isTold = true
  putOrder(scribe, order, ticket, "Working", event)
}

const ended = (scribe: Scribe, event: OrderEvent, ticket: Ticket): void => {
  const { of: order, order: { reason, status } } = event
  const word = words[status]
  const text = reason === undefined ? {} : { text: reason }
  if (ticket.ordStatus === "Suspended" && status === "rejected") putOrder(scribe, order, ticket, "PendingNew")
  ticket.ordStatus = word
  if (status === "rejected") {
    const rejectReason = order.parent?.status === "rejected" ? "ParentRejected" : order.stop === undefined ? "OtherExecutionRelated" : "InvalidPrice"
    report(scribe, ticket, "ExecutionRejected", { rejectReason, ordStatus: word, ...text })
    execute(scribe, order, ticket, word, { rejectReason, ...text })
  } else if (status !== "filled") execute(scribe, order, ticket, word, text)
  putOrder(scribe, order, ticket, word, event)
}

const changed = (scribe: Scribe, event: OrderEvent): void => {
  const ticket = ticketOf(scribe, event.of)
  const { status } = event.order
  if (status === "held" || status === "partly") return putOrder(scribe, event.of, ticket, words[status], event)
  if (status === "working") working(scribe, event, ticket)
  else ended(scribe, event, ticket)
}

const filled = (scribe: Scribe, event: FillEvent): void => {
  const { fill, of: order } = event
  const ticket = ticketOf(scribe, order)
  const [qty, price] = [Number(fill.qty), Number(fill.price)]
  ticket.filled += qty
  ticket.cost += qty * price
  execute(scribe, order, ticket, "Trade", { lastQty: qty, lastPx: price, ...(ticket.filled >= order.qty ? { ordStatus: "Filled" } : {}) })
  Entities.put(scribe.core.entities, "fill", {
    id: Number(fill.fillId), orderId: ticket.id, contractId: ticket.contractId, timestamp: isoOf(fill.at), tradeDate: tradeDateOf(fill.at), action: actionOf(fill), qty, price,
    active: true, finallyPaired: 0
  }, { account: ticket.account, event })
  const held = heldOf(scribe, order)
  if (fill.side === "buy") {
    held.bought += qty
    held.boughtValue += qty * price
  } else {
    held.sold += qty
    held.soldValue += qty * price
  }
}

const heldOf = ({ core, held }: Scribe, { account, book: { symbol } }: { readonly account: Ledger.Account; readonly book: Ledger.Book }): Held => {
  const key = `${account.id}\n${symbol}`
  const day = JSON.stringify(tradeDateOf(core.nowMs()))
  const known = held.get(key) ?? { id: core.entities.nextId(), day, bought: 0, boughtValue: 0, sold: 0, soldValue: 0, prevPos: 0 }
  if (known.day !== day) Object.assign(known, { day, prevPos: known.prevPos + known.bought - known.sold, bought: 0, boughtValue: 0, sold: 0, soldValue: 0 })
  held.set(key, known)
  return known
}

const positioned = (scribe: Scribe, { account, position }: Extract<Ledger.Event, { readonly type: "position" }>): void => {
  const { accountIds, contracts, core } = scribe
  const [of, book] = [core.ledger.accounts.get(account), core.ledger.books.get(position.symbol)]
  if (of === undefined || book === undefined) return
  const { day: _, id, ...sums } = heldOf(scribe, { account: of, book })
  const netPos = Number(position.net)
  const lots = of.positions.get(book.symbol)?.lots ?? []
  const steps = lots.reduce((sum, { qty }) => sum + qty, 0)
  const worth = lots.reduce((sum, { price, qty }) => sum + qty * priceOf(book, price), 0)
  Entities.put(core.entities, "position", {
    id, accountId: accountIds.get(account) ?? 0, contractId: contracts.idOf(book), timestamp: isoOf(core.nowMs()), tradeDate: tradeDateOf(core.nowMs()), netPos,
    ...(steps === 0 ? {} : { netPrice: Number((worth / steps).toFixed(8)) }), ...sums
  }, { account })
  putCash(scribe, account)
}

const write = (scribe: Scribe, event: Ledger.Event): void => {
  if (event.type === "order") changed(scribe, event)
  else if (event.type === "fill") filled(scribe, event)
  else positioned(scribe, event)
}

/** Everything the books have to tell by now. A filled order is told after what its fill did to the account. */
export const drain = (scribe: Scribe): void => {
  const { ledger } = scribe.core
  if (ledger.events.length === 0) return
  const { events } = ledger
  ledger.events = []
  for (let index = 0; index < events.length; index++) {
    const [before, event, next] = [events[index - 1], events[index], events[index + 1]]
    if (event === undefined) continue
    if (before?.type === "fill" && event.type === "order" && next?.type === "position") {
      write(scribe, next)
      write(scribe, event)
      index++
    } else write(scribe, event)
  }
}
