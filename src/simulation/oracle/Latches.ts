/** I10: once a kill or a flatten's block is latched no new risk leaves; working entries are called back; a flatten leaves nothing open. */
import * as Fold from "./Fold.ts"
import type { LedgerRecord } from "./Shapes.ts"
import * as Venues from "./Venues.ts"
import { type Latch, type Rule, scopesOf, type World } from "./World.ts"

const flatWithinMs = 5_000
/** Entries at work are called back: two tries and their answers. */
const recalledWithinMs = 10_000
const lookAgainMs = 1_000

const covers = (scope: string, account: string, login: string | undefined): boolean =>
  scope === "all" || scope === `account/${account}` || (login !== undefined && scope === `login/${login}`)

export interface Latches extends Rule {
  readonly set: (latch: Latch) => void
}

export const make = (world: World, isHeld: (latch: Latch) => boolean): Latches => {
  const { calm, due, fold, report, slackMs } = world

  const left = (order: Fold.Order, { book, order: there }: Venues.Touched, at: LedgerRecord): void => {
    const sentMs = (there?.atMs ?? at.atMs) - world.transitMs(book.venue)
    const scopes = scopesOf(world, order)
    for (const { atMs: sinceMs, kind, scope } of world.latches.values()) {
      if (kind === "pause" || !scopes.includes(scope) || sentMs <= sinceMs) continue
      report({
        invariant: "I10", atMs: at.atMs, n: at.n, venue: book.venue, account: order.account, alertId: order.row.alertId, orderId: order.row.id,
        message: `new risk left for the venue after ${kind === "kill" ? "a kill" : "a flatten"} of ${scope} was latched`,
        expected: `no entry sent after ${sinceMs}`, got: `sent at ${sentMs}`
      })
    }
  }

  /** Accounts whose ledger speaks of them and whose positions or entries it covers. */
  const books = (): ReadonlyArray<Venues.Book> => [...world.venues.values()].flatMap(({ books: all }) => [...all.values()])

  const working = (latch: Latch, book: Venues.Book): Fold.Order | undefined => {
    for (const { working: orders } of book.positions.values()) {
      for (const { clientId } of orders) {
        const order = clientId === undefined ? undefined : fold.orders.get(clientId)
        if (order?.row.leg === "entry" && scopesOf(world, order).includes(latch.scope)) return order
      }
    }
    return undefined
  }

  const open = (latch: Latch, book: Venues.Book, atMs: number): Venues.Position | undefined => {
    if (latch.kind !== "block" || !covers(latch.scope, book.account, world.settings.current()?.accounts.get(book.account)?.login)) return undefined
    for (const position of book.positions.values()) {
      const hasUnknownExit = [...fold.accounts.get(book.account)?.holdings.get(position.symbol)?.live ?? []].some(({ row, status }) =>
        row.leg !== "entry" && status === "Unknown") // an exit that may have been executed is not doubled on a guess
      const isOpenLong = position.isOpen && atMs - position.openSinceMs >= flatWithinMs
      if (position.ours !== 0n && position.net !== 0n && isOpenLong && !hasUnknownExit) return position
    }
    return undefined
  }

  const watch = (latch: Latch, book: Venues.Book, fromMs: number, withinMs: number, judge: (atMs: number) => boolean): void => {
    due.at(fromMs + withinMs + slackMs, (atMs) => {
      if (!isHeld(latch)) return
      const calmMs = calm.sinceMs(book.venue)
      if (calmMs === undefined || calmMs > fromMs) return watch(latch, book, Math.max(calmMs ?? atMs, atMs - withinMs + lookAgainMs), withinMs, judge)
      if (!judge(atMs)) watch(latch, book, atMs, withinMs, judge)
    })
  }

  const judgeEntries = (latch: Latch, book: Venues.Book) => (atMs: number): boolean => {
    const order = working(latch, book)
    if (order === undefined) return true
    report({
      invariant: "I10", atMs, venue: book.venue, account: book.account, alertId: order.row.alertId, orderId: order.row.id,
      message: `an entry still works ${recalledWithinMs} ms after ${latch.scope} was stopped`, expected: "cancelled", got: order.status
    })
    return true
  }

  const judgeFlat = (latch: Latch, book: Venues.Book) => (atMs: number): boolean => {
    const position = open(latch, book, atMs)
    if (position !== undefined) {
      report({
        invariant: "I10", atMs, venue: book.venue, account: book.account, instrumentId: position.symbol,
        message: `${position.symbol} is not flat ${flatWithinMs} ms after a flatten of ${latch.scope}, its venue answering and open`,
        expected: "flat", got: `${position.net > 0n ? "long" : "short"}`
      })
      return true
    }
    return [...book.positions.values()].every(({ net, ours }) => net === 0n || ours === 0n)
  }

  return {
    set: (latch) => {
      if (latch.kind === "pause") return
      for (const book of books()) {
        watch(latch, book, latch.atMs, recalledWithinMs, judgeEntries(latch, book))
        if (latch.kind === "block") watch(latch, book, latch.atMs, flatWithinMs, judgeFlat(latch, book))
      }
    },
    record: (record, touched) => {
      if (record.kind !== "order" || world.latches.size === 0 || touched?.order?.clientId === undefined) return
      const order = fold.orders.get(touched.order.clientId)
      if (order?.row.leg === "entry") left(order, touched, record)
    }
  }
}
