/** I8: what rests at a venue to close a position is never more than the position for long: what is too much would open another one. */
import * as Decimal from "./Decimal.ts"
import * as Venues from "./Venues.ts"
import type { Rule, World } from "./World.ts"

const withinMs = 60_000
const lookAgainMs = 1_000
/** Orders of one leg at work for one position: so many are no doubt that is settled but a storm. */
const ordersMax = 10

export const make = (world: World): Rule => {
  const { calm, due, fold, report, slackMs } = world
  const watched = new Set<Venues.Position>()

  /** Stops and targets each close the same lots: the larger of the two sums counts. */
  const tooMuch = ({ ours, working }: Venues.Position): { readonly qty: Decimal.Decimal; readonly orderId: string | undefined } => {
    const sums = { stop: 0n, target: 0n }
    let orderId: string | undefined
    for (const order of working) {
      const leg = order.clientId === undefined || order.isReduceOnly || !Venues.isWorking(order) ? undefined : fold.orders.get(order.clientId)?.row.leg
      if (leg !== "stop" && leg !== "target") continue
      orderId = order.clientId
      sums[leg] += Venues.remaining(order)
    }
    const most = sums.stop > sums.target ? sums.stop : sums.target
    const held = Decimal.abs(ours)
    return { qty: most > held ? most - held : 0n, orderId }
  }

  /** Somebody is about to settle it, or nobody can. */
  const isExcused = (book: Venues.Book, { symbol }: Venues.Position): boolean => {
    const live = fold.accounts.get(book.account)?.holdings.get(symbol)?.live ?? []
    return [...live].some(({ row, status }) => row.leg === "entry" || status === "Unknown")
  }

  const watch = (book: Venues.Book, position: Venues.Position, sinceMs: number): void => {
    due.at(sinceMs + withinMs + slackMs, (atMs) => {
      const { orderId, qty } = tooMuch(position)
      if (qty === 0n) {
        watched.delete(position)
        return
      }
      const calmMs = calm.sinceMs(book.venue)
      const isAble = calmMs !== undefined && fold.accounts.get(book.account)?.reconciledSinceMs !== undefined && position.isOpen
      if (!isAble || isExcused(book, position)) return watch(book, position, atMs - withinMs + lookAgainMs)
      if (calmMs > sinceMs) return watch(book, position, Math.max(calmMs, atMs - withinMs + lookAgainMs))
      watched.delete(position)
      report({
        invariant: "I8", atMs, venue: book.venue, account: book.account, instrumentId: position.symbol, ...(orderId === undefined ? {} : { orderId }),
        message: `more rests to close ${position.symbol} than is held, for ${withinMs} ms: it would open another position`,
        expected: `at most ${Decimal.text(Decimal.abs(position.ours))}`, got: `${Decimal.text(qty)} too much`
      })
    })
  }

  const storms = new Set<Venues.Position>()
  const storm = (book: Venues.Book, position: Venues.Position, atMs: number): void => {
    if (position.working.size <= ordersMax || storms.has(position)) return
    const legs = [...position.working].map(({ clientId }) => clientId === undefined ? undefined : fold.orders.get(clientId)?.row.leg)
    const leg = (["stop", "target", "exit"] as const).find((one) => legs.filter((other) => other === one).length > ordersMax)
    if (leg === undefined) return
    storms.add(position)
    report({
      invariant: "I8", atMs, venue: book.venue, account: book.account, instrumentId: position.symbol,
      message: `a storm of orders to close ${position.symbol}`, expected: `at most ${ordersMax} of leg ${leg} at work`, got: String(legs.filter((other) => other === leg).length)
    })
  }

  return {
    record: ({ atMs }, touched) => {
      const position = touched?.position
      if (touched !== undefined && position !== undefined) storm(touched.book, position, atMs)
      if (touched === undefined || position === undefined || watched.has(position) || tooMuch(position).qty === 0n) return
      watched.add(position)
      watch(touched.book, position, atMs)
    }
  }
}
