/**
 * What the last life sent while it could write nothing down: told to the operator once. Cleared as soon as it is said, as nothing is
 * decided on it: the accounts ask their venues before they trade, whatever the notes say.
 */
import { Effect, Layer } from "effect"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"

export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const notes = yield* EmergencyNotes
  const texts = yield* notes.read
  if (texts.length === 0) return
  yield* Effect.forEach(texts, (text) => Effect.logWarning(`left the house while the journal had no room: ${text}`), { discard: true })
  yield* notes.clear
}))
