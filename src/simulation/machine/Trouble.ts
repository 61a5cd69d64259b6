/** What goes wrong on a day. Each day has its own few kinds of trouble, so that some meet which would be rare together. */
import type { Chance } from "#src/simulation/Chance.ts"
import type * as Faults from "#src/simulation/venues/shared/Faults.ts"

/** How likely each is at its chance, on a day that has it. */
const chances: Partial<Record<Faults.FaultName, number>> = {
  F1: 0.03, F2: 0.02, F3: 0.04, F5: 0.04, F6: 0.3, F9: 0.01, F10: 0.01, F11: 0.1, F13: 0.1, F14: 0.15, F15: 0.15, F16: 0.1, F17: 0.3, F18: 0.08, F19: 0.2,
  F22: 0.05, F24: 0.03, F25: 0.02, F26: 0.02, F27: 0.02, F28: 0.02, F29: 0.1, F30: 0.2, F35: 0.005, F36: 0.003, F37: 0.02
}
/** Those that make a "not found" lie. */
const againstProof: ReadonlySet<string> = new Set(["F5", "F29", "F30"])
const share = 0.3

/** `isLeftOut`: of a day that is made smaller; everything else stays as it was. */
export const plan = (chance: Chance, scale: number, lookupIsProof: boolean, isLeftOut: (name: string) => boolean): Faults.FaultPlan =>
  Object.entries(chances).flatMap(([name, p]) => {
    const isOn = chance.hits(share) && scale > 0 && !isLeftOut(name)
    return !isOn || (lookupIsProof && againstProof.has(name)) ? [] : [{ name: name as Faults.FaultName, p: Math.min(1, p * scale) }]
  })

export type Kind = "drop" | "silence" | "cancelAll" | "byHand" | "kill" | "clock" | "stall" | "stale"

export interface Happening {
  /** Of its day. */
  readonly name: string
  readonly kind: Kind
  readonly atMs: number
}

/** How often a day that has it sees it. */
const often: Readonly<Record<Kind, number>> = { drop: 3, silence: 2, cancelAll: 2, byHand: 2, kill: 3, clock: 2, stall: 2, stale: 4 }

/** Most of it when something is going on: shortly after an alert. */
export const happenings = (chance: Chance, scale: number, alertsMs: ReadonlyArray<number>, startMs: number, endMs: number): ReadonlyArray<Happening> =>
  Object.entries(often).flatMap(([kind, times]) => {
    const isOn = chance.hits(share)
    const count = isOn ? Math.ceil(chance.next() * times * scale) : 0
    return Array.from({ length: scale <= 0 ? 0 : count }, (_, number) => {
      const near = alertsMs[chance.below(Math.max(1, alertsMs.length))]
      const isNear = near !== undefined && chance.hits(0.7)
      return { name: `${kind}${number}`, kind: kind as Kind, atMs: isNear ? near + chance.below(kind === "kill" ? 60 : 1_500) : startMs + chance.below(endMs - startMs) }
    })
  })
