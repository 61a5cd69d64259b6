/** Another configuration comes into force in every state that an order can be in. */
import { assert, describe, it } from "@effect/vitest"
import { type Told } from "#test/simulation/calls/Story.ts"
import { buy, exit, live } from "#test/simulation/named/live.ts"

const caps = { accounts: { "paper-1": { caps: { maxContracts: { futures: "3" } } } } }
const stops = { strategies: { "demo-futures": { defaultStop: { _tag: "Distance", ticks: 20 }, onOppositeSide: "deny" } } }
const limit = { orderType: "limit", limitPrice: "6890" }

type Case = readonly [state: string, at: string, Omit<Told, "name" | "about" | "style">]
const out = ["00:00:40", exit("out")] as const

const cases: ReadonlyArray<Case> = [
  ["is decided in the same instant", "00:00:05", { alerts: [["00:00:05", buy("in")], out] }],
  ["is on its way, its answer slow", "00:00:05.500", { faults: "F5:n=1", alerts: [["00:00:05", buy("in")], out] }],
  ["may have been executed", "00:00:05.500", { faults: "F3:n=1 F30:n=1", alerts: [["00:00:05", buy("in")], out] }],
  ["rests", "00:00:10", { alerts: [["00:00:05", buy("in", limit)], out], steps: [{ at: "00:00:20", price: "6885" }] }],
  ["fills in that instant", "00:00:20", { alerts: [["00:00:05", buy("in", limit)], out], steps: [{ at: "00:00:20", price: "6885" }] }],
  ["has filled in part", "00:00:05.001", { faults: "F14:n=1", alerts: [["00:00:05", buy("in", { quantity: "3" })], out] }],
  ["has filled, its stop on its way", "00:00:05.001", { alerts: [["00:00:05", buy("in")], out] }],
  ["works under its stop", "00:00:20", { alerts: [["00:00:05", buy("in")], out] }],
  ["is being changed", "00:00:20", { alerts: [["00:00:05", buy("in")], ["00:00:20", { action: "update", sl: "6895", id: "up" }], out] }],
  ["is being cancelled", "00:00:20", { alerts: [["00:00:05", buy("in", limit)], ["00:00:20", { action: "cancel", id: "off" }], out] }],
  ["is being closed", "00:00:40", { alerts: [["00:00:05", buy("in")], out] }],
  ["is being closed, its answer lost", "00:00:40.500", { faults: "F3:n=3", alerts: [["00:00:05", buy("in")], out], seconds: 70 }],
  ["has ended", "00:00:45", { alerts: [["00:00:05", buy("in")], out, ["00:00:50", buy("next")]], seconds: 60 }]
]

describe.each(["native", "plain"] as const)("a reload while the order, %s,", (style) => {
  it.each(cases)("%s", async (_, at, told) => {
    for (const change of [caps, stops]) {
      const { count, ended, report } = await live({ style, ...told, hands: [{ at, act: ({ reload }) => reload(change) }] })
      assert.strictEqual(count("ConfigApplied"), 2)
      assert.strictEqual(report.counts["lives"], 1)
      assert.isTrue(["done", "nothingToDo: NothingToDo"].includes(ended["out"]?.[0] ?? ""), JSON.stringify(ended))
    }
  })
})
