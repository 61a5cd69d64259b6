/**
 * An order whose fate is unknown is a state that ends on evidence: how long each was, and that none which the venue could tell of stays so once
 * nothing stands in the way (I2, I6).
 */
import * as Fold from "./Fold.ts"
import type * as Statistics from "./Statistics.ts"
import type { Rule, World } from "./World.ts"

const settledWithinMs = 60_000

export const make = (world: World, statistics: Statistics.Statistics): Rule => {
  const { calm, due, fold, report, slackMs } = world
  const since = new Map<string, number>()

  const watch = (order: Fold.Order, fromMs: number): void => {
    due.at(fromMs + settledWithinMs + slackMs, (atMs) => {
      const book = world.bookOf(order.account)
      const there = book?.byClientId.get(order.row.id)
      if (order.status !== "Unknown" || book === undefined || !since.has(order.row.id)) return
      const calmMs = calm.sinceMs(book.venue)
      if (calmMs === undefined || there === undefined) return watch(order, atMs)
      if (calmMs > fromMs) return watch(order, Math.max(calmMs, atMs - settledWithinMs + 1))
      report({
        invariant: "I6", atMs, venue: book.venue, account: order.account, alertId: order.row.alertId, orderId: order.row.id,
        message: "an order is still Unknown although its venue has known it and answered all the time",
        expected: `${there.status} within ${settledWithinMs} ms of calm`, got: "Unknown"
      })
    })
  }

  return {
    row: ({ atMs, event }) => {
      const order = "orderId" in event ? fold.orders.get(event.orderId) : undefined
      if (order === undefined) return
      const nowMs = world.isOneClock ? atMs : world.nowMs()
      const before = since.get(order.row.id)
      if (order.status === "Unknown" && before === undefined) {
        since.set(order.row.id, nowMs)
        statistics.unknown()
        watch(order, nowMs)
      }
      if (order.status !== "Unknown" && before !== undefined) {
        since.delete(order.row.id)
        statistics.settled(nowMs - before)
      }
    }
  }
}
