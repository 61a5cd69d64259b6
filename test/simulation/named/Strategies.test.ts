/** Two strategies that trade one instrument on one account. */
import { assert, describe, it } from "@effect/vitest"
import { buy, exit, live } from "#test/simulation/named/live.ts"

describe("two strategies on one instrument", () => {
  it("the first owns it until it is flat", async () => {
    const other = { id: "other", symbols: ["MES1!"], quotes: "none" }
    const { ended } = await live({
      style: "plain",
      strategies: { other },
      alerts: [
        ["00:00:05", buy("in")], ["00:00:05.001", { ...buy("same"), strategy: "other" }], ["00:00:10", { ...exit("theirs"), strategy: "other" }],
        ["00:00:20", exit("out")], ["00:00:30", { ...buy("then"), strategy: "other" }], ["00:00:40", { action: "flatten", id: "end", strategy: "other" }]
      ]
    })
    assert.deepStrictEqual([ended["in"], ended["same"], ended["out"], ended["then"], ended["end"]], [["filled"], ["denied: InstrumentOwned"], ["done"], ["filled"], ["done"]])
    assert.match(ended["theirs"]?.[0] ?? "", /^nothingToDo/)
  })
})
