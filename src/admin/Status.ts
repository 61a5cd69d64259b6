/** How the house is doing, put together from configuration, journal and what its parts say of themselves. */
import type { House } from "#config/House.ts"
import * as Login from "#schemas/config/LoginConfig.ts"
import type { FindingView, StatusView } from "#schemas/contracts/Views.ts"
import type { AccountId } from "#schemas/Ids.ts"
import type { States } from "#src/ports/Supervision.ts"
import * as Switches from "#src/projections/Switches.ts"

export interface Around {
  readonly version: string
  readonly house: House
  readonly states: States
  readonly switches: Switches.State
  readonly journal: StatusView["journal"]
  readonly refusedDeliveries: Readonly<Record<string, number>>
  readonly findings?: ReadonlyArray<FindingView>
  /** Every account has settled once since the start. */
  readonly hasSettled: boolean
}

/** Nothing this account sends reaches a market. */
export const isSimulated = (house: House, accountId: AccountId): boolean => {
  const account = house.accounts.get(accountId)
  const login = account === undefined ? undefined : house.logins.get(account.login)
  return login !== undefined && Login.isSimulated(login.venue)
}

export const accountState = (house: House, states: States, accountId: AccountId) => {
  const account = house.accounts.get(accountId)
  return account === undefined || !account.enabled ? "disabled" as const : states.accounts.get(accountId) ?? "connecting" as const
}

/** No enabled account still waits for its venue. */
export const isSettled = (house: House, states: States): boolean =>
  [...house.accounts.keys()].every((id) => {
    const state = accountState(house, states, id)
    return state !== "connecting" && state !== "reconciling"
  })

export const of = ({ findings = [], hasSettled, house, journal, refusedDeliveries, states, switches, version }: Around): StatusView => {
  const accounts = [...house.accounts.values()]
  const isPaper = accounts.every((account) => !account.enabled || isSimulated(house, account.id))
  return {
    version,
    mode: isPaper ? "paper" : "live",
    state: states.house !== "working" ? states.house : hasSettled ? "running" : "starting",
    isSimulated: isPaper,
    ingress: Switches.ingress(switches),
    switches: Switches.views(switches),
    journal,
    sessions: [...house.logins.values()].map(({ enabled, id, venue }) => ({ id, venue, state: enabled ? states.sessions.get(id) ?? "connecting" : "disabled" })),
    accounts: accounts.map(({ enabled, id }) => ({ id, enabled, state: accountState(house, states, id) })),
    ...(findings.length === 0 ? {} : { findings }),
    refusedDeliveries
  }
}
