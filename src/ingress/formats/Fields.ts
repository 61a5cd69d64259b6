/**
 * Reading single fields. Owns: what counts as missing (absent, null, empty), exact decimals, instants, levels, and that the first
 * thing wrong is named with its path.
 */
import { BigDecimal, DateTime, Option, Schema } from "effect"
import { Decimal } from "#schemas/Decimal.ts"
import type { Level } from "#schemas/Signal.ts"
import * as Json from "#src/ingress/Json.ts"

export interface Problem {
  readonly path: string
  readonly expected: string
  readonly got: string
}

type Names = readonly [string, ...Array<string>]
interface Found {
  readonly path: string
  readonly json: Json.Json
}

const textMax = 200
const shownMax = 60
const unknownShownMax = 10
const decimalPattern = /^[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,2})?$/
const isoPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/
/** Epoch numbers below this are seconds (until the year 5138), above it milliseconds (since 1973). */
const epochSecondsMax = 100_000_000_000

const shown = (json: Json.Json): string => {
  const text = JSON.stringify(json)
  return text.length > shownMax ? `${text.slice(0, shownMax).toWellFormed()}...` : text
}

const isDecimal = Schema.is(Decimal)

/** Only what a row can hold: any other could never become durable. */
const decimalOf = (text: string): BigDecimal.BigDecimal | undefined => {
  if (!decimalPattern.test(text)) return undefined
  const decimal = Option.getOrUndefined(BigDecimal.fromString(text.replace(/^\+/, "")))
  return isDecimal(decimal) ? decimal : undefined
}

const positiveOf = (text: string): BigDecimal.BigDecimal | undefined => {
  const decimal = decimalOf(text.trim())
  return decimal !== undefined && BigDecimal.isPositive(decimal) ? decimal : undefined
}

const ticksOf = (text: string): number | undefined => {
  const ticks = /^\d{1,9}(?:\.0*)?$/.test(text.trim()) ? Number(text) : 0
  return ticks > 0 ? ticks : undefined
}

const instantOf = (text: string): number | undefined => {
  if (/^\d{9,16}(?:\.\d{1,9})?$/.test(text)) {
    const epoch = Number(text)
    return Math.round(epoch < epochSecondsMax ? epoch * 1000 : epoch)
  }
  if (!isoPattern.test(text)) return undefined
  return Option.getOrUndefined(Option.map(DateTime.make(text), DateTime.toEpochMillis))
}

const levelKinds: Readonly<Record<string, (text: string) => Level | undefined>> = {
  price: (text) => {
    const price = positiveOf(text)
    return price === undefined ? undefined : { _tag: "Price", price }
  },
  ticks: (text) => {
    const ticks = ticksOf(text)
    return ticks === undefined ? undefined : { _tag: "Distance", ticks }
  },
  percent: (text) => {
    const percent = positiveOf(text)
    return percent === undefined ? undefined : { _tag: "Percent", percent }
  }
}

const levelOfText = (text: string): Level | undefined => {
  const ticks = /^(.*?)\s*(?:t|ticks?)$/i.exec(text)?.[1]
  if (ticks !== undefined) return levelKinds["ticks"]?.(ticks)
  const percent = /^(.*?)\s*%$/.exec(text)?.[1]
  return percent === undefined ? levelKinds["price"]?.(text) : levelKinds["percent"]?.(percent)
}

/** Not by a pattern: it would try each of many opening braces to the end. */
const isUnfilled = (text: string): boolean => {
  const at = text.indexOf("{{")
  return at >= 0 && text.includes("}}", at + 2)
}
const unfilled = (json: Json.Json): string => `${shown(json)}, a placeholder that was not filled in`

const levelExpected = "a price (\"21000.25\"), ticks (\"40t\" or {\"ticks\": 40}) or percent (\"1.5%\" or {\"percent\": 1.5}), above 0"

export const reader = (json: Json.JsonObject) => {
  const known = new Set<string>()
  let problem: Problem | undefined

  const fail = (path: string, expected: string, got: string): undefined => {
    problem ??= { path, expected, got }
    return undefined
  }

  /** The first of these names that bears a value. */
  const find = (names: Names): Found | undefined => {
    for (const name of names) known.add(name)
    for (const path of names) {
      const value = json[path]
      if (value !== undefined && value !== null && value !== "") return { path, json: value }
    }
    return undefined
  }

  const textOf = ({ path, json: value }: Found, expected: string): string | undefined => {
    if (typeof value !== "string") return fail(path, expected, shown(value))
    const text = value.trim()
    if (isUnfilled(text)) return fail(path, expected, unfilled(text))
    // oxlint-disable-next-line no-control-regex
    const isText = text !== "" && text.length <= textMax && text.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(text)
    return isText ? text : fail(path, expected, shown(value))
  }

  const reading = <A>(of: (text: string) => A | undefined, expected: string) => (...names: Names): A | undefined => {
    const found = find(names)
    const text = found === undefined ? undefined : textOf(found, expected)
    if (found === undefined || text === undefined) return undefined
    return of(text) ?? fail(found.path, expected, shown(found.json))
  }

  const levelOfObject = (path: string, object: Json.JsonObject): Level | undefined => {
    const [kind, ...more] = Object.keys(object)
    const value = kind === undefined ? undefined : object[kind]
    const of = kind !== undefined && Object.hasOwn(levelKinds, kind) ? levelKinds[kind] : undefined
    if (of === undefined || more.length > 0) return fail(path, levelExpected, shown(object))
    const text = typeof value === "string" ? value : ""
    return of(text) ??
      fail(`${path}.${kind}`, kind === "ticks" ? "a whole number above 0" : "a number above 0", isUnfilled(text) ? unfilled(text) : shown(value ?? null))
  }

  return {
    problem: () => problem,
    fail,
    text: reading((text) => text, `text of at most ${textMax} characters`),
    /** Above 0. */
    positive: reading(positiveOf, "a number above 0"),
    notNegative: reading((text) => {
      const decimal = decimalOf(text)
      return decimal === undefined || BigDecimal.isNegative(decimal) ? undefined : decimal
    }, "a number, 0 or above"),
    signed: reading(decimalOf, "a number"),
    instant: reading(instantOf, "an instant such as 2026-01-31T14:30:00Z, or seconds or milliseconds since 1970"),
    /** One of a table's words, whatever their case. */
    word: <A>(table: Readonly<Record<string, A>>, expected: string, ...names: Names): A | undefined =>
      reading((text) => {
        const key = text.toLowerCase()
        return Object.hasOwn(table, key) ? table[key] : undefined
      }, expected)(...names),
    level: (name: string): Level | undefined => {
      const found = find([name])
      if (found === undefined) return undefined
      if (Json.isObject(found.json)) return levelOfObject(name, found.json)
      const text = textOf(found, levelExpected)
      return text === undefined ? undefined : levelOfText(text) ?? fail(name, levelExpected, shown(found.json))
    },
    required: <A>(path: string, expected: string, value: A | undefined): A | undefined => value ?? fail(path, expected, "nothing"),
    /** What stands there and is no field of this format. */
    unknown: (): ReadonlyArray<string> => {
      const names = Object.keys(json).filter((name) => !known.has(name))
      const more = names.length > unknownShownMax ? [`${names.length - unknownShownMax} more unknown fields`] : []
      return [...names.slice(0, unknownShownMax).map((name) => `unknown field ${shown(name)}`), ...more]
    },
    ignore: (...names: ReadonlyArray<string>) => { for (const name of names) known.add(name) }
  }
}
export type Reader = ReturnType<typeof reader>

/** Only what is there: an absent key is not one that holds undefined. */
export const present = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } => {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {}
  for (const key in fields) {
    const value = fields[key]
    if (value !== undefined) kept[key] = value as Exclude<T[typeof key], undefined>
  }
  return kept
}
