/** What the venue says yes and no to. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal } from "effect"
import { Lots, Ticks } from "#schemas/Instrument.ts"
import * as Commands from "#src/matching/Commands.ts"
import { at, bracket, Desk, id, mes, order } from "#test/src/matching/fixture.ts"

const now = at(4000, 4002)

describe("what is refused", () => {
  const table: ReadonlyArray<readonly [string, ReturnType<typeof order> & { readonly endsAtMs?: number }, RegExp, "none" | "Rejected 0/1"]> = [
    ["no lots", { ...order("a", "buy", 1), lots: 0 as Lots }, /lots must be/, "none"],
    ["negative lots", { ...order("a", "buy", 1), lots: -3 as Lots }, /lots must be/, "none"],
    ["limit at zero", order("a", "buy", 1, { limit: 0 }), /limit price must be/, "none"],
    ["limit below zero", order("a", "sell", 1, { limit: -5 }), /limit price must be/, "none"],
    ["limit order without a limit", { ...order("a", "buy", 1), type: "limit" }, /comes with a limit/, "none"],
    ["market order with a stop", { ...order("a", "buy", 1, { stop: 4010 }), type: "market" }, /without a stop/, "none"],
    ["stop as immediate or cancel", order("a", "buy", 1, { stop: 4010, timeInForce: "ioc" }), /immediate/, "none"],
    ["buy stop at the ask", order("a", "buy", 1, { stop: 4002 }), /already through the market/, "Rejected 0/1"],
    ["sell stop at the bid", order("a", "sell", 1, { stop: 4000 }), /already through the market/, "Rejected 0/1"],
    ["stop limit beyond the market", order("a", "sell", 1, { stop: 4050, limit: 3990 }), /already through the market/, "Rejected 0/1"],
    ["reduce-only without a position", order("a", "sell", 1, { reduceOnly: true }), /nothing to reduce/, "Rejected 0/1"],
    ["its time is over", { ...order("a", "buy", 1), endsAtMs: 0 }, /was over/, "Rejected 0/1"]
  ]
  for (const [name, sent, reason, state] of table) {
    it(name, () => {
      const desk = new Desk().place(sent, now)
      assert.match(desk.refusals.join(), reason)
      assert.strictEqual(desk.state("a"), state)
      assert.deepStrictEqual(desk.fills, [])
    })
  }

  it("reduce-only on the position's own side", () => {
    const desk = new Desk().place(order("in", "buy", 1), now).place(order("more", "buy", 1, { reduceOnly: true }), now)
    assert.match(desk.refusals.join(), /nothing to reduce/)
  })

  it("a contract that has ended takes no order, but can be closed", () => {
    const desk = new Desk().place(order("in", "buy", 1), now)
    const after = at(4000, 4002, { atMs: 1_000_000_000 })
    assert.match(desk.place(order("late", "buy", 1), after).refusals.join(), /MESZ26 has ended/)
    assert.strictEqual(desk.done(Commands.close(desk.book, id("out"), undefined, after)).net, 0)
  })

  const crooked: ReadonlyArray<readonly [string, ReturnType<typeof bracket>, RegExp]> = [
    ["a long's stop above the bid", bracket("buy", 1, 4000, 4100), /already through/],
    ["a short's stop below the ask", bracket("sell", 1, 4002, 3900), /already through/],
    ["a stop above the limit of the entry", bracket("buy", 1, 3996, 4100, { limit: 3995 }), /already through/],
    ["a target beyond the stop", bracket("buy", 1, 3950, 3940), /beyond target/],
    ["children of another size", { ...bracket("buy", 2, 3950, 4100), stop: order("stop", "sell", 1, { stop: 3950 }) }, /children take/],
    ["children on the entry's side", { ...bracket("buy", 1, 3950, 4100), stop: order("stop", "buy", 1, { stop: 4050 }) }, /children take/]
  ]
  for (const [name, sent, reason] of crooked) {
    it(`bracket: ${name}`, () => {
      const desk = new Desk().bracket(sent, now)
      assert.match(desk.refusals.join(), reason)
      assert.deepStrictEqual(["entry", "stop", "target"].map((leg) => desk.state(leg).split(" ")[0]), ["Rejected", "Rejected", "Rejected"])
    })
  }
})

describe("the same order again", () => {
  it("changes nothing, working or filled", () => {
    const desk = new Desk().place(order("a", "buy", 1), now).place(order("b", "buy", 1, { limit: 3990 }), now)
    const before = desk.book
    desk.place(order("a", "buy", 1), now).place(order("b", "buy", 1, { limit: 3990 }), now)
    assert.deepStrictEqual(desk.refusals, [])
    assert.strictEqual(desk.book.orderCount, before.orderCount)
    assert.strictEqual(desk.net, 1)
  })

  it("is known after a modification, as it was sent", () => {
    const desk = new Desk().place(order("b", "buy", 1, { limit: 3990 }), now)
    desk.done(Commands.modify(desk.book, id("b"), { lots: Lots.make(2), limit: Ticks.make(3980) }, now.price)).place(order("b", "buy", 1, { limit: 3990 }), now)
    assert.deepStrictEqual(desk.refusals, [])
    assert.strictEqual(desk.state("b"), "Accepted 0/2")
  })

  it("another order under its id is refused", () => {
    const desk = new Desk().place(order("a", "buy", 1), now).place(order("a", "buy", 2), now)
    assert.match(desk.refusals.join(), /used by another/)
    assert.strictEqual(desk.net, 1)
  })

  it("a rejected one stays rejected, with its reason", () => {
    const desk = new Desk().place(order("a", "buy", 1, { stop: 4001 }), now).place(order("a", "buy", 1, { stop: 4001 }), at(3990, 3991))
    assert.strictEqual(desk.refusals.length, 2)
    assert.strictEqual(desk.refusals[1], desk.refusals[0])
    assert.strictEqual(desk.state("a"), "Rejected 0/1")
  })

  it("a bracket too", () => {
    const desk = new Desk().bracket(bracket("buy", 1, 3950, 4100), now).bracket(bracket("buy", 1, 3950, 4100), now)
    assert.deepStrictEqual(desk.refusals, [])
    assert.strictEqual(desk.net, 1)
  })
})

describe("modify and cancel", () => {
  const resting = () => new Desk().place(order("in", "buy", 4), now).place(order("stop", "sell", 4, { stop: 3950 }), now)
  const modify = (desk: Desk, lots: number, stop?: number) =>
    desk.done(Commands.modify(desk.book, id("stop"), { lots: Lots.make(lots), ...(stop === undefined ? {} : { stop: Ticks.make(stop) }) }, now.price))

  it("moves price and size", () => {
    const desk = modify(resting(), 3, 3990).quote(at(3989, 3991))
    assert.deepStrictEqual(desk.fills.slice(1), ["stop sell 3 @ 997.25"])
  })

  it("refuses a stop through the market and leaves the order", () => {
    const desk = modify(resting(), 4, 4001)
    assert.match(desk.refusals.join(), /already through/)
    assert.strictEqual(desk.book.orders.get(id("stop"))?.stop, 3950)
  })

  it("cannot shrink below what has filled, nor move a stop that triggered", () => {
    const desk = resting().quote(at(3940, 3941, { rules: { lotsPerFillMax: 2 } }))
    assert.strictEqual(desk.state("stop"), "PartlyFilled 2/4")
    assert.match(modify(desk, 2).refusals.join(), /cannot shrink/)
    assert.match(modify(desk, 4, 3900).refusals.join(), /has triggered/)
  })

  it("a held child moves its price and keeps following its entry", () => {
    const desk = new Desk().bracket(bracket("buy", 3, 3950, 4100, { limit: 3995 }), now)
    modify(desk, 1, 3940).quote(at(3990, 3991))
    assert.deepStrictEqual(desk.refusals, [])
    assert.strictEqual(desk.state("stop"), "Accepted 0/3")
    assert.strictEqual(desk.book.orders.get(id("stop"))?.stop, 3940)
  })

  it("cancelling an unfilled entry takes its children along", () => {
    const desk = new Desk().bracket(bracket("buy", 3, 3950, 4100, { limit: 3995 }), now)
    desk.done(Commands.cancel(desk.book, id("entry")))
    assert.deepStrictEqual(["entry", "stop", "target"].map((name) => desk.state(name)), ["Canceled 0/3", "Canceled 0/3", "Canceled 0/3"])
  })

  it("cancelling a partly filled entry leaves the protection of what filled", () => {
    const desk = new Desk().bracket(bracket("buy", 3, 3950, 4100, { limit: 3995 }), now).quote(at(3990, 3991, { rules: { lotsPerFillMax: 1 } }))
    desk.done(Commands.cancel(desk.book, id("entry")))
    assert.deepStrictEqual(["entry", "stop", "target"].map((name) => desk.state(name)), ["Canceled 1/3", "Accepted 0/1", "Accepted 0/1"])
  })

  it("what is closed or was never there is not found", () => {
    const desk = resting()
    assert.strictEqual(Commands.cancel(desk.book, id("in")).refusal?.kind, "notFound")
    assert.match(Commands.cancel(desk.book, id("in")).refusal?.reason ?? "", /Filled/)
    assert.strictEqual(Commands.cancel(desk.book, id("nope")).refusal?.kind, "notFound")
    assert.strictEqual(Commands.modify(desk.book, id("nope"), { lots: Lots.make(1) }, now.price).refusal?.kind, "notFound")
  })

  it("cancel all", () => {
    const desk = resting().place(order("b", "buy", 1, { limit: 3000 }), now)
    assert.strictEqual(desk.done(Commands.cancelAll(desk.book, mes.id)).book.orders.size, 0)
  })
})

describe("closing and money", () => {
  it("a close is bound to the position whatever fills meanwhile, even without reduce-only", () => {
    const slow = { rules: { lotsPerFillMax: 1, reduceOnly: false } }
    const desk = new Desk().place(order("in", "sell", 3), now)
    desk.done(Commands.close(desk.book, id("c1"), undefined, at(4000, 4002, slow))).done(Commands.close(desk.book, id("c2"), undefined, at(4000, 4002, slow)))
    for (let quotes = 0; quotes < 5; quotes++) desk.quote(at(4000, 4002, slow))
    assert.strictEqual(desk.net, 0)
    assert.strictEqual(desk.book.orders.size, 0)
  })

  it("a part, never more than is held, and the same id once", () => {
    const desk = new Desk().place(order("in", "buy", 3), now)
    for (let tries = 0; tries < 2; tries++) desk.done(Commands.close(desk.book, id("c1"), Lots.make(2), now))
    assert.strictEqual(desk.net, 1)
    assert.strictEqual(desk.done(Commands.close(desk.book, id("c2"), Lots.make(9), now)).net, 0)
    assert.strictEqual(Commands.close(desk.book, id("c3"), undefined, now).refusal?.kind, "notFound")
  })

  it("realised profit at average cost, and fees", () => {
    const desk = new Desk().place(order("a", "buy", 1), at(3999, 4000)).place(order("b", "buy", 2), at(4009, 4010))
    desk.place(order("c", "sell", 1), at(4020, 4021)) // average 4006.67: 13.33 ticks won
    desk.place(order("d", "sell", 3), at(4020, 4021)) // the other two, then one short
    assert.strictEqual(desk.net, -1)
    assert.strictEqual(BigDecimal.format(desk.book.realised), "50") // 20 + 10 + 10 ticks at 1.25, exactly
    assert.strictEqual(BigDecimal.format(desk.book.fees), "4.34") // 7 lots at 0.62
    assert.strictEqual(BigDecimal.format(desk.place(order("e", "buy", 1), at(4028, 4030)).book.realised), "37.5")
  })
})
