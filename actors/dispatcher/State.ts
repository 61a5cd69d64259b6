/** What the dispatcher remembers of itself: its restarts. Alerts on their way are a fold of the whole journal: `src/dispatch`. */
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Lives from "#src/lifecycle/Lives.ts"

export interface State {
  readonly lives: Lives.Lives
}

export const empty: State = { lives: Lives.born }

export const evolve = (state: State, event: JournalEvent): State =>
  event._tag === "Restarted" ? { lives: Lives.restarted(state.lives, event.atMs) } : state
