/**
 * A backup becomes a data folder again. Owns: that only a whole backup does, that nothing is overwritten or deleted, and that a house does not
 * start on half of it. For a house that is stopped.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { mkdir, rename } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Clock, DateTime, Effect, Schema } from "effect"
import * as Manifest from "./BackupManifest.ts"
import * as DataLock from "./DataLock.ts"
import * as Durable from "./Durable.ts"
import * as Integrity from "./Integrity.ts"
import { detailOf } from "./SqliteFault.ts"

/** Nothing was changed, unless it says so. */
export class RestoreRefused extends Schema.TaggedError<RestoreRefused>()("RestoreRefused", {
  reason: Schema.Literals(["noBackup", "damaged", "notEmpty", "failed"]),
  message: Schema.String
}) {}

const checkWithinMs = 600_000
const asidePrefix = "before-restore-"
const temporaryPrefix = ".restoring-"
const ownerOnly = 0o700

/** What belongs to the place, not to the house that lived there: it stays where it is. */
const stays = (name: string): boolean =>
  ["README.md", "secrets", "operator-token", "backups", "logs"].includes(name) ||
  name.startsWith(DataLock.fileName) || name.startsWith(asidePrefix) || name.startsWith(temporaryPrefix) || name === DataLock.unfinishedFile

const refuse = (reason: RestoreRefused["reason"], message: string) => new RestoreRefused({ reason, message })

/** A step that the disk may refuse. */
const onDisk = <A>(work: () => Promise<A>) =>
  Effect.tryPromise({ try: work, catch: (error) => error instanceof RestoreRefused ? error : refuse("failed", `the restore failed: ${detailOf(error)}`) })

const databases: ReadonlyArray<string> = [Manifest.journalFile, Manifest.ledgerFile]

const compare = async (folder: string, { bytes, name, sha256 }: Manifest.Manifest["files"][number]): Promise<void> => {
  const path = join(folder, name)
  if (!existsSync(path)) throw refuse("damaged", `${path} is missing: this backup is not whole, take another`)
  const found = await Durable.digest(path)
  if (found.bytes !== bytes || found.sha256 !== sha256) throw refuse("damaged", `${path} is not what was backed up (its sha256 differs): take another backup`)
  if (!databases.includes(name)) return
  const verdict = await Integrity.look(path, checkWithinMs)
  if (verdict._tag === "Whole") return
  throw refuse("damaged", `${path} is damaged (${verdict._tag === "Late" ? "not checked in time" : verdict.detail}): take another backup`)
}

/** Reads a backup to its last byte, and says what it holds. */
export const inspect = (folder: string): Effect.Effect<Manifest.Manifest, RestoreRefused> =>
  onDisk(async () => {
    const found = await Manifest.read(folder)
    if (found._tag === "None") throw refuse("noBackup", `${folder} is no backup, or half of one: it has no ${Manifest.fileName}`)
    if (found._tag === "Unreadable") throw refuse("damaged", `${folder} cannot be restored: ${found.why}`)
    if (!found.manifest.files.some(({ name }) => name === Manifest.journalFile)) throw refuse("damaged", `${folder} holds no journal: take another backup`)
    for (const file of found.manifest.files) await compare(folder, file)
    return found.manifest
  })

export interface Restored {
  readonly manifest: Manifest.Manifest
  /** Where what was there before lies now. */
  readonly aside: string | undefined
}

/** Everything is there and on disk before anything of the old is touched. */
const fetch = async (from: string, temporary: string, { files }: Manifest.Manifest): Promise<void> => {
  await mkdir(join(temporary, Manifest.configFolder), { mode: ownerOnly, recursive: true })
  for (const { name, sha256 } of files) {
    const copied = await Durable.copy(join(from, name), join(temporary, name))
    if (copied.sha256 !== sha256) throw refuse("damaged", `${join(from, name)} changed while it was read: take another backup`)
  }
  await Durable.syncFolder(join(temporary, Manifest.configFolder))
  await Durable.syncFolder(temporary)
}

/** The mark stands as long as old and new may be mixed: no house starts then. */
const exchange = async (dataFolder: string, temporary: string, old: ReadonlyArray<string>, aside: string): Promise<void> => {
  const mark = join(dataFolder, DataLock.unfinishedFile)
  if (!existsSync(mark)) await Durable.write(mark, "")
  await Durable.syncFolder(dataFolder)
  if (old.length > 0) {
    await mkdir(aside, { mode: ownerOnly })
    for (const name of old) await rename(join(dataFolder, name), join(aside, name))
    await Durable.syncFolder(aside)
  }
  for (const name of readdirSync(temporary)) await rename(join(temporary, name), join(dataFolder, name))
  await Durable.syncFolder(dataFolder)
  rmSync(temporary, { recursive: true })
  rmSync(mark)
  await Durable.syncFolder(dataFolder)
}

export const restore = Effect.fnUntraced(function*({ dataFolder, from, isForced }: {
  readonly from: string
  readonly dataFolder: string
  /** What is there is moved aside. */
  readonly isForced: boolean
}) {
  const isThere = existsSync(dataFolder)
  if (isThere) yield* DataLock.hold(dataFolder)
  const manifest = yield* inspect(from)
  yield* onDisk(async () => mkdirSync(dataFolder, { recursive: true, mode: ownerOnly }))
  if (!isThere) yield* DataLock.hold(dataFolder)

  const old = readdirSync(dataFolder).filter((name) => !stays(name))
  if (old.length > 0 && !isForced) {
    return yield* refuse("notEmpty", `${dataFolder} is not empty (${old.slice(0, 3).join(", ")}${old.length > 3 ? ", ..." : ""}): name a new folder with --data, or move what is there aside with --force`)
  }
  const now = DateTime.formatIso(DateTime.makeUnsafe(yield* Clock.currentTimeMillis)).replaceAll(":", "-")
  const aside = join(dataFolder, `${asidePrefix}${now}`)
  const temporary = mkdtempSync(join(dataFolder, temporaryPrefix))
  yield* onDisk(() => fetch(from, temporary, manifest)).pipe(
    Effect.onError(() => Effect.sync(() => rmSync(temporary, { recursive: true, force: true })))
  )
  yield* onDisk(() => exchange(dataFolder, temporary, old, aside)).pipe(
    Effect.mapError(({ message }) => refuse("failed", `${message}. Old and new files are mixed in ${dataFolder}, and no house starts on it: run this again with --force; nothing was deleted`))
  )
  yield* onDisk(() => Durable.syncFolder(dirname(dataFolder)))
  const restored: Restored = { manifest, aside: old.length === 0 ? undefined : aside }
  return restored
}, Effect.scoped)
