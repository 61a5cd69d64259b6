/** Figures by account and minute, over the last two days: a day is a sum of whole minutes, wherever and whenever it begins. Bounded, however much is traded. */
import { HashMap, Option } from "effect"
import type { AccountId } from "#schemas/Ids.ts"

export type Minutes<V> = HashMap.HashMap<AccountId, HashMap.HashMap<number, V>>

const minuteMs = 60_000
/** Kept of each account: two days. */
export const minutesMax = 2_880
/** Looking for the old ones walks over all, so it waits for so many beyond the bound. */
const slack = 120

export const empty = <V>(): Minutes<V> => HashMap.empty()

/** Changes the figure of the minute that `atMs` is in. */
export const change = <V>(self: Minutes<V>, accountId: AccountId, atMs: number, f: (before: V | undefined) => V): Minutes<V> => {
  const minute = Math.floor(atMs / minuteMs)
  const own = Option.getOrElse(HashMap.get(self, accountId), () => HashMap.empty<number, V>())
  const changed = HashMap.set(own, minute, f(Option.getOrUndefined(HashMap.get(own, minute))))
  if (HashMap.size(changed) <= minutesMax + slack) return HashMap.set(self, accountId, changed)
  const newest = HashMap.reduce(changed, minute, (last, _, one) => Math.max(last, one))
  return HashMap.set(self, accountId, HashMap.filter(changed, (_, one) => one > newest - minutesMax))
}

/** From a whole minute on, folded. */
export const since = <V, A>(self: Minutes<V>, accountId: AccountId, sinceMs: number, zero: A, f: (sum: A, value: V) => A): A =>
  Option.match(HashMap.get(self, accountId), {
    onNone: () => zero,
    onSome: (own) => HashMap.reduce(own, zero, (sum, value, minute) => minute * minuteMs >= sinceMs ? f(sum, value) : sum)
  })
