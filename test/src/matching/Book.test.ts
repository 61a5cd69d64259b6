/** What must hold whatever is sent and whatever the market does; and that a book survives its ledger. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, HashMap, Schema } from "effect"
import { Lots, Ticks } from "#schemas/Instrument.ts"
import * as Book from "#src/matching/Book.ts"
import * as Commands from "#src/matching/Commands.ts"
import * as Snapshot from "#src/matching/Snapshot.ts"
import { at, bracket, Desk, id, mes, order } from "#test/src/matching/fixture.ts"

const name = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 7 }))
const lots = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 }))
const ticks = Schema.Int.check(Schema.isBetween({ minimum: 3980, maximum: 4020 }))
const side = Schema.Literals(["buy", "sell"])

const Step = Schema.TaggedUnion({
  Place: { name, side, lots, type: Schema.Literals(["market", "limit", "stop", "stopLimit"]), limit: ticks, stop: ticks, reduceOnly: Schema.Boolean, isIoc: Schema.Boolean },
  Modify: { name, lots, price: ticks },
  Cancel: { name },
  Close: { name, lots },
  Quote: { bid: ticks, last: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1 })) }
})
const Steps = Schema.Array(Step).check(Schema.isMaxLength(40))
const Market = Schema.Struct({ slip: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })), lotsPerFillMax: lots })

const sent = (step: typeof Step.cases.Place.Type) => order(`o${step.name}`, step.side, step.lots, {
  type: step.type,
  reduceOnly: step.reduceOnly,
  timeInForce: step.isIoc ? "ioc" : "gtc",
  ...(step.type === "limit" || step.type === "stopLimit" ? { limit: step.limit } : {}),
  ...(step.type === "stop" || step.type === "stopLimit" ? { stop: step.stop } : {})
})

/** Runs the steps and looks after each of them. */
const play = (desk: Desk, market: typeof Market.Type, steps: ReadonlyArray<typeof Step.Type>, look: (desk: Desk) => void) => {
  const rules = { slippage: { unit: "ticks", value: market.slip } as const, lotsPerFillMax: market.lotsPerFillMax }
  let moment = at(4000, 4001, { rules })
  for (const step of steps) {
    Step.match(step, {
      Place: (placed) => desk.place(sent(placed), moment),
      Modify: ({ lots, name, price }) => {
        const found = desk.book.orders.get(id(`o${name}`))
        const change = { lots: Lots.make(lots), ...(found?.limit === undefined ? {} : { limit: Ticks.make(price) }), ...(found?.stop === undefined ? {} : { stop: Ticks.make(price) }) }
        return desk.done(Commands.modify(desk.book, id(`o${name}`), change, moment.price))
      },
      Cancel: ({ name }) => desk.done(Commands.cancel(desk.book, id(`o${name}`))),
      Close: ({ lots, name }) => desk.done(Commands.close(desk.book, id(`c${name}`), Lots.make(lots), moment)),
      Quote: ({ bid, last }) => {
        moment = at(bid, bid + 1, { last: bid + last, rules })
        return desk.quote(moment)
      }
    })
    look(desk)
  }
  return desk
}

const signed = (desk: Desk) => desk.book.fills.reduce((sum, fill) => sum + (fill.side === "buy" ? fill.lots : -fill.lots), 0)

describe("whatever happens", () => {
  it.effect.prop("the position is the sum of the fills, no order fills beyond its size, every fill id is new", { market: Market, steps: Steps }, ({ market, steps }) =>
    Effect.sync(() => {
      const desk = play(new Desk(), market, steps, (desk) => {
        assert.strictEqual(desk.net, signed(desk))
        const booked = [...desk.book.orders.values(), ...HashMap.values(desk.book.closed)]
        for (const { filledLots, lots, ticket } of booked) {
          const filled = desk.book.fills.filter(({ clientOrderId }) => clientOrderId === ticket.id).reduce((sum, fill) => sum + fill.lots, 0)
          assert.strictEqual(filled, filledLots)
          assert.isAtMost(filledLots, lots)
        }
        for (const { filledLots, lots } of desk.book.orders.values()) assert.isBelow(filledLots, lots)
      })
      assert.strictEqual(new Set(desk.book.fills.map((fill) => fill.id)).size, desk.book.fills.length)
    }), { arbitrary: { runs: 150 } })

  it.effect.prop("reduce-only orders and closes never turn a position", { market: Market, steps: Steps, start: lots }, ({ market, start, steps }) =>
    Effect.sync(() => {
      const desk = new Desk().place(order("start", "buy", start), at(4000, 4001))
      const reducing = steps.map((step) => (step._tag === "Place" ? { ...step, reduceOnly: true } : step))
      play(desk, market, reducing, ({ net }) => assert.isAtLeast(net, 0))
    }), { arbitrary: { runs: 100 } })

  it.effect.prop("a bracket never takes out more than it put in", { market: Market, steps: Steps, size: lots, isLimit: Schema.Boolean }, ({ isLimit, market, size, steps }) =>
    Effect.sync(() => {
      const desk = new Desk().bracket(bracket("buy", size, 3990, 4010, isLimit ? { limit: 3998 } : {}), at(4000, 4001, { rules: { lotsPerFillMax: market.lotsPerFillMax } }))
      assert.deepStrictEqual(desk.refusals, [])
      const alone = steps.filter((step) => step._tag === "Quote")
      play(desk, market, alone, ({ book, net }) => {
        assert.isAtLeast(net, 0)
        const active = ["stop", "target"].flatMap((leg) => book.orders.get(id(leg)) ?? []).filter(({ status }) => status !== "Held")
        for (const child of active) assert.strictEqual(child.lots - child.filledLots, net)
        if (net === 0) assert.strictEqual(active.length, 0)
        else assert.strictEqual(active.length, 2)
      })
    }), { arbitrary: { runs: 150 } })

  it.effect.prop("a book read back from its snapshot goes on alike", { market: Market, before: Steps, after: Steps }, ({ after, before, market }) =>
    Effect.gen(function*() {
      const desk = play(new Desk(), market, before, () => undefined)
      const textOf = (book: Book.Book) => Schema.encodeEffect(Schema.fromJsonString(Snapshot.Snapshot))(Snapshot.of(book))
      const text = yield* textOf(desk.book)
      const again = new Desk()
      again.book = Snapshot.restore(yield* Schema.decodeEffect(Schema.fromJsonString(Snapshot.Snapshot))(text))
      for (const one of [desk, again]) play(one, market, after, () => undefined)
      assert.strictEqual(yield* textOf(again.book), yield* textOf(desk.book))
    }), { arbitrary: { runs: 60 } })
})

describe("bounds", () => {
  it("closed orders are kept up to a number, the oldest are forgotten first", () => {
    const desk = new Desk()
    const total = Book.closedKeptMin * 2 + 1
    for (let index = 0; index < total; index++) desk.place(order(`o${index}`, index % 2 === 0 ? "buy" : "sell", 1), at(4000, 4001))
    assert.strictEqual(desk.state("o0"), "none")
    assert.strictEqual(desk.state(`o${total - Book.closedKeptMin}`), "Filled 1/1")
    assert.isAtMost(desk.book.fills.length, Book.fillsKeptMax)
    assert.strictEqual(Book.positionOf(desk.book, mes.id).net, 1)
  })
})
