/** I4: from when a venue counts as one that answers. */
import { assert, it } from "@effect/vitest"
import { begun } from "./stories.ts"

it("a venue that turned the sign-in away, for as long as it said, is none that answers", () => {
  const story = begun()
  story.long({ stop: 0 })
  story.wait(1_000)
  story.record("reach", { up: false, session: "key" })
  story.record("reach", { up: false, session: "key", forMs: 4_000 })
  story.wait(5_999)
  assert.deepStrictEqual(story.messages(), [])
  story.wait(1_000)
  assert.strictEqual(story.messages().filter((message) => message.startsWith("I4")).length, 1)
})

it("a session that the venue ended is for the house to make again at once", () => {
  const story = begun()
  story.long({ stop: 0 })
  story.record("reach", { up: false, session: "key" })
  story.wait(3_000)
  assert.strictEqual(story.messages().filter((message) => message.startsWith("I4")).length, 1)
})
