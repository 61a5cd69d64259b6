/** What the runner of one position remembers: the fold of its own rows and of what moved the protection. */
import type { Ticks } from "#schemas/Instrument.ts"
import type { RunnerStep } from "#schemas/events/AccountEvent.ts"
import * as Levels from "./Levels.ts"

export interface State {
  /** The first lots were seen held then: the time stop counts from here. */
  readonly startedAtMs: number
  readonly isTargetReached: boolean
  /** Lots closed at first targets that were reached. */
  readonly takenLots: number
  readonly isEven: boolean
  /** The best price seen. */
  readonly mark: Ticks | undefined
  /** Where the stop is to be; the plan may be behind it for a while, never the other way round by the runner's doing. */
  readonly stop: Ticks | undefined
  /** Its last move, and how often in a row the venue would not have it. */
  readonly movedAtMs: number
  readonly movedTo: Ticks | undefined
  readonly undone: number
  readonly isBlind: boolean
  /** A person moved the stop or the target; `isLetGo`: and it is told. */
  readonly isByHand: boolean
  readonly isLetGo: boolean
}

/** One row of the runner's own. */
export interface Step {
  readonly atMs: number
  readonly step: RunnerStep
  readonly mark?: Ticks
  readonly stop?: Ticks
  readonly lots?: number
}

const born = (atMs: number): State => ({
  startedAtMs: atMs,
  isTargetReached: false,
  takenLots: 0,
  isEven: false,
  mark: undefined,
  stop: undefined,
  movedAtMs: -Infinity,
  movedTo: undefined,
  undone: 0,
  isBlind: false,
  isByHand: false,
  isLetGo: false
})

export const evolve = (before: State | undefined, { atMs, lots, mark, step, stop }: Step): State => {
  const state = before ?? born(atMs)
  const seen = { ...state, mark: mark ?? state.mark, stop: stop ?? state.stop }
  switch (step) {
    case "started":
    case "trailed":
      return seen
    case "firstTarget":
      return { ...seen, isTargetReached: true, takenLots: lots ?? state.takenLots }
    case "breakEven":
      return { ...seen, isEven: true }
    case "blind":
      return { ...seen, isBlind: true }
    case "sees":
      return { ...seen, isBlind: false }
    case "letGo":
      return { ...seen, isLetGo: true }
  }
}

export interface Moved {
  readonly stop?: Ticks
  readonly target?: Ticks
  readonly targetOff?: true
  readonly runnerAtMs?: number
}

/** The protection moves from where `before` planned the stop: by the runner, by a person, or back because the venue would not have it. */
export const moved = (
  state: State | undefined,
  move: Moved,
  { before, isByHand, isLong }: { readonly before: Ticks | undefined; readonly isByHand: boolean; readonly isLong: boolean }
): State | undefined => {
  if (state === undefined) return undefined
  const { runnerAtMs, stop } = move
  if (runnerAtMs !== undefined) {
    return stop === undefined ? state : { ...state, movedAtMs: runnerAtMs, movedTo: stop, undone: before === state.movedTo ? 0 : state.undone }
  }
  if (isByHand) return { ...state, isByHand: true, isTargetReached: state.isTargetReached || move.target !== undefined || move.targetOff === true }
  const isUndone = stop !== undefined && before !== undefined && before === state.movedTo && Levels.gain(isLong, before, stop) < 0
  return isUndone ? { ...state, undone: state.undone + 1 } : state
}

/** More lots at another price: first target and break-even count anew, the stop does not go back. */
export const added = (state: State | undefined): State | undefined =>
  state === undefined ? undefined : { ...state, isTargetReached: false, isEven: false }
