/** What has left for the runtime, written down: a fill, or an order's status, once per session. */
import * as Ledger from "./Ledger.ts"

/** The session that was told of a fill last. */
export type Told = WeakMap<Ledger.WireFill, number>

export const make = (): Told => new WeakMap()

export const write = ({ ledger, nowMs }: { readonly ledger: Ledger.Ledger; readonly nowMs: () => number }, told: Told, session: number, how: "stream" | "query", event: Ledger.Event): void => {
  if (event.type === "position") return
  if (event.type === "fill") {
    if (told.get(event.fill) === session) return
    told.set(event.fill, session)
    return Ledger.write(ledger, nowMs(), { kind: "told", account: event.account, how, fillId: event.fill.fillId, orderId: event.of.orderId })
  }
  const { filled, status } = event.order
  const mark = `${session} ${status} ${filled}`
  if (event.of.told === mark) return
  event.of.told = mark
  Ledger.write(ledger, nowMs(), { kind: "told", account: event.account, how, orderId: event.of.orderId, status })
}
