/** What differs between two configurations, setting by setting, as paths such as `accounts/paper-1/caps/dailyLoss`. Pure. */
import { type FileName, names } from "./Files.ts"
import type { House } from "./House.ts"

export interface Difference {
  readonly file: FileName
  /** The entry it lies in: its `id`, of an instrument its `root`. */
  readonly id: string
  /** Keys from the entry on; empty: the whole entry. */
  readonly keys: ReadonlyArray<string>
  readonly kind: "added" | "removed" | "changed"
  readonly before?: unknown
  readonly after?: unknown
}

type Fields = Readonly<Record<string, unknown>>

const lists: Readonly<Record<FileName, { readonly list: string; readonly key: "id" | "root" }>> = {
  lanes: { list: "lanes", key: "id" },
  strategies: { list: "strategies", key: "id" },
  accounts: { list: "accounts", key: "id" },
  venues: { list: "logins", key: "id" },
  instruments: { list: "instruments", key: "root" },
  calendars: { list: "calendars", key: "id" }
}

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value)

/** In the order of the file. */
const entriesOf = (house: House, file: FileName): ReadonlyMap<string, Fields> => {
  const { key, list } = lists[file]
  const content = house.body[file]
  const entries = isFields(content) ? content[list] : undefined
  return new Map((Array.isArray(entries) ? entries.filter(isFields) : []).map((entry) => [String(entry[key]), entry]))
}

/** Both come from the same encoder: equal values have equal text but for the order of keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    isFields(inner) ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => one < other ? -1 : 1)) : inner)

export const isSame = (before: unknown, after: unknown): boolean => canonical(before) === canonical(after)

type Place = Pick<Difference, "file" | "id" | "keys">

/** Objects key by key; a list is one value. */
const compare = (place: Place, before: unknown, after: unknown): ReadonlyArray<Difference> => {
  if (isFields(before) && isFields(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      compare({ ...place, keys: [...place.keys, key] }, before[key], after[key]))
  }
  if (before === undefined && after === undefined) return []
  if (before === undefined) return [{ ...place, kind: "added", after }]
  if (after === undefined) return [{ ...place, kind: "removed", before }]
  return isSame(before, after) ? [] : [{ ...place, kind: "changed", before, after }]
}

export const of = (before: House, after: House): ReadonlyArray<Difference> =>
  names.flatMap((file) => {
    const [old, now] = [entriesOf(before, file), entriesOf(after, file)]
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((id) => compare({ file, id, keys: [] }, old.get(id), now.get(id)))
  })

export const pathOf = ({ file, id, keys }: Place): string => [file, id, ...keys].join("/")
