/** The configuration of a simulated house: the texts of a folder's files, changed where a scenario says so. */
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { Result, type Schema } from "effect"
import { fileOf, names } from "#config/Files.ts"
import * as Jsonc from "#config/Jsonc.ts"
import type { Texts } from "#config/Load.ts"
import type { Overrides } from "#src/simulation/Scenario.ts"

type Json = Schema.Json
type JsonObject = { readonly [key: string]: Json }

const lists = {
  lanes: "lanes", strategies: "strategies", accounts: "accounts", venues: "logins", instruments: "instruments", calendars: "calendars"
} as const

export const defaultFolder = NodePath.resolve(import.meta.dirname, "../../config/default")

const isObject = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value)

const merge = (base: Json | undefined, change: Json): Json => {
  if (!isObject(base) || !isObject(change)) return change
  const kept = Object.entries(base).filter(([key]) => change[key] !== null)
  const changed = Object.entries(change).filter(([, value]) => value !== null).map(([key, value]): [string, Json] => [key, merge(base[key], value)])
  return { ...Object.fromEntries(kept), ...Object.fromEntries(changed) }
}

const changeEntries = (entries: ReadonlyArray<Json>, key: "id" | "root", changes: JsonObject): ReadonlyArray<Json> => {
  const idOf = (entry: Json): string => isObject(entry) ? String(entry[key]) : ""
  const ids = entries.map(idOf)
  const kept = entries.flatMap((entry) => {
    const change = changes[idOf(entry)]
    if (change === null) return []
    return [change === undefined ? entry : merge(entry, change)]
  })
  const added = Object.entries(changes).filter(([id, change]) => change !== null && !ids.includes(id))
    .map(([id, change]) => merge(isSelfContained(change) ? {} : merge(entries[0], { [key]: id }), merge({ [key]: id }, change)))
  return [...kept, ...added]
}

/** An entry of another kind than the first one: nothing of that belongs into it. */
const isSelfContained = (change: Json): boolean => isObject(change) && typeof change["venue"] === "string" && change["venue"] !== "paper"

/** A file that cannot be read or parsed is left as it is: the loader says what is wrong with it. */
const changed = (text: string, name: keyof typeof lists, changes: JsonObject): string => {
  const parsed = Jsonc.parse(text)
  if (Result.isFailure(parsed)) return text
  const file: Json = JSON.parse(JSON.stringify(parsed.success))
  if (!isObject(file)) return text
  const entries = file[lists[name]]
  return JSON.stringify({ ...file, [lists[name]]: changeEntries(Array.isArray(entries) ? entries : [], name === "instruments" ? "root" : "id", changes) })
}

const textIn = (folder: string, file: string): string | undefined => {
  try {
    return readFileSync(NodePath.join(folder, file), "utf8")
  } catch {
    return undefined
  }
}

export const ofFolder = (folder: string): Texts =>
  Object.fromEntries(names.flatMap((name) => {
    const text = textIn(folder, fileOf(name))
    return text === undefined ? [] : [[fileOf(name), text]]
  }))

export const withOverrides = (texts: Texts, overrides: Overrides): Texts =>
  Object.fromEntries(Object.entries(texts).map(([file, text]) => {
    const name = names.find((one) => fileOf(one) === file)
    const changes = name === undefined ? undefined : overrides[name]
    return [file, name === undefined || changes === undefined ? text : changed(text, name, changes)]
  }))
