/** What lies in the data folder: its lock, its databases, who may read its secrets, its backups. */
import { existsSync, readdirSync, statSync } from "node:fs"
import { basename, join } from "node:path"
import { Clock, Effect } from "effect"
import type { Finding } from "#schemas/contracts/Commands.ts"
import * as Found from "#src/layers/offline/doctor/Found.ts"
import * as Backup from "#src/stores/Backup.ts"
import * as DataLock from "#src/stores/DataLock.ts"
import * as Integrity from "#src/stores/Integrity.ts"

/** Held by a house, or free; asking takes it for a moment. */
export const lock = (folder: string) =>
  Effect.scoped(DataLock.hold(folder)).pipe(
    Effect.as({ finding: Found.ok("lock", "free: no house runs on this folder"), isHeld: false }),
    Effect.catchTag("DataLocked", ({ holder }) => Effect.succeed({ finding: Found.ok("lock", `held by ${holder}`), isHeld: true })),
    Effect.catch(({ message }) => Effect.succeed({ finding: Found.failed("lock", message, "give this user write permission to the data folder"), isHeld: false }))
  )

export const unfinished = (folder: string): ReadonlyArray<Finding> =>
  existsSync(join(folder, DataLock.unfinishedFile))
    ? [Found.failed("restore", "a restore did not end: no house starts on this folder", "run `interlock restore <backup> --force` again")]
    : []

const checkWithinMs = 30_000

const remedies = {
  "journal.sqlite": "keep it, and restore a backup: `interlock restore <backup> --force`; `interlock status` and `flatten` still work",
  "paper.sqlite": "move it away to start with empty SIMULATED books, or restore a backup"
} as const

/** Read in another process, without changing anything: a house may be writing it. */
const integrity = (folder: string, file: keyof typeof remedies) =>
  Effect.gen(function*() {
    const check = `integrity ${file}`
    if (!existsSync(join(folder, file))) return Found.ok(check, "not there yet: made at the first start")
    const verdict = yield* Effect.promise(() => Integrity.look(join(folder, file), checkWithinMs))
    if (verdict._tag === "Whole") return Found.ok(check, "quick_check found nothing wrong")
    return verdict._tag === "Late"
      ? Found.unknown(check, `not looked through within ${checkWithinMs / 1_000} s`, "it is large; look again while the disk is idle")
      : Found.failed(check, verdict.detail, remedies[file])
  })

export const databases = (folder: string) => Effect.all([integrity(folder, "journal.sqlite"), integrity(folder, "paper.sqlite")])

const othersMay = 0o077

/** Files that hold secrets, wherever they lie in the folder. */
export const secretFiles = (folder: string): ReadonlyArray<string> => {
  const secrets = join(folder, "secrets")
  const inSecrets = existsSync(secrets) ? readdirSync(secrets).map((name) => join(secrets, name)) : []
  return [join(folder, "operator-token"), ...inSecrets].filter((path) => existsSync(path) && statSync(path).isFile())
}

export const permissions = (folder: string): Finding => {
  const check = "permissions"
  const files = secretFiles(folder)
  if (process.platform === "win32") return Found.unknown(check, "not looked at on Windows", "let only your user read operator-token and secrets/")
  if (files.length === 0) return Found.ok(check, "no token and no secret yet: made at the first start, for their owner alone")
  const open = files.filter((path) => (statSync(path).mode & othersMay) !== 0).map((path) => path.slice(folder.length + 1))
  return open.length === 0
    ? Found.ok(check, `${files.map((path) => basename(path)).join(", ")}: readable by the owner alone`)
    : Found.warning(check, `others on this machine may read ${open.join(", ")}`, `chmod 600 ${open.map((name) => join(folder, name)).join(" ")}`)
}

const hourMs = 3_600_000

/** Newest by its folder's time. */
export const backups = (folder: string) =>
  Effect.gen(function*() {
    const place = join(folder, Backup.folderName)
    const count = Backup.countIn(place)
    if (count === 0) return Found.ok("backups", "none in the data folder: `interlock backup` makes one while the house runs")
    const newest = Math.max(...readdirSync(place).filter((name) => !name.startsWith(".")).map((name) => statSync(join(place, name)).mtimeMs))
    const hours = Math.max(0, ((yield* Clock.currentTimeMillis) - newest) / hourMs)
    return Found.ok("backups", `${count} in the data folder, the newest ${hours < 48 ? `${Math.floor(hours)} hours` : `${Math.floor(hours / 24)} days`} old; the house never deletes one`)
  }).pipe(Effect.catchDefect(() => Effect.succeed(Found.unknown("backups", "the folder cannot be read"))))
