/**
 * The text of all faults of a run, and those that are ours: of the senders and of our own side. Owns: who each name belongs to, and the
 * decision at each chance. The venue's own are read by its fake.
 */
import { Result } from "effect"
import * as Chance from "#src/simulation/Chance.ts"
import * as VenueFaults from "#src/simulation/venues/shared/Faults.ts"

/** What each is, and what a chance of it is. */
export const names = {
  F38: "an answered delivery sent again, four times, 5 s apart; a delivery",
  F38b: "a proxy answers 5xx after our 200, and the sender sends again; a delivery",
  F39: "a delivery comes up to 20 s late, behind those after it; a delivery",
  F40: "50 more alerts within one second; a delivery",
  F41: "malformed, oversized, of wrong types, or text/plain; a delivery",
  F42: "right payload, wrong secret; a delivery",
  F43: "a day-old alert once more; a delivery",
  F45: "kill -9 at a journal or network call; a call",
  F46: "no room on the disk, for `ms` (60 s); a minute",
  F47: "a commit fails and what it left is unknown: the process ends; a commit",
  F49: "the wall clock is stepped by an hour; a minute",
  F50: "the event loop stalls, for `ms` (10 s); a minute",
  F52: "the configuration is reloaded; a minute",
  F54: "the machine sleeps, for `ms` (an hour); a minute"
} as const
export type Name = keyof typeof names

interface Rule {
  readonly name: Name
  readonly p: number
  readonly n: number | undefined
  readonly every: number | undefined
  readonly burst: number
  readonly ms: number | undefined
}

export interface Plan {
  readonly venue: VenueFaults.FaultPlan
  readonly own: ReadonlyArray<Rule>
}

const isOwn = (name: string): name is Name => Object.hasOwn(names, name)

const numberOf = (key: string, value: string): number | undefined => {
  const number = value === "" ? Number.NaN : Number(value)
  const isRight = key === "p" ? number >= 0 && number <= 1 : Number.isSafeInteger(number) && number >= 1
  return isRight && ["p", "n", "every", "burst", "ms"].includes(key) ? number : undefined
}

const parseRule = (name: Name, fields: ReadonlyArray<string>): Result.Result<Rule, string> => {
  const found: Record<string, number> = {}
  for (const field of fields) {
    const [key = "", value = ""] = field.split("=")
    const number = numberOf(key, value)
    if (number === undefined) return Result.fail(`"${name}": ${field} is none of p=0..1, n=, every=, burst=, ms= with a whole number from 1`)
    found[key] = number
  }
  const { burst = 1, every, ms, n } = found
  const isBare = found["p"] === undefined && n === undefined && every === undefined
  return Result.succeed({ name, p: isBare ? 1 : found["p"] ?? 0, n, every, burst, ms })
}

/** `F3:p=0.02 F45:every=200`. */
export const parse = (text: string): Result.Result<Plan, string> => {
  const own: Array<Rule> = []
  const others: Array<string> = []
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const [name = "", fields = ""] = word.split(":")
    if (!isOwn(name)) {
      others.push(word)
      continue
    }
    const rule = parseRule(name, fields.split(",").filter((part) => part !== ""))
    if (Result.isFailure(rule)) return Result.fail(rule.failure)
    own.push(rule.success)
  }
  const unknown = others.find((word) => !Object.hasOwn(VenueFaults.names, word.split(":")[0] ?? ""))
  if (unknown !== undefined) return Result.fail(`"${unknown}": no such fault; there are F1 to F37, ${Object.keys(names).join(", ")}`)
  return Result.map(VenueFaults.parse(others.join(" ")), (plan) => ({ venue: plan, own }))
}

export interface Hit {
  readonly ms: number | undefined
}

const makeRule = (seed: number, rule: Rule, place: number) => {
  const chance = Chance.make(seed, "fault", rule.name, place)
  let chances = 0
  let left = 0
  return (): boolean => {
    chances += 1
    if (left > 0) {
      left -= 1
      return true
    }
    const isHit = chances === rule.n || (rule.every !== undefined && chances % rule.every === 0) || chance.hits(rule.p)
    if (isHit) left = rule.burst - 1
    return isHit
  }
}

export const make = (seed: number, plan: ReadonlyArray<Rule>) => {
  const rules = new Map<Name, ReadonlyArray<{ readonly rule: Rule; readonly decide: () => boolean }>>()
  plan.forEach((rule, place) => rules.set(rule.name, [...rules.get(rule.name) ?? [], { rule, decide: makeRule(seed, rule, place) }]))
  const counts = new Map<string, number>()
  let isOn = true
  return {
    isPlanned: (...wanted: ReadonlyArray<Name>): boolean => wanted.some((name) => rules.has(name)),
    /** Draws from its own sequence: what else is planned moves nothing here. */
    hit: (name: Name): Hit | undefined => {
      const found = rules.get(name)
      if (!isOn || found === undefined) return undefined
      const hits = found.filter(({ decide }) => decide())
      if (hits[0] === undefined) return undefined
      counts.set(name, (counts.get(name) ?? 0) + 1)
      return { ms: hits[0].rule.ms }
    },
    /** One that the scenario itself names. */
    count: (name: Name): void => void counts.set(name, (counts.get(name) ?? 0) + 1),
    off: (): void => {
      isOn = false
    },
    counts: (): Readonly<Record<string, number>> => Object.fromEntries(counts)
  }
}
export type Faults = ReturnType<typeof make>
