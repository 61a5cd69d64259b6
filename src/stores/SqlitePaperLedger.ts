/** The paper venue's memory on a file of its own. A power cut may cost the last rows: paper is no money. */
import { Effect, Layer } from "effect"
import type { LoginId } from "#schemas/Ids.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import { openErrorOf } from "./SqliteFault.ts"
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

const make = (path: string) => {
  const db = SqliteFile.open(path, shape)
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
      Effect.try({ try: () => make(path), catch: (error) => openErrorOf(path, error) }),
      ({ close }) => Effect.sync(close)
    )
    return PaperLedger.of({
      append: (login, rows) => Effect.sync(() => ledger.append(login, rows)),
      read: (login) => Effect.sync(() => ledger.read(login)),
      compact: (login, snapshot) => Effect.sync(() => ledger.compact(login, snapshot))
    })
  }))
