/** What is kept in the data folder, behind its lock: the journal, the paper venue's own books, the notes for a full disk. */
import { join } from "node:path"
import { Clock, Effect, Layer } from "effect"
import { Settings } from "#config/Settings.ts"
import * as Restart from "#src/layers/Restart.ts"
import * as Backup from "#src/stores/Backup.ts"
import * as DataLock from "#src/stores/DataLock.ts"
import * as EmergencyNotes from "#src/stores/EmergencyNotes.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"
import * as SessionTokens from "#src/stores/SessionTokens.ts"
import * as SqlitePaperLedger from "#src/stores/SqlitePaperLedger.ts"

/** Nothing is opened before the lock is held. */
export const layer = Layer.unwrap(Effect.gen(function*() {
  const { configFolder, dataFolder } = yield* Settings
  const onFatal = Restart.afterFault(yield* Clock.currentTimeMillis)
  return Layer.mergeAll(
    SqlitePaperLedger.layer(join(dataFolder, "paper.sqlite")),
    EmergencyNotes.layer(join(dataFolder, "emergency.bin")),
    SessionTokens.layer(dataFolder),
    Backup.layer({ dataFolder, configFolder })
  ).pipe(
    Layer.provideMerge(SqliteJournal.layer({ path: join(dataFolder, "journal.sqlite"), onFatal })),
    Layer.provide(DataLock.layer(dataFolder))
  )
}))
