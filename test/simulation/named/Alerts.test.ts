/** Alerts that come when the house is not ready for them: none acknowledged is lost, none doubled. */
import { assert, describe, it } from "@effect/vitest"
import type { Hands } from "#src/simulation/Runtime.ts"
import { buy, exit, live } from "#test/simulation/named/live.ts"

const kill = ({ life }: Hands) => life()?.kill()
const leave = ({ life }: Hands) => life()?.leave()

describe.each(["native", "plain", "paper"] as const)("alerts, %s", (style) => {
  it("while the house recovers", async () => {
    const { ended, report } = await live({
      style,
      second: {},
      alerts: [["00:00:05", buy("in")], ["00:00:12", exit("out")], ["00:00:25", buy("new")], ["00:00:40", exit("end")]],
      hands: [{ at: "00:00:10", act: kill }]
    })
    assert.strictEqual(report.counts["lives"], 2)
    assert.deepStrictEqual(ended, { in: ["filled", "filled"], out: ["done", "done"], new: ["filled", "filled"], end: ["done", "done"] })
  })

  it("while nobody listens: the sender sends again, and it counts once", async () => {
    const { count, ended } = await live({
      style,
      alerts: [["00:00:05", buy("in")], ["00:00:10.500", exit("out")]],
      hands: [{ at: "00:00:10", act: kill }]
    })
    assert.deepStrictEqual(ended, { in: ["filled"], out: ["done"] })
    assert.strictEqual(count("AlertAccepted"), 2)
  })

  it("while it leaves in good order, and is back", async () => {
    const { ended, report } = await live({
      style,
      alerts: [["00:00:05", buy("in")], ["00:00:10", buy("more", { orderType: "limit", limitPrice: "6880" })], ["00:00:10.001", exit("out")], ["00:00:40", exit("end")]],
      hands: [{ at: "00:00:10", act: leave }]
    })
    assert.strictEqual(report.counts["lives"], 2)
    assert.deepStrictEqual([ended["in"], ended["out"]], [["filled"], ["done"]])
  })

  it("as an entry is on its way and it leaves: it has its stop before the house is gone", async () => {
    const { ended, report } = await live({ style, alerts: [["00:00:05", buy("in")]], hands: [{ at: "00:00:05.001", act: leave }] })
    assert.strictEqual(report.counts["lives"], 2)
    assert.deepStrictEqual(ended, { in: ["filled"] })
  })

  it("while the disk is full: refused with 503, taken when there is room", async () => {
    const { count, ended, report } = await live({
      style,
      alerts: [["00:00:05", buy("in")], ["00:00:12", exit("out")]],
      hands: [{ at: "00:00:10", act: ({ diskFull }) => diskFull(6_000) }],
      seconds: 60
    })
    assert.strictEqual(report.answers["503"], 1)
    assert.strictEqual(count("AlertAccepted"), 2)
    assert.deepStrictEqual(ended, { in: ["filled"], out: ["done"] })
  })

  it("as the disk fills under an entry on its way", async () => {
    const { ended } = await live({
      style,
      alerts: [["00:00:05", buy("in")], ["00:00:40", exit("out")]],
      hands: [{ at: "00:00:05", act: ({ diskFull }) => diskFull(5_000) }],
      seconds: 60
    })
    assert.deepStrictEqual(ended, { in: ["filled"], out: ["done"] })
  })
})
