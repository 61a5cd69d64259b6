/** A map that forgets its oldest entries. Owns: when it trims, and how far back it still knows everything. */
import { HashMap } from "effect"

export interface Rule<V> {
  /** Kept after a trim; what may not be dropped comes on top. */
  readonly max: number
  readonly ageOf: (value: V) => number
  readonly mayDrop: (value: V) => boolean
}

export interface Bounded<K, V> {
  readonly entries: HashMap.HashMap<K, V>
  /** Highest age that was dropped: what is younger is complete. */
  readonly droppedThrough: number
  readonly trimAbove: number
}

/** Trimming sorts all, so it waits for this many beyond the bound. */
const slack = 1_000

export const empty = <K, V>(max: number): Bounded<K, V> => ({ entries: HashMap.empty(), droppedThrough: 0, trimAbove: max + slack })

export const put = <K, V>(self: Bounded<K, V>, key: K, value: V, rule: Rule<V>): Bounded<K, V> => {
  const entries = HashMap.set(self.entries, key, value)
  return HashMap.size(entries) <= self.trimAbove ? { ...self, entries } : trim({ ...self, entries }, rule)
}

const trim = <K, V>(self: Bounded<K, V>, rule: Rule<V>): Bounded<K, V> => {
  const oldestFirst = HashMap.toEntries(self.entries).sort(([, a], [, b]) => rule.ageOf(a) - rule.ageOf(b))
  const dropped = oldestFirst.slice(0, -rule.max).filter(([, value]) => rule.mayDrop(value))
  const entries = HashMap.removeMany(self.entries, dropped.map(([key]) => key))
  const droppedThrough = dropped.reduce((age, [, value]) => Math.max(age, rule.ageOf(value)), self.droppedThrough)
  return { entries, droppedThrough, trimAbove: Math.max(rule.max, HashMap.size(entries)) + slack }
}

/** Oldest first. */
export const sorted = <K, V>(self: Bounded<K, V>, ageOf: (value: V) => number): ReadonlyArray<V> =>
  HashMap.toValues(self.entries).sort((a, b) => ageOf(a) - ageOf(b))

/** Entries younger than `since`, oldest first, at most `limit`; without `since` the newest ones. */
export const page = <K, V>(
  self: Bounded<K, V>,
  ageOf: (value: V) => number,
  asked: { readonly since?: number; readonly limit?: number },
  limitDefault: number
): ReadonlyArray<V> => {
  const limit = asked.limit ?? limitDefault
  const all = sorted(self, ageOf)
  const since = asked.since
  return since === undefined ? all.slice(-limit) : all.filter((value) => ageOf(value) > since).slice(0, limit)
}
