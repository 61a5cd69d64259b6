/** Hours that are not like others: a venue gone for two of them, a machine asleep, the days on which clocks change. */
import { assert, describe, it } from "@effect/vitest"
import type { Hands } from "#src/simulation/Runtime.ts"
import { host } from "#test/simulation/calls/Story.ts"
import { buy, exit, live } from "#test/simulation/named/live.ts"

const hoursSeconds = 7_200
const gone = (kind: "refused" | "maintenance" | undefined) => ({ venue }: Hands) => venue(host)?.outage(kind)

describe.each([["native", "refused"], ["plain", "maintenance"]] as const)("%s", (style, kind) => {
  it(`a venue that is down (${kind}) for two hours and back`, async () => {
    const { ended } = await live({
      style,
      alerts: [["00:00:05", buy("in")], ["00:30:00", buy("stale")], ["01:58:00", exit("out")], ["02:05:00", buy("new")], ["02:06:00", exit("end")]],
      hands: [{ at: "00:01:00", act: gone(kind) }, { at: "02:01:00", act: gone(undefined) }],
      seconds: hoursSeconds + 600
    })
    assert.deepStrictEqual([ended["in"], ended["out"], ended["new"], ended["end"]], [["filled"], ["done"], ["filled"], ["done"]])
    assert.match(ended["stale"]?.[0] ?? "", /^(expired|denied)/)
  })

  it("a machine that sleeps for an hour over a position: stale entries expire, its exit works", async () => {
    const { ended } = await live({
      style,
      alerts: [["00:00:05", buy("in")], ["01:02:00", exit("out")], ["01:03:00", buy("new")]],
      own: [{ at: "00:01:00", what: "suspend", forSeconds: 3_600 }],
      seconds: 3_900
    })
    assert.deepStrictEqual(ended, { in: ["filled"], out: ["done"], new: ["filled"] })
  })

  it("a machine that falls asleep with an entry on its way", async () => {
    const { ended } = await live({
      style,
      alerts: [["00:00:05", buy("in")], ["01:02:00", exit("out")]],
      own: [{ at: "00:00:05", what: "suspend", forSeconds: 3_600 }],
      seconds: 3_900
    })
    assert.strictEqual(ended["out"]?.length, 1)
  })
})

const tradingHours = { calendar: "cme-futures" }

describe("the exchange opens on Sunday at five in the afternoon in Chicago", () => {
  it("in the week in which clocks go forward: an hour earlier by the world's clock", async () => {
    const { ended } = await live({
      start: "2026-03-08T21:59:00Z",
      instrument: tradingHours,
      style: "plain",
      alerts: [["00:00:50", buy("early")], ["00:01:10", buy("in")], ["00:01:30", exit("out")]],
      seconds: 100
    })
    assert.match(ended["early"]?.[0] ?? "", /^denied/)
    assert.deepStrictEqual([ended["in"], ended["out"]], [["filled"], ["done"]])
  })

  it("in the week in which they go back: not an hour too early", async () => {
    const { ended } = await live({
      start: "2026-11-01T21:59:30Z",
      instrument: tradingHours,
      style: "plain",
      alerts: [["00:00:50", buy("early")], ["01:00:20", buy("still")], ["01:00:40", buy("in")], ["01:01:00", exit("out")]],
      seconds: 3_700
    })
    assert.deepStrictEqual([ended["early"]?.[0]?.split(":")[0], ended["still"]?.[0]?.split(":")[0]], ["denied", "denied"])
    assert.deepStrictEqual([ended["in"], ended["out"]], [["filled"], ["done"]])
  })
})

/** From two to three in the morning in New York: the hour that is missing in spring, and twice there in autumn. */
const session = { zone: "America/New_York", windows: [{ days: ["sun"], from: "01:30", to: "03:30" }] }

describe("a strategy's own session over the hour that changes", () => {
  it.each([
    ["one hour long in spring", "2026-03-08T06:29:30Z", ["00:00:20", "00:00:40", "01:00:20", "01:00:40"]],
    ["three hours long in autumn", "2026-11-01T05:29:30Z", ["00:00:20", "00:00:40", "03:00:20", "03:00:40"]]
  ] as const)("%s", async (_, start, at) => {
    const { ended } = await live({
      start,
      style: "plain",
      strategy: { session },
      alerts: at.flatMap((time, n) => [[time, buy(`in-${n}`)], [time.replace(/.$/u, "5"), exit(`out-${n}`)]] as const),
      seconds: 11_000
    })
    assert.deepStrictEqual(at.map((_time, n) => ended[`in-${n}`]?.[0] === "filled"), [false, true, true, false])
  })
})
