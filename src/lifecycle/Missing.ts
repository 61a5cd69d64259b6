/**
 * The venue holds less than our book: is it a look at the past, a fill of ours on its way, or was it closed there? Judged on the second
 * picture that shows the same. More than ours is somebody else's, and so is what lies on the other side.
 */
import { BigDecimal } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import { Lots } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"
import * as Units from "#src/orders/Units.ts"
import * as Book from "./Book.ts"
import { type Facts, quoteAgeMsMax } from "./Facts.ts"
import { apartMs, foreignFills, staleMsMax } from "./Picture.ts"

/** Without a fill that shows it, a difference must last so long: a position can be ahead of its fills, an order not be found for a while. */
const lastsMs = 6_000
const priceDigits = 10

/** What the first picture showed. `sinceMs`: when it was asked for; undefined if a fill has come since. */
export interface Suspicion {
  readonly difference: number
  readonly ours: number
  readonly sinceMs: number | undefined
  readonly isLess: boolean
}

/**
 * Lots that our book has in the bracket's direction and the venue, with a net of `theirs`, does not. Where it holds the other side, as many as
 * that has changed since it was last shown: somebody else's position may have been there before ours.
 */
export const lotsOf = (book: Book.Book, bracket: Book.Bracket | undefined, theirs: number): number => {
  if (bracket === undefined) return 0
  const direction = bracket.isLong ? 1 : -1
  const net = Book.netOf(book, bracket)
  const [held, there] = [net * direction, theirs * direction]
  const gone = there >= 0 ? held - there : Math.min(held, (net + (book.drift.get(bracket.instrument.id) ?? 0) - theirs) * direction)
  return Math.max(0, gone)
}

export interface Seen {
  readonly book: Book.Book
  readonly bracket: Book.Bracket
  readonly snapshot: AccountSnapshot
  /** When the picture was asked for. */
  readonly askedMs: number
  readonly suspected: Suspicion
  readonly lots: number
}

/** Fills of orders that are surely not ours, since this was last counted, of the side that closes it. */
const foreign = ({ book, bracket, snapshot }: Seen): ReadonlyArray<Fill> => {
  const sinceMs = Math.max(bracket.openedAtMs, ...bracket.elsewhere.map(({ asOfMs }) => asOfMs))
  return foreignFills(book, bracket.instrument.id, snapshot.fills)
    .filter(({ atMs, side }) => side === (bracket.isLong ? "sell" : "buy") && atMs >= sinceMs)
}

export const lotsIn = (fills: ReadonlyArray<Fill>): number => fills.reduce((sum, { lots }) => sum + lots, 0)

/** Somebody else's fills account for all of it. */
export const proof = (seen: Seen): ReadonlyArray<Fill> | undefined => {
  const fills = foreign(seen)
  return lotsIn(fills) >= seen.lots ? fills : undefined
}

/** Asked, and the answer is still out: what became of it will be known soon. */
export const isInFlight = ({ book, bracket }: Seen): boolean =>
  [...book.orders.live.values()].some(({ order, status }) => order.instrumentId === bracket.instrument.id && status === "Intended")

/** Orders of ours that may have filled unseen. What the picture shows at work, with no more filled than we know, has not. */
export const rivals = ({ book, bracket, snapshot }: Omit<Seen, "suspected" | "askedMs" | "lots">): ReadonlyArray<Book.BookedOrder> => {
  const side = bracket.isLong ? "sell" : "buy"
  const atWork = new Map(snapshot.orders.flatMap(({ clientOrderId, filledLots, status }) =>
    status === "Accepted" || status === "PartlyFilled" || status === "Held" ? [[clientOrderId, filledLots] as const] : []))
  return [...book.orders.live.values()].filter((known) => {
    const { id, instrumentId, side: of } = known.order
    const filled = atWork.get(id)
    return instrumentId === bracket.instrument.id && of === side && known.status !== "Held" && (filled === undefined || filled > known.filled)
  })
}

const sinceMsOf = ({ askedMs, suspected }: Seen): number => suspected.sinceMs ?? askedMs

/** Not found once is not gone: an order that the venue once had may be found again. */
export const mayComeBack = (seen: Seen, { status, venueOrderId }: Book.BookedOrder): boolean =>
  status === "Unknown" && venueOrderId !== undefined && seen.askedMs - sinceMsOf(seen) < lastsMs

export const isBelieved = (seen: Seen, isProven: boolean, hasRivals: boolean): boolean => {
  const sinceMs = sinceMsOf(seen)
  const lastedMs = seen.askedMs - sinceMs
  if (isProven) return lastedMs >= apartMs
  if (lastedMs >= staleMsMax) return true
  return lastedMs >= lastsMs && !hasRivals && sinceMs - seen.bracket.lastFillAtMs >= staleMsMax
}

export const average = (fills: ReadonlyArray<Fill>): BigDecimal.BigDecimal => {
  const cost = fills.reduce((sum, { lots, price }) => BigDecimal.sum(sum, BigDecimal.multiply(price, BigDecimal.fromBigInt(BigInt(lots)))), BigDecimal.make(0n, 0))
  const price = BigDecimal.divideUnsafe(cost, BigDecimal.fromBigInt(BigInt(lotsIn(fills))))
  return BigDecimal.normalize(BigDecimal.round(price, { scale: priceDigits, mode: "half-even" }))
}

/** The price of the fill there; else the middle of the market at this moment. */
const priceOf = ({ bracket, lots }: Seen, proven: ReadonlyArray<Fill> | undefined, facts: Facts) => {
  if (proven !== undefined && lotsIn(proven) === lots) return { price: average(proven), note: "at the price of the fill there" }
  const quote = facts.quote(bracket.instrument.id)
  const isFresh = quote !== undefined && facts.nowMs - quote.atMs <= quoteAgeMsMax
  if (!isFresh) return { note: "no quote says at which price: the entry's stands in for it" }
  const both = BigDecimal.sum(Units.priceOf(bracket.instrument, quote.bid), Units.priceOf(bracket.instrument, quote.ask))
  return { price: BigDecimal.normalize(BigDecimal.multiply(both, BigDecimal.make(5n, 1))), note: "at the middle of the market when it was found out" }
}

export const closedElsewhere = (seen: Seen, proven: ReadonlyArray<Fill> | undefined, facts: Facts): JournalEvent => {
  const { askedMs, bracket, lots } = seen
  const { note, price } = priceOf(seen, proven, facts)
  return JournalEvent.cases.ClosedElsewhere.make({
    alertId: bracket.alertId,
    instrumentId: bracket.instrument.id,
    lots: Lots.make(lots),
    ...(price === undefined || !BigDecimal.isPositive(price) ? {} : { price }),
    evidence: proven === undefined ? "position" : "fills",
    asOfMs: askedMs,
    note
  })
}
