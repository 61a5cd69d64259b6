/** How long an alert's entry may still leave: known from the alert as it was told, as the book keeps none of it once it is decided. */
import type { AlertId, StrategyId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { SessionRequest } from "#schemas/SessionRequest.ts"
import type { ApprovedSignal } from "#schemas/Signal.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"

/** Alerts whose age is remembered; of an older one the decision's instant counts. */
const alertsMax = 1_000

interface Born {
  readonly atMs: number
  readonly expiresAtMs: number
}

export const make = () => {
  const born = new Map<AlertId, Born>()

  const heard = ({ alertId, receivedAtMs, signal: { expiresAtMs = Infinity, sentAtMs = Infinity } }: ApprovedSignal): void => {
    born.delete(alertId)
    born.set(alertId, { atMs: Math.min(sentAtMs, receivedAtMs), expiresAtMs })
    const oldest = born.keys().next().value
    if (born.size > alertsMax && oldest !== undefined) born.delete(oldest)
  }

  const limitMs = (alertId: AlertId, strategy: StrategyId | undefined, decidedAtMs: number, facts: Facts): number => {
    const { atMs, expiresAtMs } = born.get(alertId) ?? { atMs: decidedAtMs, expiresAtMs: Infinity }
    const ageMsMax = (strategy === undefined ? undefined : facts.strategies.get(strategy)?.entryAgeMsMax) ?? Infinity
    return Math.min(atMs + ageMsMax, expiresAtMs)
  }

  /** A request as it goes to the session: an entry with its limit. */
  const limited = (request: SessionRequest, strategy: StrategyId | undefined, committed: ReadonlyArray<JournalEvent>, facts: Facts): SessionRequest => {
    if (request._tag !== "Submit" && request._tag !== "SubmitBracket") return request
    const order = request._tag === "Submit" ? request.order : request.bracket.entry
    if (order.leg !== "entry") return request
    const decided = committed.find((event) => event._tag === "EntryDecided" && event.alertId === order.alertId)
    const notAfterMs = limitMs(order.alertId, strategy, decided?._tag === "EntryDecided" ? decided.decidedAtMs : facts.nowMs, facts)
    return Number.isFinite(notAfterMs) ? { ...request, notAfterMs } : request
  }

  return { heard, limited }
}
