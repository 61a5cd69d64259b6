/** A person's word on an order of unknown fate: what it ends, what it protects, and how the venue's own word takes its place. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { InstrumentId } from "#schemas/Ids.ts"
import { desk, isClean, mes, moves, only, outcomeOf, send, trades, working } from "#test/actors/account/desk.ts"
import * as Books from "#src/projections/Books.ts"
import * as Positions from "#src/projections/Positions.ts"
import { position } from "#test/src/lifecycle/trader.ts"
import { pass, rows } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"
import { byHand, decimal, endOf, limitAt, newest, no, ticket } from "./byHand.ts"

/** The venue is deaf: what it did with the next entry nobody knows. */
const deaf = (fate: "lost" | "neverArrives") => Effect.gen(function*() {
  yield* pass(10) // a look-up proves nothing while what a life before sent may still arrive
  const { switches } = yield* VenueFaults
  switches.submit = ({ leg }) => leg === "entry" ? fate : undefined
  switches.tells = () => false
  switches.answersQuestions = () => false
})
const hears = Effect.map(VenueFaults, ({ switches }) => {
  switches.submit = () => undefined
  switches.tells = () => true
  switches.answersQuestions = () => true
})

/** What `positions` shows. */
const shown = Effect.map(rows, (all) => Positions.open(all.reduce(Books.evolve, Books.empty).positions).map(Positions.netOf))

const executed = (quantity: string, price: string) => ({ quantity: decimal(quantity), price: decimal(price) })

for (const nativeBrackets of [true, false]) {
  const paper = { nativeBrackets }
  describe(nativeBrackets ? "native" : "managed", () => {
    it.effect("executed: it counts, its stop leaves, and the venue's own fill replaces it", () =>
      byHand({ paper }, (hand) => Effect.gen(function*() {
        yield* deaf("lost")
        const alertId = yield* send("buy")
        yield* pass(2)
        const orderId = yield* newest("entry")
        const receipt = yield* hand.ResolveOrder({ orderId, executed: executed("2", "7001"), who: "cli:ann", why: "the broker's screen shows it" })
        assert.deepStrictEqual(receipt.lines, [`entry ${orderId} counts as executed, buy 2 MESZ26 at 7001; if the venue says otherwise later, its word counts`])
        assert.strictEqual(yield* outcomeOf(alertId), "filled")
        assert.deepStrictEqual(yield* shown, [2])
        const given = (yield* rows).flatMap(({ event }) => event._tag === "CommandGiven" ? [event] : [])[0]
        assert.deepInclude(given, { command: "resolve", who: "cli:ann", why: "the broker's screen shows it" })
        assert.deepInclude(given?.detail, { orderId, said: "executed 2 at 7001" })
        assert.include(JSON.stringify(given?.detail), "\"status\":\"Unknown\"")
        yield* pass(3)
        assert.isTrue((yield* only("OrderIntended")).some(({ order }) => order.leg === "stop" && order.lots === 2))
        yield* hears
        yield* pass(40)
        assert.include(yield* working, "stop 2 27961")
        assert.deepStrictEqual((yield* only("FillReceived")).map(({ evidence, fill }) => [evidence === "attested", fill.lots]), [[true, 2], [false, 2]])
        assert.deepStrictEqual((yield* only("DriftFound")), [])
        assert.deepStrictEqual(yield* shown, [2])
        yield* send("exit")
        yield* pass(3)
        yield* isClean
        assert.deepStrictEqual(yield* trades(), ["long 2 -9.98 fees 2.48"])
      })))

    it.effect("not executed: the instrument is free again, and nothing is sent anew", () =>
      byHand({ paper }, (hand) => Effect.gen(function*() {
        yield* deaf("neverArrives")
        const alertId = yield* send("buy")
        yield* pass(2)
        const { switches } = yield* VenueFaults
        switches.submit = () => undefined
        assert.match(yield* no(hand.PlaceOrder({ ticket: ticket() })), /^(UnknownOrder|InstrumentOwned)/)
        const receipt = yield* hand.ResolveOrder({ orderId: yield* newest("entry") })
        assert.deepStrictEqual(yield* endOf(receipt), ["done"])
        assert.strictEqual(yield* outcomeOf(alertId), "denied: Withheld")
        yield* pass(20)
        assert.strictEqual((yield* VenueFaults).asked.filter(({ leg }) => leg === "entry").length, 1)
        yield* hand.PlaceOrder({ ticket: ticket() })
        yield* hears
        yield* pass(20)
        assert.strictEqual((yield* desk).net(mes), 2)
      })))

    it.effect("not executed, but it was: the fill is protected as soon as the venue tells", () =>
      byHand({ paper }, (hand) => Effect.gen(function*() {
        yield* deaf("lost")
        yield* send("buy")
        yield* pass(2)
        yield* hand.ResolveOrder({ orderId: yield* newest("entry") })
        yield* pass(2)
        yield* hears
        yield* pass(40)
        assert.strictEqual((yield* desk).net(mes), 2)
        assert.include(yield* working, "stop 2 27961")
      })))

    it.effect("not executed, but it works: it is ours again, and what it fills is protected", () =>
      byHand({ paper }, (hand) => Effect.gen(function*() {
        yield* deaf("lost")
        yield* hand.PlaceOrder({ ticket: limitAt("6990") })
        yield* pass(2)
        const orderId = yield* newest("entry")
        yield* hand.ResolveOrder({ orderId })
        yield* pass(2)
        yield* hears
        yield* pass(40)
        assert.deepStrictEqual((yield* only("AttestationOverruled")).flatMap((event) => event.orderId === orderId ? [event.reason] : []), ["the venue says that it is Accepted"])
        assert.match(yield* no(hand.PlaceOrder({ ticket: ticket() })), /^EntryInFlight/)
        yield* moves(27_950)
        yield* pass(3)
        assert.strictEqual((yield* desk).net(mes), 2)
        assert.include(yield* working, "stop 2 27920")
      })))

    it.effect("executed, but it never was: the venue's proof takes it back, its stop goes", () =>
      byHand({ paper }, (hand) => Effect.gen(function*() {
        yield* deaf("neverArrives")
        yield* send("buy")
        yield* pass(2)
        yield* hand.ResolveOrder({ orderId: yield* newest("entry"), executed: executed("2", "7000") })
        yield* pass(3)
        yield* hears
        yield* pass(60)
        assert.strictEqual((yield* only("AttestationOverruled")).length, 1)
        yield* isClean
        assert.deepStrictEqual([yield* trades(), yield* shown], [[], []])
        const after = yield* send("buy", { id: "after" })
        yield* pass(3)
        assert.strictEqual(yield* outcomeOf(after), "filled")
        assert.strictEqual((yield* desk).net(mes), 2)
      })))
  })
}

it.effect("executed, says a person; a position that somebody else made does not prove it against the venue's look-up", () =>
  byHand({}, (hand) => Effect.gen(function*() {
    yield* deaf("neverArrives")
    yield* send("buy")
    yield* pass(2)
    const orderId = yield* newest("entry")
    yield* hand.ResolveOrder({ orderId, executed: executed("2", "7000") })
    const { switches } = yield* VenueFaults
    switches.positions = () => [{ ...position(2), instrumentId: InstrumentId.make(mes) }]
    yield* pass(15)
    yield* hears
    yield* pass(60)
    assert.deepStrictEqual((yield* only("AttestationOverruled")).map((event) => [event.orderId, event.reason]), [[orderId, "the venue proves that it never saw this order"]])
    assert.match(yield* no(hand.PlaceOrder({ ticket: ticket() })), /^ForeignPosition/)
  })))

describe("what is not taken", () => {
  it.effect("a word on an order whose fate is known, on more than was ordered, on parts of a lot", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      yield* hand.PlaceOrder({ ticket: limitAt("6990") })
      yield* pass(1)
      assert.match(yield* no(hand.ResolveOrder({ orderId: yield* newest("entry") })), /^NotUnknown: .* is Accepted/)
      yield* hand.CancelOrder({ orderId: yield* newest("entry") })
      yield* deaf("lost")
      yield* hand.PlaceOrder({ ticket: limitAt("6990") })
      yield* pass(2)
      const orderId = yield* newest("entry")
      assert.match(yield* no(hand.ResolveOrder({ orderId, executed: executed("3", "6990") })), /^MoreThanOrdered: .* has 2 MES left to execute, not 3/)
      assert.match(yield* no(hand.ResolveOrder({ orderId, executed: executed("1.5", "6990") })), /^PartOfALot: 1.5 MES are no whole lots of 1/)
      assert.match(yield* no(hand.CancelOrder({ orderId })), /^UnknownOrder: .*interlock resolve/)
      assert.deepStrictEqual(yield* only("OrderAttested"), [])
    })))

  it.effect("executed in part: the rest is over", () =>
    byHand({}, (hand) => Effect.gen(function*() {
      yield* deaf("lost")
      const placed = yield* hand.PlaceOrder({ ticket: limitAt("6990") })
      yield* pass(2)
      yield* hand.ResolveOrder({ orderId: yield* newest("entry"), executed: executed("1", "6990") })
      assert.deepStrictEqual(yield* endOf(placed), ["partlyFilled"])
      assert.match(yield* no(hand.ResolveOrder({ orderId: yield* newest("entry") })), /^NotUnknown: .* is Canceled/)
    })))
})
