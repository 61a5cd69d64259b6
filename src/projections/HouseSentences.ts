/** What a row says that belongs to no alert: configuration, connections, restarts, reconciliation, drift. */
import type { JournalEvent } from "#schemas/JournalEvent.ts"

const hashShown = 12

/** The first line of what may be a whole trace. */
const firstLine = (text: string): string => text.split("\n")[0] ?? ""

const lots = (count: number): string => `${count} ${Math.abs(count) === 1 ? "lot" : "lots"}`

export const of = (event: JournalEvent): string | undefined => {
  switch (event._tag) {
    case "ConfigApplied":
      return `Configuration ${event.hash.slice(0, hashShown)} is in force.`
    case "SessionConnected":
      return `Login ${event.login} is connected.`
    case "SessionLost":
      return `Login ${event.login} lost its connection: ${firstLine(event.reason)}.`
    case "Restarted":
      return `Died and started anew: ${firstLine(event.defect)}.`
    case "ReduceOnly":
      return "Died too often: from here on it only reduces risk."
    case "AccountRecovering":
      return "Asks its venue what happened; no new risk before it knows."
    case "AccountReconciled":
      return `Reconciled with its venue${event.unknown === 0 ? "" : `; ${event.unknown} ${event.unknown === 1 ? "order is" : "orders are"} still Unknown`}.`
    case "DriftFound":
      return `Drift on ${event.instrumentId}: ours ${lots(event.ours)}, the venue's ${lots(event.venue)}: ${event.note}.`
    case "DriftEnded":
      return `No drift on ${event.instrumentId} any more, ${lots(event.net)}: ${event.note}.`
    default:
      return undefined
  }
}
