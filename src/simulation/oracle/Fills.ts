/** I7: each of the venue's fills counts once, as it was, and never more than was ordered. */
import * as Decimal from "./Decimal.ts"
import type * as Fold from "./Fold.ts"
import type { EventOf, FillRow, LedgerFill, Row } from "./Shapes.ts"
import type { Rule, World } from "./World.ts"

const sameNumber = (one: string, other: string): boolean => {
  const left = Decimal.parse(one)
  return left !== undefined && left === Decimal.parse(other)
}

const difference = (fill: FillRow, order: Fold.Order, there: LedgerFill): readonly [string, string] | undefined => {
  if (there.symbol !== fill.instrumentId) return [there.symbol, fill.instrumentId]
  if (there.side !== fill.side) return [there.side, fill.side]
  if (there.clientId !== undefined && there.clientId !== order.row.id) return [`of order ${there.clientId}`, `of order ${order.row.id}`]
  const lotSize = order.instrument?.lotSize
  if (lotSize !== undefined && Decimal.ofLots(fill.lots, lotSize) !== Decimal.parse(there.qty)) return [there.qty, `${fill.lots} lots of ${lotSize}`]
  if (!sameNumber(there.price, fill.price)) return [`at ${there.price}`, `at ${fill.price}`]
  return sameNumber(there.fee, fill.fee) ? undefined : [`fee ${there.fee}`, `fee ${fill.fee}`]
}

export const make = (world: World): Rule => {
  const { fold, report } = world
  const counted = new Map<string, number>()

  const judge = (event: EventOf<"FillReceived">, { atMs, seq, stream }: Row): void => {
    const order = fold.orders.get(event.orderId)
    if (order === undefined) return // I19 says so
    const { fill } = event
    const told = { invariant: "I7", atMs, seq, alertId: event.alertId, account: order.account, orderId: event.orderId } as const
    const of = `${stream} ${fill.id}`
    const before = counted.get(of)
    if (before !== undefined) {
      report({ ...told, message: "one fill was counted twice", expected: `${fill.id} in row ${before} only`, got: `rows ${before} and ${seq}` })
      return
    }
    counted.set(of, seq)
    if (order.filled > order.lotsMax) {
      report({ ...told, message: "more was counted as filled than was ordered", expected: `at most ${order.lotsMax} lots`, got: `${order.filled} lots` })
    }
    const book = world.bookOf(order.account)
    if (book === undefined || event.evidence === "inferred" || event.evidence === "attested") return
    const there = book.fills.get(fill.id)
    if (there === undefined) {
      report({ ...told, message: "a fill was counted that the venue never made", expected: "a fill of this id in the venue's ledger", got: fill.id })
      return
    }
    const differs = difference(fill, order, there)
    if (differs !== undefined) report({ ...told, message: "a fill was counted as another than the venue made", expected: differs[0], got: differs[1] })
  }

  return {
    row: (row) => {
      if (row.event._tag === "FillReceived") judge(row.event, row)
    }
  }
}
