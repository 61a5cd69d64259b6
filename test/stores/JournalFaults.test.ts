import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { AlertId } from "#schemas/Ids.ts"
import { alertIdOf, type JournalRow } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as JournalCodec from "#src/stores/JournalCodec.ts"
import * as JournalFile from "#src/stores/JournalFile.ts"
import type { StoreFatal } from "#src/stores/SqliteFault.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"
import { folder, killedAfter, placed, refunded, refundedMany, untilEnd } from "./support.ts"

const opened = (options: SqliteJournal.Options) => Layer.fresh(SqliteJournal.layer({ onFatal: Effect.die, ...options }))
const inPlace = Effect.map(folder, (path) => `${path}/journal.sqlite`)
const rowsOf = (path: string) => Effect.provide(Effect.flatMap(Journal, (journal) => journal.readAfter(0, 1_000_000)), opened({ path }))
const alertsOf = (rows: ReadonlyArray<JournalRow>): ReadonlyArray<string | undefined> => rows.map(({ event }) => alertIdOf(event))
const sqliteError = (errcode: number) => Object.assign(new Error("injected"), { code: "ERR_SQLITE_ERROR", errcode })

/** A disk that may be filled: SQLite itself then says that it is full. */
const fillable = () => {
  let isFull = false
  const beforeStep: JournalFile.Options["beforeStep"] = (step, db) => {
    if (step !== "begin") return
    const pages = Number(db.prepare("pragma page_count").get()?.["page_count"])
    db.exec(`pragma max_page_count=${isFull ? pages : 1_000_000}`)
  }
  return { beforeStep, set: (full: boolean) => Effect.sync(() => { isFull = full }) }
}

describe("disk full", () => {
  it.effect("refuses, takes nothing more, and writes what had its place in its order when there is room", () =>
    Effect.gen(function*() {
      const path = yield* inPlace
      const disk = fillable()
      yield* Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.append("a", 0, [refunded("before")])
        yield* disk.set(true)
        const failed = yield* Effect.all([
          Effect.flip(journal.append("a", 1, refundedMany(1_000))),
          Effect.flip(journal.appendOnce("in", "k", [refunded("neighbour")]))
        ], { concurrency: 2 })
        assert.deepStrictEqual(failed.map((error) => error._tag === "JournalUnavailable" && error.reason), ["diskFull", "diskFull"])
        assert.deepStrictEqual(yield* journal.status, { seq: 1, durable: false, lowDisk: false })
        assert.strictEqual((yield* Effect.flip(journal.stage("b", 0, [refunded("no")])))._tag, "JournalUnavailable")
        assert.strictEqual((yield* journal.readStream("a", 0)).length, 1_001)

        yield* disk.set(false)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* journal.status, { seq: 1_002, durable: true, lowDisk: false })
        assert.strictEqual((yield* Effect.flip(journal.appendOnce("in", "k", [refunded("again")])))._tag, "JournalKeyTaken")
        assert.deepStrictEqual(yield* journal.append("a", 1_001, [refunded("after")]), { seq: 1_003, version: 1_002 })
      }).pipe(Effect.provide(opened({ path, beforeStep: disk.beforeStep, freeBytes: () => undefined })))
      const rows = alertsOf(yield* rowsOf(path))
      assert.deepStrictEqual([rows.length, rows[0], rows[1], rows[1_001], rows[1_002]], [1_003, "before", "many-0", "neighbour", "after"])
    }))

  it.effect("finds room again by itself", () =>
    Effect.gen(function*() {
      const disk = fillable()
      yield* Effect.gen(function*() {
        const journal = yield* Journal
        yield* disk.set(true)
        yield* Effect.flip(journal.append("a", 0, refundedMany(1_000)))
        yield* TestClock.adjust("5 seconds")
        assert.isFalse((yield* journal.status).durable)
        yield* disk.set(false)
        yield* TestClock.adjust("1 second")
        assert.isTrue((yield* journal.status).durable)
        assert.deepStrictEqual(yield* journal.append("a", 1_000, [refunded("1")]), { seq: 1_001, version: 1_001 })
      }).pipe(Effect.provide(opened({ path: yield* inPlace, beforeStep: disk.beforeStep })))
    }))

  it.effect("a write error with no space left is a full disk, with space left it ends the process", () =>
    Effect.gen(function*() {
      let freeBytes = 0
      let isFailing = false
      const beforeStep = (step: JournalFile.Step) => {
        if (step === "commit" && isFailing) throw sqliteError(778)
      }
      yield* Effect.gen(function*() {
        const journal = yield* Journal
        isFailing = true
        assert.strictEqual((yield* Effect.flip(journal.append("a", 0, [refunded("1")])))._tag, "JournalUnavailable")
        freeBytes = 1e12
        yield* TestClock.adjust("1 second") // the next try for room
        assert.isTrue(Exit.hasDies(yield* Effect.exit(journal.append("a", 0, [refunded("1")]))))
      }).pipe(Effect.provide(opened({ path: ":memory:", beforeStep, freeBytes: () => freeBytes, onFatal: () => Effect.never })))
    }))

  it.effect("space is watched", () =>
    Effect.gen(function*() {
      let freeBytes = 2e9
      yield* Effect.gen(function*() {
        const journal = yield* Journal
        assert.isFalse((yield* journal.status).lowDisk)
        freeBytes = 0.9e9
        yield* TestClock.adjust("10 seconds")
        assert.isTrue((yield* journal.status).lowDisk)
        freeBytes = 2e9
        yield* TestClock.adjust("10 seconds")
        assert.isFalse((yield* journal.status).lowDisk)
      }).pipe(Effect.provide(opened({ path: ":memory:", freeBytes: () => freeBytes })))
    }))
})

describe("an I/O error", () => {
  const fatalAt = (at: JournalFile.Step, errcode: number) =>
    Effect.gen(function*() {
      let isFailing = false
      const heard = yield* Deferred.make<StoreFatal>()
      const beforeStep = (step: JournalFile.Step) => {
        if (step === at && isFailing) throw sqliteError(errcode)
      }
      const onFatal = (error: StoreFatal) => Effect.andThen(Deferred.succeed(heard, error), Effect.never)
      return yield* Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.append("a", 0, [refunded("1")])
        isFailing = true
        const exit = yield* Effect.exit(at === "read" ? Effect.asVoid(journal.readAfter(0, 1)) : Effect.asVoid(journal.append("a", 1, [refunded("2")])))
        isFailing = false
        const later = yield* Effect.exit(journal.append("a", 1, [refunded("3")]))
        return { exit, later, error: yield* Deferred.await(heard), status: yield* journal.status }
      }).pipe(Effect.provide(opened({ path: ":memory:", beforeStep, onFatal })))
    })

  const cases: ReadonlyArray<readonly [string, JournalFile.Step, number]> = [
    ["a failed sync", "commit", 1034], ["a failed write", "insert", 778], ["a damaged page", "read", 11], ["a disk gone read-only", "begin", 8]
  ]
  it.effect.each(cases)("%s is fatal: told once, callers die, nothing is written after it", ([, step, errcode]) =>
    Effect.gen(function*() {
      const { error, exit, later, status } = yield* fatalAt(step, errcode)
      assert.strictEqual(error.code, errcode)
      assert.isTrue(Exit.hasDies(exit) && Exit.hasDies(later))
      assert.deepStrictEqual(status, { seq: 1, durable: false, lowDisk: false })
    }))
})

describe("opening", () => {
  const reasonOf = (path: string) => Effect.map(Effect.flip(Layer.build(opened({ path }))), ({ reason, remedy }) => ({ reason, hasRemedy: remedy.length > 10 }))

  it.effect("names what is wrong with the file and the remedy", () =>
    Effect.gen(function*() {
      const dir = yield* folder
      writeFileSync(`${dir}/text`, "no database ".repeat(100))
      const other = new DatabaseSync(`${dir}/other`)
      other.exec("create table t(x)")
      other.close()
      yield* Effect.scoped(Layer.build(opened({ path: `${dir}/newer` })))
      const newer = new DatabaseSync(`${dir}/newer`)
      newer.exec("pragma user_version=99")
      newer.close()

      assert.deepStrictEqual(yield* reasonOf(`${dir}/text`), { reason: "notADatabase", hasRemedy: true })
      assert.deepStrictEqual(yield* reasonOf(`${dir}/text/journal.sqlite`), { reason: "unwritable", hasRemedy: true })
      assert.deepStrictEqual(yield* reasonOf(dir), { reason: "unwritable", hasRemedy: true })
      assert.deepStrictEqual(yield* reasonOf(`${dir}/other`), { reason: "notOurs", hasRemedy: true })
      assert.deepStrictEqual(yield* reasonOf(`${dir}/newer`), { reason: "newerFormat", hasRemedy: true })
    }))

  it.effect("a damaged file is found out", () =>
    Effect.gen(function*() {
      const path = yield* inPlace
      yield* Effect.provide(Effect.flatMap(Journal, (journal) => journal.append("a", 0, refundedMany(2_000))), opened({ path }))
      const bytes = readFileSync(path)
      writeFileSync(path, bytes.fill(0x5a, 4_096 * 3, 4_096 * 20))
      assert.deepStrictEqual(yield* reasonOf(path), { reason: "corrupt", hasRemedy: true })
    }))

  it.effect("damage met while reading keeps the next life from opening it", () =>
    Effect.gen(function*() {
      const path = yield* inPlace
      yield* Effect.provide(Effect.flatMap(Journal, (journal) => journal.append("a", 0, refundedMany(5_000))), opened({ path }))
      const bytes = readFileSync(path)
      const middle = bytes.indexOf("many-2500")
      writeFileSync(path, bytes.fill(0x5a, middle - (middle % 4_096), middle + 4_096))

      const heard = yield* Deferred.make<StoreFatal>()
      const onFatal = (error: StoreFatal) => Effect.andThen(Deferred.succeed(heard, error), Effect.never)
      const exit = yield* Effect.exit(Effect.provide(Effect.flatMap(Journal, (journal) => journal.readAfter(0, 5_000)), opened({ path, onFatal })))
      assert.isTrue(Exit.hasDies(exit))
      assert.strictEqual((yield* Deferred.await(heard)).code, 11)
      assert.deepStrictEqual(yield* reasonOf(path), { reason: "corrupt", hasRemedy: true })
    }))

  it.effect("a row that cannot be decoded is a defect of its stream that names it, and costs other readers only itself", () =>
    Effect.gen(function*() {
      const path = yield* inPlace
      yield* Effect.provide(Effect.flatMap(Journal, (journal) => journal.append("a", 0, [refunded("1"), refunded("2"), refunded("3")])), opened({ path }))
      const db = new DatabaseSync(path)
      db.exec(`update journal set body = '{"_tag":"Unheard"}' where seq > 1`)
      db.close()
      yield* Effect.gen(function*() {
        const journal = yield* Journal
        const exit = yield* Effect.exit(journal.readStream("a", 0))
        const defect = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
        assert.instanceOf(defect, JournalCodec.RowUndecodable)
        assert.include(String(defect), "journal row 2 (a, FireRefunded)")
        assert.deepStrictEqual(alertsOf(yield* journal.readAfter(0, 1)), ["1"])
        assert.deepStrictEqual(yield* journal.readAfter(1, 1), [])
        const followed = yield* Effect.forkChild(Stream.runCollect(Stream.take(journal.follow(0), 2)))
        yield* Effect.yieldNow
        yield* journal.append("a", 3, [refunded("4")])
        assert.deepStrictEqual(alertsOf(yield* Fiber.join(followed)), ["1", "4"])
      }).pipe(Effect.provide(opened({ path })))
    }))

  it.effect("100,000 rows are all there, by stream and by alert", () =>
    Effect.gen(function*() {
      const path = yield* inPlace
      const file = JournalFile.open({ path })
      for (let n = 0; n < 100; n += 1) file.write(placed(file, `account/${n % 5}`, refundedMany(1_000), n))
      file.close()
      const counts = yield* Effect.provide(Effect.gen(function*() {
        const journal = yield* Journal
        let folded = 0
        for (let n = 0; n < 5; n += 1) folded += (yield* journal.readStream(`account/${n}`, 0)).length
        return { folded, byAlert: (yield* journal.readAlert(AlertId.make("many-7"))).length, status: (yield* journal.status).seq }
      }), opened({ path }))
      assert.deepStrictEqual(counts, { folded: 100_000, byAlert: 100, status: 100_000 })
    }))
})

describe("death", () => {
  it.live("kill -9 while appending loses no acknowledged row", () =>
    Effect.gen(function*() {
      const path = yield* inPlace
      let acknowledged = 0
      for (let kill = 1; kill <= 3; kill += 1) {
        const seqs = (yield* killedAfter("./appender.ts", [path], 150 * kill)).map(Number)
        const rows = yield* rowsOf(path)
        assert.isAtLeast(Math.min(...seqs), acknowledged + 1)
        acknowledged = Math.max(...seqs)
        assert.deepStrictEqual(rows.map(({ seq }) => seq), Array.from({ length: rows.length }, (_, n) => n + 1))
        assert.isAtLeast(rows.length, acknowledged)
        assert.strictEqual(rows.length % 2, 0)
      }
    }), 30_000)

  it.live("a failed sync ends the process with code 74; nothing is acknowledged after it", () =>
    Effect.gen(function*() {
      const path = yield* inPlace
      const { code, said } = yield* untilEnd("./appender.ts", [path, "5"], 100_000)
      assert.strictEqual(code, 74)
      assert.strictEqual((yield* rowsOf(path)).length, Math.max(...said.map(Number).filter(Number.isInteger)))
    }), 20_000)

  const torn = (tear: (log: string) => void) =>
    Effect.gen(function*() {
      const dir = yield* folder
      const path = `${dir}/journal.sqlite`
      const file = JournalFile.open({ path })
      for (let n = 0; n < 20; n += 1) file.write(placed(file, "a", [refunded(`${n}`)], n))
      const whole = { db: readFileSync(path), log: readFileSync(`${path}-wal`) }
      file.write(placed(file, "a", refundedMany(100), 20))
      const after = readFileSync(`${path}-wal`)
      file.close()

      const copy = `${dir}/copy.sqlite`
      writeFileSync(copy, whole.db)
      writeFileSync(`${copy}-wal`, after)
      assert.isAbove(after.length, whole.log.length)
      tear(`${copy}-wal`)
      return { rows: yield* rowsOf(copy), appended: yield* Effect.provide(Effect.flatMap(Journal, (journal) => journal.append("a", 20, [refunded("next")])), opened({ path: copy })) }
    })

  const tears: ReadonlyArray<readonly [string, (log: string) => void]> = [
    ["cut", (log) => truncateSync(log, statSync(log).size - 100)],
    ["garbled", (log) => writeFileSync(log, readFileSync(log).fill(0x77, statSync(log).size - 100))]
  ]
  it.effect.each(tears)("a last row that was %s takes nothing before it along", ([, tear]) =>
    Effect.gen(function*() {
      const { appended, rows } = yield* torn(tear)
      assert.deepStrictEqual(alertsOf(rows), Array.from({ length: 20 }, (_, n) => `${n}`))
      assert.deepStrictEqual(appended, { seq: 21, version: 21 })
    }))
})
