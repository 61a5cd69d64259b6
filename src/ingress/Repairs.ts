/** The bounded repairs of bodies that are nearly JSON. Each changes text outside of proper strings only; anything else stays broken. */
import { stringOrRest, stringToken } from "#src/ingress/Json.ts"

export interface Repair {
  readonly name: string
  /** The same text where there is nothing to repair. */
  readonly apply: (text: string) => string
}

const outsideStrings = (pattern: string, replace: (match: string, ...groups: ReadonlyArray<string | undefined>) => string) => {
  const either = new RegExp(`${stringOrRest}|${pattern}`, "g")
  return (text: string): string => text.replace(either, (match, ...groups) => match.startsWith("\"") ? match : replace(match, ...groups))
}

/** An editor's quotes as delimiters; inside a proper string they are text. */
const smartQuotes = outsideStrings(
  "[\u201c\u201d\u201e\u201f]([^\u201c\u201d\u201e\u201f\"]*)[\u201c\u201d\u201e\u201f]|[\u2018\u2019]([^\u2018\u2019\"]*)[\u2018\u2019]",
  (_match, double, single) => `"${double ?? single ?? ""}"`
)

/** Pine prints a missing number as one of these: missing it is, never 0. */
const bareValue = outsideStrings("(?<=[:,[]\\s*)(?:NaN|-?Infinity|na)(?=\\s*[,}\\]])", () => "null")

const trailingComma = outsideStrings(",(?=\\s*[}\\]])", () => "")

const sourceSymbolKey = /(?<!\\)"source_symbol"\s*:\s*/g
const wholeValue = new RegExp(`(?:${stringToken}|-?\\d+(?:\\.\\d+)?|true|false|null|NaN|-?Infinity|na)\\s*[,}]|[{[]`, "y")

/** Sent unquoted, with doubled or inner quotes, or without a value: the characters up to the next `,` or `}` are it. Feeds the symbol gate alone. */
const sourceSymbol = (text: string): string => {
  let repaired = ""
  let done = 0
  for (const key of text.matchAll(sourceSymbolKey)) {
    if (key.index < done) continue // within the value before it
    const from = key.index + key[0].length
    wholeValue.lastIndex = from
    if (wholeValue.test(text)) continue
    const length = text.slice(from).search(/[,}]/)
    if (length < 0) break
    const value = text.slice(from, from + length).replaceAll(/["'\\]/g, "").trim()
    repaired += text.slice(done, from) + (value === "" ? "null" : JSON.stringify(value))
    done = from + length
  }
  return repaired + text.slice(done)
}

/** In the order in which they are tried, each on the text the one before left. */
export const repairs: ReadonlyArray<Repair> = [
  { name: "byteOrderMark", apply: (text) => text.replace(/^\ufeff/, "") },
  { name: "smartQuotes", apply: smartQuotes },
  { name: "sourceSymbol", apply: sourceSymbol },
  { name: "bareValue", apply: bareValue },
  { name: "trailingComma", apply: trailingComma }
]
