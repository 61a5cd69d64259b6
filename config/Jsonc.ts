/**
 * Reads JSON as people write it: comments, trailing commas, a byte-order mark. Owns: line and column of what is wrong, and that
 * a key stands once in an object (a cap written twice must not be decided by its order). Numbers and strings are JSON's own.
 */
import { Result } from "effect"

export interface JsoncError {
  readonly line: number
  readonly column: number
  readonly expected: string
  readonly got: string
}

/** Where a value stands in the text: from its first character to behind its last. */
export interface Place {
  readonly from: number
  readonly to: number
}

/** Of an object or a list: its own place, and those of its members by key or by index. */
export interface Places extends Place {
  readonly members: ReadonlyMap<string | number, Place>
}

/** A text as read, and where its objects and lists stand. */
export interface Placed {
  readonly value: unknown
  readonly placesOf: (value: object) => Places | undefined
}

const depthMax = 32
const numberAt = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const stringAt = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy
const blankAt = /(?:[\s\uFEFF]|\/\/[^\n]*|\/\*[^]*?\*\/)*/y
const wordAt = /[A-Za-z_$][\w$]*/y

class Wrong {
  readonly at: number
  readonly expected: string
  constructor(at: number, expected: string) {
    this.at = at
    this.expected = expected
  }
}

/** A way through the text, one piece after another. */
const cursor = (text: string) => {
  let at = 0

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  const skipBlank = () => void match(blankAt)
  const take = (character: string): boolean => {
    skipBlank()
    if (text[at] !== character) return false
    at++
    return true
  }
  const wrong = (expected: string): never => {
    skipBlank()
    throw new Wrong(at, expected)
  }

  const string = (expected: string): string => {
    skipBlank()
    const found = match(stringAt)
    return found === undefined ? wrong(expected) : JSON.parse(found)
  }

  /** Members up to `close`, a comma between them and one allowed after the last. */
  const members = (close: string, member: () => void) => {
    while (!take(close)) {
      member()
      if (take(",")) continue
      if (take(close)) return
      wrong(`"," or "${close}"`)
    }
  }

  return { match, members, skipBlank, string, take, wrong, at: () => at, backTo: (before: number) => void (at = before), next: () => text[at] }
}

const words = new Map<string, unknown>([["true", true], ["false", false], ["null", null]])

const reader = (text: string) => {
  const { at, backTo, match, members, next, skipBlank, string, take, wrong } = cursor(text)
  const places = new Map<object, Places>()

  const placed = (key: string | number, into: Map<string | number, Place>, depth: number): unknown => {
    skipBlank()
    const from = at()
    const found = value(depth)
    into.set(key, { from, to: at() })
    return found
  }

  const object = (depth: number): Record<string, unknown> => {
    const from = at() - 1
    const inside = new Map<string | number, Place>()
    const entries = new Map<string, unknown>()
    members("}", () => {
      skipBlank()
      const keyAt = at()
      const key = string("a key in double quotes")
      if (entries.has(key)) throw new Wrong(keyAt, "each key once")
      if (!take(":")) wrong('":"')
      entries.set(key, placed(key, inside, depth + 1))
    })
    const found = Object.fromEntries(entries)
    places.set(found, { from, to: at(), members: inside })
    return found
  }

  const list = (depth: number): Array<unknown> => {
    const from = at() - 1
    const inside = new Map<string | number, Place>()
    const items: Array<unknown> = []
    members("]", () => void items.push(placed(items.length, inside, depth + 1)))
    places.set(items, { from, to: at(), members: inside })
    return items
  }

  const value = (depth: number): unknown => {
    if (depth > depthMax) wrong(`at most ${depthMax} levels`)
    if (take("{")) return object(depth)
    if (take("[")) return list(depth)
    if (next() === "\"") return string("a string that ends on its line")
    const number = match(numberAt)
    if (number !== undefined) return Number(number)
    const startAt = at()
    const word = match(wordAt)
    if (word !== undefined && words.has(word)) return words.get(word)
    backTo(startAt)
    return wrong("a value")
  }

  return (): Placed => {
    const whole = value(0)
    skipBlank()
    if (at() < text.length) wrong("the end of the file")
    return { value: whole, placesOf: (one: object) => places.get(one) }
  }
}

/** The character alone is shown, never the line: a secret may stand there by mistake. */
const locate = (text: string, { at, expected }: Wrong): JsoncError => {
  const before = text.slice(0, at)
  const character = text[at]
  return {
    line: before.split("\n").length,
    column: at - before.lastIndexOf("\n"),
    expected,
    got: character === undefined ? "the end of the file" : JSON.stringify(character)
  }
}

export const parsePlaced = (text: string): Result.Result<Placed, JsoncError> => {
  try {
    return Result.succeed(reader(text)())
  } catch (error) {
    if (error instanceof Wrong) return Result.fail(locate(text, error))
    throw error
  }
}

export const parse = (text: string): Result.Result<unknown, JsoncError> => Result.map(parsePlaced(text), ({ value }) => value)
