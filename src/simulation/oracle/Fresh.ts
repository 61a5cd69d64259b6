/** I12: no entry on a stale alert, and none on a stale quote where its strategy wants a live one. */
import type { EventOf, Row } from "./Shapes.ts"
import type { Rule, World } from "./World.ts"

const quoteAgeMsMax = 2_000

export const make = (world: World): Rule => {
  const { fold, report, slackMs } = world
  /** Until when an entry's bytes may leave, by alert and account. */
  const untilMs = new Map<string, number>()
  /** Orders that were slow on their way to the venue: when they left. What is late there need not have left late. */
  const leftMs = new Map<string, number>()

  const decided = (event: EventOf<"EntryDecided">, { atMs, seq, stream }: Row): void => {
    const { alertId, decidedAtMs } = event
    const alert = fold.alerts.get(alertId)
    const strategy = world.settings.of(event.configHash)?.strategies.get(event.strategy)
    if (alert?.signal === undefined || strategy === undefined) return // a ticket by hand: a person is watching
    const told = { invariant: "I12", atMs, seq, alertId, account: stream.slice("account/".length) } as const
    const sinceMs = Math.min(alert.receivedAtMs, alert.signal.sentAtMs ?? alert.receivedAtMs)
    const lastMs = Math.min(sinceMs + strategy.entryAgeMsMax, alert.signal.expiresAtMs ?? Infinity)
    untilMs.set(`${alertId} ${told.account}`, lastMs)
    if (decidedAtMs > lastMs) {
      report({ ...told, message: "an entry was decided on a stale alert", expected: `at most ${strategy.entryAgeMsMax} ms after ${sinceMs}`, got: `${decidedAtMs - sinceMs} ms` })
    }
    if (strategy.quotes !== "live") return
    const ageMs = event.quote === undefined ? undefined : decidedAtMs - event.quote.atMs
    if (ageMs !== undefined && ageMs <= quoteAgeMsMax) return
    report({
      ...told, message: "an entry was decided without a live quote", expected: `a quote at most ${quoteAgeMsMax} ms old`,
      got: ageMs === undefined ? "no quote" : `${ageMs} ms`
    })
  }

  return {
    row: (row) => {
      if (row.event._tag === "EntryDecided") decided(row.event, row)
    },
    record: (record, touched) => {
      if (record.kind === "fault" && record.name === "F5" && record.detail !== undefined) leftMs.set(record.detail, record.atMs)
      if (record.kind !== "order" || !world.isOneClock || touched?.order?.clientId === undefined) return
      const order = fold.orders.get(touched.order.clientId)
      if (order?.row.leg !== "entry") return
      const sentMs = leftMs.get(order.row.id) ?? record.atMs - world.transitMs(touched.book.venue)
      const lastMs = untilMs.get(`${order.row.alertId} ${order.account}`)
      if (lastMs === undefined || sentMs <= lastMs + slackMs) return
      report({
        invariant: "I12", atMs: record.atMs, n: record.n, venue: touched.book.venue, account: order.account, alertId: order.row.alertId, orderId: order.row.id,
        message: "an entry left for the venue after its alert had grown too old", expected: `sent until ${lastMs}`, got: `sent at ${sentMs}`
      })
    }
  }
}
