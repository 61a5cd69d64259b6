/** What a session remembers of itself: its restarts. Orders are the accounts' to remember. */
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Lives from "#src/lifecycle/Lives.ts"

export interface State {
  readonly isReduceOnly: boolean
  readonly lives: Lives.Lives
}

export const empty: State = { isReduceOnly: false, lives: Lives.born }

export const evolve = (state: State, event: JournalEvent): State => {
  switch (event._tag) {
    case "ReduceOnly":
      return { ...state, isReduceOnly: true }
    case "Restarted":
      return { ...state, lives: Lives.restarted(state.lives, event.atMs) }
    default:
      return state
  }
}
