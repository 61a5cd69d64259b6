/** What was broken, in words. Owns: the list of it, and its bound. */

export type Invariant =
  | "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8" | "I9" | "I10" | "I11" | "I12" | "I15" | "I17" | "I19" | "I20"

export interface Violation {
  readonly invariant: Invariant
  readonly atMs: number
  readonly message: string
  readonly expected: string
  readonly got: string
  /** Row of the journal, record of the ledger that showed it. */
  readonly seq?: number
  readonly n?: number
  readonly venue?: string
  readonly alertId?: string
  readonly account?: string
  readonly instrumentId?: string
  readonly orderId?: string
}

export interface Docket {
  readonly report: (violation: Violation) => void
  readonly all: () => ReadonlyArray<Violation>
  /** Those beyond the bound too. */
  readonly count: () => number
}

export const make = (max: number): Docket => {
  const kept: Array<Violation> = []
  let count = 0
  return {
    report: (violation) => {
      count += 1
      if (kept.length < max) kept.push(violation)
    },
    all: () => kept,
    count: () => count
  }
}
