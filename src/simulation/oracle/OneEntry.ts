/** I1: at most one entry per alert and account, nothing twice, and nothing at the venue that the journal did not intend before. */
import * as Decimal from "./Decimal.ts"
import * as Fold from "./Fold.ts"
import type { LedgerRecord } from "./Shapes.ts"
import type { Touched, VenueOrder } from "./Venues.ts"
import { quantityOf, type Rule, type World } from "./World.ts"

const key = (alertId: string, account: string): string => `${alertId} ${account}`

/** Outcomes that say that no entry of it left. */
const neverLeft = new Set(["denied", "skipped", "nothingToDo"])

const priceOf = (order: Fold.Order, ticks: number | undefined): Decimal.Decimal | undefined =>
  ticks === undefined || order.instrument === undefined ? undefined : BigInt(ticks) * Decimal.orZero(order.instrument.tickSize)

const asPrice = (text: string | undefined): Decimal.Decimal | undefined => text === undefined ? undefined : Decimal.parse(text)

/** How what the venue was given differs from what was intended. */
const difference = (order: Fold.Order, sent: VenueOrder, account: string): readonly [string, string] | undefined => {
  const { row } = order
  if (order.account !== account) return [`account ${order.account}`, `account ${account}`]
  if (row.instrumentId !== sent.symbol) return [row.instrumentId, sent.symbol]
  if (row.side !== sent.side) return [row.side, sent.side]
  const wanted = quantityOf(order, row.lots)
  if (wanted !== undefined && (row.leg === "exit" ? sent.qty > wanted : sent.qty !== wanted)) return [Decimal.text(wanted), Decimal.text(sent.qty)]
  const stop = priceOf(order, row.stop)
  if (stop !== undefined && asPrice(sent.stop) !== stop) return [`stop ${Decimal.text(stop)}`, `stop ${sent.stop ?? "none"}`]
  const limit = priceOf(order, row.limit)
  if (limit !== undefined && asPrice(sent.limit) !== limit) return [`limit ${Decimal.text(limit)}`, `limit ${sent.limit ?? "none"}`]
  return undefined
}

export const make = (world: World): Rule => {
  const { fold, report } = world
  /** The client id of the one entry that reached the venue. */
  const arrived = new Map<string, string>()
  const intents = new Map<string, Array<Fold.Order>>()

  /** While the disk is full what closes or protects may leave first; anything else may not. */
  const unannounced = (sent: VenueOrder, { book, position }: Touched, at: LedgerRecord): void => {
    const net = position?.net ?? 0n
    const reduces = sent.side === "sell" ? net > 0n : net < 0n
    if (world.calm.isDiskFull() && reduces) return
    report({
      invariant: "I1", atMs: at.atMs, n: at.n, venue: book.venue, account: book.account, orderId: sent.clientId ?? sent.orderId,
      message: "an order of ours reached the venue before the journal had its intent",
      expected: "an OrderIntended row of this id on disk before the request leaves", got: "no such row"
    })
  }

  const entered = (order: Fold.Order, { book }: Touched, at: LedgerRecord): void => {
    const { id, alertId } = order.row
    const first = arrived.get(key(alertId, order.account))
    const told = { atMs: at.atMs, n: at.n, venue: book.venue, account: order.account, alertId, orderId: id } as const
    if (first !== undefined && first !== id) {
      report({ ...told, invariant: "I1", message: "a second entry of one alert reached the venue for one account", expected: `only ${first}`, got: `${first} and ${id}` })
    }
    arrived.set(key(alertId, order.account), id)
    const outcome = fold.accounts.get(order.account)?.outcomes.get(alertId)
    if (outcome !== undefined && (neverLeft.has(outcome.outcome) || (outcome.outcome === "expired" && order.status === "Withheld"))) {
      report({ ...told, invariant: "I1", message: "an entry reached the venue after its outcome said that none would", expected: `${outcome.outcome}: no entry order`, got: `order ${id}` })
    }
  }

  const placed = (touched: Touched, at: LedgerRecord): void => {
    const { book, order: sent } = touched
    if (sent?.clientId === undefined || !world.isOurs(sent.clientId)) return
    const told = { atMs: at.atMs, n: at.n, venue: book.venue, account: book.account, orderId: sent.clientId } as const
    if (book.byClientId.get(sent.clientId) !== sent) {
      report({ ...told, invariant: "I1", message: "the same order was sent twice", expected: "one order of this client id", got: `${book.byClientId.get(sent.clientId)?.orderId} and ${sent.orderId}` })
    }
    if (fold.swept.has(sent.clientId)) return
    const order = fold.orders.get(sent.clientId)
    if (order === undefined) return unannounced(sent, touched, at)
    const { alertId } = order.row
    if (order.status === "Withheld" && !order.isAttested) {
      report({ ...told, alertId, invariant: "I1", message: "an order that surely never left has reached the venue", expected: "Withheld: not at the venue", got: `order ${sent.orderId} there` })
    }
    const differs = difference(order, sent, book.account)
    if (differs !== undefined) {
      report({ ...told, alertId, invariant: "I6", message: "the venue was given another order than the journal intended", expected: differs[0], got: differs[1] })
    }
    if (order.row.leg === "entry") entered(order, touched, at)
  }

  return {
    record: (record, touched) => {
      if (record.kind === "order" && touched !== undefined) placed(touched, record)
    },
    row: ({ atMs, event, seq }) => {
      if (event._tag === "OrderWithheld") {
        const order = fold.orders.get(event.orderId)
        const there = order === undefined ? undefined : world.bookOf(order.account)?.byClientId.get(event.orderId)
        if (order === undefined || there === undefined || order.isAttested) return
        report({
          invariant: "I1", atMs, seq, account: order.account, alertId: event.alertId, orderId: event.orderId,
          message: "the journal says that an order surely never left, and the venue has it", expected: "not at the venue", got: `${there.status} there since ${there.atMs}`
        })
      }
      if (event._tag !== "OrderIntended" || event.order.leg !== "entry") return
      const order = fold.orders.get(event.order.id)
      if (order === undefined) return
      const of = key(event.order.alertId, order.account)
      const before = intents.get(of) ?? []
      const open = before.find(({ status }) => status !== "Withheld")
      if (open !== undefined) {
        report({
          invariant: "I1", atMs, seq, account: order.account, alertId: event.alertId, orderId: event.order.id,
          message: "a second entry was intended for one alert and account although the first may have left",
          expected: `${open.row.id} Withheld before another is intended`, got: `${open.row.id} ${open.status}`
        })
      }
      intents.set(of, [...before, order])
    }
  }
}
