import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Backups } from "#src/ports/Backups.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as DataLock from "#src/stores/DataLock.ts"
import * as Restore from "#src/stores/Restore.ts"
import { folder } from "#test/support/folder.ts"
import { furnish, placesIn, stores, version } from "./backups.ts"
import { refunded, whileRunning } from "./support.ts"

/** A backup of two rows; the house went on to three and ended. */
const backedUp = Effect.gen(function*() {
  const root = yield* folder
  yield* furnish(root)
  const from = join(root, "backup")
  yield* Effect.gen(function*() {
    const journal = yield* Journal
    yield* journal.appendOnce("in", "key-1", [refunded("1"), refunded("2")])
    yield* (yield* Backups).make({ version, to: from })
    yield* journal.append("in", "any", [refunded("3")])
  }).pipe(Effect.provide(stores(root)))
  return { root, from, ...placesIn(root) }
})

const restore = (from: string, dataFolder: string, isForced = false) => Restore.restore({ from, dataFolder, isForced })

const snapshot = (path: string): ReadonlyArray<string> => existsSync(path) ? readdirSync(path).sort() : []

const journaled = (root: string) => Effect.gen(function*() {
  const journal = yield* Journal
  const rows = yield* journal.readAfter(0, 100)
  const again = yield* Effect.flip(journal.appendOnce("in", "key-1", [refunded("again")]))
  return { ids: rows.map(({ event }) => ("alertId" in event ? `${event.alertId}` : "")), again: again._tag }
}).pipe(Effect.provide(stores(root)))

describe("a restore", () => {
  it.live("brings back the rows of the backup and their keys, into a folder that is new", () => Effect.gen(function*() {
    const { from, root } = yield* backedUp
    const other = join(root, "other")
    const { aside, manifest } = yield* restore(from, join(other, "data"))
    assert.deepStrictEqual([aside, manifest.seq, manifest.version], [undefined, 2, version])
    assert.deepStrictEqual(snapshot(join(other, "data")), ["config", "emergency.bin", "journal.sqlite", "lock.sqlite", "paper.sqlite"])
    assert.deepStrictEqual(yield* journaled(other), { ids: ["1", "2"], again: "JournalKeyTaken" })
  }).pipe(Effect.scoped))

  it.live("refuses what is not whole, and changes nothing then", () => Effect.gen(function*() {
    const { from, root } = yield* backedUp
    const target = join(root, "target")
    const spoil = (name: string, spoiled: Buffer | undefined) => Effect.gen(function*() {
      const path = join(from, name)
      const good = readFileSync(path)
      if (spoiled === undefined) rmSync(path)
      else writeFileSync(path, spoiled)
      const error = yield* Effect.flip(restore(from, target))
      writeFileSync(path, good)
      assert.isFalse(existsSync(target), name)
      return error._tag === "RestoreRefused" ? error.reason : error._tag
    })
    const journal = readFileSync(join(from, "journal.sqlite"))
    const flipped = Buffer.from(journal)
    flipped.writeUInt8(flipped.readUInt8(5_000) ^ 1, 5_000)
    const manifest = readFileSync(join(from, "manifest.json"), "utf8")
    assert.deepStrictEqual([
      yield* spoil("journal.sqlite", flipped),
      yield* spoil("journal.sqlite", journal.subarray(0, 4_096)),
      yield* spoil("paper.sqlite", undefined),
      yield* spoil("config/lanes.json", Buffer.from("{}")),
      yield* spoil("manifest.json", Buffer.from(manifest.replace("\"format\": 1", "\"format\": 2"))),
      yield* spoil("manifest.json", Buffer.from(manifest.replace("emergency.bin", "../operator-token"))),
      yield* spoil("manifest.json", undefined)
    ], ["damaged", "damaged", "damaged", "damaged", "damaged", "damaged", "noBackup"])
    assert.deepStrictEqual((yield* restore(from, target)).manifest.seq, 2)
  }).pipe(Effect.scoped), 60_000)

  it.live("looks into the databases themselves, whatever the manifest says", () => Effect.gen(function*() {
    const { from, root } = yield* backedUp
    const path = join(from, "journal.sqlite")
    const damaged = readFileSync(path).fill(0x55, 4_096, 8_192)
    writeFileSync(path, damaged)
    const { createHash } = yield* Effect.promise(() => import("node:crypto"))
    const manifest = JSON.parse(readFileSync(join(from, "manifest.json"), "utf8"))
    for (const file of manifest.files) if (file.name === "journal.sqlite") file.sha256 = createHash("sha256").update(damaged).digest("hex")
    writeFileSync(join(from, "manifest.json"), JSON.stringify(manifest))
    const error = yield* Effect.flip(restore(from, join(root, "target")))
    assert.strictEqual(error._tag === "RestoreRefused" && error.reason, "damaged")
    assert.isFalse(existsSync(join(root, "target")))
  }).pipe(Effect.scoped))

  it.live("does not touch a folder that is not empty, unless forced; then it moves aside and deletes nothing", () => Effect.gen(function*() {
    const { dataFolder, from, root } = yield* backedUp
    writeFileSync(join(dataFolder, "trades.jsonl"), "{}\n")
    const before = snapshot(dataFolder)
    const error = yield* Effect.flip(restore(from, dataFolder))
    assert.deepStrictEqual([error._tag === "RestoreRefused" && error.reason, snapshot(dataFolder)], ["notEmpty", [...before, "lock.sqlite"].sort()])

    const { aside = "" } = yield* restore(from, dataFolder, true)
    const moved = before.filter((name) => !["secrets", "operator-token"].includes(name))
    assert.deepStrictEqual(snapshot(aside), moved)
    assert.include(readFileSync(join(aside, "journal.sqlite"), "latin1") + (existsSync(join(aside, "journal.sqlite-wal")) ? readFileSync(join(aside, "journal.sqlite-wal"), "latin1") : ""), "\"3\"")
    assert.isTrue(existsSync(join(dataFolder, "secrets/webhook-secret")) && existsSync(join(dataFolder, "operator-token")))
    assert.deepStrictEqual(yield* journaled(root), { ids: ["1", "2"], again: "JournalKeyTaken" })
  }).pipe(Effect.scoped))

  it.live("takes a folder in which only secrets and a read-me lie as empty", () => Effect.gen(function*() {
    const { from, root } = yield* backedUp
    const target = join(root, "target")
    mkdirSync(join(target, "secrets"), { recursive: true })
    writeFileSync(join(target, "README.md"), "")
    assert.strictEqual((yield* restore(from, target)).aside, undefined)
    assert.isTrue(existsSync(join(target, "journal.sqlite")))
  }).pipe(Effect.scoped))

  it.live("is refused while a house holds the folder, which is named", () => Effect.gen(function*() {
    const { dataFolder, from } = yield* backedUp
    const before = snapshot(dataFolder)
    yield* whileRunning("./holder.ts", [dataFolder], Effect.gen(function*() {
      writeFileSync(join(dataFolder, "runtime.json"), JSON.stringify({ pid: 4711, startedAtMs: 0 }))
      const error = yield* Effect.flip(restore(from, dataFolder, true))
      assert.deepStrictEqual([error._tag, error.message.includes("process 4711")], ["DataLocked", true])
    }))
    assert.deepStrictEqual(snapshot(dataFolder), [...before, "lock.sqlite", "runtime.json"].sort())
  }).pipe(Effect.scoped))

  it.live("that died half way keeps every house away until it is run again", () => Effect.gen(function*() {
    const { dataFolder, from, root } = yield* backedUp
    writeFileSync(join(dataFolder, DataLock.unfinishedFile), "")
    const house = Effect.scoped(Layer.build(DataLock.layer(dataFolder)))
    assert.strictEqual((yield* Effect.flip(house))._tag, "RestoreUnfinished")
    yield* restore(from, dataFolder, true)
    yield* house
    assert.deepStrictEqual((yield* journaled(root)).ids, ["1", "2"])
  }).pipe(Effect.scoped))
})
