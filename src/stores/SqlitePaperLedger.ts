/** The paper venue's memory on a file of its own. A power cut may cost the last rows: paper is no money. */
import type { DatabaseSync } from "node:sqlite"
import { Effect, Layer } from "effect"
import type { LoginId } from "#schemas/Ids.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import * as SqliteFault from "./SqliteFault.ts"
import * as SqliteFile from "./SqliteFile.ts"

const shape: SqliteFile.Shape = {
  mark: "Ilkp",
  format: 1,
  pragmas: "pragma synchronous=normal",
  create: (db) =>
    db.exec(`
      create table entry(place integer primary key, login text not null, body text not null) strict;
      create index entry_login on entry(login, place);
      create table snapshot(login text primary key, body text not null) strict, without rowid;
    `)
}

/** Room kept in the file itself: some thousand rows, and compacting gives theirs back. */
const reserveBytes = 1_048_576
/** The write-ahead log is begun anew each time it has grown to so many pages: that much of it is there from the start. */
const logPages = 1_000
const roundsToFillLog = 5 // of 256 pages each

/** A real venue goes on when our disk is full: so does this one, in room that its files have already. Where there is none for that, it does without. */
const reserve = (db: DatabaseSync): void => {
  try {
    db.exec("drop table if exists reserve; pragma wal_autocheckpoint=0")
    for (let round = 0; round < roundsToFillLog; round += 1) {
      db.exec(`create table reserve(body blob) strict; insert into reserve values (zeroblob(${reserveBytes}))`)
      db.exec("drop table reserve")
    }
    db.exec("pragma wal_checkpoint")
  } catch (error) {
    if (db.isTransaction) db.exec("rollback")
    if (!SqliteFault.isFull(error, () => 0)) throw error
  } finally {
    db.exec(`pragma wal_autocheckpoint=${logPages}`)
  }
}

const make = (path: string) => {
  const db = SqliteFile.open(path, shape)
  if (path !== SqliteFile.inMemory) reserve(db)
  const insert = db.prepare("insert into entry(login, body) values (?, ?)")
  const entries = db.prepare("select body from entry where login = ? order by place")
  const forget = db.prepare("delete from entry where login = ?")
  const snapshotOf = db.prepare("select body from snapshot where login = ?")
  const setSnapshot = db.prepare("insert or replace into snapshot(login, body) values (?, ?)")

  const transact = (work: () => void) => {
    db.exec("begin immediate")
    try {
      work()
      db.exec("commit")
    } catch (error) {
      if (db.isTransaction) db.exec("rollback")
      throw error
    }
  }
  const bodyOf = (row: Record<string, unknown> | undefined) => (row === undefined ? undefined : String(row["body"]))

  return {
    append: (login: LoginId, rows: ReadonlyArray<string>) => transact(() => rows.forEach((row) => insert.run(login, row))),
    read: (login: LoginId) => ({ snapshot: bodyOf(snapshotOf.get(login)), rows: entries.all(login).map((row) => String(row["body"])) }),
    compact: (login: LoginId, snapshot: string) =>
      transact(() => {
        setSnapshot.run(login, snapshot)
        forget.run(login)
      }),
    close: () => db.close()
  }
}

/** A failure to read or write is a defect: the venue is then down. */
export const layer = (path: string) =>
  Layer.effect(PaperLedger, Effect.gen(function*() {
    const ledger = yield* Effect.acquireRelease(
      Effect.try({ try: () => make(path), catch: (error) => SqliteFault.openErrorOf(path, error) }),
      ({ close }) => Effect.sync(close)
    )
    return PaperLedger.of({
      append: (login, rows) => Effect.sync(() => ledger.append(login, rows)),
      read: (login) => Effect.sync(() => ledger.read(login)),
      compact: (login, snapshot) => Effect.sync(() => ledger.compact(login, snapshot))
    })
  }))
