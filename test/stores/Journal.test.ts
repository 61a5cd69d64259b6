import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import { AlertId } from "#schemas/Ids.ts"
import { Installation } from "#src/ports/Installation.ts"
import { Journal, JournalConflict, JournalKeyTaken } from "#src/ports/Journal.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"
import { installationId, journalInMemory } from "#test/support/journal.ts"
import { folder, refunded, refundedMany } from "./support.ts"

const onFile = Layer.unwrap(Effect.map(folder, (path) => SqliteJournal.layer({ path: `${path}/journal.sqlite`, onFatal: Effect.die }))).pipe(Layer.orDie)

const alertsOf = (rows: ReadonlyArray<{ readonly event: object }>) => rows.map(({ event }) => ("alertId" in event ? event.alertId : undefined))
const seqsUpTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, n) => first + n)

const contract = (name: string, journalLayer: Layer.Layer<Journal | Installation>) =>
  describe(name, () => {
    it.effect("appends at the version expected and nowhere else", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        assert.deepStrictEqual(yield* journal.append("a", 0, [refunded("1"), refunded("2")]), { seq: 2, version: 2 })
        assert.deepStrictEqual(
          yield* Effect.flip(journal.append("a", 1, [refunded("late")])),
          new JournalConflict({ stream: "a", expected: 1, found: 2 })
        )
        assert.deepStrictEqual(yield* journal.append("a", 2, [refunded("3")]), { seq: 3, version: 3 })
        assert.deepStrictEqual(yield* journal.append("b", "any", [refunded("4")]), { seq: 4, version: 1 })
        assert.deepStrictEqual(alertsOf(yield* journal.readStream("a", 1)), ["2", "3"])
      }).pipe(Effect.provide(journalLayer)))

    it.effect("takes a key once, and says who has it", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        assert.deepStrictEqual(yield* journal.appendOnce("in", "k", [refunded("1"), refunded("2")]), { seq: 2, version: 2 })
        assert.deepStrictEqual(yield* Effect.flip(journal.appendOnce("elsewhere", "k", [refunded("3")])), new JournalKeyTaken({ key: "k", seq: 2 }))
        assert.strictEqual((yield* journal.status).seq, 2)
      }).pipe(Effect.provide(journalLayer)))

    it.effect("judges neighbours of one commit each by itself, with places that have no gap", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const results = yield* Effect.all([
          Effect.result(journal.append("a", 0, [refunded("1")])),
          Effect.result(journal.append("a", 0, [refunded("clash"), refunded("clash")])),
          Effect.result(journal.appendOnce("in", "k", [refunded("2")])),
          Effect.result(journal.appendOnce("in", "k", [refunded("again")])),
          Effect.result(journal.append("a", 1, [refunded("3")]))
        ], { concurrency: "unbounded" })
        assert.deepStrictEqual(results.map(({ _tag }) => _tag), ["Success", "Failure", "Success", "Failure", "Success"])
        const rows = yield* journal.readAfter(0, 100)
        assert.deepStrictEqual(rows.map(({ seq }) => seq), [1, 2, 3])
        assert.deepStrictEqual(alertsOf(rows), ["1", "2", "3"])
      }).pipe(Effect.provide(journalLayer)))

    it.effect("rows say when they were committed, and are found by place and by alert", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        yield* TestClock.adjust("90 seconds")
        yield* journal.append("a", 0, [refunded("x")])
        yield* journal.append("b", 0, [refunded("y"), refunded("x")])
        assert.deepStrictEqual(yield* journal.rowAt(2), { seq: 2, atMs: 90_000, stream: "b", version: 1, event: refunded("y") })
        assert.isUndefined(yield* journal.rowAt(4))
        assert.deepStrictEqual((yield* journal.readAlert(AlertId.make("x"))).map(({ seq }) => seq), [1, 3])
        yield* journal.append("account/one", 0, [refunded("x")])
        yield* journal.append("account/two", 0, [refunded("x")])
        yield* journal.append("z", 0, [refunded("x")])
        const { seq } = yield* journal.status
        assert.deepStrictEqual((yield* journal.readAlert(AlertId.make("x"), "account/two")).map((row) => row.seq), [1, 3, seq - 1, seq])
        assert.deepStrictEqual((yield* journal.readAfter(1, 1)).map(({ seq }) => seq), [2])
      }).pipe(Effect.provide(journalLayer)))

    it.effect("a reader gets what is there, then what comes, each row once", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        yield* journal.append("a", "any", refundedMany(600))
        const reader = yield* Effect.forkChild(Stream.runCollect(Stream.take(journal.follow(0), 1_000)))
        yield* TestClock.adjust("1 second")
        for (let n = 0; n < 8; n += 1) yield* journal.append("a", "any", refundedMany(50))
        assert.deepStrictEqual((yield* Fiber.join(reader)).map(({ seq }) => seq), seqsUpTo(1_000))
      }).pipe(Effect.provide(journalLayer)))

    it.effect("a slow reader falls behind what is kept in memory, and misses nothing", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const seen: Array<number> = []
        const may = yield* Queue.unbounded<void>()
        const reader = yield* Stream.take(journal.follow(2), 6_000).pipe(
          Stream.runForEach(({ seq }) => Effect.andThen(seq === 3 ? Queue.take(may) : Effect.void, Effect.sync(() => { seen.push(seq) }))),
          Effect.forkChild
        )
        for (let n = 0; n < 61; n += 1) yield* journal.append("a", "any", refundedMany(100))
        assert.deepStrictEqual(seen, [])
        yield* Queue.offer(may, undefined)
        yield* Fiber.join(reader)
        assert.deepStrictEqual(seen, seqsUpTo(6_002, 3))
      }).pipe(Effect.provide(journalLayer)))

    it.effect("a reader may begin anywhere, in what is kept in memory and before it", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        for (let n = 0; n < 30; n += 1) yield* journal.append("a", "any", refundedMany(100))
        const firsts = yield* Effect.forEach(seqsUpTo(2_999, 0), (seq) => Effect.map(Stream.runHead(journal.follow(seq)), Option.getOrThrow))
        assert.deepStrictEqual(firsts.map(({ seq }) => seq), seqsUpTo(3_000))
      }).pipe(Effect.provide(journalLayer)))

    it.effect("more writers than fit in the queue all get their answer", () =>
      Effect.gen(function*() {
        const journal = yield* Journal
        const answers = yield* Effect.forEach(seqsUpTo(6_000), (n) => journal.append(`s-${n % 7}`, "any", [refunded(`${n}`)]), { concurrency: "unbounded" })
        assert.deepStrictEqual(answers.map(({ seq }) => seq), seqsUpTo(6_000))
      }).pipe(Effect.provide(journalLayer)))
  })

contract("journal in memory", journalInMemory)
contract("journal on a file", onFile)

it.effect("the installation's name is as given, or made once", () =>
  Effect.gen(function*() {
    assert.strictEqual((yield* Effect.provide(Installation, journalInMemory)).id, installationId)
    const path = `${yield* folder}/journal.sqlite`
    const idOf = Effect.provide(Effect.map(Installation, ({ id }) => id), Layer.fresh(SqliteJournal.layer({ path })))
    const id = yield* idOf
    assert.match(id, /^[0-9a-f]{32}$/)
    assert.strictEqual(yield* idOf, id)
  }))

it.effect("closing ends readers and tells writers", () =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const [late, reader] = yield* Effect.scoped(Effect.gen(function*() {
      const journal = yield* Journal
      const running = yield* Effect.forkIn(Stream.runCount(journal.follow(0)), scope)
      yield* journal.append("a", 0, [refunded("1")])
      return [journal, running] as const
    }).pipe(Effect.provide(journalInMemory)))
    assert.strictEqual(yield* Fiber.join(reader), 1)
    assert.strictEqual((yield* Effect.flip(late.append("a", 1, [refunded("2")])))._tag, "JournalUnavailable")
  }))

it.effect("closing answers those that still wait", () =>
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const waiting = yield* Effect.scoped(Effect.flatMap(Journal, (journal) =>
      Effect.forEach([1, 2, 3], (n) =>
        Effect.forkIn(Effect.exit(journal.append("a", "any", [refunded(`${n}`)])), scope, { startImmediately: true }))
    ).pipe(Effect.provide(journalInMemory)))
    const exits = yield* Effect.forEach(waiting, Fiber.join)
    assert.strictEqual(exits.length, 3)
  }))
