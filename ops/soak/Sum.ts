/** What the parts of a soak counted, together. Pure. */

/** One thing that went wrong, and the command that shows it again. */
export interface Failure {
  readonly part: string
  readonly again: string
  readonly why: string
}

export interface Sum {
  /** Of the whole runtime on a virtual clock. */
  readonly runtimeDays: number
  /** Of the pure state machines. */
  readonly machineDays: number
  /** Runs that each failed or died at another call. */
  readonly callRuns: number
  readonly kills: number
  readonly acknowledged: number
  readonly fuzzInputs: number
  readonly bugsPlanted: number
  readonly bugsCaught: number
  readonly seedsTwice: number
  readonly violations: number
  readonly lost: number
  readonly doubled: number
  readonly unknown: number
  readonly naked: number
  readonly slowestNakedMs: number
  readonly slowestUnknownMs: number
  readonly slowestEvidenceMs: number
  /** Injected, by name. */
  readonly faults: Readonly<Record<string, number>>
  /** Times without a stop at the venue, by bucket. */
  readonly nakedMs: Readonly<Record<string, number>>
  readonly failures: ReadonlyArray<Failure>
}

export const nothing: Sum = {
  runtimeDays: 0, machineDays: 0, callRuns: 0, kills: 0, acknowledged: 0, fuzzInputs: 0, bugsPlanted: 0, bugsCaught: 0, seedsTwice: 0,
  violations: 0, lost: 0, doubled: 0, unknown: 0, naked: 0, slowestNakedMs: 0, slowestUnknownMs: 0, slowestEvidenceMs: 0,
  faults: {}, nakedMs: {}, failures: []
}

type Counts = Readonly<Record<string, number>>

const added = (one: Counts, other: Counts): Counts => {
  const sum: Record<string, number> = { ...one }
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count
  return sum
}

const counted = [
  "runtimeDays", "machineDays", "callRuns", "kills", "acknowledged", "fuzzInputs", "bugsPlanted", "bugsCaught", "seedsTwice", "violations", "lost", "doubled", "unknown", "naked"
] as const
const slowest = ["slowestNakedMs", "slowestUnknownMs", "slowestEvidenceMs"] as const

export const add = (sum: Sum, more: Partial<Sum>): Sum => ({
  ...sum,
  ...Object.fromEntries(counted.map((name) => [name, sum[name] + (more[name] ?? 0)])),
  ...Object.fromEntries(slowest.map((name) => [name, Math.max(sum[name], more[name] ?? 0)])),
  faults: added(sum.faults, more.faults ?? {}),
  nakedMs: added(sum.nakedMs, more.nakedMs ?? {}),
  failures: [...sum.failures, ...more.failures ?? []]
})

/** Which count a broken promise belongs to; most belong to none but all. */
const countOf: Readonly<Record<string, "lost" | "doubled" | "naked">> = { I1: "doubled", I2: "lost", I3: "lost", I4: "naked" }

export const ofInvariants = (invariants: ReadonlyArray<string>): Partial<Sum> => {
  const sum = { lost: 0, doubled: 0, naked: 0 }
  for (const invariant of invariants) {
    const name = countOf[invariant]
    if (name !== undefined) sum[name] += 1
  }
  return sum
}
