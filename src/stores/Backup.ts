/**
 * Backups into folders. Owns: what belongs in one, and that half of one never looks whole: it is written under another name, verified,
 * flushed, and only then gets its own.
 */
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, statfsSync, statSync } from "node:fs"
import { chmod, mkdir, rename } from "node:fs/promises"
import { basename, dirname, isAbsolute, join } from "node:path"
import { Clock, DateTime, Effect, Layer, Option, Result, Semaphore } from "effect"
import { type House, HouseConfig } from "#config/House.ts"
import * as Load from "#config/Load.ts"
import { Secrets } from "#config/Secrets.ts"
import { nameOf } from "#config/SecretsLive.ts"
import type { SecretRef } from "#schemas/config/Secret.ts"
import { type Backup, BackupRefused, Backups } from "#src/ports/Backups.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as Copy from "./BackupCopy.ts"
import * as Manifest from "./BackupManifest.ts"
import * as Durable from "./Durable.ts"
import * as Integrity from "./Integrity.ts"
import { detailOf } from "./SqliteFault.ts"

export interface Options {
  readonly dataFolder: string
  readonly configFolder: string
  /** Default: asks the file system. */
  readonly freeBytes?: (folder: string) => number
}

export const folderName = "backups"

/** A backup may take the disk no nearer to full than this: below it the house takes no entries. */
const roomBytesMin = 1_073_741_824
const ownerOnly = 0o700
const fileOwnerOnly = 0o600

const refuse = (rule: BackupRefused["rule"], message: string, facts: Readonly<Record<string, string>> = {}) =>
  new BackupRefused({ rule, message, facts })

const freeOn = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

const isFree = (path: string): boolean => !existsSync(path) || (statSync(path).isDirectory() && readdirSync(path).length === 0)

/** Whole backups in a folder; a half one has no manifest, or a name of its own. */
export const countIn = (folder: string): number =>
  !existsSync(folder) ? 0 : readdirSync(folder).filter((name) => !name.startsWith(".") && existsSync(join(folder, name, Manifest.fileName))).length

/** References to secrets, wherever they stand in the configuration. */
const secretsIn = (value: unknown): ReadonlyArray<string> => {
  if (typeof value !== "object" || value === null) return []
  if ("$env" in value || "$file" in value) return [nameOf(value as SecretRef)]
  return Object.values(value).flatMap(secretsIn)
}

/** The files as they lie there, as long as they are what is in force. */
const configOf = (house: House, configFolder: string): Effect.Effect<{ readonly kind: "files" | "inForce"; readonly texts: Load.Texts }> =>
  Effect.map(Effect.option(Load.readFolder(configFolder)), (read) => {
    const texts = Option.getOrElse(read, (): Load.Texts => ({}))
    const found = Load.fromTexts(texts)
    if (Result.isSuccess(found) && found.success.hash === house.hash) return { kind: "files", texts }
    const inForce = Object.entries(house.body).map(([name, body]) => [`${name}.json`, `${JSON.stringify(body, undefined, 2)}\n`])
    return { kind: "inForce", texts: Object.fromEntries(inForce) }
  })

interface Written {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}

/** A copy of a database: whole, one file, on disk. */
const database = async (pinned: Copy.Pinned, folder: string, name: string): Promise<Written> => {
  const path = join(folder, name)
  await Copy.copy(pinned, path)
  const verdict = await Integrity.settle(path)
  if (verdict._tag === "Damaged") throw new Error(`the copy of ${name} is damaged (${verdict.detail}): is the original? \`interlock doctor\` looks`)
  if (verdict._tag === "Late") throw new Error(`the copy of ${name} could not be verified`)
  await chmod(path, fileOwnerOnly)
  await Durable.sync(path)
  return { name, ...await Durable.digest(path) }
}

interface Plan {
  readonly journal: Copy.Pinned
  readonly ledger: Copy.Pinned | undefined
  readonly notes: string
  readonly config: Load.Texts
}

const fill = async (folder: string, { config, journal, ledger, notes }: Plan): Promise<ReadonlyArray<Written>> => {
  const written: Array<Written> = [await database(journal, folder, Manifest.journalFile)]
  if (ledger !== undefined) written.push(await database(ledger, folder, Manifest.ledgerFile))
  if (existsSync(notes)) written.push({ name: Manifest.notesFile, ...await Durable.copy(notes, join(folder, Manifest.notesFile)) })
  await mkdir(join(folder, Manifest.configFolder), { mode: ownerOnly })
  for (const [file, text] of Object.entries(config)) {
    const name = `${Manifest.configFolder}/${file}`
    await Durable.write(join(folder, name), text)
    written.push({ name, ...await Durable.digest(join(folder, name)) })
  }
  await Durable.syncFolder(join(folder, Manifest.configFolder))
  return written
}

/** The name is given last: what has it is whole. */
const finish = async (temporary: string, path: string, manifest: Manifest.Manifest): Promise<void> => {
  await Durable.write(join(temporary, Manifest.fileName), Manifest.encode(manifest))
  await Durable.syncFolder(temporary)
  if (existsSync(path)) rmdirSync(path) // an empty one; anything else is an error here
  await rename(temporary, path)
  await Durable.syncBeside(path)
}

const make = Effect.fnUntraced(function*({ configFolder, dataFolder, freeBytes = freeOn }: Options) {
  const config = yield* HouseConfig
  const journal = yield* Journal
  const secrets = yield* Secrets
  const turn = yield* Semaphore.make(1)

  const pinned = Effect.acquireRelease(
    Effect.sync(() => Copy.pinBoth(join(dataFolder, Manifest.journalFile), join(dataFolder, Manifest.ledgerFile))),
    ({ journal, ledger }) => Effect.sync(() => {
      journal.close()
      ledger?.close()
    })
  )

  /** Whoever asks now finds in it all that has happened by now; of a full disk what it holds. */
  const staged = Effect.ignore(journal.flush)

  const target = (asked: string | undefined, madeAt: string) => Effect.suspend(() => {
    const path = asked ?? join(dataFolder, folderName, madeAt.replaceAll(":", "-"))
    if (!isAbsolute(path)) return refuse("BackupTarget", `${path} is no absolute path: name the whole of it`)
    if (!isFree(path)) return refuse("BackupTarget", `${path} is there already and not empty: name a new or an empty folder`)
    mkdirSync(dirname(path), { recursive: true, mode: ownerOnly })
    return Effect.succeed({ path, temporary: join(dirname(path), `.${basename(path)}.partial`) })
  })

  const enough = (folder: string, needed: number) => Effect.suspend(() => {
    const free = freeBytes(folder)
    return free >= needed + roomBytesMin ? Effect.void : refuse(
      "BackupRoom",
      `there is no room for it at ${folder}: it takes ${megabytes(needed)} MB, ${megabytes(free)} MB are free, and 1 GB has to stay free; name another disk`,
      { neededBytes: `${needed}`, freeBytes: `${free}` }
    )
  })

  const makeOne = ({ to, version }: { readonly version: string; readonly to?: string }) => Effect.gen(function*() {
    const house = yield* config.current
    const { kind, texts } = yield* configOf(house, configFolder)
    const madeAtMs = yield* Clock.currentTimeMillis
    const madeAt = DateTime.formatIso(DateTime.makeUnsafe(madeAtMs))
    const { path, temporary } = yield* target(to, madeAt)
    yield* staged
    const { journal, ledger } = yield* pinned
    yield* enough(dirname(path), journal.bytes + (ledger?.bytes ?? 0))

    const masked = Object.fromEntries(Object.entries(texts).map(([file, text]) => [file, secrets.mask(text)]))
    const write = Effect.tryPromise(async () => {
      rmSync(temporary, { recursive: true, force: true }) // what an earlier try left: nobody could use it
      await mkdir(temporary, { mode: ownerOnly })
      const files = await fill(temporary, { journal, ledger, notes: join(dataFolder, Manifest.notesFile), config: masked })
      const seq = Copy.seqOf(journal)
      await finish(temporary, path, {
        format: Manifest.format, version, madeAt, madeAtMs, installation: Copy.installationOf(journal), seq,
        configHash: house.hash, config: kind, secrets: [...new Set(secretsIn(house.body))].sort(), files
      })
      return { path, seq, files, kept: countIn(dirname(path)) } satisfies Backup
    })
    return yield* Effect.onError(write, () => Effect.sync(() => rmSync(temporary, { recursive: true, force: true })))
  }).pipe(
    Effect.scoped,
    Effect.catchTag("UnknownError", ({ cause }) => refuse("BackupFailed", `no backup was made: ${detailOf(cause)}`)),
    Effect.catchDefect((defect) => refuse("BackupFailed", `no backup was made: ${detailOf(defect)}`)),
    // Its files are in use beside this fiber: who stops asking does not stop it.
    Effect.uninterruptible
  )

  return Backups.of({
    make: (asked) => Effect.flatMap(turn.withPermitsIfAvailable(1)(makeOne(asked)), Option.match({
      onNone: () => refuse("BackupRunning", "another backup is being made: wait for it"),
      onSome: Effect.succeed
    }))
  })
})

const megabytes = (bytes: number): number => Math.ceil(bytes / 1_048_576)

export const layer = (options: Options) => Layer.effect(Backups, make(options))
