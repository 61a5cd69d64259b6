/**
 * How far an account is from flat, by the venue's own word beside its book. Pure. What is ours the account closes itself; what is in no book
 * is swept at the venue, but only where nothing of ours is left on the instrument: so nothing is closed twice.
 */
import type { Holdings } from "#actors/account/Protocol.ts"
import type { Look } from "#actors/broker-session/Protocol.ts"
import type { ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import type { OrderReport } from "#schemas/Order.ts"
import * as Units from "#src/orders/Units.ts"

export type Seen = Extract<Look, { readonly _tag: "Seen" }>

export interface Rest {
  readonly instrumentId: InstrumentId
  readonly net: number
}

export interface Judged {
  /** The venue says flat, and nothing of ours is on its way. */
  readonly isFlat: boolean
  /** Our own entries that work: cancelled at once, whatever else waits. */
  readonly entries: ReadonlyArray<ClientOrderId>
  /** Ours, and nobody is closing it yet. */
  readonly isToBeClosed: boolean
  /** In no book, seen this once: swept when it is seen again. */
  readonly strangers: ReadonlyArray<ClientOrderId>
  readonly remainders: ReadonlyArray<Rest>
  /** All that is left waits for its exchange to open. */
  readonly waits: ReadonlyArray<{ readonly instrumentId: InstrumentId; readonly opensAtMs: number | undefined; readonly isOurs: boolean }>
  /** What is left, in words. */
  readonly left: ReadonlyArray<string>
}

export interface Around {
  /** Orders by which this command closes remainders. */
  readonly ownIds: ReadonlySet<ClientOrderId>
  /** Undefined: it trades now. */
  readonly shutUntil: (id: InstrumentId) => { readonly opensAtMs: number | undefined } | undefined
}

const nothing: Holdings = { isReconciled: true, instruments: [], orders: [] }

const reduces = ({ side }: OrderReport, net: number): boolean => net !== 0 && (side === "sell") === net > 0

const leftOf = (seen: Seen, held: Holdings, isSilent: boolean): ReadonlyArray<string> => {
  const theirs = new Set(seen.positions.map(({ instrumentId }) => instrumentId))
  const working = seen.orders.length
  const unknown = held.orders.filter(({ isUnknown }) => isUnknown)
  return [
    ...seen.positions.map(({ instrumentId, net }) => `${Units.lotsText(net)} of ${instrumentId}`),
    ...(working === 0 ? [] : [`${working} working ${working === 1 ? "order" : "orders"}`]),
    ...unknown.map(({ id }) => `order ${id} may still be executed`),
    ...held.instruments.filter(({ instrumentId, net }) => net !== 0 && !theirs.has(instrumentId))
      .map(({ instrumentId, net }) => `our book still has ${Units.lotsText(net)} of ${instrumentId} that the venue does not show`),
    ...(isSilent && !seen.reduceOnly && seen.positions.length > 0 ? ["its account does not answer, and without reduce-only orders nothing is closed behind its back: close it at the broker"] : []),
    ...(seen.inHand.length === 0 ? [] : [`${seen.inHand.length} on the way to the venue`])
  ]
}

/** `held` is asked before the venue is; undefined: the account does not answer, and the venue's word is all there is. */
export const judge = (seen: Seen, held: Holdings | undefined, { ownIds, shutUntil }: Around): Judged => {
  const book = held ?? nothing
  const known = new Map(book.orders.map((order) => [order.id, order]))
  const netAt = new Map<string, number>(seen.positions.map(({ instrumentId, net }) => [instrumentId, net]))
  const strangers = seen.orders.filter((order) => !known.has(order.clientOrderId) && !ownIds.has(order.clientOrderId))
  const busy = new Set<string>([...book.instruments, ...book.orders].map(({ instrumentId }) => instrumentId))
  const entries = seen.orders.flatMap(({ clientOrderId: id }) => known.get(id)?.leg === "entry" ? [id] : [])

  const isStill = seen.inHand.length === 0
  // An account that comes back would close again what was closed behind its back; where it can only reduce, that opens nothing.
  const maySweep = isStill && (held !== undefined || seen.reduceOnly)
  const remainders = maySweep ? seen.positions.filter(({ instrumentId }) =>
    !busy.has(instrumentId) && shutUntil(instrumentId) === undefined &&
    !seen.orders.some(({ clientOrderId, instrumentId: of }) => of === instrumentId && ownIds.has(clientOrderId))) : []

  const shut = seen.positions.flatMap(({ instrumentId }) => {
    const until = shutUntil(instrumentId)
    return until === undefined ? [] : [{ instrumentId, opensAtMs: until.opensAtMs, isOurs: busy.has(instrumentId) }]
  })
  const isToBeClosed = book.instruments.some(({ instrumentId, isClosing, net }) =>
    !isClosing && (net !== 0 || book.orders.some((order) => order.instrumentId === instrumentId && order.leg === "entry")))
  const isShut = (id: string) => shut.some(({ instrumentId }) => instrumentId === id)
  const onlyShut = shut.length > 0 && isStill && !isToBeClosed && entries.length === 0 &&
    seen.positions.every(({ instrumentId }) => isShut(instrumentId)) &&
    seen.orders.every((order) => isShut(order.instrumentId) && reduces(order, netAt.get(order.instrumentId) ?? 0)) &&
    [...busy].every(isShut)

  return {
    isFlat: seen.positions.length === 0 && seen.orders.length === 0 && isStill && busy.size === 0,
    entries,
    isToBeClosed,
    strangers: strangers.filter((order) => !reduces(order, netAt.get(order.instrumentId) ?? 0)).map(({ clientOrderId }) => clientOrderId),
    remainders,
    waits: onlyShut ? shut : [],
    left: leftOf(seen, book, held === undefined)
  }
}
