import { assert, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import * as Reread from "#src/venues/shared/Reread.ts"

const Row = Schema.Struct({ id: Schema.Int })
const valueOf = (read: Result.Result<unknown, unknown>) => Result.isSuccess(read) ? read.success : "failed"

it("the same text to the same question is read once; another text, or one to another question, anew", () => {
  const read = Reread.texts()
  const first = valueOf(read("orders", "[{\"id\":1}]"))
  assert.deepStrictEqual(first, [{ id: 1 }])
  assert.strictEqual(valueOf(read("orders", "[{\"id\":1}]")), first)
  assert.notStrictEqual(valueOf(read("fills", "[{\"id\":1}]")), first)
  assert.deepStrictEqual(valueOf(read("orders", "[{\"id\":2}]")), [{ id: 2 }])
  assert.notStrictEqual(valueOf(read("orders", "[{\"id\":1}]")), first)
  assert.strictEqual(valueOf(read("orders", "[{")), "failed")
  assert.strictEqual(valueOf(read("orders", "[{")), "failed")
})

it("texts are kept of the last questions only, and none that is long", () => {
  const read = Reread.texts()
  const first = valueOf(read("question 0", "[0]"))
  for (let n = 1; n <= 15; n++) read(`question ${n}`, "[0]")
  assert.strictEqual(valueOf(read("question 0", "[0]")), first)
  for (let n = 16; n <= 31; n++) read(`question ${n}`, "[0]")
  assert.notStrictEqual(valueOf(read("question 0", "[0]")), first)
  const long = `["${"x".repeat(1_048_576)}"]`
  assert.notStrictEqual(valueOf(read("long", long)), valueOf(read("long", long)))
})

it("a row is read once, whatever came of it; values that are no rows are read each time", () => {
  const read = Reread.rows(Row)
  const [good, bad] = [{ id: 1 }, { id: "one" }]
  assert.strictEqual(read(good), read(good))
  assert.deepStrictEqual(valueOf(read(good)), { id: 1 })
  assert.strictEqual(read(bad), read(bad))
  assert.isTrue(Result.isFailure(read(bad)))
  assert.isTrue(Result.isFailure(read(null)))
  assert.isTrue(Result.isFailure(read("row")))
})
