/** When this account must be looked at again although nothing happens. */
import { Option } from "effect"
import * as Runner from "#src/risk/runner/Decide.ts"
import * as Hours from "#src/symbols/Hours.ts"
import type * as Book from "./Book.ts"
import * as Doubt from "./Doubt.ts"
import * as Exposure from "./Exposure.ts"
import type { Facts } from "./Facts.ts"
import * as Plan from "./Plan.ts"
import { confirmWithinMs, nativeGraceMs } from "./Protect.ts"

/** The market's own words wake who watches a target; this often it is looked at all the same. */
export const watchEveryMs = 5_000

const ofBracket = (book: Book.Book, bracket: Book.Bracket, facts: Facts): ReadonlyArray<number> => {
  const x = Exposure.of(book, bracket)
  const times: Array<number> = []
  if (x.entries.length > 0 && bracket.deadlineAtMs !== undefined) times.push(bracket.deadlineAtMs)
  for (const { order } of x.entries) if (order.expiresAtMs !== undefined) times.push(order.expiresAtMs)
  const exposedSinceMs = facts.exposedSinceMs(bracket.instrument.id)
  if (exposedSinceMs !== undefined) times.push(exposedSinceMs + nativeGraceMs, exposedSinceMs + confirmWithinMs)
  if (x.held > 0) times.push(Plan.targetNotBeforeMs(bracket, x))
  const doubtUntilMs = Doubt.untilMs(bracket, x, facts)
  if (doubtUntilMs !== undefined) times.push(doubtUntilMs)
  const notBeforeMs = facts.notBeforeMs(bracket.instrument.id)
  if (notBeforeMs !== undefined) times.push(notBeforeMs)
  if (bracket.closing === undefined && Plan.isTargetWatched(bracket, x, facts)) times.push(facts.nowMs + watchEveryMs)
  const runs = bracket.closing === undefined ? Plan.runs(bracket, x, facts) : undefined
  if (runs !== undefined) times.push(...Runner.looksAtMs(bracket.runner, runs.position, runs.sight))
  const calendar = facts.calendars.get(bracket.instrument.calendar)
  if (bracket.closing !== undefined && calendar !== undefined && !Plan.isOpen(bracket, facts)) {
    times.push(...Option.toArray(Hours.nextOpenMs(calendar, facts.nowMs)))
  }
  return times
}

/** The earliest instant after now. */
export const next = (book: Book.Book, facts: Facts): number | undefined => {
  const times = [...book.brackets.values()].flatMap((bracket) => ofBracket(book, bracket, facts)).filter((atMs) => atMs > facts.nowMs)
  return times.length === 0 ? undefined : Math.min(...times)
}
