/**
 * Is the entry still young enough, by the strategy's limit and the sender's own? Age counts from the sender's sent time or from our arrival,
 * whichever is longer ago, so that a sender's clock that runs ahead makes nothing younger. A bar's open is never an age.
 */
import { blocks, type Gate, passes } from "#src/gates/Gate.ts"

export const staleEntry: Gate = {
  name: "staleEntry",
  appliesTo: "entries",
  outcome: "expired",
  judge: ({ nowMs, receivedAtMs, signal, strategy }) => {
    const sinceMs = Math.min(receivedAtMs, signal.sentAtMs ?? receivedAtMs)
    const ageMs = nowMs - sinceMs
    const inputs = {
      ageMs: String(ageMs),
      ageMsMax: String(strategy.entryAgeMsMax),
      since: sinceMs === signal.sentAtMs ? "sent" : "received",
      ...(signal.expiresAtMs === undefined ? {} : { expiresAtMs: String(signal.expiresAtMs) })
    }
    if (signal.expiresAtMs !== undefined && signal.expiresAtMs <= nowMs) return blocks("the alert's own expiry has passed", inputs)
    return ageMs > strategy.entryAgeMsMax
      ? blocks(`the entry is ${ageMs} ms old, strategy ${strategy.id} allows ${strategy.entryAgeMsMax} ms`, inputs)
      : passes("young enough", inputs)
  }
}
