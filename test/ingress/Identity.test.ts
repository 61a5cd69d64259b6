/** Which deliveries are one alert: by their id, by an answer that never left, by nothing else. On the test's clock. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Ref } from "effect"
import { TestClock } from "effect/testing"
import type { Incoming } from "#src/ingress/Receive.ts"
import { Journal } from "#src/ports/Journal.ts"
import { journalInMemory } from "#test/support/journal.ts"
import { alert, brief, deliver, deliveryTags, faultyJournal, idOf, life, makeDisk, notesOf, receiving, rows, secret } from "./support.ts"

const lost: Partial<Incoming> = { written: Effect.succeed(false) }

/** The same delivery again and again, each after a wait; what each was answered. */
const sequence = (body: string, ...steps: ReadonlyArray<readonly [waitMs: number, more: Partial<Incoming>]>) =>
  Effect.forEach(steps, ([waitMs, more]) => Effect.andThen(TestClock.adjust(waitMs), deliver(body, more)))

const lastNotes = Effect.map(rows, (all) => notesOf(all.findLast(({ event }) => event._tag !== "AlertAnswered")))

describe("with an id", () => {
  it.effect("the second is a duplicate of the first, and journaled", () =>
    Effect.gen(function*() {
      const [first, ...more] = yield* sequence(alert({ id: "x" }), [0, {}], [5_000, {}], [5_000, lost])
      assert.deepStrictEqual([first, ...more].map((answer) => answer === undefined ? "" : brief(answer)), ["200 accepted", "200 duplicate", "200 duplicate"])
      assert.strictEqual(new Set([first, ...more].map((answer) => answer === undefined ? "" : idOf(answer))).size, 1)
      assert.deepStrictEqual(yield* deliveryTags, ["AlertAccepted", "AlertDuplicated", "AlertDuplicated"])
      assert.isTrue((yield* rows).every(({ event }) => event._tag !== "AlertDuplicated" || event.by === "id"))
    }).pipe(Effect.provide(receiving)))

  it.effect("another body is the same alert, a day later too", () =>
    Effect.gen(function*() {
      const first = yield* deliver(alert({ id: "x" }))
      yield* TestClock.adjust("1 day")
      const second = yield* deliver(alert({ id: "x", action: "sell" }))
      assert.deepStrictEqual([brief(second), idOf(second)], ["200 duplicate", idOf(first)])
    }).pipe(Effect.provide(receiving)))

  it.effect("counts within its lane and strategy", () =>
    Effect.gen(function*() {
      const answers = [
        yield* deliver(alert({ id: "x" })),
        yield* deliver(alert({ id: "x" }), { lane: "crypto" }),
        yield* deliver(alert({ id: "x", strategy: "demo-crypto" })),
        yield* deliver(alert({ id: "demo-crypto/x" }))
      ]
      assert.deepStrictEqual(answers.map(brief), answers.map(() => "200 accepted"))
    }).pipe(Effect.provide(receiving)))

  it.effect("a refused one is refused again, in the same words", () =>
    Effect.gen(function*() {
      for (const fields of [{ tp: "near", id: "x" }, { symbol: "XYZ", id: "y" }, { strategy: "none", id: "z" }]) {
        const first = yield* deliver(alert(fields))
        const mended = yield* deliver(alert({ ...fields, tp: "1", symbol: "MES1!" }))
        assert.strictEqual(first.status, 422)
        assert.deepStrictEqual(mended, first)
      }
      assert.deepStrictEqual((yield* deliveryTags).filter((tag) => tag === "AlertDuplicated").length, 3)
    }).pipe(Effect.provide(receiving)))

  it.effect("of many at once one is first", () =>
    Effect.gen(function*() {
      const answers = yield* Effect.forEach(Array.from({ length: 20 }), () => deliver(alert({ id: "x" })), { concurrency: "unbounded" })
      assert.strictEqual(answers.filter((answer) => brief(answer) === "200 accepted").length, 1)
      assert.strictEqual(new Set(answers.map(idOf)).size, 1)
    }).pipe(Effect.provide(receiving)))

  it.effect("is known after a restart", () =>
    Effect.gen(function*() {
      const first = yield* deliver(alert({ id: "x" })).pipe(Effect.provide(life))
      const second = yield* deliver(alert({ id: "x" })).pipe(Effect.provide(life))
      assert.deepStrictEqual([brief(second), idOf(second)], ["200 duplicate", idOf(first)])
    }).pipe(Effect.provide(journalInMemory)))

  it.effect("is no byte-equal repeat", () =>
    Effect.gen(function*() {
      yield* sequence(alert({ id: "x" }), [0, lost], [1_000, {}])
      assert.deepStrictEqual(yield* lastNotes, [])
    }).pipe(Effect.provide(receiving)))
})

describe("without an id", () => {
  it.effect("an equal body after a 200 is a second intent, noted", () =>
    Effect.gen(function*() {
      const answers = yield* sequence(alert(), [0, {}], [1, {}], [1_000, {}])
      assert.deepStrictEqual(answers.map(brief), ["200 accepted", "200 accepted", "200 accepted"])
      assert.strictEqual(new Set(answers.map(idOf)).size, 3)
      assert.deepStrictEqual(yield* lastNotes, [`byte-equal repeat of ${answers[1] === undefined ? "" : idOf(answers[1])}`])
    }).pipe(Effect.provide(receiving)))

  it.effect("an equal body after an answer that never left is a resend", () =>
    Effect.gen(function*() {
      const [first, second, third] = yield* sequence(alert(), [0, lost], [5_000, {}], [5_000, {}])
      assert.deepStrictEqual([first, second, third].map((answer) => answer === undefined ? "" : brief(answer)), [
        "200 accepted", "200 duplicate", "200 accepted"
      ])
      assert.strictEqual(second === undefined ? "" : idOf(second), first === undefined ? "none" : idOf(first))
    }).pipe(Effect.provide(receiving)))

  it.effect("three resends in a row are one alert", () =>
    Effect.gen(function*() {
      const answers = yield* sequence(alert(), [0, lost], [5_000, lost], [5_000, lost], [5_000, {}])
      assert.deepStrictEqual(answers.map(brief), ["200 accepted", "200 duplicate", "200 duplicate", "200 duplicate"])
      assert.strictEqual(new Set(answers.map(idOf)).size, 1)
    }).pipe(Effect.provide(receiving)))

  it.effect("not after 30 s", () =>
    Effect.gen(function*() {
      const answers = yield* sequence(alert(), [0, lost], [30_001, {}])
      assert.deepStrictEqual(answers.map(brief), ["200 accepted", "200 accepted"])
    }).pipe(Effect.provide(receiving)))

  it.effect("not by another way in", () =>
    Effect.gen(function*() {
      yield* deliver(alert(), lost)
      assert.strictEqual(brief(yield* deliver(alert(), { lane: "crypto" })), "200 accepted")
    }).pipe(Effect.provide(receiving)))

  it.effect("a refused body whose answer never left is refused again as the same", () =>
    Effect.gen(function*() {
      const answers = yield* sequence(alert({ tp: "near" }), [0, lost], [5_000, {}], [5_000, {}])
      assert.deepStrictEqual(answers.map(brief), ["422 invalid tp", "422 invalid tp", "422 invalid tp"])
      assert.deepStrictEqual(yield* deliveryTags, ["AlertRefused", "AlertDuplicated", "AlertRefused"])
    }).pipe(Effect.provide(receiving)))

  for (const [left, second] of [[true, "200 accepted"], [false, "200 duplicate"]] as const) {
    it.effect(`of two at once the second waits until the first answer ${left ? "left" : "was lost"}`, () =>
      Effect.gen(function*() {
        const written = yield* Deferred.make<boolean>()
        const first = yield* deliver(alert(), { written: Deferred.await(written) })
        const waiting = yield* Effect.forkChild(deliver(alert()), { startImmediately: true })
        yield* TestClock.adjust("100 millis")
        assert.isUndefined(waiting.pollUnsafe())
        yield* Deferred.succeed(written, left)
        const answer = yield* Fiber.join(waiting)
        assert.deepStrictEqual([brief(answer), idOf(answer) === idOf(first)], [second, !left])
      }).pipe(Effect.provide(receiving)))
  }

  it.effect("a sender that never takes its answer holds up no other alert, and its equals 2 s", () =>
    Effect.gen(function*() {
      yield* deliver(alert(), { written: Effect.never })
      assert.strictEqual(brief(yield* deliver(alert({ quantity: 1 }))), "200 accepted")
      const waiting = yield* Effect.forkChild(deliver(alert()), { startImmediately: true })
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(brief(yield* Fiber.join(waiting)), "200 duplicate")
    }).pipe(Effect.provide(receiving)))

  it.effect("a burst of equal bodies is as many intents", () =>
    Effect.gen(function*() {
      const answers = yield* Effect.forEach(Array.from({ length: 50 }), () => deliver(alert()), { concurrency: "unbounded" })
      assert.deepStrictEqual([new Set(answers.map(brief)).size, new Set(answers.map(idOf)).size], [1, 50])
    }).pipe(Effect.provide(receiving)))
})

describe("a lane that takes repeats for resends", () => {
  for (const lane of ["patient", "proxied"]) {
    it.effect(`${lane}: for 30 s from the first, then no more`, () =>
      Effect.gen(function*() {
        const at = { lane, peer: "127.0.0.1", forwardedFor: "52.89.214.238" }
        const answers = yield* sequence(alert(), [0, at], [20_000, at], [20_000, at], [1_000, at])
        assert.deepStrictEqual(answers.map(brief), ["200 accepted", "200 duplicate", "200 accepted", "200 duplicate"])
        assert.match((yield* lastNotes)[0] ?? "", /^byte-equal resend of .*: this lane takes repeats/)
      }).pipe(Effect.provide(receiving)))
  }
})

describe("when the disk fails", () => {
  const withDisk = Effect.gen(function*() {
    const disk = yield* makeDisk
    return { disk, journal: faultyJournal(disk).pipe(Layer.provide(journalInMemory)) }
  })

  for (const fields of [{}, { id: "x" }]) {
    const named = "id" in fields ? "with" : "without"
    it.effect(`503, nothing kept; the resend ${named} an id is the first`, () =>
      Effect.gen(function*() {
        const { disk, journal } = yield* withDisk
        yield* Effect.gen(function*() {
          yield* Ref.set(disk.down, true)
          assert.strictEqual(brief(yield* deliver(alert(fields))), "503 notDurable")
          assert.deepStrictEqual(yield* rows, [])
          yield* Ref.set(disk.down, false)
          yield* TestClock.adjust("5 seconds")
          assert.strictEqual(brief(yield* deliver(alert(fields))), "200 accepted")
          assert.deepStrictEqual(yield* lastNotes, [])
        }).pipe(Effect.provide(life), Effect.provide(journal))
      }))

    it.effect(`503 before the sender gives up; durable after all: the resend ${named} an id is the duplicate`, () =>
      Effect.gen(function*() {
        const { disk, journal } = yield* withDisk
        yield* Effect.gen(function*() {
          const release = yield* Deferred.make<void>()
          yield* Ref.set(disk.before, Deferred.await(release))
          const hanging = yield* Effect.forkChild(deliver(alert(fields)), { startImmediately: true })
          yield* TestClock.adjust("2500 millis")
          assert.strictEqual(brief(yield* Fiber.join(hanging)), "503 notDurable")
          yield* Ref.set(disk.before, Effect.void)
          yield* Deferred.succeed(release, undefined)
          yield* TestClock.adjust("5 seconds")
          assert.strictEqual(brief(yield* deliver(alert(fields))), "200 duplicate")
          assert.deepStrictEqual(yield* deliveryTags, ["AlertAccepted", "AlertDuplicated"])
        }).pipe(Effect.provide(life), Effect.provide(journal))
      }))
  }

  it.effect("a resend while the first still hangs is 503, and the next one its duplicate", () =>
    Effect.gen(function*() {
      const { disk, journal } = yield* withDisk
      yield* Effect.gen(function*() {
        const release = yield* Deferred.make<void>()
        yield* Ref.set(disk.before, Deferred.await(release))
        const hanging = yield* Effect.forEach([0, 1], () => Effect.forkChild(deliver(alert()), { startImmediately: true }))
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual((yield* Fiber.joinAll(hanging)).map(brief), ["503 notDurable", "503 notDurable"])
        yield* Ref.set(disk.before, Effect.void)
        yield* Deferred.succeed(release, undefined)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(brief(yield* deliver(alert())), "200 duplicate")
        assert.deepStrictEqual(yield* deliveryTags, ["AlertAccepted", "AlertDuplicated", "AlertDuplicated"])
      }).pipe(Effect.provide(life), Effect.provide(journal))
    }))

  it.effect("more alerts at once than can be held are 503 at once", () =>
    Effect.gen(function*() {
      const { disk, journal } = yield* withDisk
      yield* Effect.gen(function*() {
        const release = yield* Deferred.make<void>()
        yield* Ref.set(disk.before, Deferred.await(release))
        const many = Array.from({ length: 1_024 }, (_, index) => alert({ id: `x${index}` }))
        const hanging = yield* Effect.forEach(many, (body) => Effect.forkChild(deliver(body), { startImmediately: true }))
        assert.strictEqual(brief(yield* deliver(alert({ id: "one more" }))), "503 notDurable")
        yield* Deferred.succeed(release, undefined)
        assert.isTrue((yield* Fiber.joinAll(hanging)).every((answer) => brief(answer) === "200 accepted"))
        assert.strictEqual(brief(yield* deliver(alert({ id: "one more" }))), "200 accepted")
      }).pipe(Effect.provide(life), Effect.provide(journal))
    }))

  it.effect("a refusal that cannot be kept is 503 too", () =>
    Effect.gen(function*() {
      const { disk, journal } = yield* withDisk
      yield* Ref.set(disk.down, true)
      const answers = yield* Effect.forEach([alert({ tp: "near" }), alert({ secret: "wrong-one" }), "oops"], (body) => deliver(body)).pipe(
        Effect.provide(life), Effect.provide(journal)
      )
      assert.deepStrictEqual(answers.map(brief), ["503 notDurable", "401 badSecret", "400 undecodable"])
    }))
})

describe("the answer", () => {
  it.effect("is journaled behind it, only if it left", () =>
    Effect.gen(function*() {
      const first = yield* deliver(alert())
      yield* deliver(alert({ quantity: 1 }), lost)
      const refused = yield* deliver(alert({ tp: "near" }))
      yield* TestClock.adjust("1 milli")
      const answered = (yield* rows).flatMap(({ event }) => event._tag === "AlertAnswered" ? [[event.alertId, event.status]] : [])
      const refusedRow = (yield* rows).find(({ event }) => event._tag === "AlertRefused")
      assert.strictEqual(refused.status, 422)
      assert.deepStrictEqual(answered, [[idOf(first), 200], [refusedRow?.event._tag === "AlertRefused" ? refusedRow.event.alertId : "", 422]])
    }).pipe(Effect.provide(receiving)))
})

describe("after a restart", () => {
  const restarted = (before: Partial<Incoming>, waitMs: number, body = alert()) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_769_869_800_000)
      const first = yield* deliver(body, before).pipe(Effect.provide(life))
      yield* TestClock.adjust(waitMs)
      const second = yield* deliver(body).pipe(Effect.provide(life))
      return [brief(second), "error" in second.body ? second.body.error : idOf(second) === idOf(first)]
    }).pipe(Effect.provide(journalInMemory))

  it.effect("an alert whose answer was not journaled may come again", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* restarted(lost, 5_000), ["200 duplicate", true])
      assert.deepStrictEqual(yield* restarted({ written: Effect.never }, 5_000), ["200 duplicate", true])
      assert.deepStrictEqual(yield* restarted(lost, 5_000, alert({ tp: "near" })), ["422 invalid tp", "invalid"])
    }))

  it.effect("an answered one is repeated, an old one too", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* restarted({}, 5_000), ["200 accepted", false])
      assert.deepStrictEqual(yield* restarted(lost, 30_001), ["200 accepted", false])
    }))

  it.effect("a duplicate whose answer left closes the matter", () =>
    Effect.gen(function*() {
      yield* sequence(alert(), [0, lost], [5_000, {}]).pipe(Effect.provide(life))
      yield* TestClock.adjust("1 milli") // its last row reaches the disk
      assert.strictEqual(brief(yield* deliver(alert()).pipe(Effect.provide(life))), "200 accepted")
    }).pipe(Effect.provide(journalInMemory)))

  it.effect("many later rows hide nothing", () =>
    Effect.gen(function*() {
      yield* deliver(alert(), lost).pipe(Effect.provide(life))
      const journal = yield* Journal
      const template = (yield* rows)[0]
      if (template === undefined) return assert.fail("no row")
      yield* journal.append("other", "any", Array.from({ length: 2_500 }, () => template.event._tag === "AlertAccepted"
        ? { ...template.event, signal: { ...template.event.signal, explicitId: "z" } } : template.event))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(brief(yield* deliver(alert(), { token: secret }).pipe(Effect.provide(life))), "200 duplicate")
    }).pipe(Effect.provide(journalInMemory)))
})
