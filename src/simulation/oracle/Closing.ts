/** I8: no exit is sized past what is held. I4: what is being closed comes to its end once nothing is in its way. */
import * as Decimal from "./Decimal.ts"
import * as Fold from "./Fold.ts"
import * as Naked from "./Naked.ts"
import type { EventOf, Row } from "./Shapes.ts"
import type { Rule, World } from "./World.ts"

const closedWithinMs = 60_000
const lookAgainMs = 2_000

export const make = (world: World): Rule => {
  const { calm, due, fold, report, slackMs } = world

  const sized = ({ alertId, order }: EventOf<"OrderIntended">, { atMs, seq }: Row): void => {
    const intended = order.leg === "exit" ? fold.orders.get(order.id) : undefined
    const held = intended === undefined ? undefined : fold.accounts.get(intended.account)?.holdings.get(order.instrumentId)
    if (intended === undefined || held === undefined || fold.orders.get(order.id)?.intentSeq !== seq) return
    let others = 0
    for (const live of held.live) {
      const isRival = live !== intended && live.row.leg === "exit" && live.row.side === order.side
      if (isRival && live.status !== "Unknown") others += Fold.remaining(live) // each exit is bound to the position: one may stand in for a lost one
    }
    const closes = order.side === "sell" ? held.net : -held.net
    if (order.lots + others <= closes) return
    report({
      invariant: "I8", atMs, seq, account: intended.account, alertId, orderId: order.id, message: "an exit was sized past what is held: it could turn the position",
      expected: `at most ${Math.max(0, closes - others)} lots to ${order.side}`, got: `${order.lots} lots`
    })
  }

  /** A whole close comes to its end once nothing is in its way. An exit that nobody knows of may hold it up, but not a position without a stop. */
  const ends = (account: string, instrumentId: string, seq: number, fromMs: number): void => {
    due.at(fromMs + closedWithinMs + slackMs, (atMs) => {
      const held = fold.accounts.get(account)?.holdings.get(instrumentId)
      const book = world.bookOf(account)
      const position = book?.positions.get(instrumentId)
      if (held?.closing?.seq !== seq || book === undefined || position === undefined) return
      const calmMs = calm.sinceMs(book.venue)
      const freeMs = calmMs === undefined || !position.isOpen ? atMs : Math.max(calmMs, position.openSinceMs, fromMs)
      const hasUnknown = [...held.live].some(({ status }) => status === "Unknown")
      const isCovered = Naked.coverOf(position) >= Naked.needOf(position)
      if (hasUnknown && isCovered) return ends(account, instrumentId, seq, atMs)
      if (atMs - freeMs < closedWithinMs) return ends(account, instrumentId, seq, Math.max(freeMs, atMs - closedWithinMs + lookAgainMs))
      if (position.ours === 0n || position.net === 0n) return
      report({
        invariant: "I4", atMs, seq, venue: book.venue, account, instrumentId, alertId: held.closing.alertId,
        message: `a close (${held.closing.reason}) of ${instrumentId} has not come to its end although nothing is in its way`,
        expected: `flat ${closedWithinMs} ms after it was decided`, got: `${Decimal.text(position.ours)} still held`
      })
    })
  }

  return {
    row: (row) => {
      const { atMs, event, seq, stream } = row
      if (event._tag === "OrderIntended") sized(event, row)
      const account = Fold.accountOf(stream)
      if (event._tag === "CloseDecided" && event.lots === undefined && account !== undefined) {
        ends(account, event.instrumentId, seq, world.isOneClock ? atMs : world.nowMs())
      }
    }
  }
}
