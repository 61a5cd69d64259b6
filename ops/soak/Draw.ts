/** Which day a seed means: a scenario, and a plan of faults that may all meet. Pure. */
import * as Chance from "#src/simulation/Chance.ts"

export interface Day {
  readonly scenario: string
  readonly seed: number
  readonly days: number
  /** Empty: the scenario's own. */
  readonly faults: string
}

/** How often, where it has a chance at every request, frame or delivery. */
const often = ["p=0.002", "p=0.01", "p=0.05"] as const
/** Of what changes the world for a while, and has a chance with every heartbeat or minute. */
const seldom = ["p=0.0002", "p=0.001", "p=0.003"] as const
/** Of what has a chance at an alert: a day has sixty. */
const rare = ["p=0.02", "p=0.1", "p=0.3"] as const
const once = ["n=30", "n=500", "every=5000"] as const

type How = ReadonlyArray<string>

const groups: ReadonlyArray<Readonly<Record<string, How>>> = [
  { F1: often, F2: often, F3: often, F4: seldom, F5: often, F6: often, F7: seldom, F8: seldom, F9: often, F10: seldom },
  { F11: often, F12: often, F13: often, F14: often, F15: often, F16: often, F17: often, F18: often, F19: often, F20: seldom, F21: seldom, F22: often, F23: often },
  { F24: often, F25: often, F26: often, F27: often, F28: often, F29: often, F30: often },
  { F31: often, F32: often, F33: seldom, F34: seldom, F35: often, F36: often, F37: often },
  { F38: rare, F38b: rare, F39: rare, F40: rare, F41: rare, F42: rare, F43: rare },
  { F45: once, F46: seldom, F47: once, F49: seldom, F50: seldom, F52: seldom, F54: seldom }
]
const ofVenues = 4
/**
 * Tradovate takes five sign-ins an hour, and locks out for long: whoever is thrown out more often waits, and nothing is wrong with that. F24 is
 * there a warning first, then an hour without an answer.
 */
const atTradovate: Readonly<Record<string, How>> = { F24: ["n=500", "n=500,burst=2", "n=2000,burst=2,ms=300000"], F31: ["p=0.002", "p=0.01"], F33: ["p=0.0002"] }
const scenarios = ["quiet-native", "quiet-plain", "quiet-paper", "tradovate-busy", "tradovate-runner", "tradovate-readings", "mixed"] as const

/** They bring their own. */
const withOwnFaults: ReadonlySet<string> = new Set(["many-senders", "rough-paper", "rough-native"])

/** From each group with a chance of one half; of it up to three. `only`: of these scenarios. */
export const of = (seed: number, only: ReadonlyArray<string> = scenarios): Day => {
  const chance = Chance.make(seed, "soak")
  const scenario = chance.pick(only) ?? scenarios[0]
  const faults = withOwnFaults.has(scenario) ? [] : groups.flatMap((group, n) => {
    const isPossible = scenario !== "quiet-paper" || n >= ofVenues
    if (!chance.hits(0.5) || !isPossible) return []
    const names = Object.keys(group)
    const chosen = new Set(Array.from({ length: 1 + chance.below(3) }, () => chance.pick(names) ?? ""))
    const hasTradovate = scenario === "mixed" || scenario.startsWith("tradovate")
    return [...chosen].map((name) => `${name}:${chance.pick((hasTradovate ? atTradovate[name] : undefined) ?? group[name] ?? often) ?? "p=0.01"}`)
  })
  return { scenario, seed, days: 1, faults: faults.join(" ") }
}
