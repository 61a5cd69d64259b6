/** A configuration file changed as a person would. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import * as Edit from "#config/Edit.ts"
import * as Jsonc from "#config/Jsonc.ts"

const appended = (text: string, entry: Edit.Json = { id: "b" }) => Result.getOrThrow(Edit.appended(text, "list", entry))
const read = (text: string) => Result.getOrThrow(Jsonc.parse(text))

describe("an entry more", () => {
  const cases: ReadonlyArray<readonly [what: string, before: string, after: string]> = [
    ["behind the last one", `{\n  "list": [\n    { "id": "a" }\n  ]\n}\n`, `{\n  "list": [\n    { "id": "a" },\n    { "id": "b" }\n  ]\n}\n`],
    ["with a comma at the end, as the others have it", `{\n  "list": [\n    { "id": "a" },\n  ]\n}`, `{\n  "list": [\n    { "id": "a" },\n    { "id": "b" },\n  ]\n}`],
    [
      "before the comments at the end, behind the last one's own",
      `{\n  "list": [\n    { "id": "a" } // ours, mostly\n    // another, if need be:\n    // { "id": "c" },\n  ]\n}`,
      `{\n  "list": [\n    { "id": "a" }, // ours, mostly\n    { "id": "b" }\n    // another, if need be:\n    // { "id": "c" },\n  ]\n}`
    ],
    ["into an empty list", `{ "list": [] }`, `{ "list": [\n  { "id": "b" }\n] }`],
    ["into a list of comments", `{\n  "list": [\n    // none yet\n  ]\n}`, `{\n  "list": [\n    // none yet\n    { "id": "b" }\n  ]\n}`],
    ["in a file of another system, with tabs", `{\r\n\t"list": [\r\n\t\t{ "id": "a" }\r\n\t]\r\n}`, `{\r\n\t"list": [\r\n\t\t{ "id": "a" },\r\n\t\t{ "id": "b" }\r\n\t]\r\n}`],
    ["on one line", `{"list":[{"id":"a"}]}`, `{"list":[{"id":"a"},\n  { "id": "b" }]}`]
  ]
  for (const [what, before, after] of cases) it(what, () => assert.strictEqual(appended(before), after))

  it("a long one takes lines of its own", () => {
    const entry = { id: "b", note: "x".repeat(90), inner: { quantity: "1", list: ["a", "b"] } }
    assert.strictEqual(
      appended(`{\n  "list": []\n}`, entry),
      `{\n  "list": [\n    {\n      "id": "b",\n      "note": "${"x".repeat(90)}",\n      "inner": { "quantity": "1", "list": ["a", "b"] }\n    }\n  ]\n}`
    )
  })

  it.effect.prop("whatever the file looks like, it is read as before and one entry more", {
    ids: Schema.Array(Schema.Literals(["a", "}", "],", "//", "\"", "/*"])),
    gap: Schema.Literals(["", " ", "\n", " // one, two ]\n", "/* , */", "\r\n\t"]),
    hasComma: Schema.Boolean,
    isLast: Schema.Boolean
  }, ({ gap, hasComma, ids, isLast }) => Effect.sync(() => {
    const members = ids.map((id) => `${gap}{${gap}"id":${gap}${JSON.stringify(id)}${gap}}${gap}`)
    const text = `${gap}{${gap}"list"${gap}:[${members.join(",")}${hasComma && ids.length > 0 ? `,${gap}` : ""}${gap}]${isLast ? "" : `,${gap}"more": 1`}${gap}}${gap}`
    assert.deepStrictEqual(read(appended(text)), { list: [...ids.map((id) => ({ id })), { id: "b" }], ...(isLast ? {} : { more: 1 }) })
  }))

  it("a file that cannot be read stays as it is, and says where", () => {
    assert.deepStrictEqual(Edit.appended(`{ "list": [ }`, "list", {}), Result.fail(`line 1, column 13: expected a value, got "}"`))
    assert.isTrue(Result.isFailure(Edit.appended(`{ "other": [] }`, "list", {})))
  })
})

describe("another value", () => {
  const text = `{ "list": [\n  { "id": "a", "enabled": false /* not yet */ },\n  { "id": "b", "enabled": false } // soon\n] }`

  it("of this entry, and nothing else", () => {
    assert.strictEqual(Result.getOrThrow(Edit.changed(text, "list", "b", "enabled", true)), text.replace(`"b", "enabled": false`, `"b", "enabled": true`))
    assert.strictEqual(Result.getOrThrow(Edit.changed(text, "list", "a", "enabled", true)), text.replace(`"a", "enabled": false`, `"a", "enabled": true`))
  })

  it("of an entry that is not there", () => {
    assert.deepStrictEqual(Edit.changed(text, "list", "c", "enabled", true), Result.fail(`there is no "enabled" of "c" in "list"`))
  })
})
