/** An exit that comes at another moment than one would like. */
import { assert, describe, it } from "@effect/vitest"
import { buy, exit, live } from "#test/simulation/named/live.ts"

const styles = ["native", "plain", "paper"] as const
const wired = ["native", "plain"] as const
const limit = { orderType: "limit", limitPrice: "6890" }

describe.each(styles)("an exit, %s", (style) => {
  it("before its entry has filled: the entry is called back", async () => {
    const { ended } = await live({ style, alerts: [["00:00:05", buy("in", limit)], ["00:00:15", exit("out")]], steps: [{ at: "00:00:30", price: "6880" }] })
    assert.deepStrictEqual(ended, { in: ["canceled"], out: ["done"] })
  })

  it("in the instant of its entry: nothing stays", async () => {
    const { ended } = await live({ style, alerts: [["00:00:05", buy("in")], ["00:00:05", exit("out")]] })
    assert.deepStrictEqual([ended["in"]?.[0], ended["out"]?.[0]], ["filled", "done"])
  })

  it("after its entry was called back at its deadline: there is nothing to do", async () => {
    const far = { orderType: "stop", stopPrice: "6950" }
    const { ended } = await live({ style, alerts: [["00:00:05", buy("in", far)], ["00:00:10", { action: "cancel", id: "off" }], ["00:00:40", exit("out")]] })
    assert.deepStrictEqual(ended["out"], ["nothingToDo: NothingToDo"])
  })
})

describe.each(wired)("an exit at a wire that hides things, %s", (style) => {
  it("while its entry is on its way: slow acknowledgement", async () => {
    const { ended } = await live({ style, faults: "F5:n=1", alerts: [["00:00:05", buy("in")], ["00:00:06", exit("out")]], seconds: 60 })
    assert.deepStrictEqual(ended["out"], ["done"])
  })

  it("while its entry is Unknown and the venue does not find it", async () => {
    const { ended } = await live({ style, faults: "F3:n=1 F30:n=1", alerts: [["00:00:05", buy("in")], ["00:00:06", exit("out")]], seconds: 60 })
    assert.deepStrictEqual([ended["in"], ended["out"]], [["filled"], ["done"]])
  })

  it("after part of its entry filled and the rest was cancelled", async () => {
    const { ended } = await live({ style, faults: "F14:n=1", alerts: [["00:00:05", buy("in", { quantity: "4" })], ["00:00:40", exit("out")]] })
    assert.deepStrictEqual(ended, { in: ["partlyFilled"], out: ["done"] })
  })

  it("twice, the second while the first closes", async () => {
    const { ended } = await live({ style, faults: "F5:n=3", alerts: [["00:00:05", buy("in")], ["00:00:15", exit("out")], ["00:00:15.500", exit("again")]], seconds: 60 })
    assert.deepStrictEqual(ended["out"], ["done"])
  })
})
