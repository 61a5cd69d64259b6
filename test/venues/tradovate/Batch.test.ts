/** One question for all who ask it. */
import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as Batch from "#src/venues/tradovate/Batch.ts"

it.effect("nobody gets an answer older than his question, and no two questions are on the wire", () => Effect.gen(function*() {
  let asked = 0
  let onTheWire = 0
  const ask = yield* Batch.make(Effect.gen(function*() {
    asked += 1
    onTheWire += 1
    assert.strictEqual(onTheWire, 1)
    const mine = asked
    yield* Effect.sleep("1 second")
    onTheWire -= 1
    return mine
  }))
  const first = yield* Effect.forkChild(ask)
  yield* TestClock.adjust("500 millis")
  const others = yield* Effect.forEach([1, 2, 3], () => Effect.forkChild(ask))
  yield* TestClock.adjust("600 millis")
  const last = yield* Effect.forkChild(ask)
  yield* TestClock.adjust("3 seconds")
  assert.deepStrictEqual([yield* Fiber.join(first), yield* Fiber.joinAll(others), yield* Fiber.join(last)], [1, [2, 2, 2], 3])
}).pipe(Effect.scoped))

it.effect("who asks a moment later shares the question: it has not left yet", () => Effect.gen(function*() {
  let asked = 0
  const ask = yield* Batch.make(Effect.sync(() => ++asked))
  const first = yield* Effect.forkChild(ask)
  yield* TestClock.adjust("20 millis")
  const second = yield* Effect.forkChild(ask)
  yield* TestClock.adjust("5 millis")
  assert.deepStrictEqual([yield* Fiber.join(first), yield* Fiber.join(second)], [1, 1])
}).pipe(Effect.scoped))

it.effect("who stops waiting takes nothing from the others, and an error is everybody's", () => Effect.gen(function*() {
  const ask = yield* Batch.make(Effect.andThen(Effect.sleep("1 second"), Effect.fail("no")))
  const gone = yield* Effect.forkChild(ask)
  yield* TestClock.adjust("100 millis")
  const waits = yield* Effect.forkChild(Effect.flip(ask))
  yield* Fiber.interrupt(gone)
  yield* TestClock.adjust("3 seconds")
  assert.strictEqual(yield* Fiber.join(waits), "no")
}).pipe(Effect.scoped))
