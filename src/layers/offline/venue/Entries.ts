/** A new login and new accounts as entries of the configuration files. Pure. Owns: that an account is added switched off, and small. */
import { Schema } from "effect"
import type { Json } from "#config/Edit.ts"
import type { House } from "#config/House.ts"
import type { SecretRef } from "#schemas/config/Secret.ts"
import { AccountId } from "#schemas/Ids.ts"
import type { VenueAccount } from "#src/layers/offline/venue/DryRun.ts"
import type { Answers, Secret } from "#src/layers/offline/venue/Given.ts"

const isId = Schema.is(AccountId)

export const refOf = (login: string, kind: "password" | "sec", secret: Secret): SecretRef =>
  secret._tag === "Variable" ? { $env: secret.name } : { $file: `secrets/${login}.${kind}` }

export const freeLogin = ({ logins }: House): string => {
  const taken = new Set<string>(logins.keys())
  let number = 1
  while (taken.has(`tradovate-${number}`)) number++
  return `tradovate-${number}`
}

/** One installation is one device, whatever its users. */
export const deviceIdOf = ({ logins }: House): string | undefined =>
  [...logins.values()].flatMap((login) => login.venue === "tradovate" ? [login.tradovate.deviceId] : [])[0]

export const login = (id: string, deviceId: string, { appId, appVersion, cid, marketDataUrl, name, password, sec, url }: Answers): Json => ({
  id,
  venue: "tradovate",
  enabled: true,
  tradovate: {
    url,
    ...(marketDataUrl === undefined ? {} : { marketDataUrl }),
    name,
    password: refOf(id, "password", password),
    appId,
    appVersion,
    deviceId,
    ...(cid === undefined ? {} : { cid }),
    ...(sec === undefined ? {} : { sec: refOf(id, "sec", sec) })
  }
})

/** The venue's own name of it, where that is free and can be ours. */
const idOf = (taken: ReadonlySet<string>, login: string, name: string): string => {
  if (isId(name) && !taken.has(name)) return name
  let number = 1
  while (taken.has(`${login}-${number}`)) number++
  return `${login}-${number}`
}

export interface AccountEntry {
  readonly id: string
  readonly entry: Json
}

/** One contract at a time, and no lane but those that were chosen: the person sets its limits before it is promoted. */
export const accounts = (house: House, login: string, lanes: ReadonlyArray<string>, chosen: ReadonlyArray<VenueAccount>): ReadonlyArray<AccountEntry> => {
  const taken = new Set<string>(house.accounts.keys())
  return chosen.map(({ balance, name }) => {
    const id = idOf(taken, login, name)
    taken.add(id)
    return {
      id,
      entry: {
        id,
        enabled: false,
        login,
        venueAccount: name,
        balance: { amount: balance, currency: "USD" },
        lanes,
        assets: ["futures"],
        sizing: { futures: { kind: "fixed", quantity: "1" } },
        caps: { maxContracts: { futures: "1" } },
        dayStartsAt: { time: "17:00", zone: "America/Chicago" },
        restingTargets: false,
        feePerLot: {}
      }
    }
  })
}
