/** Several files at once: all of them, or none. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Together from "#config/Together.ts"
import { folder } from "#test/support/folder.ts"

const modeOf = (path: string): number => statSync(path).mode & 0o777

describe("files put in place together", () => {
  it.effect("a secret for its owner alone, in a folder of his; a file that was there keeps its mode, and its link", () => Effect.gen(function*() {
    const root = yield* folder
    writeFileSync(`${root}/real.json`, "old")
    chmodSync(`${root}/real.json`, 0o640)
    symlinkSync(`${root}/real.json`, `${root}/linked.json`)
    Together.write([
      { path: `${root}/secrets/one`, text: "hidden\n", isSecret: true },
      { path: `${root}/linked.json`, text: "new", isSecret: false, was: "old" }
    ])
    assert.deepStrictEqual([modeOf(`${root}/secrets`), modeOf(`${root}/secrets/one`), modeOf(`${root}/real.json`)], [0o700, 0o600, 0o640])
    assert.strictEqual(readFileSync(`${root}/real.json`, "utf8"), "new")
    assert.deepStrictEqual(readdirSync(root).sort(), ["linked.json", "real.json", "secrets"])
  }).pipe(Effect.scoped))

  it.effect("where one of them cannot be written, none is changed and nothing lies about", () => Effect.gen(function*() {
    const root = yield* folder
    writeFileSync(`${root}/first.json`, "old")
    mkdirSync(`${root}/file`)
    writeFileSync(`${root}/file/inner`, "")
    assert.throws(() => Together.write([
      { path: `${root}/secrets/one`, text: "hidden", isSecret: true },
      { path: `${root}/first.json`, text: "new", isSecret: false, was: "old" },
      { path: `${root}/file/inner/below.json`, text: "new", isSecret: false }
    ]))
    assert.strictEqual(readFileSync(`${root}/first.json`, "utf8"), "old")
    assert.deepStrictEqual([readdirSync(`${root}/secrets`), readdirSync(root).sort()], [[], ["file", "first.json", "secrets"]])
  }).pipe(Effect.scoped))

  it.effect("what somebody wrote meanwhile is not lost", () => Effect.gen(function*() {
    const root = yield* folder
    writeFileSync(`${root}/first.json`, "theirs")
    assert.throws(() => Together.write([
      { path: `${root}/secrets/one`, text: "hidden", isSecret: true },
      { path: `${root}/first.json`, text: "ours", isSecret: false, was: "as it was read" }
    ]), /changed meanwhile/)
    assert.strictEqual(readFileSync(`${root}/first.json`, "utf8"), "theirs")
    assert.isFalse(existsSync(`${root}/secrets/one`))
  }).pipe(Effect.scoped))
})
