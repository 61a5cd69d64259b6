/** What the judge makes of the machine's own wire. */
import { assert, describe, it } from "@effect/vitest"
import { begun } from "#test/simulation/oracle/stories.ts"

describe("an entry that is slow on its way to the venue", () => {
  const arriving = (of: { readonly leftAfterMs: number; readonly slow?: string; readonly fault?: string }) => {
    const story = begun()
    story.alert()
    story.decided()
    story.intend({ id: "il-e" })
    story.wait(of.leftAfterMs)
    if (of.slow !== undefined) story.record("fault", { name: of.fault ?? "F5", detail: of.slow })
    story.wait(60_001 - of.leftAfterMs)
    story.arrive({ id: "il-e" })
    return story.messages().filter((message) => message.startsWith("I12"))
  }
  const late = ["I12: an entry left for the venue after its alert had grown too old"]

  it("left in time, whenever it arrives", () => {
    assert.deepStrictEqual(arriving({ leftAfterMs: 60_000, slow: "il-e" }), [])
  })

  it("is no excuse for one that left late, nor for another order's", () => {
    assert.deepStrictEqual(arriving({ leftAfterMs: 60_001, slow: "il-e" }), late)
    assert.deepStrictEqual(arriving({ leftAfterMs: 10, slow: "il-other" }), late)
    assert.deepStrictEqual(arriving({ leftAfterMs: 10, slow: "il-e", fault: "F3" }), late)
    assert.deepStrictEqual(arriving({ leftAfterMs: 10 }), late)
  })
})
