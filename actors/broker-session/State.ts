/** What a session remembers of itself: its restarts. Orders are the accounts' to remember. */
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Lives from "#src/lifecycle/Lives.ts"

/** How long a session that restarted too often lets nothing but reducing requests through. */
export const reduceOnlyMs = 600_000

export interface State {
  readonly reduceOnlyAtMs: number | undefined
  readonly lives: Lives.Lives
}

export const empty: State = { reduceOnlyAtMs: undefined, lives: Lives.born }

export const evolve = (state: State, event: JournalEvent): State => {
  switch (event._tag) {
    case "ReduceOnly":
      return { ...state, reduceOnlyAtMs: event.atMs }
    case "Restarted":
      return { ...state, lives: Lives.restarted(state.lives, event.atMs) }
    default:
      return state
  }
}

export const isReduceOnly = ({ reduceOnlyAtMs }: State, nowMs: number): boolean =>
  reduceOnlyAtMs !== undefined && nowMs - reduceOnlyAtMs < reduceOnlyMs
