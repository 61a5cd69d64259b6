/**
 * What the runner makes of a position and of the market: its next step, where the stop goes, when and at which price to look again. A stop moves
 * only toward the market and never to it; without a fresh quote nothing moves.
 */
import type { RunnerConfig } from "#schemas/config/RunnerConfig.ts"
import type { Ticks } from "#schemas/Instrument.ts"
import * as Bars from "./Bars.ts"
import * as Levels from "./Levels.ts"
import type { State, Step } from "./State.ts"

/** Two moves of one stop lie so far apart, milliseconds. */
const moveEveryMs = 1_000
/** After a venue's no: this long, twice as long each time. */
const backOffMinMs = 10_000
const backOffMaxMs = 300_000
/** A market silent for so long while it is open is told of. */
const blindAfterMs = 60_000

const minuteMs = 60_000

export interface Position {
  readonly settings: RunnerConfig
  readonly isLong: boolean
  /** Average entry, rounded against us. */
  readonly even: Ticks
  /** Lots that its entries brought, that are held, that target orders closed. */
  readonly opened: number
  readonly held: number
  readonly targetFilled: number
  /** As planned now. */
  readonly stop: Ticks
  readonly target: Ticks | undefined
  /** The target rests nowhere: it is closed by us once its price is seen. */
  readonly isTargetWatched: boolean
  /** All of it is under a confirmed stop where the plan has it, and nothing of that is being changed. */
  readonly isSettled: boolean
  readonly isMarketOpen: boolean
}

/** The market now: the price to get out at, fresh or not there; and what was seen of it since this process began to follow the position. */
export interface Sight {
  readonly nowMs: number
  readonly touch: Ticks | undefined
  /** When the last quote was, or since when one is waited for. */
  readonly heardAtMs: number | undefined
  readonly best: Ticks | undefined
  readonly bars: Bars.Bars
}

type Runs = State | undefined

/** Lots that the target is for: of the first one its part, as far as it has not been closed. */
export const targetLots = (state: Runs, { held, opened, settings, targetFilled }: Pick<Position, "held" | "opened" | "settings" | "targetFilled">): number => {
  if (settings.firstTarget === undefined || state?.isTargetReached === true) return held
  return Math.max(0, Math.min(held, Levels.firstLots(settings, opened) - Math.max(state?.takenLots ?? 0, targetFilled)))
}

const bestOf = (state: State, { isLong }: Position, { best, touch }: Sight): Ticks | undefined =>
  Levels.better(isLong, Levels.better(isLong, state.mark, best), touch)

const withMark = (step: Step, mark: Ticks | undefined): Step => (mark === undefined ? step : { ...step, mark })

const isSeen = (position: Position, best: Ticks | undefined, price: number): boolean => best !== undefined && Levels.gain(position.isLong, price, best) >= 0

/** By its order's fills; where none rests, by the price. */
const firstTarget = (state: State, position: Position, best: Ticks | undefined, nowMs: number): Step | undefined => {
  const { opened, settings, target } = position
  if (settings.firstTarget === undefined || state.isTargetReached) return undefined
  const all = Levels.firstLots(settings, opened)
  const isClosed = all > state.takenLots && targetLots(state, position) === 0
  const isByPrice = (all === 0 || position.isTargetWatched) && target !== undefined && isSeen(position, best, target)
  return isClosed || isByPrice ? withMark({ atMs: nowMs, step: "firstTarget", lots: Math.max(all, state.takenLots) }, best) : undefined
}

const breakEven = (state: State, position: Position, best: Ticks | undefined, nowMs: number): Step | undefined => {
  const { even, isLong, settings: { breakEven: of } } = position
  if (of === undefined || state.isEven) return undefined
  const isDue = "atFirstTarget" in of ? state.isTargetReached : isSeen(position, best, Levels.ahead(isLong, even, of.afterTicks))
  const stop = Levels.better(isLong, state.stop, Levels.ahead(isLong, even, of.offsetTicks))
  return isDue && stop !== undefined ? withMark({ atMs: nowMs, step: "breakEven", stop }, best) : undefined
}

/** With the first target; without one with break-even; without either from the entry on. */
const hasBegun = (state: State, { settings }: Position): boolean =>
  settings.trail !== undefined && (settings.firstTarget === undefined || state.isTargetReached) && (settings.breakEven === undefined || state.isEven)

/** The stop that a new one must be better than. */
const baseOf = (state: State, { isLong, stop }: Position): Ticks => Levels.better(isLong, stop, state.stop ?? stop)

const trail = (state: State, position: Position, best: Ticks | undefined, { bars, nowMs }: Sight): Step | undefined => {
  const { isLong, settings: { trail: of } } = position
  if (of === undefined || !hasBegun(state, position)) return undefined
  const from = "bars" in of ? Bars.extreme(bars, isLong, of.bars) : best
  if (from === undefined) return undefined
  const stop = Levels.ahead(isLong, from, "bars" in of ? -1 : -of.ticks)
  const isStep = stop > 0 && Levels.gain(isLong, baseOf(state, position), stop) >= ("bars" in of ? 1 : of.stepTicks)
  return isStep ? withMark({ atMs: nowMs, step: "trailed", stop }, best) : undefined
}

const isBehind = (state: State, { isLong, stop }: Position): boolean => state.stop !== undefined && Levels.gain(isLong, stop, state.stop) > 0

/** There is something that only a price can bring about. */
const needsPrice = (state: State, position: Position): boolean => {
  const { opened, settings } = position
  const waitsForTarget = settings.firstTarget !== undefined && !state.isTargetReached && (position.isTargetWatched || Levels.firstLots(settings, opened) === 0)
  const waitsForEven = settings.breakEven !== undefined && !state.isEven && "afterTicks" in settings.breakEven
  return waitsForTarget || waitsForEven || hasBegun(state, position) || isBehind(state, position)
}

const sight = (state: State, position: Position, { heardAtMs, nowMs, touch }: Sight): Step | undefined => {
  if (state.isBlind) return touch === undefined ? undefined : { atMs: nowMs, step: "sees" }
  const isBlind = touch === undefined && position.isMarketOpen && heardAtMs !== undefined && nowMs - heardAtMs >= blindAfterMs
  return isBlind && needsPrice(state, position) ? { atMs: nowMs, step: "blind" } : undefined
}

/** The next row, judged on what the ones before it left. Whoever took the protection in hand keeps it: then only the first target is still its own. */
export const step = (state: Runs, position: Position, seen: Sight): Step | undefined => {
  const { nowMs } = seen
  if (state === undefined) return position.held > 0 ? { atMs: nowMs, step: "started" } : undefined
  const best = bestOf(state, position, seen)
  if (state.isByHand && !state.isLetGo) return { atMs: nowMs, step: "letGo" }
  const first = firstTarget(state, position, best, nowMs)
  if (first !== undefined || state.isLetGo) return first
  return breakEven(state, position, best, nowMs) ?? trail(state, position, best, seen) ?? sight(state, position, seen)
}

const notBeforeMs = ({ movedAtMs, undone }: State): number =>
  movedAtMs + (undone === 0 ? moveEveryMs : Math.min(backOffMaxMs, backOffMinMs * 2 ** (undone - 1)))

/** Where the stop goes now. At least one tick short of the market: past it, it waits where it is until the market is back. */
export const move = (state: Runs, position: Position, { nowMs, touch }: Sight): Ticks | undefined => {
  if (state?.stop === undefined || state.isByHand || !position.isSettled || !isBehind(state, position)) return undefined
  if (touch === undefined || Levels.gain(position.isLong, state.stop, touch) < 1) return undefined
  return nowMs >= notBeforeMs(state) ? state.stop : undefined
}

const timeUpMs = (state: Runs, { settings: { timeStop } }: Position): number =>
  state === undefined || timeStop === undefined || state.isByHand ? Infinity : state.startedAtMs + timeStop.minutes * minuteMs

export const isTimeUp = (state: Runs, position: Position, { nowMs }: Sight): boolean => nowMs >= timeUpMs(state, position)

/** Instants at which to look again though nothing happens. */
export const looksAtMs = (state: Runs, position: Position, { heardAtMs }: Sight): ReadonlyArray<number> => {
  if (state === undefined) return []
  const isPending = !state.isByHand && isBehind(state, position)
  const blindAt = state.isBlind || heardAtMs === undefined || !needsPrice(state, position) ? [] : [heardAtMs + blindAfterMs]
  return [timeUpMs(state, position), ...(isPending ? [notBeforeMs(state)] : []), ...blindAt]
}

/** The first price, on the way to profit, at which there is something to do. Undefined: at none. */
export const wakesAt = (state: Runs, position: Position, { nowMs, touch }: Sight): number | undefined => {
  if (state === undefined) return undefined
  const { even, isLong, opened, settings, target } = position
  if (state.isBlind && touch === undefined) return isLong ? -Infinity : Infinity
  const byPrice = settings.firstTarget !== undefined && !state.isTargetReached && (position.isTargetWatched || Levels.firstLots(settings, opened) === 0)
  const { breakEven: evens, trail: trails } = settings
  const prices = [
    ...(byPrice && target !== undefined ? [target] : []),
    ...(state.isByHand ? [] : [
      ...(evens !== undefined && "afterTicks" in evens && !state.isEven ? [Levels.ahead(isLong, even, evens.afterTicks)] : []),
      ...(trails !== undefined && "ticks" in trails && hasBegun(state, position)
        ? [Levels.ahead(isLong, baseOf(state, position), trails.ticks + trails.stepTicks)] : []),
      ...(state.stop !== undefined && isBehind(state, position) && position.isSettled && nowMs >= notBeforeMs(state)
        ? [Levels.ahead(isLong, state.stop, 1)] : [])
    ])
  ]
  return prices.length === 0 ? undefined : prices.reduce((first, price) => (Levels.gain(isLong, price, first) > 0 ? price : first))
}
