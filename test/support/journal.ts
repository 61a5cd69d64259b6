/** A journal that is forgotten with its test, ready to provide. */
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"
import { Effect, Layer } from "effect"

export const installationId = "0123456789abcdef0123456789abcdef"

/** `Journal` and `Installation`, empty, in memory, on the test's clock. A failure of the store fails the test. */
export const journalInMemory = SqliteJournal.layer({
  path: ":memory:",
  installationId: () => installationId,
  onFatal: Effect.die
}).pipe(Layer.orDie)
