/**
 * A value as its schema would write it, without the schema: decimals become text, everything else stays. Owns: this shortcut, and the hash of
 * what was written. A test holds it against the schema.
 */
import { BigDecimal } from "effect"

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** What many rows share is written once. */
const shared = new WeakMap<object, unknown>()
const sharedKeys: ReadonlySet<string> = new Set(["instrument", "approved", "signal", "verdicts", "delivery"])

const ofObject = (value: object, isShared: boolean): unknown => {
  const known = isShared ? shared.get(value) : undefined
  if (known !== undefined) return known
  const written = Array.isArray(value) ? value.map(encode) : encodeFields(value)
  if (isShared) shared.set(value, written)
  return written
}

const encodeFields = (value: object): Readonly<Record<string, unknown>> => {
  const written: Record<string, unknown> = {}
  for (const [key, field] of Object.entries(value)) {
    written[key] = typeof field !== "object" || field === null ? field : BigDecimal.isBigDecimal(field) ? BigDecimal.format(field) : ofObject(field, sharedKeys.has(key))
  }
  return written
}

export const encode = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  return BigDecimal.isBigDecimal(value) ? BigDecimal.format(value) : ofObject(value, false)
}

const prime = 0x01000193

export type Hash = ReturnType<typeof hash>

/** FNV-1a over every field in its order; what rows share counts by its own hash. */
export const hash = () => {
  let state = 0x811c9dc5
  let other = 0x9e3779b9
  const known = new WeakMap<object, number>()
  const mix = (value: number) => {
    state = Math.imul(state ^ value, prime)
    other = Math.imul((other << 5) ^ (other >>> 27) ^ value, 0x85ebca6b)
  }
  const text = (value: string) => {
    for (let index = 0; index < value.length; index++) mix(value.charCodeAt(index))
    mix(value.length)
  }
  const add = (value: unknown): void => {
    switch (typeof value) {
      case "string":
        return text(value)
      case "number":
        mix(value | 0)
        return mix(Math.floor(value / 0x1_0000_0000) | 0)
      case "boolean":
        return mix(value ? 1 : 2)
      case "object":
        return value === null ? mix(3) : fields(value)
      default:
        return mix(4)
    }
  }
  const fields = (value: object): void => {
    const before = known.get(value)
    if (before !== undefined) return mix(before)
    for (const [key, field] of Object.entries(value)) {
      text(key)
      if (sharedKeys.has(key) && typeof field === "object" && field !== null) {
        const own = known.get(field) ?? apart(field)
        known.set(field, own)
        mix(own)
      } else add(field)
    }
  }
  const apart = (value: object): number => {
    const [kept, keptOther] = [state, other]
    fields(value)
    const own = state ^ other
    ;[state, other] = [kept, keptOther]
    return own
  }
  return {
    add,
    text: (): string => (state >>> 0).toString(16).padStart(8, "0") + (other >>> 0).toString(16).padStart(8, "0")
  }
}

/** Any state as text, so that two can be compared: how it came to be does not show. */
export const canonical = (value: unknown): string => JSON.stringify(value, (_, inner: unknown) => {
  if (typeof inner === "bigint") return `${inner}n`
  if (typeof inner !== "object" || inner === null) return inner
  if (BigDecimal.isBigDecimal(inner)) return BigDecimal.format(BigDecimal.normalize(inner))
  if (inner instanceof Set) return [...inner]
  if (Symbol.iterator in inner && !Array.isArray(inner)) return [...inner as Iterable<unknown>]
  return isPlain(inner) || Array.isArray(inner) ? inner : { ...inner }
})
