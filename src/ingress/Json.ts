/** JSON as this edge reads it: every number is its exact source text, so that no price ever was a binary float. */
export type Json = string | boolean | null | ReadonlyArray<Json> | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

const depthMax = 8

export const isObject = (json: Json | undefined): json is JsonObject => typeof json === "object" && json !== null && !Array.isArray(json)

/** A JSON string with its quotes. */
export const stringToken = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/.source
/** What a rewriting pattern must step over: one that never ends is the rest of the text, else each quote in it would be tried to the end anew. */
export const stringOrRest = /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)/.source

const exact = (_key: string, value: Json | number, context?: { readonly source: string }): Json =>
  typeof value === "number" ? context?.source ?? String(value) : value

/** Counted before parsing: nesting costs stack. */
const isTooDeep = (text: string): boolean => {
  let depth = 0
  let isInString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isInString) {
      if (code === 0x5c) at++
      else if (code === 0x22) isInString = false
    } else if (code === 0x22) isInString = true
    else if (code === 0x7b || code === 0x5b) {
      depth++
      if (depth > depthMax) return true
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return false
}

export type Parsed =
  | { readonly _tag: "Parsed"; readonly json: Json }
  | { readonly _tag: "TooDeep" }
  /** Where, counted in characters from 0, if the parser said. Its own words quote the body and stay here. */
  | { readonly _tag: "NotJson"; readonly at: number | undefined }

export const parse = (text: string): Parsed => {
  if (isTooDeep(text)) return { _tag: "TooDeep" }
  try {
    return { _tag: "Parsed", json: JSON.parse(text, exact) }
  } catch (error) {
    const at = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined
    return { _tag: "NotJson", at: at === undefined ? undefined : Number(at) }
  }
}
