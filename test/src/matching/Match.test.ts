/** When resting orders fill, and at which price. Ticks of 0.25: 4000 is 1000.00. */
import { assert, describe, it } from "@effect/vitest"
import type { Rules } from "#src/matching/Match.ts"
import { at, bracket, Desk, order } from "#test/src/matching/fixture.ts"

describe("fill prices", () => {
  const table: ReadonlyArray<readonly [string, ReturnType<typeof order>, readonly [number, number, number?], readonly [number, number, number?], ReadonlyArray<string>, Partial<Rules>?]> = [
    ["market buy at the ask", order("a", "buy", 2), [4000, 4002], [4000, 4002], ["a buy 2 @ 1000.5"]],
    ["market sell at the bid", order("a", "sell", 2), [4000, 4002], [4000, 4002], ["a sell 2 @ 1000"]],
    ["market buy slips up by ticks", order("a", "buy", 1), [4000, 4002], [4000, 4002], ["a buy 1 @ 1001.25"], { slippage: { unit: "ticks", value: 3 } }],
    ["market sell slips down by ticks", order("a", "sell", 1), [4000, 4002], [4000, 4002], ["a sell 1 @ 999.25"], { slippage: { unit: "ticks", value: 3 } }],
    ["basis points round against the order", order("a", "buy", 1), [4000, 4002], [4000, 4002], ["a buy 1 @ 1000.75"], { slippage: { unit: "basisPoints", value: 1 } }],
    ["a market sell never goes below one tick", order("a", "sell", 1), [2, 3], [2, 3], ["a sell 1 @ 0.25"], { slippage: { unit: "ticks", value: 9 } }],
    ["buy limit waits while the ask is above", order("a", "buy", 1, { limit: 3999 }), [4000, 4002], [3999, 4000, 3998], []],
    ["buy limit fills when the ask is at it", order("a", "buy", 1, { limit: 3999 }), [4000, 4002], [3998, 3999], ["a buy 1 @ 999.75"]],
    ["buy limit fills at the ask below it, without slippage", order("a", "buy", 1, { limit: 3999 }), [4000, 4002], [3989, 3990], ["a buy 1 @ 997.5"], { slippage: { unit: "ticks", value: 3 } }],
    ["sell limit waits while the bid is below", order("a", "sell", 1, { limit: 4003 }), [4000, 4002], [4002, 4004, 4004], []],
    ["sell limit fills at the bid", order("a", "sell", 1, { limit: 4003 }), [4000, 4002], [4004, 4005], ["a sell 1 @ 1001"]],
    ["marketable limit takes at once", order("a", "buy", 1, { limit: 4010 }), [4000, 4002], [4100, 4101], ["a buy 1 @ 1000.5"]],
    ["sell stop waits above its price", order("a", "sell", 1, { stop: 3990 }), [4000, 4002], [3991, 3992], []],
    ["sell stop at its price", order("a", "sell", 1, { stop: 3990 }), [4000, 4002], [3990, 3991], ["a sell 1 @ 997.5"]],
    ["sell stop through a gap pays the bid and the slippage", order("a", "sell", 1, { stop: 3990 }), [4000, 4002], [3950, 3951], ["a sell 1 @ 987.25"], { slippage: { unit: "ticks", value: 1 } }],
    ["sell stop touched by the last trade alone fills no better than itself", order("a", "sell", 1, { stop: 3990 }), [4000, 4002], [3995, 3996, 3990], ["a sell 1 @ 997.5"]],
    ["buy stop at its price", order("a", "buy", 1, { stop: 4010 }), [4000, 4002], [4009, 4010], ["a buy 1 @ 1002.5"]],
    ["buy stop through a gap pays the ask", order("a", "buy", 1, { stop: 4010 }), [4000, 4002], [4049, 4050], ["a buy 1 @ 1012.5"]],
    ["stop limit fills inside its limit", order("a", "buy", 1, { stop: 4010, limit: 4015 }), [4000, 4002], [4011, 4012], ["a buy 1 @ 1003"]],
    ["stop limit does not follow a gap", order("a", "buy", 1, { stop: 4010, limit: 4015 }), [4000, 4002], [4020, 4021], []]
  ]
  for (const [name, sent, first, second, fills, changes] of table) {
    it(name, () => {
      const moment = (quote: readonly [number, number, number?]) =>
        at(quote[0], quote[1], { ...(quote[2] === undefined ? {} : { last: quote[2] }), ...(changes === undefined ? {} : { rules: changes }) })
      const desk = new Desk().place(sent, moment(first)).quote(moment(second))
      assert.deepStrictEqual(desk.refusals, [])
      assert.deepStrictEqual(desk.fills, fills)
    })
  }

  it("a triggered stop limit is a limit order ever after", () => {
    const desk = new Desk().place(order("a", "buy", 1, { stop: 4010, limit: 4015 }), at(4000, 4002)).quote(at(4020, 4021)).quote(at(4004, 4005))
    assert.deepStrictEqual(desk.fills, ["a buy 1 @ 1001.25"])
  })
})

describe("size and time", () => {
  const two = { rules: { lotsPerFillMax: 2 } }

  it("a fill takes so many lots per quote, the rest follows", () => {
    const desk = new Desk().place(order("a", "buy", 5), at(4000, 4002, two))
    assert.strictEqual(desk.state("a"), "PartlyFilled 2/5")
    desk.quote(at(4001, 4003, two)).quote(at(4002, 4004, two)).quote(at(4003, 4005, two))
    assert.deepStrictEqual(desk.fills, ["a buy 2 @ 1000.5", "a buy 2 @ 1000.75", "a buy 1 @ 1001"])
    assert.strictEqual(desk.state("a"), "Filled 5/5")
    assert.strictEqual(desk.net, 5)
  })

  it("a stop that triggered goes on filling although the market came back", () => {
    const desk = new Desk().place(order("a", "sell", 3, { stop: 3990 }), at(4000, 4002, two)).quote(at(3980, 3981, two)).quote(at(4000, 4001, two))
    assert.deepStrictEqual(desk.fills, ["a sell 2 @ 995", "a sell 1 @ 997.5"])
  })

  it("immediate or cancel keeps what it got", () => {
    const desk = new Desk().place(order("a", "buy", 5, { timeInForce: "ioc" }), at(4000, 4002, two))
    assert.strictEqual(desk.state("a"), "Canceled 2/5")
    desk.place(order("b", "buy", 1, { limit: 3990, timeInForce: "ioc" }), at(4000, 4002, two))
    assert.strictEqual(desk.state("b"), "Canceled 0/1")
  })

  it("an order ends at its time, before the quote of that instant", () => {
    const desk = new Desk().place({ ...order("a", "buy", 1, { limit: 3990 }), endsAtMs: 1_000 }, at(4000, 4002))
    assert.strictEqual(desk.quote(at(4000, 4002, { atMs: 999 })).state("a"), "Accepted 0/1")
    assert.strictEqual(desk.quote(at(3980, 3981, { atMs: 1_000 })).state("a"), "Expired 0/1")
  })

  it("fill ids count up within the account", () => {
    const desk = new Desk().place(order("a", "buy", 3), at(4000, 4002, two)).quote(at(4000, 4002, two)).place(order("b", "sell", 1), at(4000, 4002))
    assert.deepStrictEqual(desk.book.fills.map((fill) => fill.id), ["acct-f1", "acct-f2", "acct-f3"])
    assert.deepStrictEqual(desk.book.fills.map((fill) => fill.venueOrderId), ["acct-o1", "acct-o1", "acct-o2"])
  })
})

describe("reduce-only", () => {
  const long = (lots: number) => new Desk().place(order("in", "buy", lots), at(4000, 4002))

  it("takes no more than the position and ends there", () => {
    const desk = long(2).place(order("out", "sell", 5, { limit: 4010, reduceOnly: true }), at(4000, 4002)).quote(at(4010, 4011))
    assert.strictEqual(desk.net, 0)
    assert.strictEqual(desk.state("out"), "Canceled 2/5")
  })

  it("is cancelled when something else closes the position", () => {
    const desk = long(2).place(order("stop", "sell", 2, { stop: 3990, reduceOnly: true }), at(4000, 4002)).place(order("out", "sell", 2), at(4000, 4002))
    assert.strictEqual(desk.state("stop"), "Canceled 0/2")
  })

  it("of two on one quote the stop goes first and the other has nothing left", () => {
    const desk = long(2)
      .place(order("target", "sell", 2, { limit: 3985, reduceOnly: true }), at(3980, 3982))
      .place(order("stop", "sell", 2, { stop: 3970, reduceOnly: true }), at(3980, 3982))
      .quote(at(3990, 3991, { last: 3970 }))
    assert.strictEqual(desk.state("stop"), "Filled 2/2")
    assert.strictEqual(desk.state("target"), "Canceled 0/2")
  })

  it("the flag means nothing at a venue without it", () => {
    const desk = new Desk().place(order("out", "sell", 2, { reduceOnly: true }), at(4000, 4002, { rules: { reduceOnly: false } }))
    assert.strictEqual(desk.net, -2)
  })
})

describe("native brackets", () => {
  const two = { rules: { lotsPerFillMax: 2 } }

  it("children are held, then grow with the entry", () => {
    const desk = new Desk().bracket(bracket("buy", 5, 3950, 4100, { limit: 3995 }), at(4000, 4002))
    assert.deepStrictEqual(["entry", "stop", "target"].map((name) => desk.state(name)), ["Accepted 0/5", "Held 0/5", "Held 0/5"])
    desk.quote(at(3994, 3995, two))
    assert.deepStrictEqual(["entry", "stop", "target"].map((name) => desk.state(name)), ["PartlyFilled 2/5", "Accepted 0/2", "Accepted 0/2"])
    desk.quote(at(3994, 3995, two)).quote(at(3994, 3995, two))
    assert.deepStrictEqual(["entry", "stop", "target"].map((name) => desk.state(name)), ["Filled 5/5", "Accepted 0/5", "Accepted 0/5"])
  })

  it("held children do not fill", () => {
    const desk = new Desk().bracket(bracket("buy", 1, 3950, 4100, { limit: 3995 }), at(4000, 4002)).quote(at(4200, 4201))
    assert.deepStrictEqual(desk.fills, [])
  })

  it("a fill of one child takes its lots from the other", () => {
    const desk = new Desk().bracket(bracket("buy", 5, 3950, 4100), at(4000, 4002)).quote(at(4100, 4101, two))
    assert.deepStrictEqual(["stop", "target"].map((name) => desk.state(name)), ["Accepted 0/3", "PartlyFilled 2/5"])
    desk.quote(at(3900, 3901))
    assert.deepStrictEqual(["stop", "target"].map((name) => desk.state(name)), ["Filled 3/3", "Canceled 2/5"])
    assert.strictEqual(desk.net, 0)
  })

  it("without one-cancels-all both children stay", () => {
    const loose = { rules: { oca: false } }
    const desk = new Desk().bracket(bracket("buy", 2, 3950, 4100), at(4000, 4002, loose)).quote(at(4100, 4101, loose))
    assert.strictEqual(desk.state("stop"), "Accepted 0/2")
    assert.strictEqual(desk.quote(at(3940, 3941, loose)).net, -2)
  })

  it("a child's fill cancels what the entry still waits for", () => {
    const desk = new Desk().bracket(bracket("buy", 5, 3950, 4100, { limit: 3995 }), at(4000, 4002)).quote(at(3994, 3995, two)).quote(at(4100, 4101))
    assert.deepStrictEqual(["entry", "stop", "target"].map((name) => desk.state(name)), ["Canceled 2/5", "Canceled 0/2", "Filled 2/2"])
    assert.strictEqual(desk.net, 0)
  })

  it("a child that a quote activates waits for the next one", () => {
    const slipping = { rules: { slippage: { unit: "ticks", value: 60 } as const } }
    const desk = new Desk().bracket(bracket("buy", 1, 3990, 4100, { limit: 3995 }), at(4000, 4002, slipping)).quote(at(3980, 3995, slipping))
    assert.strictEqual(desk.state("stop"), "Accepted 0/1")
    assert.strictEqual(desk.quote(at(3980, 3995)).state("stop"), "Filled 1/1")
  })
})
