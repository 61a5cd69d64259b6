/**
 * The venue has hinted that it holds less than our book, and it is not settled yet: no time for an alarm. Where nothing else keeps an order
 * from going through zero, what closes or protects waits for it a moment.
 */
import type * as Book from "./Book.ts"
import type * as Exposure from "./Exposure.ts"
import type { Facts } from "./Facts.ts"
import { staleMsMax } from "./Picture.ts"

/** Two pictures settle it sooner. A position that may be real is not left without its stop for longer. */
const nakedMsMax = 5_000
/** Under its stop it can wait until no picture can be too old. */
const coveredMsMax = staleMsMax + nakedMsMax

/** Until when, if so. */
export const untilMs = (bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): number | undefined => {
  const sinceMs = x.held <= 0 ? undefined : facts.doubtedSinceMs?.(bracket.instrument.id)
  return sinceMs === undefined ? undefined : sinceMs + (x.confirmedStop >= x.held ? coveredMsMax : nakedMsMax)
}

export const isOpen = (bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): boolean => facts.nowMs < (untilMs(bracket, x, facts) ?? -Infinity)

/** What could go through zero has to wait. */
export const holdsUp = (bracket: Book.Bracket, x: Exposure.Exposure, facts: Facts): boolean =>
  facts.powers?.reduceOnly !== true && isOpen(bracket, x, facts)
