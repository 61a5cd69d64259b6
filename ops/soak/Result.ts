/** `result.json`: what the last soak counted. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Sum } from "./Sum.ts"

export const file = join(import.meta.dirname, "result.json")

export interface PartResult {
  readonly name: string
  readonly runs: number
  readonly failures: number
  readonly seconds: number
  /** Why there is nothing of it, or not all. */
  readonly note?: string
}

export interface Result extends Sum {
  readonly date: string
  /** With `+` where the checkout differed from it. */
  readonly commit: string
  readonly minutes: number
  readonly seed: number
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string }
  readonly parts: ReadonlyArray<PartResult>
  /** With no violation in so many days, at 95 %: of a day; null where there was one. */
  readonly failureRateMax: number | null
}

export const read = (path: string): Result | undefined => existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) as Result : undefined

export const write = (path: string, result: Result): void => writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`)

/** The rule of three. */
export const boundOf = ({ machineDays, runtimeDays, violations }: Sum): number | null =>
  violations > 0 || machineDays + runtimeDays === 0 ? null : 3 / (machineDays + runtimeDays)
