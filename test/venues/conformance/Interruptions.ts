/** What comes between: lost connections, others at the venue, restarts. In the end flat, or held with its stop. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { buy, connections, count, exit, group, isFlat, isProtected, limitEntry, living, moves, net, outcomeOf, outside, pass, records } from "./House.ts"

const silence = living(Effect.gen(function*() {
  const { venue } = yield* outside
  const before = yield* connections
  yield* buy()
  yield* pass(5)
  venue.faults.strike("F7")
  yield* pass(60)
  assert.isAbove(yield* connections, before)
  yield* isProtected
}))

/** Away while things happen: back, it goes by what is there. */
const whileAway = (happens: Effect.Effect<unknown, never, Effect.Services<ReturnType<typeof moves>>>, first: Parameters<typeof buy>[0]) => living(Effect.gen(function*() {
  const { venue } = yield* outside
  yield* buy(first)
  yield* pass(5)
  venue.outage("refused")
  yield* pass(2)
  yield* happens
  yield* pass(8)
  venue.outage(undefined)
  yield* pass(30)
  yield* isProtected
}))

const maintenance = living(Effect.gen(function*() {
  const { venue } = yield* outside
  yield* buy()
  yield* pass(5)
  venue.faults.strike("F34", 60_000)
  yield* pass(120)
  assert.strictEqual(yield* net, "2")
  yield* isProtected
  const out = yield* exit
  yield* pass(10)
  assert.strictEqual(yield* outcomeOf(out), "done")
  yield* isFlat
}))

const thrownOut = living(Effect.gen(function*() {
  const { venue } = yield* outside
  yield* buy()
  yield* pass(20)
  venue.faults.strike("F33")
  yield* pass(40)
  assert.strictEqual(yield* connections, 2)
  assert.strictEqual(yield* count("AccountReconciled"), 2)
  yield* isProtected
}))

const closedByHand = living(Effect.gen(function*() {
  const at = yield* outside
  yield* buy()
  yield* pass(5)
  at.venue.byHand.trade({ account: at.account, symbol: at.symbol, side: "sell", qty: "2" })
  yield* pass(60)
  yield* isFlat
}))

const cancelledThere = living(Effect.gen(function*() {
  const at = yield* outside
  yield* buy()
  yield* pass(5)
  at.venue.byHand.cancelAll(at.account)
  yield* pass(10)
  yield* isProtected
}))

const rolled = living(Effect.gen(function*() {
  const { venue } = yield* outside
  yield* buy()
  yield* pass(5)
  yield* exit
  yield* pass(5)
  yield* moves(27_610)
  yield* pass(1)
  venue.faults.strike("F36", 600_000)
  const entry = yield* buy()
  yield* pass(5)
  assert.match((yield* outcomeOf(entry)) ?? "none", /reject|refus/)
  yield* isFlat
}))

const blind = living(Effect.gen(function*() {
  const { symbol, venue } = yield* outside
  venue.market.open(symbol, false)
  yield* pass(10)
  const entry = yield* buy()
  yield* pass(5)
  assert.strictEqual(yield* outcomeOf(entry), "denied: QuoteStale")
  venue.market.open(symbol, true)
  yield* moves(27_610)
  yield* pass(1)
  const again = yield* buy()
  yield* pass(5)
  assert.strictEqual(yield* outcomeOf(again), "filled")
  yield* isProtected
}))

const changedByHand = living(Effect.gen(function*() {
  const at = yield* outside
  yield* buy()
  yield* pass(5)
  const stop = (yield* records("order")).findLast(({ type }) => type === "stop")?.clientId ?? "none"
  assert.isTrue(at.venue.byHand.change(at.account, stop, { qty: "1", stop: "6880" }))
  yield* pass(60)
  yield* isProtected
}))

const lateFill = living(Effect.gen(function*() {
  const { venue } = yield* outside
  yield* buy(limitEntry)
  yield* pass(5)
  venue.faults.strike("F15", 1_500)
  yield* exit
  yield* pass(30)
  assert.strictEqual((yield* records("fill")).filter(({ side }) => side === "buy").length, 1)
  yield* isProtected
}))

const restarted = (first: Parameters<typeof buy>[0], between: Effect.Effect<unknown, never, Effect.Services<ReturnType<typeof moves>>>) => Effect.gen(function*() {
  yield* living(Effect.andThen(buy(first), pass(5)))
  yield* living(Effect.gen(function*() {
    yield* pass(3)
    yield* between
    yield* pass(10)
    yield* isProtected
    assert.strictEqual((yield* records("order")).filter(({ side }) => side === "buy").length, 1)
    yield* exit
    yield* pass(10)
    yield* isFlat
  }))
})

const restartedInFlight = Effect.gen(function*() {
  yield* living(Effect.gen(function*() {
    const { venue } = yield* outside
    venue.faults.strike("F5", 8_000)
    yield* buy()
    yield* pass(1)
  }))
  yield* living(Effect.gen(function*() {
    yield* pass(20)
    assert.strictEqual(yield* net, "2")
    assert.strictEqual((yield* records("order")).filter(({ side }) => side === "buy").length, 1)
    yield* isProtected
  }))
})

const wire = ["wire" as const]

export const interruptions = group("The whole house, interrupted", [
  { title: "a stream that falls silent: back, with the stop standing", needs: ["stream"], run: silence },
  { title: "filled while away: protected on return", needs: wire, run: whileAway(moves(27_555), limitEntry) },
  { title: "stopped out while away: flat on return, nothing closed twice", needs: wire, run: whileAway(moves(27_500), { stopTicks: 40 }) },
  { title: "a minute of maintenance: held, protected, closed afterwards", needs: wire, run: maintenance },
  { title: "thrown out by another sign-in: back once, and reconciled", needs: ["token"], run: thrownOut },
  { title: "a position closed by hand: its stop does not stay", needs: ["hand"], run: closedByHand },
  { title: "orders cancelled at the venue: protected anew, or out", needs: ["hand"], run: cancelledThere },
  { title: "a stop made smaller by hand: what is held is protected all the same", needs: ["hand"], run: changedByHand },
  { title: "no live quote: no entry; quotes again: entries again", needs: ["exchange"], run: blind },
  { title: "a contract that takes no entries: the alert is refused, nothing rests", needs: ["exchange"], run: rolled },
  { title: "a fill after the cancel was confirmed: protected, or out", needs: ["races"], run: lateFill },
  { title: "a restart while the entry rests", run: restarted(limitEntry, moves(27_555)) },
  { title: "a restart while it is held", run: restarted({ stopTicks: 40 }, Effect.void) },
  { title: "a restart while the entry is on its way: one order, protected", needs: wire, run: restartedInFlight }
])
