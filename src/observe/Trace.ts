/**
 * The life of one settled alert as a tree of spans, told from its journal rows alone: the same rows give the same trace, ids included,
 * whoever reads them and when. Rows after the settling one change nothing, but for the answer's, which may come late.
 */
import { createHash } from "node:crypto"
import type { ClientOrderId } from "#schemas/Ids.ts"
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import type { Order } from "#schemas/Order.ts"
import type { Reason } from "#schemas/Verdict.ts"

export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string | undefined
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  /** Something went wrong; a "no" by rule is not that. */
  readonly isError: boolean
}

type Event<Tag extends JournalEvent["_tag"]> = Extract<JournalEvent, { readonly _tag: Tag }>
type RowOf<Tag extends JournalEvent["_tag"]> = JournalRow & { readonly event: Event<Tag> }

const isRow = <Tag extends JournalEvent["_tag"]>(tag: Tag) => (row: JournalRow): row is RowOf<Tag> => row.event._tag === tag

const digest = (text: string) => createHash("sha256").update(text).digest("hex")
/** W3C: 16 bytes, 8 bytes, in hex. */
export const traceIdOf = (alertId: string): string => digest(`trace/${alertId}`).slice(0, 32)
const spanIdOf = (alertId: string, path: string): string => digest(`span/${alertId}/${path}`).slice(0, 16)

const accountPrefix = "account/"

const reasonOf = (reason: Reason | undefined): Attributes => reason === undefined ? {} : { rule: reason.rule, reason: reason.message }

/** What the venue, or this house for it, said first of an order. */
const answerOf = (row: JournalRow, id: ClientOrderId): Attributes | undefined => {
  const { event } = row
  if (!("orderId" in event) || event.orderId !== id) return undefined
  switch (event._tag) {
    case "OrderAccepted":
      return { answer: event.held ? "held" : "accepted", "venue.order.id": event.venueOrderId }
    case "FillReceived":
      return { answer: "filled" } // told before its acknowledgement
    case "OrderRejected":
      return { answer: "rejected", reason: event.reason }
    case "OrderWithheld":
      return { answer: "withheld", ...reasonOf(event.reason) }
    case "OrderUnknown":
      return { answer: "unknown", reason: event.cause }
    default:
      return undefined
  }
}

const orderAttributes = ({ generation, id, instrumentId, leg, lots, side, type }: Order): Attributes =>
  ({ "order.id": id, leg, side, type, lots, generation, instrument: instrumentId })

type Make = (path: string, parent: string | undefined, span: {
  readonly name: string
  readonly startMs: number
  readonly endMs: number
  readonly attributes?: Attributes
  readonly isError?: boolean
}) => Span

/** From the intent to the answer; one that was not answered by then lasts until the end. */
const orderSpan = (make: Make, parent: string, rows: ReadonlyArray<JournalRow>, { atMs, event: { order } }: RowOf<"OrderIntended">, endMs: number): Span => {
  const answers = rows.flatMap((row) => {
    const answer = answerOf(row, order.id)
    return answer === undefined ? [] : [{ answer, atMs: row.atMs }]
  })
  const first = answers[0]
  return make(`${parent}/${order.id}`, parent, {
    name: `order ${order.leg}`,
    startMs: atMs,
    endMs: first?.atMs ?? endMs,
    attributes: { ...orderAttributes(order), ...(first?.answer ?? { answer: "none" }) },
    isError: first === undefined || first.answer["answer"] === "unknown"
  })
}

/** What one account made of it: its decision, then its orders on the wire. */
const accountSpans = (make: Make, stream: string, rows: ReadonlyArray<JournalRow>, gatedAtMs: number, settledAtMs: number): ReadonlyArray<Span> => {
  const account = stream.slice(accountPrefix.length)
  const outcome = rows.find(isRow("OutcomeReached"))
  const endMs = outcome?.atMs ?? settledAtMs
  const intents = rows.filter(isRow("OrderIntended"))
  const decidedAtMs = rows.find(isRow("EntryDecided"))?.atMs ?? intents[0]?.atMs ?? endMs
  const whole = make(stream, "", {
    name: `account ${account}`,
    startMs: gatedAtMs,
    endMs,
    attributes: { account, outcome: outcome?.event.outcome ?? "none", ...reasonOf(outcome?.event.reason) },
    isError: outcome?.event.outcome === "failed"
  })
  const decision = make(`${stream}/decision`, stream, {
    name: "decision",
    startMs: gatedAtMs,
    endMs: Math.min(decidedAtMs, endMs),
    attributes: { orders: intents.length }
  })
  return [whole, decision, ...intents.map((intent) => orderSpan(make, stream, rows, intent, endMs))]
}

const gatesSpan = (make: Make, accepted: JournalRow, { atMs, event: { blocked, configHash, verdicts } }: RowOf<"AlertGated">): Span =>
  make("gates", "", {
    name: "gates and guard",
    startMs: accepted.atMs,
    endMs: atMs,
    attributes: {
      "config.hash": configHash,
      passed: verdicts.filter(({ passed }) => passed).map(({ gate }) => gate).join(" "),
      ...(blocked === undefined ? {} : { outcome: blocked.outcome, ...reasonOf(blocked.reason) })
    },
    isError: blocked?.outcome === "failed"
  })

const accountStreams = (rows: ReadonlyArray<JournalRow>): ReadonlyMap<string, ReadonlyArray<JournalRow>> => {
  const found = new Map<string, Array<JournalRow>>()
  for (const row of rows) {
    if (!row.stream.startsWith(accountPrefix)) continue
    const known = found.get(row.stream)
    if (known === undefined) found.set(row.stream, [row])
    else known.push(row)
  }
  return found
}

/** The root first. None: the alert was not accepted or is not settled. */
export const of = (all: ReadonlyArray<JournalRow>): ReadonlyArray<Span> => {
  const accepted = all.find(isRow("AlertAccepted"))
  const settled = all.find(isRow("AlertSettled"))
  if (accepted === undefined || settled === undefined) return []
  const rows = all.filter(({ seq }) => seq <= settled.seq)
  const gated = rows.find(isRow("AlertGated"))
  const answered = all.find(isRow("AlertAnswered"))?.event
  const { alertId, delivery, signal } = accepted.event
  const traceId = traceIdOf(alertId)
  const make: Make = (path, parent, { attributes = {}, endMs, isError = false, name, startMs }) => ({
    traceId,
    spanId: spanIdOf(alertId, path),
    parentId: parent === undefined ? undefined : spanIdOf(alertId, parent),
    name,
    startMs,
    endMs: Math.max(startMs, endMs),
    attributes,
    isError
  })
  const outcomes = rows.filter(isRow("OutcomeReached"))
  const root = make("", undefined, {
    name: `alert ${signal.action}`,
    startMs: delivery.receivedAtMs,
    endMs: outcomes.at(-1)?.atMs ?? gated?.atMs ?? settled.atMs,
    attributes: {
      "alert.id": alertId, lane: delivery.lane, strategy: signal.strategy, action: signal.action, symbol: signal.symbol, format: delivery.format,
      seq: accepted.seq, accounts: outcomes.length, sent: settled.event.sent
    },
    isError: outcomes.some(({ event }) => event.outcome === "failed")
  })
  const ack = make("ack", "", {
    name: "ack",
    startMs: delivery.receivedAtMs,
    endMs: answered?.answeredAtMs ?? accepted.atMs,
    attributes: { "durable.ms": accepted.atMs - delivery.receivedAtMs, ...(answered === undefined ? {} : { "http.status": answered.status }) }
  })
  if (gated === undefined) return [root, ack]
  const accounts = Array.from(accountStreams(rows)).flatMap(([stream, own]) => accountSpans(make, stream, own, gated.atMs, settled.atMs))
  return [root, ack, gatesSpan(make, accepted, gated), ...accounts]
}
