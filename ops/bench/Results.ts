/** `results.json`: the figures of the last full run, each scenario with the commit and the minute it was measured at. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Figure } from "./Figures.ts"
import type { Load, Machine } from "./Machine.ts"

export const file = join(import.meta.dirname, "results.json")

export interface Scenario {
  readonly name: string
  readonly date: string
  readonly commit: string
  readonly load: Load
  readonly rounds: number
  readonly figures: ReadonlyArray<Figure>
}

export interface Results {
  readonly machine: Machine
  readonly scenarios: ReadonlyArray<Scenario>
}

export const read = (path: string): Results | undefined => existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) as Results : undefined

/** Scenarios that were not measured now keep what they had, on the same machine. */
export const merged = (before: Results | undefined, machine: Machine, measured: ReadonlyArray<Scenario>, order: ReadonlyArray<string>): Results => {
  const kept = before !== undefined && JSON.stringify(before.machine) === JSON.stringify(machine) ? before.scenarios : []
  const all = [...kept.filter(({ name }) => !measured.some((one) => one.name === name)), ...measured]
  return { machine, scenarios: all.sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name)) }
}

export const write = (path: string, results: Results): void => writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`)
