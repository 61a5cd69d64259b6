/** Since when each part of a position has lacked its confirmed stop: every fill has its own time, the oldest part is covered first. */

/** Lots up to this many of those held, but for the parts before it. */
export interface Part {
  readonly upTo: number
  readonly sinceMs: number
}

/** Oldest first; never more parts than fills. */
export const look = (
  before: ReadonlyArray<Part>,
  { confirmedStop, held }: { readonly confirmedStop: number; readonly held: number },
  nowMs: number
): ReadonlyArray<Part> => {
  const open = before.filter(({ upTo }) => upTo > confirmedStop)
  const kept = open.filter((_, n) => (open[n - 1]?.upTo ?? confirmedStop) < held).map((part) => ({ ...part, upTo: Math.min(part.upTo, held) }))
  return held > (kept.at(-1)?.upTo ?? confirmedStop) ? [...kept, { upTo: held, sinceMs: nowMs }] : kept
}
