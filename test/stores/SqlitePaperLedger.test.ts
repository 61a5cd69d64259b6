import { statSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { LoginId } from "#schemas/Ids.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import * as SqlitePaperLedger from "#src/stores/SqlitePaperLedger.ts"
import { folder } from "./support.ts"

const one = LoginId.make("paper-1")
const two = LoginId.make("paper-2")

it.effect("keeps each login's rows in order, over a restart; compacting replaces them by their fold", () =>
  Effect.gen(function*() {
    const path = `${yield* folder}/paper.sqlite`
    const life = <A>(work: (ledger: PaperLedger["Service"]) => Effect.Effect<A>) =>
      Effect.provide(Effect.flatMap(PaperLedger, work), Layer.fresh(SqlitePaperLedger.layer(path)))

    yield* life((ledger) => Effect.all([ledger.append(one, ["a", "b"]), ledger.append(two, ["x"]), ledger.append(one, ["c"])]))
    yield* life((ledger) => Effect.gen(function*() {
      assert.deepStrictEqual(yield* ledger.read(one), { snapshot: undefined, rows: ["a", "b", "c"] })
      yield* ledger.compact(one, "abc")
      yield* ledger.append(one, ["d"])
      yield* ledger.compact(one, "abcd")
      yield* ledger.append(one, ["e"])
    }))
    yield* life((ledger) => Effect.gen(function*() {
      assert.deepStrictEqual(yield* ledger.read(one), { snapshot: "abcd", rows: ["e"] })
      assert.deepStrictEqual(yield* ledger.read(two), { snapshot: undefined, rows: ["x"] })
    }))
  }))

it.effect("goes on where the disk is full: what it writes grows none of its files", () =>
  Effect.gen(function*() {
    const path = `${yield* folder}/paper.sqlite`
    const sizes = () => [path, `${path}-wal`, `${path}-shm`].map((file) => statSync(file).size)
    yield* Effect.provide(Effect.flatMap(PaperLedger, (ledger) => Effect.gen(function*() {
      const before = sizes()
      for (let n = 0; n < 1_500; n += 1) yield* ledger.append(one, [`${n} ${"x".repeat(300)}`])
      yield* ledger.compact(one, "y".repeat(100_000))
      for (let n = 0; n < 1_500; n += 1) yield* ledger.append(one, [`${n} ${"x".repeat(300)}`])
      assert.deepStrictEqual(sizes(), before)
      assert.strictEqual((yield* ledger.read(one)).rows.length, 1_500)
    })), Layer.fresh(SqlitePaperLedger.layer(path)))
  }))
