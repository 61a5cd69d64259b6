/** Opens one of our SQLite files: made if new, ours, of a format we know, writable. Owns: what every file of ours has in common. */
import { mkdirSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { openError, openErrorOf } from "./SqliteFault.ts"

export interface Shape {
  /** Four letters in the file's header: which of our files this is. */
  readonly mark: string
  /** Rises when the tables change. */
  readonly format: number
  readonly pragmas: string
  /** Makes the tables of a new file, inside one transaction. */
  readonly create: (db: DatabaseSync) => void
}

/** Instead of a path: a file that is forgotten. */
export const inMemory = ":memory:"
const busyMs = 1_000

const markOf = (letters: string): number => [...letters].reduce((sum, letter) => sum * 256 + letter.charCodeAt(0), 0)

const pragmaOf = (db: DatabaseSync, name: string): number => Number(Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0] ?? 0)

const prepare = (db: DatabaseSync, path: string, shape: Shape): void => {
  const isNew = pragmaOf(db, "schema_version") === 0
  const format = pragmaOf(db, "user_version")
  if (!isNew && pragmaOf(db, "application_id") !== markOf(shape.mark)) throw openError(path, "notOurs", `its mark is not ${shape.mark}`)
  if (format > shape.format) throw openError(path, "newerFormat", `its format is ${format}, known is ${shape.format}`)

  db.exec(`pragma journal_mode=wal; ${shape.pragmas}`)
  db.exec("begin immediate") // a file that can only be read shows here, not at the first write
  if (isNew) {
    db.exec(`pragma application_id=${markOf(shape.mark)}; pragma user_version=${shape.format}`)
    shape.create(db)
  }
  db.exec("commit")
}

/** Throws `StoreOpenError`. */
export const open = (path: string, shape: Shape): DatabaseSync => {
  try {
    if (path !== inMemory) mkdirSync(dirname(path), { recursive: true })
    const db = new DatabaseSync(path, { timeout: busyMs })
    try {
      prepare(db, path, shape)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    throw openErrorOf(path, error)
  }
}
