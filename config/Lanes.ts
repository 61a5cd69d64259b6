/** A process may serve only some lanes (`INTERLOCK_LANES`). Owns: whether that choice fits the configuration, and what of it is left. */
import { quotesFrom } from "#schemas/config/LoginConfig.ts"
import type { LaneId } from "#schemas/Ids.ts"
import type { ConfigProblem } from "./ConfigInvalid.ts"
import type { House } from "./House.ts"
import { nearest } from "./Nearest.ts"
import { show } from "./Problems.ts"

const file = "INTERLOCK_LANES"

/** Names that no lane has. */
export const unknown = (house: House, chosen: ReadonlyArray<LaneId>): ReadonlyArray<ConfigProblem> =>
  chosen.filter((lane) => !house.lanes.has(lane)).map((lane) => {
    const meant = nearest(lane, house.lanes.keys())
    return { file, path: "", expected: "lanes of lanes.json", got: show(lane), ...(meant === undefined ? {} : { nearest: meant }) }
  })

/** Accounts that listen to a chosen lane and to another: two processes would each believe they own them. One that names none listens to all. */
export const split = (house: House, chosen: ReadonlyArray<LaneId>): ReadonlyArray<ConfigProblem> =>
  Array.from(house.accounts.values()).flatMap(({ id, enabled, lanes }) => {
    const heard = lanes ?? Array.from(house.lanes.keys())
    const others = heard.filter((lane) => !chosen.includes(lane))
    if (!enabled || others.length === 0 || others.length === heard.length) return []
    return [{
      file, path: "", entry: id, expected: "all lanes of an account in one process", got: `${id} listening to ${others.join(", ")} as well`,
      remedy: lanes === undefined ? `give the account "lanes" of its own: without, it listens to all` : `name these lanes too, or take them from the account's "lanes"`
    }]
  })

/** The house as if it had only these lanes: the rest is another process's. Its hash stays that of the files. */
export const served = (house: House, chosen: ReadonlyArray<LaneId>): House => {
  const isServed = (lane: LaneId) => chosen.includes(lane)
  const accounts = Array.from(house.accounts).filter(([, { lanes }]) => lanes === undefined || lanes.some(isServed))
  const traded = new Set(accounts.map(([, { login }]) => login))
  const logins = new Set([...traded].flatMap((id) => {
    const login = house.logins.get(id)
    return [id, (login === undefined ? undefined : quotesFrom(login)) ?? id]
  }))
  return {
    ...house,
    lanes: new Map(Array.from(house.lanes).filter(([id]) => isServed(id))),
    strategies: new Map(Array.from(house.strategies).flatMap(([id, strategy]) => {
      const lanes = strategy.lanes.filter(isServed)
      return lanes.length === 0 ? [] : [[id, { ...strategy, lanes }]]
    })),
    accounts: new Map(accounts),
    logins: new Map(Array.from(house.logins).filter(([id]) => logins.has(id)))
  }
}
