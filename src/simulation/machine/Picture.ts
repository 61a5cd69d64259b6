/** Four questions, one after the other: what happens in between may show. Owns: which answers are too old, and when a picture cannot be had. */
import type { ClientOrderId } from "#schemas/Ids.ts"
import type { OrderReport } from "#schemas/Order.ts"
import type { SessionRequest } from "#schemas/SessionRequest.ts"
import { type AccountSnapshot, VenueEvent } from "#schemas/VenueEvent.ts"
import type { Venue } from "#src/simulation/machine/Venue.ts"

const { Filled, OrderChanged } = VenueEvent.cases

const fillsOverlapMs = 60_000
/** Any of its answers may be lost. */
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
  readonly overheard: (came: ReadonlyArray<VenueEvent>) => void
  readonly end: (snapshot: AccountSnapshot | undefined) => void
}

const isPast = ({ times }: Asked, asOfMs: number): boolean => asOfMs < Math.max(times.fillMs, times.pictureMs)

/** What came of a picture that breaks off counts all the same. */
const broken = ({ end, overheard }: Asked, came: ReadonlyArray<VenueEvent>): void => {
  if (came.length > 0) overheard(came)
  end(undefined)
}

const after = (asked: Asked, came: ReadonlyArray<VenueEvent>, next: () => void): void => {
  const isLost = losses.some((fault) => asked.venue.dice.hit(fault, "picture") !== undefined)
  asked.later(() => isLost || asked.isGone() ? broken(asked, came) : next())
}

const changes = (reports: ReadonlyArray<OrderReport>) => reports.map((report) => OrderChanged.make({ report }))

const positions = (asked: Asked, seen: Omit<AccountSnapshot, "positions" | "lookupIsProof" | "atMs">): void => {
  const came = [...changes(seen.orders), ...seen.fills.map((fill) => Filled.make({ fill }))]
  after(asked, came, () => {
    const { asOfMs, positions: held } = asked.venue.positions(`V-${asked.request.accountId}`)
    if (isPast(asked, asOfMs)) return broken(asked, came)
    asked.times.pictureMs = asOfMs
    asked.end({ ...seen, positions: held, lookupIsProof: asked.lookupIsProof, atMs: asked.wallMs() })
  })
}

const fills = (asked: Asked, orders: ReadonlyArray<OrderReport>, notFound: ReadonlyArray<ClientOrderId>): void => {
  const { accountId, sinceMs } = asked.request
  after(asked, changes(orders), () =>
    positions(asked, { orders, notFound: asked.isEarly ? [] : notFound, fills: asked.venue.fills(`V-${accountId}`, sinceMs - fillsOverlapMs) }))
}

const lookUps = (asked: Asked, working: ReadonlyArray<OrderReport>): void => {
  const { accountId, orderIds } = asked.request
  const known = new Set(working.map(({ clientOrderId }) => clientOrderId))
  const ids = orderIds.filter((id) => !asked.inHand.has(id) && !known.has(id))
  if (ids.length === 0) return fills(asked, working, [])
  after(asked, changes(working), () => {
    const looked = ids.map((id) => ({ id, report: asked.venue.order(`V-${accountId}`, id) }))
    fills(asked, [...working, ...looked.flatMap(({ report }) => report ?? [])], looked.flatMap(({ id, report }) => report === undefined ? [id] : []))
  })
}

export const take = (asked: Asked): void =>
  after(asked, [], () => {
    const { asOfMs, reports } = asked.venue.workingOrders(`V-${asked.request.accountId}`)
    if (isPast(asked, asOfMs)) asked.end(undefined)
    else lookUps(asked, reports)
  })
