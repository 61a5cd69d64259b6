/** One moment of the journal and of the paper venue's books, copied while both are written. */
import { closeSync, existsSync, fdatasync, openSync } from "node:fs"
import { backup, DatabaseSync } from "node:sqlite"

const busyMs = 1_000
/** Pages per step: what one turn of the event loop may be held up by. */
const pagesPerStep = 500

export interface Pinned {
  readonly db: DatabaseSync
  readonly bytes: number
  readonly close: () => void
}

const numberOf = (db: DatabaseSync, query: string): number => Number(Object.values(db.prepare(query).get() ?? {})[0] ?? 0)

/** From its first read on a transaction sees nothing that is written later. */
const pin = (path: string): Pinned => {
  const db = new DatabaseSync(path, { readOnly: true, timeout: busyMs })
  try {
    db.exec("begin")
    const bytes = numberOf(db, "pragma page_count") * numberOf(db, "pragma page_size")
    db.prepare("select count(*) from sqlite_schema").get()
    return { db, bytes, close: () => db.close() }
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * Both in one turn of the event loop, the books first: what the journal tells of the venue is then in the books, and every order in the
 * books is in the journal.
 */
export const pinBoth = (journal: string, ledger: string): { readonly journal: Pinned; readonly ledger: Pinned | undefined } => {
  const books = existsSync(ledger) ? pin(ledger) : undefined
  try {
    return { journal: pin(journal), ledger: books }
  } catch (error) {
    books?.close()
    throw error
  }
}

/**
 * Copies beside the event loop. What was copied is flushed as it comes: a large flush at the end would stand in the way of the journal's own
 * commits.
 */
export const copy = async ({ db }: Pinned, to: string): Promise<void> => {
  let file: number | undefined
  let flushing: Promise<void> | undefined
  const flush = () => {
    if (flushing !== undefined) return
    const opened = file ??= openSync(to, "r+")
    flushing = new Promise((done) => fdatasync(opened, () => {
      flushing = undefined
      done()
    }))
  }
  try {
    await backup(db, to, { rate: pagesPerStep, progress: flush })
  } finally {
    await flushing
    if (file !== undefined) closeSync(file)
  }
}

export const seqOf = ({ db }: Pinned): number => numberOf(db, "select max(seq) from journal")

export const installationOf = ({ db }: Pinned): string =>
  String(db.prepare("select value from meta where name = 'installation'").get()?.["value"] ?? "")
