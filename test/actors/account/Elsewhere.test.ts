/** Positions that somebody else closed at the venue: the house learns it, takes its own orders away, and never opens the other side. */
import { assert, describe, it } from "@effect/vitest"
import { BigDecimal, Effect } from "effect"
import { alertIdOf } from "#schemas/JournalEvent.ts"
import * as Books from "#src/projections/Books.ts"
import * as Orders from "#src/projections/Orders.ts"
import * as Positions from "#src/projections/Positions.ts"
import * as Story from "#src/projections/Story.ts"
import { netAtVenue, throughZero, trade } from "#test/actors/account/byHand.ts"
import { account, mes, only, outcomeOf, send, trades, trading, working } from "#test/actors/account/desk.ts"
import { flatten, states } from "#test/admin/flattening.ts"
import { pass, rows } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

const shown = Effect.map(rows, (all) => Positions.open(all.reduce(Books.evolve, Books.empty).positions).map(Positions.netOf))

/** Nothing is left anywhere, and nothing of ours opened or turned anything. */
const isOver = Effect.gen(function*() {
  assert.deepStrictEqual({ net: yield* netAtVenue, orders: yield* working, shown: yield* shown, throughZero: yield* throughZero }, {
    net: 0, orders: [], shown: [], throughZero: []
  })
})

const settings = [
  ["native", { nativeBrackets: true }],
  ["native without reduce-only", { nativeBrackets: true, reduceOnly: false }],
  ["managed", { nativeBrackets: false }],
  ["managed without reduce-only", { nativeBrackets: false, reduceOnly: false, oca: false }],
  ["managed without reduce-only and changes", { nativeBrackets: false, reduceOnly: false, oca: false, modify: false }]
] as const

describe.each(settings)("%s", (_name, paper) => {
  it.effect("all of it: our orders go, the trade is told, the alert's drift is gone, and the next entry trades", () =>
    trading({ paper }, Effect.gen(function*() {
      yield* send("buy", { tp: "200t" })
      yield* pass(3)
      yield* trade("all", "sell", 2)
      yield* pass(5)
      yield* isOver
      const [closed] = yield* only("ClosedElsewhere")
      assert.deepStrictEqual([closed?.lots, closed?.evidence, closed?.price === undefined ? "" : BigDecimal.format(closed.price)], [2, "fills", "6999.75"])
      assert.deepStrictEqual((yield* only("DriftFound")).map(({ ours, venue }) => [ours, venue]), [[2, 0]])
      assert.deepStrictEqual(yield* trades(), ["long 2 -8.74 fees 1.24"])
      assert.deepStrictEqual((yield* only("TradeClosed")).map(({ trade: of }) => of?.inferred), [true])
      assert.deepStrictEqual(yield* only("ProtectionAlarm"), [])
      const next = yield* send("buy", { id: "next" })
      yield* pass(3)
      assert.strictEqual(yield* outcomeOf(next), "filled")
      assert.strictEqual(yield* netAtVenue, 2)
    })))

  it.effect("a part: the rest keeps a stop of its size", () =>
    trading({ paper }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(3)
      yield* trade("part", "sell", 1)
      yield* pass(6)
      assert.deepStrictEqual((yield* working).filter((line) => line.startsWith("stop")), ["stop 1 27961"])
      assert.deepStrictEqual([yield* netAtVenue, yield* shown], [1, [1]])
      yield* send("exit")
      yield* pass(4)
      yield* isOver
    })))

  it.effect("an exit right behind it closes nothing twice", () =>
    trading({ paper }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(3)
      yield* trade("all", "sell", 2)
      yield* pass(0.25)
      const exit = yield* send("exit")
      yield* pass(8)
      assert.strictEqual(yield* outcomeOf(exit), "done")
      yield* isOver
    })))

  it.effect("flatten gets to flat", () =>
    trading({ paper }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(3)
      yield* trade("all", "sell", 2)
      yield* pass(1)
      assert.deepStrictEqual(states(yield* flatten(10)), { "paper-1": "flat" })
      yield* isOver
    })))

  it.effect("a venue that shows no fills of others is believed as well, later", () =>
    trading({ paper }, Effect.gen(function*() {
      const { switches } = yield* VenueFaults
      switches.fills = (_, seen) => seen.filter(({ clientOrderId }) => clientOrderId?.startsWith("by-hand") !== true)
      yield* send("buy")
      yield* pass(3)
      yield* trade("all", "sell", 2)
      yield* pass(40)
      yield* isOver
      assert.deepStrictEqual((yield* only("ClosedElsewhere")).map(({ evidence, lots }) => [lots, evidence]), [[2, "position"]])
    })))

  it.effect("positions half a minute old close nothing", () =>
    trading({ paper }, Effect.gen(function*() {
      const { switches } = yield* VenueFaults
      yield* send("buy")
      yield* pass(3)
      switches.positions = () => []
      yield* pass(27)
      switches.positions = (_, seen) => seen
      yield* pass(10)
      assert.deepStrictEqual(yield* only("ClosedElsewhere"), [])
      assert.include(yield* working, "stop 2 27961")
      assert.strictEqual(yield* netAtVenue, 2)
    })))

  it.effect("more than ours is shown and not touched, and ours keeps its stop", () =>
    trading({ paper, strategy: { onSameSide: "add" } }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(3)
      yield* trade("more", "buy", 1)
      yield* pass(6)
      assert.deepStrictEqual((yield* only("DriftFound")).map(({ ours, venue }) => [ours, venue]), [[2, 3]])
      assert.deepStrictEqual([yield* only("ClosedElsewhere"), yield* netAtVenue], [[], 3])
      assert.include(yield* working, "stop 2 27961")
      const denied = yield* send("buy", { id: "denied" })
      yield* pass(1)
      assert.strictEqual(yield* outcomeOf(denied), "denied: ForeignPosition")
    })))

  it.effect("turned by hand: ours is over, the other side is shown and not touched, and flatten ends it too", () =>
    trading({ paper }, Effect.gen(function*() {
      yield* send("buy")
      yield* pass(3)
      yield* trade("other", "sell", 5)
      yield* pass(6)
      assert.deepStrictEqual((yield* only("DriftFound")).map(({ ours, venue }) => [ours, venue]), [[2, -3], [0, -3]])
      assert.deepStrictEqual([yield* netAtVenue, yield* throughZero, yield* working, yield* only("ProtectionAlarm")], [-3, [], [], []])
      const denied = yield* send("buy", { id: "denied" })
      yield* pass(1)
      assert.strictEqual(yield* outcomeOf(denied), "denied: ForeignPosition")
      assert.deepStrictEqual(states(yield* flatten(10)), { "paper-1": "flat" })
      yield* isOver
    })))
})

it.effect("the story of its alert says so", () =>
  trading({}, Effect.gen(function*() {
    const alertId = yield* send("buy")
    yield* pass(3)
    yield* trade("all", "sell", 2)
    yield* pass(5)
    const ofAlert = (yield* rows).filter(({ event }) => alertIdOf(event) === alertId)
    const told = Story.tell(ofAlert, Orders.empty).filter(({ event }) => event === "ClosedElsewhere" || event === "TradeClosed").map(({ text }) => text)
    assert.deepStrictEqual(told, [
      `${account}: Closed elsewhere: the venue holds 2 of ${mes} less than our book, and shows the fills of somebody else's orders; counted as closed at 6999.75, at the price of the fill there.`,
      `${account}: Flat on ${mes}, no order is left. Trade long 2, in 7000.5, out 6999.75: -8.74 after fees of 1.24, partly inferred.`
    ])
  })))
