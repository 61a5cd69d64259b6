/** Many days, one after the other, each from its own seed. */
import * as Chance from "#src/simulation/Chance.ts"
import * as Day from "#src/simulation/machine/Day.ts"
import type { Broken } from "#src/simulation/machine/World.ts"
import type { Violation } from "#src/simulation/oracle/Violation.ts"

export interface Options {
  readonly seed: number
  readonly days: number
  /** Scale of all probabilities; 0: nothing goes wrong. */
  readonly faults?: number
  readonly alerts?: number
  readonly broken?: Broken
  readonly isJudged?: boolean
  readonly without?: ReadonlySet<string>
  /** It ends after so many days with violations. */
  readonly failuresMax?: number
}

export interface Failed {
  /** Of the day: it alone shows it again. */
  readonly seed: number
  readonly violations: ReadonlyArray<Violation>
  readonly story: string
}

export interface Report {
  readonly days: number
  readonly events: number
  readonly rows: number
  readonly records: number
  readonly kills: number
  readonly rowsLost: number
  readonly picturesSkipped: number
  readonly faults: Readonly<Record<string, number>>
  readonly outcomes: Readonly<Record<string, number>>
  readonly naked: Readonly<Record<string, number>>
  readonly slowestNakedMs: number
  readonly violations: number
  readonly failed: ReadonlyArray<Failed>
  readonly hash: string
}

const failuresMaxDefault = 20

const add = (sum: Map<string, number>, counts: Readonly<Record<string, number>>): void => {
  for (const [name, count] of Object.entries(counts)) sum.set(name, (sum.get(name) ?? 0) + count)
}

/** A day's own seed: the number of the run, then of the day. */
export const seedOf = (seed: number, day: number): number => Chance.digest(seed, day).readUInt32LE(0)

export const day = (seed: number, { alerts, broken, faults, isJudged, without }: Options): Day.Day => Day.run({
  seed,
  ...(alerts === undefined ? {} : { alerts }),
  ...(broken === undefined ? {} : { broken }),
  ...(faults === undefined ? {} : { faults }),
  ...(isJudged === undefined ? {} : { isJudged }),
  ...(without === undefined ? {} : { without })
})

export const run = (options: Options): Report => {
  const { days, failuresMax = failuresMaxDefault, seed } = options
  const [faults, outcomes, naked] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()]
  const sum = { days: 0, events: 0, rows: 0, records: 0, kills: 0, rowsLost: 0, picturesSkipped: 0, slowestNakedMs: 0, violations: 0 }
  const failed: Array<Failed> = []
  const hashes: Array<string> = []
  for (let number = 0; number < days && failed.length < failuresMax; number++) {
    const one = day(seedOf(seed, number), options)
    sum.days += 1
    for (const name of ["events", "rows", "records", "kills", "rowsLost", "picturesSkipped"] as const) sum[name] += one[name]
    sum.slowestNakedMs = Math.max(sum.slowestNakedMs, one.slowestNakedMs)
    sum.violations += one.violations.length
    add(faults, one.faults)
    add(outcomes, one.outcomes)
    add(naked, one.naked)
    hashes.push(one.hash)
    if (one.violations.length > 0) failed.push({ seed: one.seed, violations: one.violations, story: one.story })
  }
  return {
    ...sum, failed, hash: Chance.digest(...hashes).toString("hex").slice(0, 16),
    faults: Object.fromEntries([...faults].sort()), outcomes: Object.fromEntries(outcomes), naked: Object.fromEntries(naked)
  }
}
