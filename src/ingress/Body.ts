/** Bytes to JSON, by trying and never by content type. Owns: text encoding, depth, which repairs were needed. */
import { Result } from "effect"
import * as Json from "#src/ingress/Json.ts"
import { repairs } from "#src/ingress/Repairs.ts"

export const bytesMax = 65_536

export interface Decoded {
  /** As it came. */
  readonly text: string
  readonly json: Json.JsonObject
  /** Repairs that were needed, by name. */
  readonly repairs: ReadonlyArray<string>
}

/** Names what was expected and got, without a word of the body. */
export interface Undecodable {
  readonly message: string
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

const fail = (message: string): Result.Result<never, Undecodable> => Result.fail({ message })

const notJson = (text: string, at: number | undefined): Result.Result<never, Undecodable> => {
  if (text.trim() === "") return fail("expected a JSON object, got an empty body")
  return fail(`expected a JSON object, got text that is not JSON${at === undefined ? "" : ` (at character ${at + 1})`}`)
}

const objectOf = (text: string, json: Json.Json, needed: ReadonlyArray<string>): Result.Result<Decoded, Undecodable> => {
  if (Json.isObject(json)) return Result.succeed({ text, json, repairs: needed })
  return fail(`expected a JSON object, got ${json === null ? "null" : Array.isArray(json) ? "a list" : "a single value"}`)
}

export const decode = (bytes: Uint8Array): Result.Result<Decoded, Undecodable> => {
  const text = textOf(bytes)
  if (text === undefined) return fail("expected UTF-8 text, got other bytes")
  const strict = Json.parse(text)
  if (strict._tag === "TooDeep") return fail("expected at most 8 levels of nesting, got more")
  if (strict._tag === "Parsed") return objectOf(text, strict.json, [])

  const needed: Array<string> = []
  let repaired = text
  for (const { name, apply } of repairs) {
    const next = apply(repaired)
    if (next === repaired) continue
    needed.push(name)
    repaired = next
    const parsed = Json.parse(repaired)
    if (parsed._tag === "TooDeep") return fail("expected at most 8 levels of nesting, got more")
    if (parsed._tag === "Parsed") return objectOf(text, parsed.json, needed)
  }
  return notJson(text, strict.at)
}
