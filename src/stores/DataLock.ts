/** One process per data folder: an SQLite lock on a file of its own, which the system releases however that process ends. */
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { DateTime, Effect, Layer, Option, Schema } from "effect"
import { codeOf, openErrorOf, type StoreOpenError } from "./SqliteFault.ts"

export class DataLocked extends Schema.TaggedError<DataLocked>()("DataLocked", {
  dataDir: Schema.String,
  /** Who holds it, as far as that can be known. */
  holder: Schema.String
}) {
  override get message() {
    return `${this.dataDir} is in use by ${this.holder}. Stop that one, or name another data folder (INTERLOCK_DATA).`
  }
}

/** Some of its files are old, some new. */
export class RestoreUnfinished extends Schema.TaggedError<RestoreUnfinished>()("RestoreUnfinished", { dataDir: Schema.String }) {
  override get message() {
    return `a restore into ${this.dataDir} did not end. Run it again with --force: \`interlock restore <backup> --data ${this.dataDir} --force\`.`
  }
}

/** `data/runtime.json`, written by the process that holds the lock; of one that was killed, what it left. */
const Runtime = Schema.fromJsonString(Schema.Struct({
  pid: Schema.Int,
  startedAtMs: Schema.Int,
  webhookUrl: Schema.optionalKey(Schema.String),
  operatorUrl: Schema.optionalKey(Schema.String)
}))
const decodeRuntime = Schema.decodeUnknownOption(Runtime)

/** The lock's file is opened by nobody else: closing it elsewhere in this process would let the lock go. */
export const fileName = "lock.sqlite"
/** Stands in a folder while a restore exchanges its files. */
export const unfinishedFile = "restore-unfinished"
const sqliteBusy = 5

const holderOf = (dataDir: string): string => {
  try {
    const runtime = decodeRuntime(readFileSync(join(dataDir, "runtime.json"), "utf8"))
    if (Option.isNone(runtime)) return "another process"
    const { operatorUrl, pid, startedAtMs, webhookUrl } = runtime.value
    const since = DateTime.make(startedAtMs).pipe(Option.map(DateTime.formatIso), Option.getOrElse(() => "an unknown time"))
    return [`process ${pid}, started ${since}`, webhookUrl, operatorUrl].filter((part) => part !== undefined).join(", ")
  } catch {
    return "another process"
  }
}

const acquire = (dataDir: string): DatabaseSync => {
  mkdirSync(dataDir, { recursive: true })
  const db = new DatabaseSync(join(dataDir, fileName), { timeout: 0 })
  try {
    db.exec("pragma journal_mode=memory; begin exclusive")
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Held until the scope closes. */
export const hold = (dataDir: string) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => acquire(dataDir),
      catch: (error): DataLocked | StoreOpenError =>
        codeOf(error) === sqliteBusy ? new DataLocked({ dataDir, holder: holderOf(dataDir) }) : openErrorOf(join(dataDir, fileName), error)
    }),
    (db) => Effect.sync(() => db.close())
  ).pipe(Effect.asVoid)

/** For a house: it does not start on what a restore left half done. */
export const layer = (dataDir: string) =>
  Layer.effectDiscard(Effect.andThen(hold(dataDir), Effect.suspend(() =>
    existsSync(join(dataDir, unfinishedFile)) ? new RestoreUnfinished({ dataDir }) : Effect.void)))
