/** What a switch may be set on, and whom it concerns. Pure. */
import type { House } from "#config/House.ts"
import { nearest } from "#config/Nearest.ts"
import { Asset } from "#schemas/Instrument.ts"
import { type AccountId, LaneId, StrategyId } from "#schemas/Ids.ts"
import { manualStrategy } from "#schemas/Manual.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"

export type Kind = "pause" | "kill"

interface Parts {
  readonly of: string
  readonly name: string
}

const partsOf = (scope: RiskScope): Parts => {
  const slash = scope.indexOf("/")
  return slash < 0 ? { of: scope, name: "" } : { of: scope.slice(0, slash), name: scope.slice(slash + 1) }
}

const covers: Readonly<Record<Kind, ReadonlyArray<string>>> = {
  pause: ["all", "lane", "strategy", "script", "account", "asset"],
  kill: ["all", "account", "strategy", "lane", "login"]
}

const namesShown = 10

const classes: ReadonlyArray<string> = Asset.literals.flatMap((asset) => [asset, `${asset}/paper`, `${asset}/live`])

/** Names that there are; absent: any. A strategy that lists no scripts takes any. */
const namesOf = ({ accounts, lanes, logins, strategies }: House, of: string): ReadonlyArray<string> | undefined => {
  switch (of) {
    case "lane":
      return [...lanes.keys()]
    case "strategy":
      return [...strategies.keys(), manualStrategy]
    case "account":
      return [...accounts.keys()]
    case "login":
      return [...logins.keys()]
    case "asset":
      return classes
    case "script": {
      const lists = [...strategies.values()].map(({ scripts }) => scripts)
      return lists.includes(undefined) ? undefined : lists.flatMap((list) => list?.map(({ id }) => id) ?? [])
    }
    default:
      return []
  }
}

/** Why it cannot be set, with what was probably meant. */
export const refusal = (house: House, kind: Kind, scope: RiskScope): string | undefined => {
  const { name, of } = partsOf(scope)
  if (!covers[kind].includes(of)) return `a ${kind} covers ${covers[kind].join(", ")}, not ${of === "asset" ? "an asset class" : `a ${of}`}`
  if (of === "all") return undefined
  const names = namesOf(house, of)
  if (name !== "" && (names === undefined || names.includes(name))) return undefined
  const known = names ?? []
  const meant = nearest(name, known)
  const there = known.length === 0 ? "none" : `${known.slice(0, namesShown).join(", ")}${known.length > namesShown ? ", ..." : ""}`
  return `no ${of === "asset" ? "asset class" : of} ${name === "" ? "without a name" : name}: ${meant === undefined ? `there is ${there}` : `did you mean ${meant}?`}`
}

/** Accounts that may have an entry of it, and which of their entries are meant. */
export const concerned = (house: House, scope: RiskScope): {
  readonly accounts: ReadonlyArray<AccountId>
  readonly entries: { readonly strategy?: StrategyId; readonly lane?: LaneId }
} => {
  const { name, of } = partsOf(scope)
  const all = [...house.accounts.values()]
  const meant = of === "account" ? all.filter(({ id }) => id === name) : of === "login" ? all.filter(({ login }) => login === name) : all
  return {
    accounts: meant.map(({ id }) => id),
    entries: of === "strategy" ? { strategy: StrategyId.make(name) } : of === "lane" ? { lane: LaneId.make(name) } : {}
  }
}
