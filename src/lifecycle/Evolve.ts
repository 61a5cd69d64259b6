/** The fold: one event of the account's stream onto its book. Knows every event, decides nothing. */
import { isCommand } from "#schemas/AccountCommand.ts"
import type { AlertId, ClientOrderId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { OrderStatus } from "#schemas/Order.ts"
import * as Runner from "#src/risk/runner/State.ts"
import * as Adopted from "./Adopted.ts"
import * as Attested from "./Attested.ts"
import * as Book from "./Book.ts"
import * as Elsewhere from "./Elsewhere.ts"
import * as Filled from "./Filled.ts"
import * as Lives from "./Lives.ts"
import * as Strangers from "./Strangers.ts"

type EventOf<Tag extends JournalEvent["_tag"]> = Extract<JournalEvent, { readonly _tag: Tag }>

/** A terminal state is final; only a late fill may still change it. */
const withStatus = (book: Book.Book, id: ClientOrderId, status: OrderStatus, reason?: string, counted = 0): Book.Book =>
  Book.withOrder(book, id, (order) =>
    Book.isTerminal(order.status) ? order : { ...order, status, counted, cancelAsked: false, modifyAsked: false, reason: reason ?? order.reason })

/** An entry that never left is no trade of the day. */
const withheld = (book: Book.Book, event: EventOf<"OrderWithheld">): Book.Book => {
  const isEntry = book.orders.get(event.orderId)?.order.leg === "entry"
  const held = withStatus(book, event.orderId, "Withheld", event.reason.message)
  const counted = isEntry ? { ...held, entriesAtMs: held.entriesAtMs.slice(0, -1) } : held
  return event.retry ? withAlert(counted, event.alertId, (work) => ({ ...work, mayRedecide: true })) : counted
}

const withAlert = (book: Book.Book, id: AlertId, change: (work: Book.AlertWork) => Book.AlertWork): Book.Book => ({
  ...book,
  alerts: book.alerts.put(id, change(book.alerts.get(id) ?? Book.noWork))
})

const entryDecided = (book: Book.Book, event: EventOf<"EntryDecided">): Book.Book => {
  const known = book.brackets.get(event.instrument.id)
  const bracket: Book.Bracket = known === undefined
    ? {
      alertId: event.alertId,
      strategy: event.strategy,
      instrument: event.instrument,
      isLong: true, // the entry's own row, next in the commit, says which
      plan: event.plan,
      nextPlan: undefined,
      deadlineAtMs: event.deadlineAtMs,
      openedAtMs: event.decidedAtMs,
      lastFillAtMs: 0,
      orderIds: [],
      joined: 0,
      elsewhere: [],
      excess: 0,
      closing: undefined
    }
    : { ...known, nextPlan: { alertId: event.alertId, plan: event.plan }, deadlineAtMs: event.deadlineAtMs }
  return withAlert(
    {
      ...book,
      isReduceOnly: false, // else it would not have been decided
      brackets: Book.put(book.brackets, event.instrument.id, bracket),
      traded: Book.put(book.traded, event.instrument.id, { instrument: event.instrument, strategy: event.strategy }),
      entriesAtMs: [...book.entriesAtMs, event.decidedAtMs].slice(-Book.tradesMax)
    },
    event.alertId,
    (work) => ({ ...work, kind: "entry", instrumentIds: [event.instrument.id], mayRedecide: false, cause: undefined })
  )
}

const orderIntended = (book: Book.Book, { alertId, order }: EventOf<"OrderIntended">): Book.Book => {
  const placed = { ...book, orders: book.orders.put(order.id, Book.booked(order)) }
  const bracketed = Book.withBracket(placed, order.instrumentId, (bracket) => ({
    ...bracket,
    isLong: order.leg === "entry" ? order.side === "buy" : bracket.isLong,
    orderIds: [...bracket.orderIds, order.id]
  }))
  return withAlert(bracketed, alertId, (work) => ({ ...work, orderIds: [...work.orderIds, order.id] }))
}

/** So many at once: looking through all costs more than keeping a few too long. */
const pruneEvery = 200

/** Keeps everything that lives; of what ended, the newest. */
const prunedOrders = (book: Book.Book): Book.Book["orders"] => {
  if (book.orders.rest.size <= Book.endedOrdersMax + pruneEvery) return book.orders
  const held = new Set([...book.brackets.values(), ...book.endedBrackets].flatMap((bracket) => bracket.orderIds))
  const causes = new Set(Array.from(book.brackets.values(), ({ alertId }) => alertId)) // their generations are still counted
  const ended = [...book.orders.rest.values()].filter(({ order }) => !held.has(order.id) && !causes.has(order.alertId)).map(({ order }) => order.id)
  if (ended.length <= Book.endedOrdersMax) return book.orders
  const dropped = new Set(ended.slice(0, ended.length - Book.endedOrdersMax))
  return book.orders.map((order, id) => dropped.has(id) ? undefined : order)
}

const prunedAlerts = (alerts: Book.Book["alerts"]): Book.Book["alerts"] => {
  if (alerts.rest.size <= Book.endedAlertsMax + pruneEvery) return alerts
  const dropped = new Set(Array.from(alerts.rest.keys()).slice(0, alerts.rest.size - Book.endedAlertsMax))
  return alerts.map((work, id) => dropped.has(id) ? undefined : work)
}

const tradeClosed = (book: Book.Book, event: EventOf<"TradeClosed">): Book.Book => {
  const { trade } = event
  const bracket = book.brackets.get(event.instrumentId)
  const closed = {
    ...book,
    brackets: Book.without(book.brackets, event.instrumentId),
    endedBrackets: bracket === undefined ? book.endedBrackets : [...book.endedBrackets, bracket].slice(-Book.endedBracketsMax),
    trades: trade === undefined
      ? book.trades
      : [...book.trades.filter(({ tradeId }) => tradeId !== trade.tradeId), trade].slice(-Book.tradesMax)
  }
  const orders = prunedOrders(closed)
  if (orders === closed.orders) return closed
  const named = new Set(Array.from(orders.values(), ({ order }) => order.instrumentId))
  return { ...closed, orders, traded: new Map([...closed.traded].filter(([id]) => named.has(id))) }
}

const closeDecided = (book: Book.Book, event: EventOf<"CloseDecided">): Book.Book => {
  const closed = Book.withBracket(book, event.instrumentId, (bracket) => ({
    ...bracket,
    excess: event.lots === undefined ? 0 : event.reason === "excess" ? Math.max(0, bracket.excess - event.lots) : bracket.excess,
    closing: { alertId: event.alertId, reason: event.reason, lots: event.lots, closedBefore: Book.closedOf(book, bracket) }
  }))
  return event.reason === "signal" || event.reason === "reverse" || event.reason === "flatten" || event.reason === "operator" ||
      event.reason === "drift"
    ? withAlert(closed, event.alertId, (work) => ({
      ...work,
      kind: work.kind === "none" || work.mayRedecide ? "close" : work.kind,
      mayRedecide: false,
      instrumentIds: [...work.instrumentIds, event.instrumentId]
    }))
    : closed
}

const withoutTarget = ({ mode, runner, stop }: Book.Bracket["plan"]): Book.Bracket["plan"] =>
  ({ mode, ...(stop === undefined ? {} : { stop }), ...(runner === undefined ? {} : { runner }) })

/** Its orders may be asked to change anew. An addition that still rests was decided before: its fill does not take this back. */
const protectionMoved = (book: Book.Book, event: EventOf<"ProtectionMoved">): Book.Book => {
  const ids = new Set(book.brackets.get(event.instrumentId)?.orderIds)
  const move = (plan: Book.Bracket["plan"]): Book.Bracket["plan"] => ({
    ...(event.targetOff === true ? withoutTarget(plan) : plan),
    ...(event.stop === undefined ? {} : { stop: event.stop }),
    ...(event.target === undefined ? {} : { target: event.target })
  })
  const moved = Book.withBracket(book, event.instrumentId, (bracket) => ({
    ...bracket,
    runner: Runner.moved(bracket.runner, event, { before: bracket.plan.stop, isByHand: isCommand(event.alertId), isLong: bracket.isLong }),
    plan: move(bracket.plan),
    // The runner moves for what is held: an addition keeps a first target and a closer stop of its own.
    nextPlan: event.runnerAtMs !== undefined ? bracket.nextPlan : bracket.nextPlan && { ...bracket.nextPlan, plan: move(bracket.nextPlan.plan) }
  }))
  const orders = moved.orders.map((order, id) => ids.has(id) ? { ...order, refusals: 0 } : order)
  return withAlert({ ...moved, orders }, event.alertId, (work) => work.kind === "none" || work.kind === "update"
    ? { ...work, kind: "update", instrumentIds: [event.instrumentId] }
    : work)
}

/** What was asked and not answered is forgotten: the venue will be asked what became of it. */
const recovering = (book: Book.Book, { atMs }: EventOf<"AccountRecovering">): Book.Book => ({
  ...book,
  isReconciled: false,
  isReduceOnly: book.isReduceOnly && atMs < book.reduceOnlyUntilMs,
  orders: book.orders.map((order) => ({ ...order, cancelAsked: false, modifyAsked: false, refusals: 0 })),
  strangers: Strangers.forgiven(book.strangers)
})

/** A command's change of an entry has an outcome of its own. */
const modifyIntended = (book: Book.Book, { alertId, limit, lots, orderId, stop }: EventOf<"ModifyIntended">): Book.Book => {
  const isCommand = book.orders.get(orderId)?.order.alertId !== alertId
  const asked = Book.withOrder(book, orderId, (order) => ({
    ...order,
    modifyAsked: true,
    changeTo: { lots, stop, limit },
    refusals: isCommand ? 0 : order.refusals
  }))
  return isCommand ? withAlert(asked, alertId, (work) => ({ ...work, kind: "change", orderIds: [orderId], asked: { limit, stop } })) : asked
}

const isAsked = ({ changeTo }: Book.BookedOrder, { limit, lots, stop }: EventOf<"OrderModified">): boolean =>
  changeTo === undefined || (changeTo.lots === lots && (changeTo.stop ?? stop) === stop && (changeTo.limit ?? limit) === limit)

const modified = (book: Book.Book, event: EventOf<"OrderModified">): Book.Book =>
  Book.withOrder(book, event.orderId, (order) => ({
    ...order,
    modifyAsked: order.modifyAsked && !isAsked(order, event),
    refusals: 0,
    status: order.filled >= event.lots && !Book.isTerminal(order.status) ? "Filled" : order.status,
    order: {
      ...order.order,
      lots: event.lots,
      ...(event.stop === undefined ? {} : { stop: event.stop }),
      ...(event.limit === undefined ? {} : { limit: event.limit })
    }
  }))

const evolveOrder = (book: Book.Book, event: JournalEvent): Book.Book | undefined => {
  switch (event._tag) {
    case "OrderIntended":
      return orderIntended(book, event)
    case "OrderAccepted":
      return Book.withOrder(book, event.orderId, (order) =>
        Book.isTerminal(order.status) ? order : {
          ...order,
          status: event.held ? "Held" : order.filled > 0 ? "PartlyFilled" : "Accepted",
          venueOrderId: event.venueOrderId,
          refusals: Math.max(0, order.refusals - 1) // the venue says it is there: one more try
        })
    case "OrderRejected":
      return Book.withOrder(withStatus(book, event.orderId, "Rejected", event.reason), event.orderId, (order) => ({ ...order, refusals: order.refusals + 1 }))
    case "OrderWithheld":
      return withheld(book, event)
    case "OrderUnknown":
      return withStatus(book, event.orderId, "Unknown", event.cause)
    case "OrderCanceled":
      return Book.withOrder(withStatus(book, event.orderId, "Canceled", undefined, event.filledLots), event.orderId, (order) => ({
        ...order,
        endedAtMs: event.atMs ?? 0,
        completeAtMs: event.filledLots !== undefined && event.filledLots <= order.filled ? event.atMs ?? 0 : 0
      }))
    case "OrderExpired":
      return withStatus(book, event.orderId, "Expired", undefined, event.filledLots)
    case "CancelIntended": {
      const isKilled = event.why === "killed"
      if (!book.orders.has(event.orderId)) return Strangers.cancelAsked(book, event.orderId)
      const asked = Book.withOrder(book, event.orderId, (order) => ({ ...order, cancelAsked: true, isKilled: order.isKilled || isKilled }))
      const isCommand = isKilled && book.orders.get(event.orderId)?.order.alertId !== event.alertId
      return event.why === "alert" || isCommand
        ? withAlert(asked, event.alertId, (work) => ({ ...work, kind: "cancel", orderIds: [...new Set([...work.orderIds, event.orderId])] }))
        : asked
    }
    case "ModifyIntended":
      return modifyIntended(book, event)
    case "OrderModified":
      return modified(book, event)
    case "ChangeRefused":
      return Book.withOrder(book, event.orderId, (order) => ({
        ...order,
        cancelAsked: false,
        modifyAsked: false,
        refusals: order.refusals + 1,
        reason: event.reason
      }))
    case "FillReceived":
      return Filled.received(book, event.orderId, event.fill, event.evidence === "inferred" || event.evidence === "attested")
    case "OrderAttested":
      return Book.withOrder(book, event.orderId, (order) => ({ ...order, attested: event.executed === undefined ? "notExecuted" : "executed" }))
    case "AttestationOverruled":
      return Attested.overruled(book, event.orderId)
    default:
      return undefined
  }
}

const evolveAlert = (book: Book.Book, event: JournalEvent): Book.Book | undefined => {
  switch (event._tag) {
    case "EntryDecided":
      return entryDecided(book, event)
    case "SignalQueued":
      return withAlert(
        { ...book, queue: [...book.queue, { approved: event.approved, cause: event.cause }] },
        event.alertId,
        (work) => ({ ...work, cause: event.cause })
      )
    case "SignalTaken":
      return { ...book, queue: book.queue.filter(({ approved }) => approved.alertId !== event.alertId) }
    case "OutcomeReached": {
      const ended = withAlert(book, event.alertId, (work) => ({ ...work, outcome: event.outcome, cause: undefined, mayRedecide: false }))
      return { ...ended, alerts: prunedAlerts(ended.alerts) }
    }
    case "OutcomePending":
      return withAlert(book, event.alertId, (work) => ({ ...work, cause: event.cause }))
    case "CloseDecided":
      return closeDecided(book, event)
    case "CloseEnded":
      return Book.withBracket(book, event.instrumentId, (bracket) => ({ ...bracket, closing: undefined }))
    case "ProtectionMoved":
      return protectionMoved(book, event)
    case "RunnerStepped":
      return Book.withBracket(book, event.instrumentId, (bracket) => ({ ...bracket, runner: Runner.evolve(bracket.runner, event) }))
    case "TradeClosed":
      return tradeClosed(book, event)
    default:
      return undefined
  }
}

export const evolve = (book: Book.Book, event: JournalEvent): Book.Book => {
  const next = evolveOrder(book, event) ?? evolveAlert(book, event)
  if (next !== undefined) return next
  switch (event._tag) {
    case "AccountRecovering":
      return recovering(book, event)
    case "AccountReconciled":
      return { ...book, isReconciled: true }
    case "ClosedElsewhere":
      return Elsewhere.closed(book, event)
    case "ElsewhereExplained":
      return Elsewhere.explained(book, event)
    case "DriftFound":
      return { ...book, drift: Book.put(book.drift, event.instrumentId, event.venue - event.ours) }
    case "DriftEnded":
      return {
        ...book,
        drift: Book.without(book.drift, event.instrumentId),
        proving: new Set([...book.proving].filter((id) => id !== event.instrumentId))
      }
    case "ForeignOrderFound":
      return Strangers.found(book, event)
    case "ForeignOrderEnded":
      return { ...book, strangers: Book.without(book.strangers, event.foreignId) }
    case "PositionAdopted":
      return Adopted.adopted(book, event)
    case "AdoptionExplained":
      return Adopted.explained(book, event)
    case "ReduceOnly":
      return { ...book, isReduceOnly: true, reduceOnlyUntilMs: event.atMs + Book.reduceOnlyMs }
    case "Restarted":
      return { ...book, lives: Lives.restarted(book.lives, event.atMs) }
    default:
      return book
  }
}
