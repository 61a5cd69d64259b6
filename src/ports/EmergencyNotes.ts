/** What left while the journal could not be written. Room for it is kept from the start; it holds up nothing. */
import { Context, type Effect } from "effect"

export class EmergencyNotes extends Context.Service<EmergencyNotes, {
  /** Whether the note is on disk; never fails, never waits long. A note that is not may still be found. */
  note(text: string): Effect.Effect<boolean>
  /** The notes of the last life, oldest first. */
  readonly read: Effect.Effect<ReadonlyArray<string>>
  /** All notes so far are dealt with. */
  readonly clear: Effect.Effect<boolean>
}>()("src/ports/EmergencyNotes") {}
