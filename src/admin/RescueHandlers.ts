/** What a house without a journal still answers: how it is, what the venues hold, and flatten. */
import { Effect } from "effect"
import { HouseConfig } from "#config/House.ts"
import { AdminRpc, NotFound, NotNow } from "#schemas/contracts/AdminRpc.ts"
import type { LoginId } from "#schemas/Ids.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import type { Connection } from "#src/ports/Venue.ts"
import * as Switches from "#src/projections/Switches.ts"
import * as Status from "./Status.ts"
import * as VenueFlat from "./VenueFlat.ts"
import * as Version from "./Version.ts"

export interface Rescue {
  readonly connection: (login: LoginId) => Connection | undefined
  /** Why there is no journal, and what to do. */
  readonly why: string
}

export const layer = ({ connection, why }: Rescue) => AdminRpc.toLayer(Effect.gen(function*() {
  const config = yield* HouseConfig
  const refused = yield* RefusedDeliveries
  const supervision = yield* Supervision
  const version = yield* Effect.sync(Version.read)
  const notNow = () => Effect.fail(new NotNow({ message: `rescue mode, only status and flatten work: ${why}` }))

  return AdminRpc.of({
    Status: Effect.fnUntraced(function*() {
      const view = Status.of({
        version,
        house: yield* config.current,
        states: yield* supervision.states,
        switches: Switches.empty,
        journal: { seq: 0, durable: false, lowDisk: false },
        refusedDeliveries: yield* refused.counts,
        hasSettled: false
      })
      // No alert can be taken: each is answered 503.
      return { ...view, ingress: { ...view.ingress, paused: true } }
    }),
    Flatten: Effect.fnUntraced(function*({ accountId }) {
      const house = yield* config.current
      const asked = [...house.accounts.values()].filter(({ id }) => accountId === undefined || id === accountId)
      if (asked.length === 0) return yield* new NotFound({ what: accountId ?? "accounts", message: `no account ${accountId ?? ""} is configured` })
      return yield* Effect.forEach(asked, ({ id, login }) => VenueFlat.flatten(connection(login), id, Status.isSimulated(house, id)), { concurrency: "unbounded" })
    }),
    Accounts: notNow,
    Positions: notNow,
    Orders: notNow,
    Trades: notNow,
    Alerts: notNow,
    Why: notNow,
    SendTarget: notNow
  })
}))
