/** Since when the venue has said of an order, at every look, that it does not find it: from some time on that proves something. */
import type { AccountId, ClientOrderId } from "#schemas/Ids.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"
import type { Capabilities } from "#src/ports/Venue.ts"

/** Monotonic. How long a look takes is no time that an order was missing in. */
export interface Looked {
  readonly fromMs: number
  readonly untilMs: number
}

type Proving = Pick<Capabilities, "lookupProvesAfterMs">

export const make = () => {
  /** When the first of these looks had ended. */
  const missing = new Map<AccountId, ReadonlyMap<ClientOrderId, number>>()

  /**
   * Where the venue's word proves something, only what it proves counts as not found. `isEarly`: what an earlier process sent may still arrive.
   * As many are remembered as the last look of each account asked for.
   */
  return (account: AccountId, seen: AccountSnapshot, { lookupProvesAfterMs: provesAfterMs }: Proving, looked: Looked, isEarly: boolean): AccountSnapshot => {
    const before = missing.get(account)
    const since = new Map(seen.notFound.map((id) => [id, before?.get(id) ?? looked.untilMs]))
    missing.set(account, since)
    if (isEarly) return { ...seen, notFound: [] }
    return provesAfterMs === undefined ? seen : { ...seen, notFound: seen.notFound.filter((id) => provesAfterMs === 0 || looked.fromMs - (since.get(id) ?? Infinity) >= provesAfterMs) }
  }
}
