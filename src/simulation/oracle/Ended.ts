/** I6, at any time: an order that the journal calls over is over at its venue. An Unknown one ends on evidence, never on a guess. */
import * as Venues from "./Venues.ts"
import type { Rule, World } from "./World.ts"

export const make = (world: World): Rule => ({
  row: ({ atMs, event, seq }) => {
    if (event._tag !== "OrderCanceled" && event._tag !== "OrderExpired" && event._tag !== "OrderRejected") return
    const order = world.fold.orders.get(event.orderId)
    const there = order === undefined || order.isAttested ? undefined : world.bookOf(order.account)?.byClientId.get(event.orderId)
    if (order === undefined || there === undefined || !Venues.isAlive(there)) return
    world.report({
      invariant: "I6", atMs, seq, account: order.account, alertId: event.alertId, orderId: event.orderId,
      message: `the journal ends an order (${event._tag}) that is alive at the venue`, expected: there.status, got: order.status
    })
  }
})
