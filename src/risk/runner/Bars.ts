/** Bars made of the quotes that were seen, for a stop that trails by their extremes. Only bars seen from their beginning to their end count. */
import type { Ticks } from "#schemas/Instrument.ts"
import type { Timeframe } from "#schemas/config/RunnerConfig.ts"

/** The worst prices at which the position could have been left: lowest bid, highest ask. */
export interface Extremes {
  readonly low: Ticks
  readonly high: Ticks
}

export interface Bars {
  readonly closed: ReadonlyArray<Extremes>
  /** The one in progress; `isWhole`: seen from its first quote on. */
  readonly open: (Extremes & { readonly number: number; readonly isWhole: boolean }) | undefined
}

export const none: Bars = { closed: [], open: undefined }

const minuteMs = 60_000

export const msOf = (timeframe: Timeframe): number => Number(timeframe.slice(0, -1)) * minuteMs

interface Seen {
  readonly atMs: number
  readonly bid: Ticks
  readonly ask: Ticks
}

/** A quote older than the bar in progress changes nothing. */
export const add = (bars: Bars, { ask, atMs, bid }: Seen, barMs: number, max: number): Bars => {
  const { closed, open } = bars
  const number = Math.floor(atMs / barMs)
  if (open === undefined) return { closed, open: { number, low: bid, high: ask, isWhole: false } }
  if (number < open.number) return bars
  if (number === open.number) return { closed, open: { ...open, low: bid < open.low ? bid : open.low, high: ask > open.high ? ask : open.high } }
  const { high, isWhole, low } = open
  return { closed: isWhole ? [...closed, { low, high }].slice(-max) : closed, open: { number, low: bid, high: ask, isWhole: true } }
}

/** Of the last `count` closed bars the extreme against the position. Undefined: not so many have been seen. */
export const extreme = ({ closed }: Bars, isLong: boolean, count: number): number | undefined => {
  const last = closed.slice(-count)
  if (last.length < count) return undefined
  return isLong ? Math.min(...last.map(({ low }) => low)) : Math.max(...last.map(({ high }) => high))
}
