/** A data folder with a journal and books that are written, and the backups made of it. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Layer, Redacted } from "effect"
import { HouseConfig } from "#config/House.ts"
import { Secrets } from "#config/Secrets.ts"
import { Backups } from "#src/ports/Backups.ts"
import { Journal } from "#src/ports/Journal.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import * as Backup from "#src/stores/Backup.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"
import * as SqlitePaperLedger from "#src/stores/SqlitePaperLedger.ts"
import { house, houseTexts } from "#test/support/house.ts"
import { write } from "#test/support/folder.ts"

export const secret = "the-secret-of-the-lane"

const secrets = Layer.succeed(Secrets, Secrets.of({
  get: () => Effect.succeed(Redacted.make(secret)),
  operatorToken: Redacted.make("the-token-of-the-operator"),
  mask: (text) => text.replaceAll(secret, "***")
}))

export const placesIn = (root: string) => ({ dataFolder: join(root, "data"), configFolder: join(root, "config") })

/** As a house leaves it: secrets and token beside what may be copied. */
export const furnish = (root: string) => Effect.gen(function*() {
  const { configFolder, dataFolder } = placesIn(root)
  yield* write(configFolder, houseTexts())
  mkdirSync(join(dataFolder, "secrets"), { recursive: true })
  writeFileSync(join(dataFolder, "secrets/webhook-secret"), `${secret}\n`)
  writeFileSync(join(dataFolder, "operator-token"), "the-token-of-the-operator\n")
  writeFileSync(join(dataFolder, "emergency.bin"), Buffer.alloc(128))
})

/** Stores on their files and the backups of them. */
export const stores = (root: string, options: Partial<Backup.Options> = {}): Layer.Layer<Backups | Journal | PaperLedger> => {
  const places = placesIn(root)
  return Layer.mergeAll(
    SqlitePaperLedger.layer(join(places.dataFolder, "paper.sqlite")),
    Backup.layer({ ...places, ...options }).pipe(Layer.provide([secrets, HouseConfig.layerOf(house())]))
  ).pipe(
    Layer.provideMerge(SqliteJournal.layer({ path: join(places.dataFolder, "journal.sqlite"), onFatal: Effect.die })),
    Layer.orDie
  )
}

export const version = "1.2.3"
