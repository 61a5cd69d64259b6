/** Four questions, one after the other: what happens in between may show. Owns: which answers are too old, and when a picture cannot be had. */
import type { ClientOrderId } from "#schemas/Ids.ts"
import type { OrderReport } from "#schemas/Order.ts"
import type { SessionRequest } from "#schemas/SessionRequest.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"
import type { Venue } from "#src/simulation/machine/Venue.ts"

const fillsOverlapMs = 60_000
/** Only the first answer is lost: what a picture has told in part and then lost is another matter, and not decided here. */
const losses = ["F1", "F2", "F3", "F24", "F28"] as const

/** The venue's own times: of the newest fill that was told, and of the newest picture. */
export interface Times {
  fillMs: number
  pictureMs: number
}

export interface Asked {
  readonly request: Extract<SessionRequest, { readonly _tag: "Snapshot" }>
  readonly venue: Venue
  readonly times: Times
  /** Orders of which a look-up proves nothing. */
  readonly inHand: ReadonlySet<ClientOrderId>
  readonly isEarly: boolean
  readonly lookupIsProof: boolean
  readonly wallMs: () => number
  /** The next answer's arrival. */
  readonly later: (run: () => void) => void
  readonly isGone: () => boolean
  readonly end: (snapshot: AccountSnapshot | undefined) => void
}

const isPast = ({ times }: Asked, asOfMs: number): boolean => asOfMs < Math.max(times.fillMs, times.pictureMs)

const after = (asked: Asked, next: () => void): void => asked.later(() => asked.isGone() ? asked.end(undefined) : next())

const positions = (asked: Asked, seen: Omit<AccountSnapshot, "positions" | "lookupIsProof" | "atMs">): void => {
  const { asOfMs, positions: held } = asked.venue.positions(`V-${asked.request.accountId}`)
  if (isPast(asked, asOfMs)) return asked.end(undefined)
  asked.times.pictureMs = asOfMs
  asked.end({ ...seen, positions: held, lookupIsProof: asked.lookupIsProof, atMs: asked.wallMs() })
}

const fills = (asked: Asked, orders: ReadonlyArray<OrderReport>, notFound: ReadonlyArray<ClientOrderId>): void => {
  const { accountId, sinceMs } = asked.request
  const found = asked.venue.fills(`V-${accountId}`, sinceMs - fillsOverlapMs)
  after(asked, () => positions(asked, { orders, notFound: asked.isEarly ? [] : notFound, fills: found }))
}

const lookUps = (asked: Asked, working: ReadonlyArray<OrderReport>): void => {
  const { accountId, orderIds } = asked.request
  const known = new Set(working.map(({ clientOrderId }) => clientOrderId))
  const looked = orderIds.filter((id) => !asked.inHand.has(id) && !known.has(id)).map((id) => ({ id, report: asked.venue.order(`V-${accountId}`, id) }))
  const orders = [...working, ...looked.flatMap(({ report }) => report ?? [])]
  after(asked, () => fills(asked, orders, looked.flatMap(({ id, report }) => report === undefined ? [id] : [])))
}

export const take = (asked: Asked): void => {
  const { request: { accountId, orderIds }, venue } = asked
  const isLost = losses.some((fault) => venue.dice.hit(fault, "picture") !== undefined)
  after(asked, () => {
    if (isLost) return asked.end(undefined)
    const { asOfMs, reports } = venue.workingOrders(`V-${accountId}`)
    if (isPast(asked, asOfMs)) return asked.end(undefined)
    if (orderIds.length === 0) lookUps(asked, reports)
    else after(asked, () => lookUps(asked, reports))
  })
}
