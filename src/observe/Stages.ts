/**
 * What the journal's rows say of the house's speed and of its "no"s. Owns: between which two rows a stage runs. Alerts that came before it
 * began to look are not timed.
 */
import type { JournalEvent, JournalRow } from "#schemas/JournalEvent.ts"
import type { AlertId, ClientOrderId } from "#schemas/Ids.ts"

export const stages = [
  "received_to_durable", "received_to_answer", "answer_to_gated", "gated_to_intent", "intent_to_venue_answer", "accepted_to_filled",
  "received_to_first_accepted"
] as const
export type Stage = (typeof stages)[number]

export type Seen =
  | { readonly _tag: "Stage"; readonly stage: Stage; readonly seconds: number }
  | { readonly _tag: "Alert"; readonly status: "accepted" | "duplicate" | "refused" }
  | { readonly _tag: "Outcome"; readonly outcome: string }
  | { readonly _tag: "Refusal"; readonly kind: string; readonly rule: string }
  | { readonly _tag: "Restart"; readonly actor: string }

/** Alerts and orders whose next row is waited for; the oldest is forgotten. */
const alertsMax = 4_096
const ordersMax = 16_384

interface Alert {
  readonly receivedAtMs: number
  answeredAtMs?: number
  gatedAtMs?: number
  /** Accounts that have intended. */
  readonly intended: Set<string>
  isAccepted: boolean
}

interface Order {
  readonly intendedAtMs: number
  /** Only what is meant to fill at once says how fast it fills. */
  readonly isMarket: boolean
  acceptedAtMs?: number
}

const keep = <K, V>(map: Map<K, V>, max: number, key: K, value: V) => {
  map.set(key, value)
  const oldest = map.keys().next().value
  if (map.size > max && oldest !== undefined) map.delete(oldest)
}

const stage = (name: Stage, fromMs: number, toMs: number): Seen =>
  ({ _tag: "Stage", stage: name, seconds: Math.max(0, toMs - fromMs) / 1_000 })

/** `account/paper-1` is the stream of an account. */
const kindOf = (stream: string): string => stream.split("/")[0] ?? stream

const refusals = new Set(["denied", "rejected", "skipped", "expired", "failed"])

type Event<Tag extends JournalEvent["_tag"]> = Extract<JournalEvent, { readonly _tag: Tag }>

export const make = () => {
  const alerts = new Map<AlertId, Alert>()
  const orders = new Map<ClientOrderId, Order>()

  const accepted = ({ alertId, delivery: { receivedAtMs } }: Event<"AlertAccepted">, atMs: number): ReadonlyArray<Seen> => {
    keep(alerts, alertsMax, alertId, { receivedAtMs, intended: new Set<string>(), isAccepted: false })
    return [{ _tag: "Alert", status: "accepted" }, stage("received_to_durable", receivedAtMs, atMs)]
  }

  const answered = ({ alertId, answeredAtMs }: Event<"AlertAnswered">): ReadonlyArray<Seen> => {
    const alert = alerts.get(alertId)
    if (alert === undefined || alert.answeredAtMs !== undefined) return []
    alert.answeredAtMs = answeredAtMs
    const ack = stage("received_to_answer", alert.receivedAtMs, answeredAtMs)
    return alert.gatedAtMs === undefined ? [ack] : [ack, stage("answer_to_gated", answeredAtMs, alert.gatedAtMs)]
  }

  const gated = ({ accounts, alertId, blocked }: Event<"AlertGated">, atMs: number): ReadonlyArray<Seen> => {
    const alert = alerts.get(alertId)
    const skipped: ReadonlyArray<Seen> = blocked === undefined ? [] : accounts.flatMap(() => refused(blocked.outcome, blocked.reason.rule))
    if (alert === undefined) return skipped
    alert.gatedAtMs = atMs
    return alert.answeredAtMs === undefined ? skipped : [...skipped, stage("answer_to_gated", alert.answeredAtMs, atMs)]
  }

  const refused = (outcome: string, rule: string): ReadonlyArray<Seen> => [
    { _tag: "Outcome", outcome },
    { _tag: "Refusal", kind: outcome, rule }
  ]

  const intended = ({ alertId, order }: Event<"OrderIntended">, { atMs, stream }: JournalRow): ReadonlyArray<Seen> => {
    const alert = alerts.get(alertId)
    keep(orders, ordersMax, order.id, { intendedAtMs: atMs, isMarket: order.type === "market" })
    if (alert?.gatedAtMs === undefined || alert.intended.has(stream)) return []
    alert.intended.add(stream)
    return [stage("gated_to_intent", alert.gatedAtMs, atMs)]
  }

  const answeredByVenue = (alertId: AlertId, id: ClientOrderId, atMs: number, isAccepted: boolean): ReadonlyArray<Seen> => {
    const order = orders.get(id)
    if (order === undefined || order.acceptedAtMs !== undefined) return []
    const seen = [stage("intent_to_venue_answer", order.intendedAtMs, atMs)]
    if (!isAccepted || !order.isMarket) orders.delete(id)
    else order.acceptedAtMs = atMs
    const alert = alerts.get(alertId)
    if (!isAccepted || alert === undefined || alert.isAccepted) return seen
    alert.isAccepted = true
    return [...seen, stage("received_to_first_accepted", alert.receivedAtMs, atMs)]
  }

  /** A fill that comes first is the venue's answer too. */
  const filled = ({ alertId, orderId, seenAtMs }: Event<"FillReceived">, atMs: number): ReadonlyArray<Seen> => {
    const answer = answeredByVenue(alertId, orderId, atMs, true)
    const acceptedAtMs = orders.get(orderId)?.acceptedAtMs
    if (acceptedAtMs === undefined) return answer
    orders.delete(orderId)
    return [...answer, stage("accepted_to_filled", acceptedAtMs, seenAtMs)]
  }

  return (row: JournalRow): ReadonlyArray<Seen> => {
    const { atMs, event, stream } = row
    switch (event._tag) {
      case "AlertAccepted":
        return accepted(event, atMs)
      case "AlertDuplicated":
        return [{ _tag: "Alert", status: "duplicate" }]
      case "AlertRefused":
        return [{ _tag: "Alert", status: "refused" }, { _tag: "Refusal", kind: "refused", rule: event.refusal.error }]
      case "AlertAnswered":
        return answered(event)
      case "AlertGated":
        return gated(event, atMs)
      case "OrderIntended":
        return intended(event, row)
      case "OrderAccepted":
        return answeredByVenue(event.alertId, event.orderId, atMs, true)
      case "OrderRejected":
        return answeredByVenue(event.alertId, event.orderId, atMs, false)
      case "FillReceived":
        return filled(event, atMs)
      case "OutcomeReached":
        return refusals.has(event.outcome) ? refused(event.outcome, event.reason?.rule ?? "none") : [{ _tag: "Outcome", outcome: event.outcome }]
      case "Restarted":
        return [{ _tag: "Restart", actor: kindOf(stream) }]
      default:
        return []
    }
  }
}
