/**
 * Changes a configuration file as a person would: one entry more, one value another. Pure. Owns: that whatever else stands in the file, its
 * comments, its order, its line ends, is as it was.
 */
import { Result } from "effect"
import * as Jsonc from "./Jsonc.ts"

export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

/** Longest line that an object or a list is put on. */
const lineMax = 110

const restOfLine = /[ \t]*(?:\/\/[^\n\r]*|\/\*[^\n\r]*?\*\/[ \t]*)?(?=\r?\n)/y
const blank = /(?:[\s\uFEFF]|\/\/[^\n]*\n|\/\*[^]*?\*\/)*/y

const matchAt = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** Up to the comma behind a member, comments between them included. Undefined: there is none. */
const commaAfter = (text: string, at: number): string | undefined => {
  const between = matchAt(blank, text, at) ?? ""
  return text[at + between.length] === "," ? `${between},` : undefined
}

const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value)

const onOneLine = (value: Json): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const members = isList(value) ? value.map(onOneLine) : Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${onOneLine(one)}`)
  if (isList(value)) return `[${members.join(", ")}]`
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`
}

interface Style {
  readonly indent: string
  readonly step: string
  readonly eol: string
}

const rendered = (value: Json, style: Style): string => {
  const line = onOneLine(value)
  if (typeof value !== "object" || value === null || style.indent.length + line.length <= lineMax) return line
  const inner = { ...style, indent: style.indent + style.step }
  const members = isList(value) ? value.map((one) => rendered(one, inner)) : Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${rendered(one, inner)}`)
  const [open, close] = isList(value) ? "[]" : "{}"
  return [open, members.map((member) => inner.indent + member).join(`,${style.eol}`), style.indent + close].join(style.eol)
}

/** The line a place begins on, up to its first character. */
const before = (text: string, at: number): string => text.slice(text.lastIndexOf("\n", at - 1) + 1, at)
const indentOf = (text: string, at: number): string => /^[ \t]*/.exec(before(text, at))?.[0] ?? ""

const listIn = (text: string, name: string) =>
  Jsonc.parsePlaced(text).pipe(
    Result.mapError(({ column, expected, got, line }) => `line ${line}, column ${column}: expected ${expected}, got ${got}`),
    Result.flatMap(({ placesOf, value }) => {
      const entries: unknown = isRecord(value) ? value[name] : undefined
      const places = Array.isArray(entries) ? placesOf(entries) : undefined
      const list: ReadonlyArray<unknown> = Array.isArray(entries) ? entries : []
      return places === undefined ? Result.fail(`there is no list "${name}"`) : Result.succeed({ list, places, placesOf })
    })
  )

/** The entry, whole, behind the last of its list. */
export const appended = (text: string, list: string, entry: Json): Result.Result<string, string> =>
  Result.map(listIn(text, list), ({ places: { from, members, to } }) => {
    const eol = text.includes("\r\n") ? "\r\n" : "\n"
    const outer = indentOf(text, from)
    const step = outer.includes("\t") ? "\t" : "  "
    const last = members.get(members.size - 1)
    if (last === undefined) {
      const indent = outer + step
      const head = text.slice(0, to - 1).trimEnd()
      return `${head}${eol}${indent}${rendered(entry, { indent, step, eol })}${eol}${outer}${text.slice(to - 1)}`
    }
    const indent = before(text, last.from).trim() === "" ? before(text, last.from) : outer + step
    const comma = commaAfter(text, last.to)
    const behind = last.to + (comma?.length ?? 0)
    const at = behind + (matchAt(restOfLine, text, behind)?.length ?? 0)
    const added = `${eol}${indent}${rendered(entry, { indent, step, eol })}${comma === undefined ? "" : ","}`
    return `${text.slice(0, last.to)}${comma ?? ","}${text.slice(behind, at)}${added}${text.slice(at)}`
  })

/** One value of the entry with this id. */
export const changed = (text: string, list: string, id: string, key: string, value: Json): Result.Result<string, string> =>
  Result.flatMap(listIn(text, list), ({ list: entries, placesOf }) => {
    const entry = entries.filter(isRecord).find((one) => one["id"] === id)
    const place = entry === undefined ? undefined : placesOf(entry)?.members.get(key)
    if (place === undefined) return Result.fail(`there is no "${key}" of "${id}" in "${list}"`)
    return Result.succeed(text.slice(0, place.from) + onOneLine(value) + text.slice(place.to))
  })
