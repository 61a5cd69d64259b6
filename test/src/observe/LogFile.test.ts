import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as LogFile from "#src/observe/LogFile.ts"
import { folder } from "#test/support/folder.ts"

const linesIn = (path: string): ReadonlyArray<string> => readFileSync(path, "utf8").split("\n").slice(0, -1)
const modeOf = (path: string) => statSync(path).mode & 0o777

const inFolder = (test: (logs: string) => void) => Effect.scoped(Effect.map(folder, (path) => test(join(path, "logs"))))

describe("the log on disk", () => {
  it.effect("never grows past its bound, keeps the newest, is its owner's alone", () => inFolder((logs) => {
    const file = LogFile.open({ folder: logs, fileBytes: 100, files: 3 })
    for (let index = 0; index < 50; index += 1) file.write(`line ${index} ${"x".repeat(20)}`, index)
    file.close()
    assert.deepStrictEqual(readdirSync(logs).toSorted(), ["interlock.1.jsonl", "interlock.2.jsonl", "interlock.jsonl"])
    const kept = [2, 1, 0].flatMap((age) => linesIn(LogFile.nameOf(logs, age)))
    const numbers = kept.map((line) => Number(line.split(" ")[1]))
    assert.deepStrictEqual(numbers, numbers.map((_, index) => 50 - numbers.length + index), "the newest, none missing, in order")
    for (const name of readdirSync(logs)) {
      assert.isAtMost(statSync(join(logs, name)).size, 100)
      if (process.platform !== "win32") assert.strictEqual(modeOf(join(logs, name)), 0o600)
    }
  }))

  it.effect("goes on where the last life ended, and takes back a mode that somebody widened", () => inFolder((logs) => {
    mkdirSync(logs)
    writeFileSync(LogFile.nameOf(logs, 0), "before\n", { mode: 0o644 })
    const file = LogFile.open({ folder: logs })
    file.write("after", 0)
    file.close()
    assert.deepStrictEqual(linesIn(LogFile.nameOf(logs, 0)), ["before", "after"])
    if (process.platform !== "win32") assert.strictEqual(modeOf(LogFile.nameOf(logs, 0)), 0o600)
  }))

  it.effect("is left alone for a while where it cannot be written, and says then how much is missing", () => inFolder((logs) => {
    writeFileSync(logs, "a file where the folder should be")
    const file = LogFile.open({ folder: logs })
    for (let index = 0; index < 5; index += 1) file.write(`lost ${index}`, index)
    rmSync(logs)
    file.write("lost too", LogFile.retryAfterMs - 1)
    assert.isFalse(existsSync(logs), "not tried again so soon")
    file.write("there", LogFile.retryAfterMs + 10)
    const [gap = "", line] = linesIn(LogFile.nameOf(logs, 0))
    assert.include(JSON.parse(gap).message, "6 lines")
    assert.strictEqual(line, "there")
  }))
})
