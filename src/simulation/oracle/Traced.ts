/** I19: whatever is in the journal goes back to an alert, a command, or what reconciliation found; whatever of ours is filled, to an intent. */
import type { Encoded } from "./Shapes.ts"
import { isLive } from "./Fold.ts"
import type { Rule, World } from "./World.ts"

/** Rows that are where something begins. */
const begins = (tag: string): boolean => tag === "AlertAccepted" || tag === "AlertRefused" || tag === "CommandGiven" ||
  tag === "PositionAdopted" || tag === "ForeignOrderFound"

export const make = (world: World): Rule => {
  const { fold, report } = world
  const adopted = new Set<string>()

  const causeOf = ({ event }: Encoded): string | undefined =>
    "alertId" in event && typeof event.alertId === "string" ? event.alertId : undefined

  return {
    row: (row) => {
      const { event } = row
      const cause = causeOf(row)
      if (cause === undefined) return
      if (begins(event._tag)) {
        if (!fold.alerts.has(cause)) adopted.add(cause)
        return
      }
      const alert = fold.alerts.get(cause)
      const told = { invariant: "I19", atMs: row.atMs, seq: row.seq, alertId: cause, ...("orderId" in event ? { orderId: event.orderId } : {}) } as const
      if (alert === undefined && !adopted.has(cause)) {
        report({ ...told, message: `a row (${event._tag}) names a cause that nobody gave`, expected: "an alert, a command or an adoption before it", got: cause })
        return
      }
      if (event._tag === "FillReceived" && !fold.orders.has(event.orderId)) {
        report({ ...told, message: "a fill of an order that was never intended", expected: "its OrderIntended row", got: event.orderId })
      }
      if (event._tag !== "OrderIntended" || event.order.leg !== "entry" || alert?.kind !== "alert") return
      const order = fold.orders.get(event.order.id)
      if (order === undefined || !isLive(order) || (alert.gated?.includes(order.account) === true && !alert.isBlocked)) return
      report({
        ...told, account: order.account, orderId: event.order.id, message: "an entry was intended for an alert that no gate let through to this account",
        expected: "an AlertGated row that names the account, not blocked", got: alert.isBlocked ? "blocked" : alert.gated === undefined ? "not gated" : alert.gated.join(" ")
      })
    }
  }
}
