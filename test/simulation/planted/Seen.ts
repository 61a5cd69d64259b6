/** What is asked of a child process, and what it saw. */
import type { Run } from "#test/simulation/planted/Bug.ts"

export interface Asked {
  /** In turn, until one shows something. */
  readonly runs: ReadonlyArray<Run>
  /** Each twice: their journals must be equal. */
  readonly isTwice: boolean
}

export interface Seen {
  readonly run: string
  /** Of the first one: from the process's birth. */
  readonly cpuSeconds: number
  /** Of the first violation, if there was one: which promise, and how the judge told it. */
  readonly invariant?: string
  readonly text?: string
  readonly story?: string
}
