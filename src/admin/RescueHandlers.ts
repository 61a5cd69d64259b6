/** What a house without a journal still answers: how it is, what the venues hold, and flatten. */
import { type Cause, Clock, Effect, Queue, Stream } from "effect"
import { HouseConfig } from "#config/House.ts"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import { AdminRpc, NotFound, NotNow } from "#schemas/contracts/AdminRpc.ts"
import { FlattenProgress } from "#schemas/contracts/Commands.ts"
import type { LoginId } from "#schemas/Ids.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import type { Connection } from "#src/ports/Venue.ts"
import * as Switches from "#src/projections/Switches.ts"
import * as Shut from "./commands/Shut.ts"
import * as Status from "./Status.ts"
import * as VenueFlat from "./VenueFlat.ts"
import * as Version from "./Version.ts"

const { Receipt, Step } = FlattenProgress.cases

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
  const lifetime = yield* Effect.scope
  const closed = new NotNow({ message: `rescue mode, only status and flatten work: ${why}` })
  const notNow = () => Effect.fail(closed)

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
    Flatten: ({ accountId }) => Stream.unwrap(Effect.gen(function*() {
      const house = yield* config.current
      const asked = [...house.accounts.values()].filter(({ id }) => accountId === undefined || id === accountId)
      if (asked.length === 0) return yield* new NotFound({ what: accountId ?? "accounts", message: `no account ${accountId ?? ""} is configured` })
      const shutUntil = Shut.until(house, yield* Clock.currentTimeMillis)
      const progress = yield* Queue.unbounded<FlattenProgress, Cause.Done>()
      const one = Effect.fnUntraced(function*(account: AccountConfig) {
        const told = (step: { readonly atMs: number; readonly text: string }) => Queue.offer(progress, Step.make({ accountId: account.id, ...step }))
        const isSimulated = Status.isSimulated(house, account.id)
        const left = { accountId: account.id, isSimulated, state: "unknown" as const, steps: [], reason: "the house left before its venue had said flat twice: start it and flatten again" }
        const receipt = yield* Effect.onInterrupt(
          VenueFlat.flatten({ connection: connection(account.login), account, isSimulated, shutUntil, told }),
          () => Queue.offer(progress, Receipt.make({ receipt: left }))
        )
        yield* Queue.offer(progress, Receipt.make({ receipt }))
      })
      yield* Effect.forEach(asked, one, { concurrency: "unbounded", discard: true }).pipe(
        Effect.ensuring(Queue.end(progress)),
        Effect.forkIn(lifetime, { startImmediately: true })
      )
      return Stream.fromQueue(progress)
    })),
    Accounts: notNow,
    Positions: notNow,
    AtVenue: notNow,
    Orders: notNow,
    Trades: notNow,
    Alerts: notNow,
    Why: notNow,
    SendTarget: notNow,
    SetSwitch: notNow,
    Close: notNow,
    PlaceOrder: notNow,
    ModifyOrder: notNow,
    CancelOrder: notNow,
    ResolveOrder: notNow,
    RestartSession: notNow,
    Reload: notNow,
    Backup: notNow,
    Tail: () => Stream.fail(closed),
    Diagnose: () => Effect.map(Clock.currentTimeMillis, (nowMs) => ({
      nowMs,
      findings: [{ check: "journal", state: "failed" as const, text: why }]
    }))
  })
}))
