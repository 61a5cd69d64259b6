import { readFileSync, statSync, writeFileSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"
import * as Notes from "#src/stores/EmergencyNotes.ts"
import { folder } from "./support.ts"

const life = <A>(path: string, work: (notes: EmergencyNotes["Service"]) => Effect.Effect<A>) =>
  Effect.provide(Effect.flatMap(EmergencyNotes, work), Layer.fresh(Notes.layer(path)))
const texts = (path: string) => life(path, ({ read }) => read)

it.effect("notes are found in the next life, until they are dealt with; the file never grows", () =>
  Effect.gen(function*() {
    const path = `${yield* folder}/emergency.bin`
    yield* life(path, ({ note }) => Effect.gen(function*() {
      assert.strictEqual(statSync(path).size, 65_536)
      assert.deepStrictEqual(yield* Effect.all([note("first"), note("zweite, größer")], { concurrency: 2 }), [true, true])
    }))
    yield* life(path, ({ note, read }) => Effect.gen(function*() {
      assert.deepStrictEqual(yield* read, ["first", "zweite, größer"])
      assert.isTrue(yield* note("third"))
    }))
    yield* life(path, ({ clear, note, read }) => Effect.gen(function*() {
      assert.deepStrictEqual(yield* read, ["first", "zweite, größer", "third"])
      assert.isTrue(yield* clear)
      assert.deepStrictEqual(yield* read, [])
      assert.isTrue(yield* note("x"))
    }))
    assert.deepStrictEqual(yield* texts(path), ["x"])
    assert.strictEqual(statSync(path).size, 65_536)
  }))

it.effect("a full file says so, and keeps what it has", () =>
  Effect.gen(function*() {
    const path = `${yield* folder}/emergency.bin`
    const large = "n".repeat(30_000)
    yield* life(path, ({ note }) => Effect.gen(function*() {
      assert.deepStrictEqual(yield* Effect.forEach([large, large, large], note), [true, true, false])
      assert.isTrue(yield* note("still fits"))
    }))
    assert.deepStrictEqual(yield* texts(path), [large, large, "still fits"])
    assert.strictEqual(statSync(path).size, 65_536)
  }))

it.effect("a torn note takes nothing before it along", () =>
  Effect.gen(function*() {
    const path = `${yield* folder}/emergency.bin`
    yield* life(path, ({ note }) => Effect.all([note("whole"), note("torn")]))
    const bytes = readFileSync(path)
    bytes[bytes.indexOf("torn") + 2] = 0
    writeFileSync(path, bytes)
    assert.deepStrictEqual(yield* texts(path), ["whole"])
    assert.isTrue(yield* life(path, ({ note }) => note("next")))
    assert.deepStrictEqual(yield* texts(path), ["whole", "next"])
  }))

it.effect("without a file nothing fails", () =>
  Effect.gen(function*() {
    const path = `${yield* folder}/file`
    writeFileSync(path, "")
    yield* life(`${path}/emergency.bin`, ({ clear, note, read }) => Effect.gen(function*() {
      assert.isFalse(yield* note("lost"))
      assert.deepStrictEqual(yield* read, [])
      assert.isFalse(yield* clear)
    }))
  }))
