/**
 * What may go wrong at this venue, and when. Owns: the text of a plan, and the decision at each chance. Every fault draws from a generator of
 * its own, so that switching one on leaves the others where they were.
 */
import { Result } from "effect"

export const names = {
  F1: "connection refused",
  F2: "reset in the middle of a request: nothing was done",
  F3: "reset after a request, before its reply: it was done",
  F4: "half-open: what is sent vanishes, nothing comes",
  F5: "slow reply: done at once, answered after 1 to 30 s",
  F6: "stream closed as soon as it is open",
  F7: "stream silent, connection alive",
  F8: "one heartbeat missed",
  F9: "name or certificate failure",
  F10: "one frame of the stream lost: a gap in its numbers",
  F11: "fill told twice",
  F12: "fill told before the request that caused it is answered",
  F13: "cancellation or fill told before the acceptance",
  F14: "filled in parts, the rest canceled by the venue",
  F15: "fill after the cancel was confirmed",
  F16: "order filled in the moment of its change, the change accepted all the same",
  F17: "stop filled some ticks worse",
  F18: "protective stop rejected after it was taken in",
  F19: "sibling of a filled exit stays",
  F20: "venue cancels all orders of an account",
  F21: "trade by hand: events of an order nobody here sent",
  F22: "position told before its fill",
  F23: "order id changed, or one used before",
  F24: "429, with and without Retry-After",
  F25: "200 with a penalty ticket: nothing was done",
  F26: "200 with an error: nothing was done",
  F27: "5xx: it was done",
  F28: "reply or frame cut off, unreadable, of wrong types, with unknown fields",
  F29: "positions, orders and balance as they were 30 s ago",
  F30: "not found, for 5 s, though the order is live",
  F31: "token expires before the order arrives",
  F32: "renewal of the token refused",
  F33: "somebody else signs in with the key",
  F34: "maintenance: 503, streams closed, markets shut",
  F35: "trading halt",
  F36: "contract no longer takes entries",
  F37: "account disabled after an entry filled: only cancel and close"
} as const

export type FaultName = keyof typeof names

/** One way of choosing chances: `p` each, `n` exactly that one, `every` so many; once hit, `burst` chances in a row. `ms`: how long it lasts. */
export interface FaultRule {
  readonly name: FaultName
  readonly p?: number
  readonly n?: number
  readonly every?: number
  readonly burst?: number
  readonly ms?: number
}

export type FaultPlan = ReadonlyArray<FaultRule>

export interface Hit {
  readonly ms: number | undefined
}

export interface FaultCount {
  readonly chances: number
  readonly hits: number
}

/** Decides each chance. A hit is written down by whoever made the dice. */
export interface Dice {
  readonly hit: (name: FaultName, detail: string) => Hit | undefined
  /** Whether a chance of it could be a hit at all. */
  readonly mayHit: (name: FaultName) => boolean
  /** A whole number in [0, below), from this fault's own generator. */
  readonly draw: (name: FaultName, below: number) => number
  readonly set: (plan: FaultPlan) => void
  readonly plan: () => FaultPlan
  /** The next chance of it is a hit, whatever the plan says. */
  readonly strike: (name: FaultName, ms?: number) => void
  /** Chances of what is planned or was struck, since the dice were made. */
  readonly counts: () => Readonly<Record<string, FaultCount>>
}

const isName = (text: string): text is FaultName => Object.hasOwn(names, text)

const fieldsMax = 8
const fields = ["p", "n", "every", "burst", "ms"] as const
type Field = (typeof fields)[number]
const isField = (text: string): text is Field => (fields as ReadonlyArray<string>).includes(text)

const isRight = (field: Field, value: number): boolean => field === "p" ? value >= 0 && value <= 1 : Number.isSafeInteger(value) && value >= 1

const parseRule = (text: string): Result.Result<FaultRule, string> => {
  const colon = text.indexOf(":")
  const name = colon < 0 ? text : text.slice(0, colon)
  if (!isName(name)) return Result.fail(`"${text}": no such fault; there are F1 to F37`)
  let rule: FaultRule = { name }
  const parts = colon < 0 ? [] : text.slice(colon + 1).split(",").slice(0, fieldsMax)
  for (const part of parts) {
    const [key = "", value = ""] = part.split("=")
    const number = value === "" ? Number.NaN : Number(value)
    if (!isField(key) || !isRight(key, number)) return Result.fail(`"${text}": ${part} is none of p=0..1, n=, every=, burst=, ms= with a whole number from 1`)
    rule = { ...rule, [key]: number }
  }
  return Result.succeed(rule.p === undefined && rule.n === undefined && rule.every === undefined ? { ...rule, p: 1 } : rule)
}

/** `F3:p=0.02 F24:n=5,burst=3 F18:every=10`; a bare `F1` hits at every chance. */
export const parse = (text: string): Result.Result<FaultPlan, string> => {
  const rules: Array<FaultRule> = []
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const rule = parseRule(word)
    if (Result.isFailure(rule)) return Result.fail(rule.failure)
    rules.push(rule.success)
  }
  return Result.succeed(rules)
}

export const format = (plan: FaultPlan): string =>
  plan.map((rule) => {
    const set = fields.flatMap((field) => rule[field] === undefined ? [] : [`${field}=${rule[field]}`])
    return set.length === 0 ? rule.name : `${rule.name}:${set.join(",")}`
  }).join(" ")

/** Mulberry32: small, seeded, the same everywhere. */
const generator = (seed: number): () => number => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return (value ^ (value >>> 14)) >>> 0
  }
}

interface Planned {
  readonly rule: FaultRule
  chances: number
  left: number
}

const decide = (planned: Planned, next: () => number): boolean => {
  const { burst = 1, every, n, p } = planned.rule
  planned.chances++
  if (planned.left > 0) {
    planned.left--
    return true
  }
  const isHit = planned.chances === n || (every !== undefined && planned.chances % every === 0) || (p !== undefined && next() / 0x1_0000_0000 < p)
  if (isHit) planned.left = burst - 1
  return isHit
}

/** `onHit` comes before the fault acts. */
export const dice = (seed: number, onHit: (name: FaultName, detail: string) => void): Dice => {
  let plan: FaultPlan = []
  let planned = new Map<FaultName, ReadonlyArray<Planned>>()
  const struck = new Map<FaultName, Array<number | undefined>>()
  const counts = new Map<FaultName, { chances: number; hits: number }>()
  const generators = new Map<FaultName, { readonly chance: () => number; readonly detail: () => number }>()
  const generatorOf = (name: FaultName) => {
    const known = generators.get(name)
    if (known !== undefined) return known
    const number = Number(name.slice(1))
    const made = { chance: generator(seed ^ Math.imul(number, 0x9e3779b1)), detail: generator(seed ^ Math.imul(number + 100, 0x85ebca6b)) }
    generators.set(name, made)
    return made
  }
  const count = (name: FaultName, isHit: boolean) => {
    const known = counts.get(name) ?? { chances: 0, hits: 0 }
    known.chances++
    if (isHit) known.hits++
    counts.set(name, known)
  }
  return {
    hit: (name, detail) => {
      const waiting = struck.get(name)
      const rules = planned.get(name)
      if (rules === undefined && waiting === undefined) return undefined
      let found: Hit | undefined
      if (waiting !== undefined) {
        found = { ms: waiting.shift() }
        if (waiting.length === 0) struck.delete(name)
      }
      const next = generatorOf(name).chance
      for (const one of rules ?? []) if (decide(one, next)) found ??= { ms: one.rule.ms }
      count(name, found !== undefined)
      if (found !== undefined) onHit(name, detail)
      return found
    },
    mayHit: (name) => planned.has(name) || struck.has(name),
    draw: (name, below) => generatorOf(name).detail() % below,
    set: (next) => {
      plan = next
      const fresh = new Map<FaultName, Array<Planned>>()
      for (const rule of next) fresh.set(rule.name, [...fresh.get(rule.name) ?? [], { rule, chances: 0, left: 0 }])
      planned = fresh
    },
    plan: () => plan,
    strike: (name, ms) => void struck.set(name, [...struck.get(name) ?? [], ms]),
    counts: () => Object.fromEntries([...counts].map(([name, value]) => [name, { ...value }]))
  }
}
