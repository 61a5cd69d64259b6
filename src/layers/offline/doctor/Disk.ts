/** The disk below the data folder: room, kind, and how long a commit takes. */
import { mkdtempSync, readFileSync, realpathSync, rmSync, statfsSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Clock, Effect } from "effect"
import type { Finding } from "#schemas/contracts/Commands.ts"
import * as Found from "#src/layers/offline/doctor/Found.ts"

const gigabyte = 1_073_741_824
/** Below it the house takes no entries. */
const freeMin = gigabyte
const freeComfort = 5 * gigabyte

const gigabytes = (bytes: number): string => (bytes / gigabyte).toFixed(1)

export const room = (free: number): Finding => {
  const text = `${gigabytes(free)} GB free`
  if (free < freeMin) return Found.failed("disk", `${text}: below 1 GB no entry leaves`, "free space on the disk of the data folder, or set INTERLOCK_DATA to a larger one")
  return free < freeComfort ? Found.warning("disk", text, "free space before it comes near 1 GB: below that no entry leaves") : Found.ok("disk", text)
}

/** Locks and syncs of these are not to be relied on: SQLite's write-ahead log does not work over a network. */
const network = /^(nfs\d?|cifs|smb\w*|9p|afs|ceph|fuse\.(sshfs|rclone|glusterfs|s3fs|cephfs)|glusterfs|lustre|beegfs|gpfs|davfs|vboxsf|vmhgfs|fuse\.vmhgfs-fuse|virtiofs)$/
const memory = /^(tmpfs|ramfs)$/

/** In `/proc/mounts` a blank in a path is written `\040`. */
const unescaped = (text: string): string => text.replaceAll(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(parseInt(code, 8)))

/** Kind of the file system a path lies on: the longest mount point above it, of two the later one. */
export const kindIn = (mounts: string, path: string): string | undefined => {
  let found: { readonly point: string; readonly kind: string } | undefined
  for (const line of mounts.split("\n")) {
    const [, point = "", kind = ""] = line.split(" ").map(unescaped)
    const isAbove = point !== "" && (path === point || path.startsWith(point.endsWith("/") ? point : `${point}/`))
    if (isAbove && point.length >= (found?.point.length ?? 0)) found = { point, kind }
  }
  return found?.kind
}

export const fileSystem = (kind: string | undefined): Finding => {
  const check = "file system"
  if (kind === undefined) return Found.unknown(check, "this system does not tell its kind", "make sure that the data folder lies on a disk of this machine")
  if (network.test(kind)) return Found.warning(check, `${kind} is a network or shared file system: locks and commits on it are not to be relied on`, "set INTERLOCK_DATA to a folder on a disk of this machine")
  return memory.test(kind)
    ? Found.warning(check, `${kind} lives in memory: a restart of the machine loses everything`, "set INTERLOCK_DATA to a folder on a disk")
    : Found.ok(check, kind)
}

const mounts = (): string | undefined => {
  try {
    return readFileSync("/proc/mounts", "utf8")
  } catch {
    return undefined
  }
}

const commitsMeasured = 200
const commitMsMax = 5
const nanosPerMs = 1_000_000

/** As the journal commits: write-ahead log, flushed each time. */
const commitTimes = (folder: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(folder, ".doctor-"))),
    (place) => Effect.gen(function*() {
      const db = yield* Effect.acquireRelease(Effect.sync(() => new DatabaseSync(join(place, "probe.sqlite"))), (opened) => Effect.sync(() => opened.close()))
      db.exec("pragma journal_mode=wal; pragma synchronous=full; pragma fullfsync=1; create table probe(body text) strict")
      const insert = db.prepare("insert into probe values (?)")
      const body = "x".repeat(500)
      const times: Array<number> = []
      for (let n = 0; n < commitsMeasured; n += 1) {
        const started = yield* Clock.currentTimeNanos
        insert.run(body)
        times.push(Number((yield* Clock.currentTimeNanos) - started) / nanosPerMs)
      }
      return times.sort((one, other) => one - other)
    }).pipe(Effect.scoped),
    (place) => Effect.sync(() => rmSync(place, { recursive: true, force: true }))
  )

const percentile = (sorted: ReadonlyArray<number>, share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

export const commit = (sorted: ReadonlyArray<number>): Finding => {
  const [half, most] = [percentile(sorted, 0.5), percentile(sorted, 0.99)]
  const text = `p50 ${half.toFixed(2)} ms, p99 ${most.toFixed(2)} ms of ${sorted.length} commits`
  return most > commitMsMax
    ? Found.warning("commit time", `${text}: each alert and order waits for one`, "put the data folder on a local SSD, and keep other heavy writers off it")
    : Found.ok("commit time", text)
}

/** Without room nothing can be measured: that there is none is the finding. */
export const measured = (folder: string, free: number) =>
  commitTimes(folder).pipe(
    Effect.map(commit),
    Effect.catchDefect((defect) => free < freeMin ? Effect.succeed(Found.unknown("commit time", "no room to try a commit", "free space first")) : Effect.die(defect))
  )

export const all = (folder: string) =>
  Effect.gen(function*() {
    const { bavail, bsize } = statfsSync(folder)
    const free = bavail * bsize
    const listed = mounts()
    const kind = listed === undefined ? undefined : kindIn(listed, realpathSync(folder))
    return [room(free), fileSystem(kind), yield* measured(folder, free)]
  }).pipe(Effect.catchDefect((defect) => Effect.succeed([
    Found.failed("disk", `the data folder cannot be used: ${defect instanceof Error ? defect.message : String(defect)}`, "give this user write permission to it, or set INTERLOCK_DATA to another folder")
  ])))
