/** Rows between their place and the disk: whole appends, no gap, no double, whatever comes between. */
import { DatabaseSync } from "node:sqlite"
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, References, Stream } from "effect"
import { TestClock } from "effect/testing"
import { AlertId } from "#schemas/Ids.ts"
import { alertIdOf } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"
import type * as JournalFile from "#src/stores/JournalFile.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"
import { folder, refunded, refundedMany } from "./support.ts"

const opened = (options: SqliteJournal.Options) => Layer.fresh(SqliteJournal.layer({ onFatal: Effect.die, freeBytes: () => undefined, ...options }))
const inPlace = Effect.map(folder, (path) => `${path}/journal.sqlite`)

const commitsUntil = (last: number, errcode: number) => {
  let commits = 0
  return (step: JournalFile.Step) => {
    if (step === "commit" && ++commits > last) throw Object.assign(new Error("injected"), { code: "ERR_SQLITE_ERROR", errcode })
  }
}

const torn = [["a process that dies", 1034], ["a disk that fills", 13]] as const
it.effect.each(torn)("%s between two commits leaves no append half written", ([, errcode]) =>
  Effect.gen(function*() {
    const path = yield* inPlace
    yield* Effect.gen(function*() {
      const journal = yield* Journal
      for (let n = 0; n < 2_046; n += 1) yield* journal.stage("a", n, [refunded(`${n}`)])
      yield* journal.stage("b", 0, refundedMany(4))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(journal.append("a", 2_046, [refunded("last")]))))
    }).pipe(Effect.provide(opened({ path, beforeStep: commitsUntil(1, errcode), onFatal: () => Effect.never })))

    const rows = yield* Effect.provide(Effect.flatMap(Journal, (journal) => journal.readAfter(0, 10_000)), opened({ path }))
    const written = { a: rows.filter(({ stream }) => stream === "a").length, b: rows.filter(({ stream }) => stream === "b").length }
    assert.deepStrictEqual(written, { a: 2_046, b: 4 })
  }))

it.effect("a place is that of its own rows, whatever its followers stage in the same step", () =>
  Effect.gen(function*() {
    const journal = yield* Journal
    const follower = Stream.runForEach(journal.followStaged(0), ({ stream }) =>
      stream === "a" ? Effect.asVoid(Effect.orDie(journal.stage("b", "any", [refunded("b")]))) : Effect.void)
    yield* Effect.forkChild(follower, { startImmediately: true })
    assert.deepStrictEqual(yield* journal.stage("a", 0, refundedMany(2)), { seq: 2, version: 2 })
    assert.strictEqual((yield* journal.readStream("b", 0)).length, 2)
  }).pipe(Effect.provide(opened({ path: ":memory:" }))))

it.effect("a row that cannot be read does not hide those between it and what is staged", () =>
  Effect.gen(function*() {
    const path = yield* inPlace
    yield* Effect.provide(Effect.flatMap(Journal, (journal) => journal.append("a", 0, refundedMany(1_000))), opened({ path }))
    const db = new DatabaseSync(path)
    db.exec(`update journal set body = '{"_tag":"Unheard"}' where seq = 3`)
    db.close()
    yield* Effect.gen(function*() {
      const journal = yield* Journal
      yield* journal.stage("b", 0, [refunded("staged")])
      const seqs = Array.from({ length: 1_001 }, (_, n) => n + 1).filter((seq) => seq !== 3)
      const followed = yield* Stream.runCollect(Stream.take(journal.followStaged(0), 1_000))
      assert.deepStrictEqual(followed.map(({ seq }) => seq), seqs)
      assert.deepStrictEqual((yield* journal.readAfter(0, 10)).map(({ seq }) => seq), seqs.slice(0, 9))
    }).pipe(Effect.provide(opened({ path })))
  }))

/** A fiber gives way after so few steps: between any two of a read, of a commit. */
const budgets = [3, 4, 5, 7, 11] as const
const givingWay = <A, E, R>(budget: number, work: Effect.Effect<A, E, R>) => Effect.provideService(work, References.MaxOpsBeforeYield, budget)

it.effect.each(budgets)("readers see each row once while commits come between their steps, %s", (budget) =>
  Effect.gen(function*() {
    const journal = yield* Journal
    const count = 60
    let placed = 0
    const follow = Stream.runCollect(Stream.take(journal.followStaged(0), count))
    const asking = Effect.gen(function*() {
      for (let n = 0; n < 40; n += 1) {
        const before = placed
        const all = yield* journal.readAfter(0, 1_000)
        const alone = yield* journal.readAlert(AlertId.make("one"))
        assert.isAtLeast(all.length, before)
        assert.deepStrictEqual(all.map(({ seq }) => seq), all.map((_, index) => index + 1))
        assert.isAtLeast(alone.length, before)
      }
    })
    const writing = Effect.gen(function*() {
      for (let n = 0; n < count; n += 1) {
        placed = (yield* journal.stage("a", n, [refunded("one")])).seq
        if (n % 3 === 0) yield* Effect.yieldNow
      }
    })
    const readers = yield* Effect.forEach(Array.from({ length: 8 }), () => Effect.forkChild(asking))
    const followers = yield* Effect.forEach(Array.from({ length: 3 }), () => Effect.forkChild(follow))
    yield* writing
    for (const reader of readers) yield* Fiber.join(reader)
    for (const follower of followers) assert.deepStrictEqual((yield* Fiber.join(follower)).map(({ seq }) => seq), Array.from({ length: count }, (_, n) => n + 1))
  }).pipe(Effect.provide(opened({ path: ":memory:" })), (test) => givingWay(budget, test)))

it.effect.each(budgets)("more rows than may wait are written once, whoever writes them, %s", (budget) =>
  Effect.gen(function*() {
    const journal = yield* Journal
    const writer = (name: string) => Effect.gen(function*() {
      for (let n = 0; n < 8; n += 1) yield* journal.append(name, n * 1_500, refundedMany(1_500))
    })
    yield* Effect.forEach(["a", "b", "c", "d", "e", "f", "g", "h"], writer, { concurrency: "unbounded" })
    assert.deepStrictEqual(yield* journal.status, { seq: 96_000, durable: true, lowDisk: false })
  }).pipe(Effect.provide(opened({ path: ":memory:" })), (test) => givingWay(budget, test)))

it.effect("a disk that fills and empties again and again writes each row once, in its order", () =>
  Effect.gen(function*() {
    let isFull = false
    const beforeStep = (step: JournalFile.Step) => {
      if (step === "commit" && isFull) throw Object.assign(new Error("injected"), { code: "ERR_SQLITE_ERROR", errcode: 13 })
    }
    yield* Effect.gen(function*() {
      const journal = yield* Journal
      const followed = yield* Effect.forkChild(Stream.runCollect(Stream.take(journal.follow(0), 40)))
      let staged = 0
      for (let round = 0; staged < 40; round += 1) {
        isFull = round % 3 !== 2
        for (let n = 0; n < 4; n += 1) {
          const exit = yield* Effect.exit(n % 2 === 0 ? journal.append("a", staged, [refunded(`${staged}`)]) : journal.stage("a", staged, [refunded(`${staged}`)]))
          staged = (yield* journal.readStream("a", 0)).length
          if (Exit.isFailure(exit)) yield* TestClock.adjust("500 millis")
        }
        yield* TestClock.adjust("1 second")
      }
      isFull = false
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual((yield* Fiber.join(followed)).map(({ event }) => String(alertIdOf(event))), Array.from({ length: 40 }, (_, n) => `${n}`))
    }).pipe(Effect.provide(opened({ path: ":memory:", beforeStep })))
  }))
