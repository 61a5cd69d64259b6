import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Jsonc from "#config/Jsonc.ts"

const valueOf = (text: string) => Result.getOrThrow(Jsonc.parse(text))
const errorOf = (text: string) => Result.getOrThrow(Result.flip(Jsonc.parse(text)))

describe("JSON as people write it", () => {
  it("reads comments, trailing commas and a byte-order mark", () => {
    const text = `\uFEFF// first
    { /* of // two */ "a": [1, 2.5e1, -3,], // tail
      "url": "http://x/*no comment*/", "deep": { "t": true, "n": null, }, }`
    assert.deepStrictEqual(valueOf(text), { a: [1, 25, -3], url: "http://x/*no comment*/", deep: { t: true, n: null } })
  })

  it("reads every escape as JSON does", () => {
    const text = String.raw`{"a": "\"\\\/\b\f\n\r\té😀 \u0041 ü"}`
    assert.deepStrictEqual(valueOf(text), JSON.parse(text))
  })

  it("says line, column, what it expected and the one character it found", () => {
    assert.deepStrictEqual(errorOf(`{\n  "a": 1\n  "b": 2\n}`), { line: 3, column: 3, expected: `"," or "}"`, got: `"\\""` })
    assert.deepStrictEqual(errorOf(`{"secret": hunter2}`), { line: 1, column: 12, expected: "a value", got: `"h"` })
    assert.deepStrictEqual(errorOf(`{"a": 1`), { line: 1, column: 8, expected: `"," or "}"`, got: "the end of the file" })
    assert.deepStrictEqual(errorOf(`{} {}`), { line: 1, column: 4, expected: "the end of the file", got: `"{"` })
    assert.deepStrictEqual(errorOf(`{a: 1}`), { line: 1, column: 2, expected: "a key in double quotes", got: `"a"` })
  })

  it("refuses a key that stands twice", () => {
    assert.deepStrictEqual(errorOf(`{"cap": 1,\n "cap": 2}`), { line: 2, column: 2, expected: "each key once", got: `"\\""` })
  })

  it("refuses what JSON refuses", () => {
    for (const text of ["", "[01]", "[1,,2]", "[,]", "[+1]", "[.5]", "[NaN]", "['a']", `["a\nb"]`, "/* open", "[tru]", `["\\x"]`]) {
      assert.isTrue(Result.isFailure(Jsonc.parse(text)), text)
    }
    assert.strictEqual(errorOf("[".repeat(1000)).expected, "at most 32 levels")
  })

  it("keeps a key named like a prototype an ordinary key", () => {
    const value = valueOf(`{"__proto__": {"id": "x"}}`)
    assert.deepStrictEqual(Object.keys(value ?? {}), ["__proto__"])
    assert.strictEqual(Object.getPrototypeOf(value), Object.prototype)
  })
})
