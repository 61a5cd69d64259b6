/** What a session tells the accounts of its login. */
import { Effect } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import { surely } from "#actors/Deliver.ts"
import { HouseConfig } from "#config/House.ts"
import type { AccountId, LoginId } from "#schemas/Ids.ts"
import type { RequestResult, SessionRequest } from "#schemas/SessionRequest.ts"
import type { AccountSnapshot, VenueEvent } from "#schemas/VenueEvent.ts"
import type { Capabilities } from "#src/ports/Venue.ts"

/** One thing that the venue says of one account. */
export interface Told {
  readonly account: AccountId
  readonly event: VenueEvent
}

export type Tell = Effect.Success<ReturnType<typeof make>>

export const make = Effect.fnUntraced(function*(login: LoginId) {
  const house = yield* HouseConfig
  const accountFor = yield* Account.client
  const all = Effect.map(house.current, ({ accounts }) =>
    [...accounts.values()].filter((account) => account.login === login).map(({ id }) => id))

  const up = (id: AccountId, { closeTakesOrders, modify, nativeBrackets, oca, reduceOnly }: Capabilities) =>
    surely(accountFor(id).SessionUp({ powers: { closeTakesOrders, modify, nativeBrackets, oca, reduceOnly } }, { discard: true }))

  return {
    up,
    answered: (id: AccountId, request: SessionRequest, result: RequestResult) =>
      surely(accountFor(id).Answered({ request, result }, { discard: true })),
    pictured: (id: AccountId, snapshot: AccountSnapshot | undefined) =>
      surely(accountFor(id).Pictured(snapshot === undefined ? {} : { snapshot }, { discard: true })),
    overheard: (id: AccountId, events: ReadonlyArray<VenueEvent>) =>
      events.length === 0 ? Effect.void : surely(accountFor(id).Reported({ events }, { discard: true })),
    /** What came together is told together: one turn of each account, one commit. */
    reported: (told: ReadonlyArray<Told>) => {
      const byAccount = new Map<AccountId, Array<VenueEvent>>()
      for (const { account, event } of told) {
        const events = byAccount.get(account)
        if (events === undefined) byAccount.set(account, [event])
        else events.push(event)
      }
      return Effect.forEach(byAccount, ([id, events]) => surely(accountFor(id).Reported({ events }, { discard: true })), { discard: true })
    },
    allUp: (capabilities: Capabilities) => Effect.flatMap(all, (ids) => Effect.forEach(ids, (id) => up(id, capabilities), { discard: true })),
    allDown: Effect.flatMap(all, (ids) =>
      Effect.forEach(ids, (id) => surely(accountFor(id).SessionDown(undefined, { discard: true })), { discard: true }))
  }
})
