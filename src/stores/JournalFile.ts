/**
 * The journal's file, synchronously: tables, one transaction per batch, reads.
 * Knows rows as text. One writer per file; nothing here waits, retries or decides what a failure means to the caller.
 */
import { randomBytes } from "node:crypto"
import { existsSync, rmSync, writeFileSync } from "node:fs"
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite"
import type { Entry, Stored } from "./JournalCodec.ts"
import { openError, openErrorOf } from "./SqliteFault.ts"
import * as SqliteFile from "./SqliteFile.ts"

export const inMemory = SqliteFile.inMemory

/** A row that has its place and is to be written there. */
export interface Placed extends Entry {
  readonly seq: number
  readonly atMs: number
  readonly stream: string
  readonly version: number
  /** Held by this row, by no other row ever. */
  readonly key: string | undefined
}

/** Just before the disk is touched; throwing here is failing there. */
export type Step = "begin" | "insert" | "commit" | "read" | "checkpoint"

export interface Options {
  /** `:memory:` for one that is forgotten. */
  readonly path: string
  readonly beforeStep?: (step: Step, db: DatabaseSync) => void
  readonly installationId?: () => string
}

export interface JournalFile {
  readonly path: string
  readonly installationId: string
  /** All rows in one commit. Throws if nothing of the batch is known to be written. */
  readonly write: (rows: ReadonlyArray<Placed>) => void
  readonly lastSeq: () => number
  /** The last version of a stream in the file. */
  readonly headOf: (stream: string) => number
  /** Which row of the file holds a key; 0 if none. */
  readonly holderOf: (key: string) => number
  /** After a failed batch: the file holds what it held before. */
  readonly isAsKnown: () => boolean
  readonly readStream: (stream: string, afterVersion: number) => ReadonlyArray<Stored>
  readonly readAfter: (seq: number, limit: number) => ReadonlyArray<Stored>
  readonly readAlert: (alertId: string) => ReadonlyArray<Stored>
  /** Of the accounts' streams only this one. */
  readonly readAlertBeside: (alertId: string, stream: string) => ReadonlyArray<Stored>
  readonly rowAt: (seq: number) => Stored | undefined
  /** Commits some bytes and takes them back: throws while there is no room. */
  readonly tryRoom: () => void
  /** Moves what is committed from the log into the file. */
  readonly checkpoint: () => void
  /** Something is wrong with it: the next opening looks through all of it, and does not open what is damaged. */
  readonly suspect: () => void
  readonly close: () => void
}

const roomBytes = 65_536
const logBytesMax = 67_108_864

const tables = `
  create table journal(
    seq integer primary key, at_ms integer not null, stream text not null, version integer not null, type text not null,
    alert_id text, key text, body text not null
  ) strict;
  create unique index journal_stream on journal(stream, version);
  create unique index journal_key on journal(key) where key is not null;
  create index journal_alert on journal(alert_id, stream) where alert_id is not null;
  create table meta(name text primary key, value) without rowid;
`
// The log is moved by `checkpoint` alone; on macOS a plain fsync leaves bytes in the drive.
const pragmas = `
  pragma synchronous=full; pragma fullfsync=1; pragma checkpoint_fullfsync=1;
  pragma wal_autocheckpoint=0; pragma journal_size_limit=${logBytesMax}; pragma cache_size=-16384; pragma temp_store=memory
`
const columns = "seq, at_ms as atMs, stream, version, type, body"

const connect = ({ path, installationId }: Options): DatabaseSync =>
  SqliteFile.open(path, {
    mark: "Ilok",
    format: 1,
    pragmas,
    create: (db) => {
      db.exec(tables)
      const id = installationId?.() ?? randomBytes(16).toString("hex")
      db.prepare("insert into meta(name, value) values ('installation', ?)").run(id)
    }
  })

const installationOf = (db: DatabaseSync): string => {
  const row = db.prepare("select value from meta where name = 'installation'").get()
  if (row === undefined) throw new Error("the installation's name is gone")
  return String(row["value"])
}

/** What is found in passing ends the process; without this mark it would be met again in every life. */
const markOf = (path: string): string => `${path}.suspect`

const examine = (db: DatabaseSync, path: string): void => {
  if (path === inMemory || !existsSync(markOf(path))) return
  const found = String(Object.values(db.prepare("pragma quick_check(1)").get() ?? {})[0])
  if (found !== "ok") throw openError(path, "corrupt", found)
  rmSync(markOf(path), { force: true })
}

/** As well as it can be done on a failing disk. */
const suspect = (path: string): void => {
  if (path === inMemory) return
  try {
    writeFileSync(markOf(path), "")
  } catch {
    // The next opening then finds what it finds.
  }
}

const reads = (db: DatabaseSync, before: (step: Step) => void) => {
  const stored = (row: Record<string, unknown>): Stored => ({
    seq: Number(row["seq"]),
    atMs: Number(row["atMs"]),
    stream: String(row["stream"]),
    version: Number(row["version"]),
    type: String(row["type"]),
    body: String(row["body"])
  })
  const all = (statement: StatementSync) => (...values: Array<SQLInputValue>): ReadonlyArray<Stored> => {
    before("read")
    return statement.all(...values).map(stored)
  }
  const select = (where: string) => all(db.prepare(`select ${columns} from journal where ${where}`))
  const bySeq = select("seq = ?")
  const alerts = `select ${columns} from journal where alert_id = ? and`
  const beside = all(db.prepare(`${alerts} stream = ? union all ${alerts} stream < 'account/' union all ${alerts} stream >= 'account0' order by seq`))
  return {
    readStream: select("stream = ? and version > ? order by version"),
    readAfter: select("seq > ? order by seq limit ?"),
    readAlert: select("alert_id = ? order by seq"),
    // Three ranges of the index: an alert of a thousand accounts has a thousand times these rows.
    readAlertBeside: (alertId: string, stream: string) => beside(alertId, stream, alertId, alertId),
    rowAt: (seq: number) => bySeq(seq)[0]
  }
}

const writes = (db: DatabaseSync, before: (step: Step) => void) => {
  const insert = db.prepare("insert into journal(seq, at_ms, stream, version, type, alert_id, key, body) values (?, ?, ?, ?, ?, ?, ?, ?)")
  const lastSeq = db.prepare("select max(seq) as found from journal")
  const headOf = db.prepare("select max(version) as found from journal where stream = ?")
  const holderOf = db.prepare("select seq as found from journal where key = ?")
  const found = (statement: StatementSync, ...values: Array<SQLInputValue>) => Number(statement.get(...values)?.["found"] ?? 0)

  let seq = found(lastSeq)

  /** One transaction; what throws in it takes all of it back. */
  const transact = <A>(work: () => A): A => {
    before("begin")
    db.exec("begin immediate")
    try {
      const result = work()
      before("commit")
      db.exec("commit")
      return result
    } catch (error) {
      if (db.isTransaction) db.exec("rollback")
      throw error
    }
  }

  const write = (rows: ReadonlyArray<Placed>): void => {
    transact(() => {
      for (const row of rows) {
        before("insert")
        insert.run(row.seq, row.atMs, row.stream, row.version, row.type, row.alertId ?? null, row.key ?? null, row.body)
      }
    })
    seq = rows.at(-1)?.seq ?? seq
  }

  const fill = db.prepare("insert or replace into meta(name, value) values ('room', zeroblob(?))")
  const empty = db.prepare("delete from meta where name = 'room'")
  const tryRoom = () => {
    transact(() => fill.run(roomBytes))
    transact(() => empty.run())
  }
  return {
    write,
    tryRoom,
    lastSeq: () => seq,
    headOf: (stream: string) => found(headOf, stream),
    holderOf: (key: string) => found(holderOf, key),
    isAsKnown: () => found(lastSeq) === seq
  }
}

/** Throws `StoreOpenError`. */
export const open = (options: Options): JournalFile => {
  const { path, beforeStep } = options
  const db = connect(options)
  const before = (step: Step) => beforeStep?.(step, db)
  try {
    examine(db, path)
    return {
      path,
      installationId: installationOf(db),
      ...reads(db, before),
      ...writes(db, before),
      checkpoint: () => {
        before("checkpoint")
        db.exec("pragma wal_checkpoint(passive)")
      },
      suspect: () => suspect(path),
      close: () => db.close()
    }
  } catch (error) {
    db.close()
    throw openErrorOf(path, error)
  }
}
