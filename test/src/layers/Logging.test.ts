/** The log as a person finds it: on the terminal and in `data/logs`, one entry per line, without a secret. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Cause, ConfigProvider, Effect, Layer, Logger } from "effect"
import { TestClock, TestConsole } from "effect/testing"
import * as SecretsLive from "#config/SecretsLive.ts"
import { Settings } from "#config/Settings.ts"
import * as Logging from "#src/layers/Logging.ts"
import { textMax } from "#src/observe/LogEntry.ts"
import { startMs } from "#test/projections/rows.ts"
import { folder } from "#test/support/folder.ts"

const secret = `s3cret/with "quotes" and spaces`

const inLog = <A, E>(data: string, test: Effect.Effect<A, E, Logging.Log | Settings>) => {
  const log = Logging.make()
  const settings = Layer.provide(Settings.layerIn(data), ConfigProvider.layer(ConfigProvider.fromEnvRecord({ INTERLOCK_DATA: data })))
  return test.pipe(Effect.provide(Layer.mergeAll(Layer.succeed(Logging.Log, log), Logger.layer([log.toTerminal, log.toFile]), settings)))
}

const covered = Layer.provide(Logging.covered, SecretsLive.layerOf({ "$file x": secret }, "the-operator-token"))
const file = (data: string) => join(data, "logs", "interlock.jsonl")
const entries = (data: string): ReadonlyArray<Record<string, unknown>> => readFileSync(file(data), "utf8").split("\n").slice(0, -1).map((line) => JSON.parse(line))

describe("the log", () => {
  it.effect("writes one JSON line per entry, with what it is about and why", () => Effect.gen(function*() {
    const data = yield* folder
    yield* TestClock.setTime(startMs)
    yield* inLog(data, Effect.gen(function*() {
      yield* Effect.logWarning("first,", { of: 2 }).pipe(Effect.annotateLogs({ login: "paper-demo" }))
      yield* Effect.logError("failed\nbadly", Cause.fail(new Error("no room")))
    }).pipe(Effect.provide(Logging.inFiles)))
    const [first, second] = entries(data)
    assert.deepStrictEqual(first, { time: "2026-11-20T15:00:00.000Z", level: "WARN", message: `first, {"of":2}`, annotations: { login: "paper-demo" } })
    assert.deepInclude(second, { level: "ERROR", message: "failed\nbadly" })
    assert.include(String(second?.["cause"]), "no room")
    assert.strictEqual(entries(data).length, 2)
  }).pipe(Effect.scoped))

  it.effect("holds no secret, in no form, on the terminal neither: in messages, annotations, causes, and what came before it was known", () => Effect.gen(function*() {
    const data = yield* folder
    const inUrl = encodeURIComponent(secret)
    yield* inLog(data, Effect.gen(function*() {
      yield* Effect.logInfo("early")
      yield* Effect.gen(function*() {
        yield* Effect.logWarning(`posted to /webhook/x/${inUrl}`, { body: { secret } }).pipe(Effect.annotateLogs({ token: secret }))
        yield* Effect.logError(`${"x".repeat(textMax - 5)}${secret}`, Cause.fail(new Error(secret)))
      }).pipe(Effect.provide(Layer.mergeAll(covered, Logging.inFiles)))
    }))
    const text = readFileSync(file(data), "utf8")
    const shown = (yield* TestConsole.errorLines).join("\n")
    assert.strictEqual(entries(data).length, 3)
    for (const where of [text, shown]) {
      assert.include(where, "***")
      for (const part of ["s3cret", inUrl, "quotes"]) assert.notInclude(where, part)
    }
  }).pipe(Effect.scoped))

  it.effect("keeps early entries until the folder is ours, and never writes to another's", () => Effect.gen(function*() {
    const data = yield* folder
    yield* inLog(data, Effect.gen(function*() {
      for (let index = 0; index < 300; index += 1) yield* Effect.logInfo(`early ${index}`)
      assert.isFalse(existsSync(file(data)))
      yield* Effect.logInfo("within").pipe(Effect.provide(Logging.inFiles))
      yield* Effect.logInfo("after")
    }))
    const messages = entries(data).map(({ message }) => message)
    assert.deepStrictEqual([messages[0], messages[255], messages[256], messages.length], ["early 0", "early 255", "within", 257])
  }).pipe(Effect.scoped))
})
