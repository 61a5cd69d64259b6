/** Child processes that simulate: one per bug, as a module is loaded once. */
import { execFile } from "node:child_process"
import * as NodePath from "node:path"
import { promisify } from "node:util"
import { type Bug, keyOf, type Run } from "#test/simulation/planted/Bug.ts"
import type { Asked, Seen } from "#test/simulation/planted/Seen.ts"

/** By then it is given up, whatever else the machine has to do. */
const patienceMs = 600_000
const outputMax = 64 * 1_024 * 1_024

const run = promisify(execFile)

const ask = async (asked: Asked, bug?: string): Promise<ReadonlyArray<Seen>> => {
  const [hook, child] = ["hook.ts", "child.ts"].map((file) => NodePath.join(import.meta.dirname, file))
  const { stdout } = await run(process.execPath, ["--import", hook ?? "", child ?? "", JSON.stringify(asked)], {
    env: { ...process.env, ...(bug === undefined ? {} : { PLANTED_BUG: bug }) },
    maxBuffer: outputMax,
    timeout: patienceMs
  })
  return stdout.split("\n").filter((line) => line !== "").map((line): Seen => JSON.parse(line))
}

/** The runs of these bugs without any bug: what is wrong there already says nothing about a bug. */
export const clean = async (bugs: ReadonlyArray<Bug>): Promise<ReadonlyArray<Seen>> => {
  const runs = new Map<string, { readonly run: Run; isTwice: boolean }>()
  for (const bug of bugs) {
    for (const one of bug.runs) runs.set(keyOf(one), { run: one, isTwice: bug.isChance === true || runs.get(keyOf(one))?.isTwice === true })
  }
  const all = [...runs.values()]
  const ofKind = (isTwice: boolean) => all.filter((one) => one.isTwice === isTwice).map((one) => one.run)
  const wrong: Array<Seen> = []
  for (const isTwice of [false, true]) {
    for (let left = ofKind(isTwice); left.length > 0;) {
      const seen = await ask({ runs: left, isTwice })
      wrong.push(...seen.filter(({ invariant }) => invariant !== undefined))
      left = left.slice(Math.max(1, seen.length))
    }
  }
  return wrong
}

export interface Caught extends Seen {
  readonly invariant: string
  readonly text: string
  /** Of the whole process, up to here. */
  readonly cpuSeconds: number
}

/** Undefined: nobody noticed. */
export const hunt = async ({ isChance, name, runs }: Bug): Promise<Caught | undefined> => {
  const seen = await ask({ runs, isTwice: isChance === true }, name)
  const last = seen.at(-1)
  const cpuSeconds = seen.reduce((sum, one) => sum + one.cpuSeconds, 0)
  return last?.invariant === undefined ? undefined : { ...last, invariant: last.invariant, text: last.text ?? "", cpuSeconds }
}
