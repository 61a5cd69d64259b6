/** Between our accounts and a venue's, and what those of a login may trade. */
import type { House } from "#config/House.ts"
import { quotesFrom } from "#schemas/config/LoginConfig.ts"
import type { AccountId, LoginId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"

export const venueAccountOf = (house: House, login: LoginId, id: AccountId): string | undefined => {
  const account = house.accounts.get(id)
  return account?.login === login ? account.venueAccount ?? id : undefined
}

export const ourAccountOf = (house: House, login: LoginId, venueAccount: string): AccountId | undefined => {
  for (const { id, login: of, venueAccount: name = id } of house.accounts.values()) if (of === login && name === venueAccount) return id
  return undefined
}

/** What the accounts of a login, and of those that live on its quotes, may trade. */
export const tradable = (house: House, login: LoginId) => {
  const isQuoted = (id: LoginId) => {
    const other = house.logins.get(id)
    return id === login || (other !== undefined && other.enabled && quotesFrom(other) === login)
  }
  const accounts = [...house.accounts.values()].filter((account) => account.enabled && isQuoted(account.login))
  return ({ asset, root }: Instrument) => accounts.some(({ assets, symbols }) => assets.includes(asset) && (symbols === undefined || symbols.includes(root)))
}
