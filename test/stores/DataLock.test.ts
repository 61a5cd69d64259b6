import { writeFileSync } from "node:fs"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as DataLock from "#src/stores/DataLock.ts"
import { folder, killedAfter, whileRunning } from "./support.ts"

const refusal = (dataDir: string) => Effect.flip(Effect.scoped(DataLock.hold(dataDir)))

it.effect("one holder at a time; the lock goes with its scope", () =>
  Effect.gen(function*() {
    const dataDir = `${yield* folder}/data`
    yield* Effect.scoped(Effect.gen(function*() {
      yield* DataLock.hold(dataDir)
      assert.deepStrictEqual(yield* refusal(dataDir), new DataLock.DataLocked({ dataDir, holder: "another process" }))
    }))
    yield* Effect.scoped(DataLock.hold(dataDir))
  }))

it.live("another process is refused, told who holds it, and let in when that one was killed", () =>
  Effect.gen(function*() {
    const dataDir = yield* folder
    yield* whileRunning("./holder.ts", [dataDir], Effect.gen(function*() {
      writeFileSync(`${dataDir}/runtime.json`, JSON.stringify({ pid: 4711, startedAtMs: 0, operatorUrl: "http://localhost:8481", other: true }))
      const error = yield* refusal(dataDir)
      assert.strictEqual(error._tag === "DataLocked" && error.holder, "process 4711, started 1970-01-01T00:00:00.000Z, http://localhost:8481")
      writeFileSync(`${dataDir}/runtime.json`, "{")
      assert.include((yield* refusal(dataDir)).message, "in use by another process")
    }))
    yield* Effect.scoped(DataLock.hold(dataDir))
    assert.deepStrictEqual(yield* killedAfter("./holder.ts", [dataDir], 1), ["held"])
    yield* Effect.scoped(DataLock.hold(dataDir))
  }), 20_000)

it.effect("a folder that cannot be is no lock", () =>
  Effect.gen(function*() {
    const file = `${yield* folder}/file`
    writeFileSync(file, "")
    assert.strictEqual((yield* refusal(file))._tag, "StoreOpenError")
  }))
