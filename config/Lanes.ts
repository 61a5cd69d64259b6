/** A process may serve only some lanes (`INTERLOCK_LANES`). Owns: whether that choice fits the configuration. */
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

/** Accounts that listen to a chosen lane and to another: two processes would each believe they own them. */
export const split = (house: House, chosen: ReadonlyArray<LaneId>): ReadonlyArray<ConfigProblem> =>
  Array.from(house.accounts.values()).flatMap(({ id, enabled, lanes = Array.from(house.lanes.keys()) }) => {
    const others = lanes.filter((lane) => !chosen.includes(lane))
    if (!enabled || others.length === 0 || others.length === lanes.length) return []
    return [{
      file, path: "", entry: id, expected: "all lanes of an account in one process", got: `${id} listening to ${others.join(", ")} as well`,
      remedy: `name these lanes too, or take them from the account's "lanes"`
    }]
  })
