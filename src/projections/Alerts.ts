/** The inbox: every delivery that named an alert, and how it ended on each account. */
import { HashMap, Option } from "effect"
import type { AccountId, AlertId, ClientOrderId } from "#schemas/Ids.ts"
import type { Delivery, Refusal } from "#schemas/Alert.ts"
import type { AlertView, OutcomeView } from "#schemas/contracts/Views.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import type { PendingCause } from "#schemas/Verdict.ts"
import * as Bounded from "./Bounded.ts"
import { accountOf } from "./Streams.ts"

/** Rows kept in memory; what has not ended is kept on top, the rest is in the journal. */
export const rowsMax = 10_000

/** One delivery. */
export interface Row {
  readonly alertId: AlertId
  readonly seq: number
  readonly receivedAtMs: number
  readonly lane: string
  readonly status: AlertView["status"]
  readonly notes: ReadonlyArray<string>
}

/** What the first delivery of an alert was about, and what became of it. */
interface First {
  readonly strategy: string | null
  readonly symbol: string | null
  readonly action: string | null
  readonly refusal: Refusal | undefined
  readonly isGated: boolean
  readonly outcomes: ReadonlyArray<OutcomeView>
}

export interface State {
  readonly rows: Bounded.Bounded<number, Row>
  readonly firsts: HashMap.HashMap<AlertId, First>
}

export const empty: State = { rows: Bounded.empty(rowsMax), firsts: HashMap.empty() }

export const evolve = (state: State, row: JournalRow): State => {
  const { event } = row
  switch (event._tag) {
    case "AlertAccepted":
      return arrive(withFirst(state, event.alertId, event.signal), row, event, "accepted")
    case "AlertRefused":
      return arrive(withFirst(state, event.alertId, event.signal ?? event.partial, event.refusal), row, event, "refused")
    case "AlertDuplicated":
      return arrive(state, row, event, "duplicate")
    case "AlertGated": {
      const ended = event.blocked
      return change(state, event.alertId, (first) => ({ ...first, isGated: true, outcomes: event.accounts.reduce(
        (outcomes, accountId) => (ended === undefined
          ? upsert(outcomes, accountId, (outcome) => outcome)
          : upsert(outcomes, accountId, end(ended.outcome, ended.reason, []))),
        first.outcomes
      ) }))
    }
    case "OrderIntended":
      return changeOutcome(state, event.alertId, event.order.accountId, (outcome) => withOrders(outcome, [event.order.id]))
    case "SignalQueued":
      return changeOutcome(state, event.alertId, accountOf(row), wait(event.cause))
    case "OutcomePending":
      return changeOutcome(state, event.alertId, accountOf(row), wait(event.cause, event.reason))
    case "OutcomeReached":
      return changeOutcome(state, event.alertId, accountOf(row), end(event.outcome, event.reason, event.orderIds))
    default:
      return state
  }
}

/** What a row shows of a signal, as far as it is known. */
type Named = { readonly [K in "strategy" | "symbol" | "action"]?: string }

const withFirst = (state: State, alertId: AlertId, named: Named | undefined, refusal?: Refusal): State => {
  const first: First = {
    strategy: named?.strategy ?? null,
    symbol: named?.symbol ?? null,
    action: named?.action ?? null,
    refusal,
    isGated: false,
    outcomes: []
  }
  return { ...state, firsts: HashMap.set(state.firsts, alertId, first) }
}

const arrive = (state: State, { seq }: JournalRow, event: { readonly alertId: AlertId; readonly delivery: Delivery }, status: Row["status"]): State => {
  const { lane, notes, receivedAtMs, repairs } = event.delivery
  const row: Row = { alertId: event.alertId, seq, receivedAtMs, lane, status, notes: [...notes, ...repairs.map((name) => `repaired: ${name}`)] }
  const rows = Bounded.put(state.rows, seq, row, {
    max: rowsMax,
    ageOf: seqOf,
    mayDrop: (one) => one.status !== "accepted" || hasEnded(state.firsts, one.alertId)
  })
  if (rows.droppedThrough === state.rows.droppedThrough) return { ...state, rows }
  const kept = new Set(Array.from(HashMap.values(rows.entries), (one) => one.alertId))
  return { rows, firsts: HashMap.filter(state.firsts, (_, alertId) => kept.has(alertId)) }
}

const seqOf = (row: Row): number => row.seq

const hasEnded = (firsts: State["firsts"], alertId: AlertId): boolean => {
  const first = Option.getOrUndefined(HashMap.get(firsts, alertId))
  return first === undefined || (first.isGated && first.outcomes.every(({ outcome }) => outcome !== "pending"))
}

const change = (state: State, alertId: AlertId, f: (first: First) => First): State =>
  HashMap.has(state.firsts, alertId) ? { ...state, firsts: HashMap.modify(state.firsts, alertId, f) } : state

const changeOutcome = (state: State, alertId: AlertId, accountId: AccountId | undefined, f: (outcome: OutcomeView) => OutcomeView): State =>
  accountId === undefined ? state : change(state, alertId, (first) => ({ ...first, outcomes: upsert(first.outcomes, accountId, f) }))

const upsert = (outcomes: ReadonlyArray<OutcomeView>, accountId: AccountId, f: (outcome: OutcomeView) => OutcomeView): ReadonlyArray<OutcomeView> =>
  outcomes.some((one) => one.accountId === accountId)
    ? outcomes.map((one) => (one.accountId === accountId ? f(one) : one))
    : [...outcomes, f({ accountId, outcome: "pending", clientOrderIds: [] })]

const withOrders = (outcome: OutcomeView, ids: ReadonlyArray<ClientOrderId>): OutcomeView => ({
  ...outcome,
  clientOrderIds: [...new Set([...outcome.clientOrderIds, ...ids])]
})

/** An outcome is final: nothing said later reopens it. */
const wait = (cause: PendingCause, reason?: OutcomeView["reason"]) => (outcome: OutcomeView): OutcomeView => {
  if (outcome.outcome !== "pending") return outcome
  const { accountId, clientOrderIds } = outcome
  return { accountId, outcome: "pending", cause, ...(reason === undefined ? {} : { reason }), clientOrderIds }
}

const end = (outcome: OutcomeView["outcome"], reason: OutcomeView["reason"], ids: ReadonlyArray<ClientOrderId>) => (before: OutcomeView): OutcomeView => {
  if (before.outcome !== "pending") return before
  const { accountId, clientOrderIds } = withOrders(before, ids)
  return { accountId, outcome, ...(reason === undefined ? {} : { reason }), clientOrderIds }
}

/** A command stands in no inbox, but its story is told like an alert's: its own rows as if they were one's. */
export const ofCommand = (rows: ReadonlyArray<JournalRow>): { readonly state: State; readonly row: Row } | undefined =>
  given(rows) ?? reconciled(rows)

/** What the account did by itself about something that is not ours: its first row begins the story. */
const reconciled = (rows: ReadonlyArray<JournalRow>) => {
  const first = rows.find(({ event }) => event._tag === "PositionAdopted" || event._tag === "ForeignOrderFound")
  if (first?.event._tag !== "PositionAdopted" && first?.event._tag !== "ForeignOrderFound") return undefined
  const { event } = first
  const action = event._tag === "ForeignOrderFound" ? "foreign order" : event.next === "keep" ? "adopt" : "flatten"
  const symbol = event._tag === "ForeignOrderFound" ? event.report.instrumentId : event.instrument.id
  const row: Row = { alertId: event.alertId, seq: first.seq, receivedAtMs: first.atMs, lane: "reconciliation", status: "accepted", notes: [] }
  return { state: rows.reduce(evolve, withFirst(empty, event.alertId, { action, symbol })), row }
}

const given = (rows: ReadonlyArray<JournalRow>): { readonly state: State; readonly row: Row } | undefined => {
  const given = rows.find(({ event }) => event._tag === "CommandGiven")
  if (given?.event._tag !== "CommandGiven") return undefined
  const { alertId, command, who, why } = given.event
  const row: Row = {
    alertId, seq: given.seq, receivedAtMs: given.atMs, lane: "operator", status: "accepted", notes: [why === "" ? `by ${who}` : `by ${who}: ${why}`]
  }
  return { state: rows.reduce(evolve, withFirst(empty, alertId, { action: command })), row }
}

/** What a pending account waits for when no row has said it yet. */
export type CauseOf = (accountId: AccountId) => PendingCause

/** `undefined`: its first delivery is older than memory. */
export const view = (state: State, row: Row, causeOf: CauseOf): AlertView | undefined => {
  const first = Option.getOrUndefined(HashMap.get(state.firsts, row.alertId))
  if (first === undefined) return undefined
  const { alertId, lane, notes, receivedAtMs, seq, status } = row
  const outcomes = first.outcomes.map((one) => (one.outcome === "pending" && one.cause === undefined ? { ...one, cause: causeOf(one.accountId) } : one))
  return {
    alertId, seq, receivedAtMs, lane, status, notes, outcomes,
    strategy: first.strategy,
    symbol: first.symbol,
    action: first.action,
    ...(first.refusal === undefined ? {} : { refusal: first.refusal })
  }
}

export const page = (state: State, asked: { readonly since?: number; readonly limit?: number }, limitDefault: number): ReadonlyArray<Row> =>
  Bounded.page(state.rows, seqOf, asked, limitDefault)

/** The first delivery of an alert, if memory still has it. */
export const firstRow = (state: State, alertId: AlertId): Row | undefined => {
  const rows = Array.from(HashMap.values(state.rows.entries)).filter((row) => row.alertId === alertId)
  return rows.find((row) => row.status !== "duplicate") ?? rows[0]
}
