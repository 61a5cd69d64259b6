/**
 * A small valid configuration for tests: the default files, changed where a test says so.
 *
 *   house()
 *   house({ accounts: { "paper-1": { caps: { dailyLoss: "100" } }, "paper-2": null } })
 *   house({ accounts: { "paper-9": { login: "paper-demo" } } })   // unknown id: a copy of the first entry under that id
 *
 * Values are written as in the files. Objects are merged, lists replaced, `null` takes away.
 */
import { Result } from "effect"
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { fileOf, names } from "#config/Files.ts"
import type { House } from "#config/House.ts"
import * as Jsonc from "#config/Jsonc.ts"
import * as Load from "#config/Load.ts"

export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

/** Per file, per id (instruments: per root). */
export interface Overrides {
  readonly lanes?: JsonObject
  readonly strategies?: JsonObject
  readonly accounts?: JsonObject
  readonly venues?: JsonObject
  readonly instruments?: JsonObject
  readonly calendars?: JsonObject
}

const lists = {
  lanes: "lanes", strategies: "strategies", accounts: "accounts", venues: "logins", instruments: "instruments", calendars: "calendars"
} as const

const defaultFolder = NodePath.resolve(import.meta.dirname, "../../config/default")

const isObject = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value)

const parse = (text: string): JsonObject => {
  const parsed = Result.getOrThrow(Jsonc.parse(text))
  const value: Json = JSON.parse(JSON.stringify(parsed))
  if (!isObject(value)) throw new Error("a configuration file holds an object")
  return value
}

const merge = (base: Json | undefined, change: Json): Json => {
  if (!isObject(base) || !isObject(change)) return change
  const kept = Object.entries(base).filter(([key]) => change[key] !== null)
  const changed = Object.entries(change).filter(([, value]) => value !== null)
    .map(([key, value]): [string, Json] => [key, merge(base[key], value)])
  return { ...Object.fromEntries(kept), ...Object.fromEntries(changed) }
}

const override = (entries: ReadonlyArray<Json>, key: "id" | "root", changes: JsonObject): ReadonlyArray<Json> => {
  const idOf = (entry: Json): string => isObject(entry) ? String(entry[key]) : ""
  const ids = entries.map(idOf)
  const kept = entries.flatMap((entry) => {
    const change = changes[idOf(entry)]
    if (change === null) return []
    return [change === undefined ? entry : merge(entry, change)]
  })
  const added = Object.entries(changes).filter(([id, change]) => change !== null && !ids.includes(id))
    .map(([id, change]) => merge(merge(entries[0], { [key]: id }), change))
  return [...kept, ...added]
}

/** The default files' texts, changed: what a loader or a simulation reads. */
export const houseTexts = (overrides: Overrides = {}): Record<string, string> =>
  Object.fromEntries(names.map((name) => {
    const text = readFileSync(NodePath.join(defaultFolder, fileOf(name)), "utf8")
    const changes = overrides[name]
    if (changes === undefined) return [fileOf(name), text]
    const file = parse(text)
    const entries = file[lists[name]]
    const changed = override(Array.isArray(entries) ? entries : [], name === "instruments" ? "root" : "id", changes)
    return [fileOf(name), JSON.stringify({ ...file, [lists[name]]: changed })]
  }))

/** Never changed by whoever reads it: a test that lives many lives loads its house once. */
const loaded = new Map<string, House>()

/** Throws what the loader says when the changes make no valid configuration. */
export const house = (overrides: Overrides = {}): House => {
  const key = JSON.stringify(overrides)
  const found = loaded.get(key) ?? Result.getOrThrow(Load.fromTexts(houseTexts(overrides)))
  loaded.set(key, found)
  return found
}
