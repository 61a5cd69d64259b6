/** I8: what closes a position never turns it. Where the venue lets both exits fill, or a race does, the excess is closed within two seconds. */
import * as Decimal from "./Decimal.ts"
import * as Fold from "./Fold.ts"
import * as Naked from "./Naked.ts"
import type { LedgerRecord } from "./Shapes.ts"
import type * as Venues from "./Venues.ts"
import type { Rule, World } from "./World.ts"

const withinMs = 2_000
const lookAgainMs = 500
const heldAgainstMs = 10_000

interface Episode {
  readonly book: Venues.Book
  readonly position: Venues.Position
  readonly n: number
  readonly orderId: string
  readonly fillId: string
  /** What entries have brought since, signed: that was asked for. */
  entered: bigint
  /** It was flat since, or only as much is held as entries asked for: what is held now came later. */
  isOver: boolean
}

export const make = (world: World): Rule => {
  const { calm, due, fold, report, slackMs } = world
  const unheard = new Set<Episode>()
  const episodes = new Map<Venues.Position, Array<Episode>>()

  const closingOf = ({ account }: Venues.Book, symbol: string) => fold.accounts.get(account)?.holdings.get(symbol)?.closing

  const judge = (of: Episode, evidenceMs: number): void => {
    const { book, position } = of
    let startMs = evidenceMs
    const look = (atMs: number): void => {
      const held = fold.accounts.get(book.account)?.holdings.get(position.symbol)
      if (of.isOver || held === undefined) return
      // Nothing of ours is there to be closed as long as somebody else's lots stand against it; what an entry brings may be what was asked for.
      const isAgainst = Naked.needOf(position) === 0n
      if (isAgainst || [...held.live].some(({ row, status }) => row.leg === "entry" && status !== "Unknown")) {
        startMs = atMs + (isAgainst ? heldAgainstMs : lookAgainMs)
        return due.at(startMs, look)
      }
      const ableMs = calm.ableSinceMs(book.venue, fold.accounts.get(book.account)?.reconciledSinceMs)
      const calmMs = calm.sinceMs(book.venue)
      if (ableMs === undefined || ableMs > atMs) return due.at(atMs + lookAgainMs, look)
      const untilMs = Math.max(startMs, ableMs) + withinMs + slackMs
      if (atMs < untilMs) return due.at(untilMs, look)
      const isCalm = calmMs !== undefined && calmMs <= startMs && position.isOpen && atMs - position.openSinceMs >= withinMs
      if (closingOf(book, position.symbol) !== undefined && !isCalm) return
      report({
        invariant: "I8", atMs, n: of.n, venue: book.venue, account: book.account, instrumentId: position.symbol, orderId: of.orderId,
        message: `an exit took ${position.symbol} through zero, and the excess is not closed`, expected: `flat within ${withinMs} ms of its evidence`,
        got: `${Decimal.text(position.ours)} of ours`
      })
    }
    due.at(startMs + withinMs + slackMs, look)
  }

  /** What an entry brought and its own stop or exit took again is no more asked for; what closes the excess takes nothing of it. */
  const enteredAfter = (entered: bigint, moved: bigint, isEntry: boolean, isExcessClose: boolean): bigint => {
    if (isEntry) return entered + moved
    if (isExcessClose || entered === 0n || entered > 0n === moved > 0n) return entered
    return Decimal.abs(moved) >= Decimal.abs(entered) ? 0n : entered + moved
  }

  const followed = (position: Venues.Position, moved: bigint, isEntry: boolean, isExcessClose: boolean): void => {
    const { ours } = position
    const open = (episodes.get(position) ?? []).filter((episode) => {
      episode.entered = enteredAfter(episode.entered, moved, isEntry, isExcessClose)
      episode.isOver = ours === 0n || (ours > 0n ? episode.entered >= ours : episode.entered <= ours)
      return !episode.isOver
    })
    if (open.length > 0) episodes.set(position, open)
    else episodes.delete(position)
  }

  const executed = (at: EventOfKind<"fill">, { book, order, position }: Venues.Touched): void => {
    const clientId = order?.clientId
    const leg = clientId === undefined ? undefined : fold.orders.get(clientId)?.row.leg
    const moved = BigInt(Fold.sign(at.side)) * Decimal.orZero(at.qty)
    if (position !== undefined && leg !== undefined) followed(position, moved, leg === "entry", leg === "exit" && closingOf(book, position.symbol)?.reason === "excess")
    if (order === undefined || position === undefined || leg === undefined || leg === "entry") return
    const after = position.ours
    const before = after - moved
    const isThrough = after !== 0n && (before === 0n || before > 0n !== after > 0n)
    if (!isThrough) return
    const episode: Episode = { book, position, n: at.n, orderId: clientId ?? order.orderId, fillId: at.fillId, entered: 0n, isOver: false }
    unheard.add(episode)
    episodes.set(position, [...episodes.get(position) ?? [], episode])
  }

  const told = (at: EventOfKind<"told">, book: Venues.Book): void => {
    for (const episode of unheard) {
      const isIt = episode.book === book && (episode.fillId === at.fillId || book.byClientId.get(episode.orderId)?.orderId === at.orderId)
      if (!isIt) continue
      unheard.delete(episode)
      judge(episode, at.atMs)
    }
  }

  return {
    record: (record, touched) => {
      if (touched === undefined) return
      if (record.kind === "fill") executed(record, touched)
      else if (record.kind === "told" && unheard.size > 0) told(record, touched.book)
    }
  }
}

type EventOfKind<K extends LedgerRecord["kind"]> = Extract<LedgerRecord, { readonly kind: K }>
