/** Seeds that once broke a promise. They are run by `npm test` for ever: `test/simulation/corpus.json`. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** `scenario`: a file of `test/simulation/scenarios` without its ending, or `machine`: a day of the pure state machines. */
export interface Entry {
  readonly scenario: string
  readonly seed: number
  readonly days: number
  readonly faults: string
  readonly why: string
}

export const file = join(import.meta.dirname, "../../test/simulation/corpus.json")

const keyOf = ({ days, faults, scenario, seed }: Entry): string => [scenario, seed, days, faults].join(" ")

/** How many of them are new. A run that fails throughout says little more with each seed. */
export const add = (entries: ReadonlyArray<Entry>, most = 10): number => {
  const known = JSON.parse(readFileSync(file, "utf8")) as ReadonlyArray<Entry>
  const keys = new Set(known.map(keyOf))
  const added = entries.filter((entry) => !keys.has(keyOf(entry))).slice(0, most)
  if (added.length > 0) writeFileSync(file, `${JSON.stringify([...known, ...added], null, 2)}\n`)
  return added.length
}
