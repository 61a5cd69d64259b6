/** What the journal says, just enough to see whether it has come to rest and to count by. Owns: this picture, row by row. */
import type { Encoded, Leg, Row } from "#src/simulation/oracle/Shapes.ts"

export interface Order {
  readonly id: string
  readonly account: string
  readonly alertId: string
  readonly leg: Leg
  status: string
}

const statusAfter: Readonly<Record<string, string>> = {
  OrderRejected: "Rejected", OrderWithheld: "Withheld", OrderUnknown: "Unknown", OrderCanceled: "Canceled", OrderExpired: "Expired", OrderAttested: "Attested"
}

export const make = () => {
  /** By alert: the sender's own body. */
  const accepted = new Map<string, string>()
  const gated = new Map<string, ReadonlyArray<string>>()
  const outcomes = new Map<string, string>()
  const orders = new Map<string, Order>()
  const reconciled = new Set<string>()

  const row = (encoded: Encoded): void => {
    const { event, stream } = encoded as Row
    const account = stream.startsWith("account/") ? stream.slice("account/".length) : ""
    switch (event._tag) {
      case "AlertAccepted": {
        const { delivery } = event as typeof event & { readonly delivery: { readonly body: string } }
        accepted.set(event.alertId, delivery.body)
        return
      }
      case "AlertGated":
        gated.set(event.alertId, event.blocked === undefined ? event.accounts : [])
        return
      case "OutcomeReached":
        outcomes.set(`${event.alertId} ${account}`, event.outcome)
        return
      case "OrderIntended":
        orders.set(event.order.id, { id: event.order.id, account, alertId: event.alertId, leg: event.order.leg, status: "Intended" })
        return
      case "AccountRecovering":
        reconciled.delete(account)
        return
      case "AccountReconciled":
        reconciled.add(account)
        return
      case "OrderAttested":
      case "OrderAccepted":
      case "OrderRejected":
      case "OrderWithheld":
      case "OrderUnknown":
      case "OrderCanceled":
      case "OrderExpired":
      case "FillReceived": {
        const order = orders.get(event.orderId)
        if (order === undefined) return
        // A fill says that it is there; whether it is all of it says the venue's ledger.
        order.status = event._tag === "OrderAccepted" || event._tag === "FillReceived" ? "There" : statusAfter[event._tag] ?? order.status
        return
      }
    }
  }

  /** Pairs of an alert and an account that have not ended. */
  const open = (): ReadonlyArray<readonly [alertId: string, account: string]> => [...accepted.keys()].flatMap((alertId) => {
    const accounts = gated.get(alertId)
    return accounts === undefined ? [[alertId, ""] as const] : accounts.flatMap((account) => outcomes.has(`${alertId} ${account}`) ? [] : [[alertId, account] as const])
  })

  return { row, open, accepted, gated, outcomes, orders, reconciled }
}
export type Picture = ReturnType<typeof make>
