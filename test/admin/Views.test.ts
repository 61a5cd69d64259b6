import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { Views } from "#src/admin/Views.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as Alerts from "#src/projections/Alerts.ts"
import { accepted, sequence } from "#test/projections/rows.ts"
import { journalInMemory } from "#test/support/journal.ts"

describe("Views", () => {
  it.effect("a question waits until all that was written before it is folded", () => Effect.gen(function*() {
    const journal = yield* Journal
    const views = yield* Views
    const many = 3_000
    const { seq } = yield* journal.append("ingress/futures", "any", Array.from({ length: many }, (_, index) => accepted(`a${index}`)))
    assert.strictEqual((yield* views.current).seq, seq)
  }).pipe(Effect.provide(Views.layer.pipe(Layer.provideMerge(journalInMemory)))))

  const row = sequence()
  const [good] = row("ingress/futures", accepted("a1"))
  const [broken] = row("ingress/futures", accepted("a2"))
  const [after] = row("ingress/futures", accepted("a3"))

  it.effect("waits a second at most", () => Effect.gen(function*() {
    const views = yield* Views
    const asked = yield* Effect.forkChild(views.current)
    yield* TestClock.adjust("999 millis")
    assert.isUndefined(asked.pollUnsafe())
    yield* TestClock.adjust("1 millis")
    assert.strictEqual((yield* Fiber.join(asked)).seq, 1)
  }).pipe(Effect.provide(Views.layer.pipe(Layer.provide(Layer.mock(Journal, {
    follow: () => Stream.concat(Stream.fromIterable(good === undefined ? [] : [good]), Stream.never),
    flush: Effect.void,
    status: Effect.succeed({ seq: 2, durable: true, lowDisk: false })
  }))))))

  it.effect("a row that cannot be folded costs its own line only", () => Effect.gen(function*() {
    const books = yield* (yield* Views).current
    assert.strictEqual(books.seq, 3)
    assert.deepStrictEqual(Alerts.page(books.alerts, {}, 10).map(({ alertId }) => alertId), ["a1", "a3"])
  }).pipe(Effect.provide(Views.layer.pipe(Layer.provide(Layer.mock(Journal, {
    follow: () => Stream.concat(
      Stream.fromIterable([good, broken, after].flatMap((one) => (one === undefined ? [] : [one === broken ? { ...one, get event(): typeof one.event { throw new Error("broken") } } : one]))),
      Stream.never
    ),
    flush: Effect.void,
    status: Effect.succeed({ seq: 3, durable: true, lowDisk: false })
  }))))))
})
