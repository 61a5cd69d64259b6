/** What an alert becomes, whatever goes wrong on its way: in the end flat, or held with its stop. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { FaultName } from "#src/simulation/venues/shared/Faults.ts"
import { buy, count, exit, group, isFlat, isProtected, limitEntry, living, moves, net, outcomeOf, outside, pass, records } from "./House.ts"

const inAndOut = living(Effect.gen(function*() {
  const entry = yield* buy()
  yield* pass(5)
  assert.deepStrictEqual([yield* outcomeOf(entry), yield* net], ["filled", "2"])
  yield* isProtected
  const out = yield* exit
  yield* pass(5)
  assert.strictEqual(yield* outcomeOf(out), "done")
  yield* isFlat
}))

const byStop = living(Effect.gen(function*() {
  yield* buy()
  yield* pass(5)
  yield* moves(27_500)
  yield* pass(5)
  yield* isFlat
  yield* moves(27_800)
  yield* pass(5)
  yield* isFlat
}))

const byTarget = living(Effect.gen(function*() {
  yield* buy({ stopTicks: 40, targetTicks: 60 })
  yield* pass(5)
  yield* moves(27_700)
  yield* pass(10)
  yield* isFlat
}))

const filledLater = living(Effect.gen(function*() {
  const entry = yield* buy(limitEntry)
  yield* pass(3)
  assert.strictEqual(yield* net, "0")
  yield* moves(27_555)
  yield* pass(5)
  assert.deepStrictEqual([yield* outcomeOf(entry), yield* net], ["filled", "2"])
  yield* isProtected
}))

const calledOff = living(Effect.gen(function*() {
  yield* buy(limitEntry)
  yield* pass(5)
  assert.strictEqual((yield* records("order")).length > 0, true)
  yield* exit
  yield* pass(5)
  yield* isFlat
  yield* moves(27_500)
  yield* pass(5)
  yield* isFlat
}))

const oneFault = (fault: FaultName, seconds = 20) => living(Effect.gen(function*() {
  const { venue } = yield* outside
  venue.faults.strike(fault)
  yield* buy()
  yield* pass(seconds)
  venue.faults.off()
  assert.strictEqual(venue.faults.counts()[fault]?.hits, 1)
  assert.include(["0", "2"], yield* net)
  yield* isProtected
  assert.isAtMost((yield* records("order")).filter(({ side }) => side === "buy").length, 1)
}))

const lostAcknowledgement = living(Effect.gen(function*() {
  const { venue } = yield* outside
  venue.faults.strike("F3")
  const entry = yield* buy()
  yield* pass(10)
  assert.deepStrictEqual([yield* outcomeOf(entry), yield* net], ["filled", "2"])
  assert.strictEqual((yield* records("order")).filter(({ side }) => side === "buy").length, 1)
  assert.strictEqual(yield* count("FillReceived"), 1)
  yield* isProtected
}))

const lostExit = living(Effect.gen(function*() {
  const { venue } = yield* outside
  yield* buy()
  yield* pass(5)
  venue.faults.set([{ name: "F3", every: 2 }])
  const out = yield* exit
  yield* pass(15)
  venue.faults.off()
  yield* pass(20)
  assert.strictEqual(yield* outcomeOf(out), "done")
  yield* isFlat
  assert.strictEqual((yield* records("fill")).length, 2)
}))

const tokenGone = living(Effect.gen(function*() {
  const { venue } = yield* outside
  yield* buy()
  yield* pass(20)
  venue.faults.strike("F31")
  const out = yield* exit
  yield* pass(10)
  assert.strictEqual(yield* outcomeOf(out), "done")
  yield* isFlat
}))

const stopRefused = living(Effect.gen(function*() {
  const { venue } = yield* outside
  venue.faults.strike("F18")
  yield* buy()
  yield* pass(10)
  assert.strictEqual((yield* records("state")).filter(({ status }) => status === "rejected").length, 1)
  yield* isProtected
}))

const inPart = living(Effect.gen(function*() {
  const { venue } = yield* outside
  venue.faults.strike("F14")
  yield* buy()
  yield* pass(10)
  assert.include(["0", "1"], yield* net)
  yield* isProtected
}))

const siblingStays = living(Effect.gen(function*() {
  const { venue } = yield* outside
  yield* buy({ stopTicks: 40, targetTicks: 60 })
  yield* pass(5)
  venue.faults.strike("F19")
  yield* moves(27_500)
  yield* pass(15)
  yield* isFlat
}))

const anyOrder = living(Effect.gen(function*() {
  const { venue } = yield* outside
  venue.faults.set((["F11", "F12", "F13", "F22"] as const).map((name) => ({ name, every: 1 })))
  const entry = yield* buy()
  yield* pass(10)
  assert.strictEqual(yield* outcomeOf(entry), "filled")
  assert.strictEqual(yield* count("FillReceived"), 1)
  yield* isProtected
  yield* moves(27_500)
  yield* pass(10)
  yield* isFlat
  assert.strictEqual(yield* count("FillReceived"), 2)
}))

const damagedFill = living(Effect.gen(function*() {
  const { venue } = yield* outside
  const entry = yield* buy(limitEntry)
  yield* pass(3)
  venue.faults.set([{ name: "F28", every: 1 }])
  yield* moves(27_555)
  yield* pass(2)
  venue.faults.off()
  yield* pass(30)
  assert.deepStrictEqual([yield* outcomeOf(entry), yield* net], ["filled", "2"])
  yield* isProtected
  assert.strictEqual(yield* count("FillReceived"), 1)
}))

const wire = ["wire" as const]

export const stories = group("The whole house", [
  { title: "an alert fills with its stop working, an exit leaves nothing behind", run: inAndOut },
  { title: "out by the stop: flat, and nothing fills later", run: byStop },
  { title: "out by the target: flat, and the stop is gone", run: byTarget },
  { title: "an entry that fills later is protected then", run: filledLater },
  { title: "an entry that rests is called off by an exit, and never fills", run: calledOff },
  { title: "a lost acknowledgement: found, protected, never doubled", needs: wire, run: lostAcknowledgement },
  { title: "lost answers of an exit: closed once", needs: wire, run: lostExit },
  { title: "no connection at the entry: nothing held that is not protected", needs: wire, run: oneFault("F1") },
  { title: "a server's error at the entry: one order, protected", needs: wire, run: oneFault("F27") },
  { title: "a slow answer to the entry: one order, protected", needs: wire, run: oneFault("F5", 45) },
  { title: "a rate limit at the entry: never two", needs: wire, run: oneFault("F24", 90) },
  { title: "a penalty at the entry: never two", needs: wire, run: oneFault("F25", 45) },
  { title: "a token that is gone in the middle of an exit: signed in anew, and closed", needs: ["token"], run: tokenGone },
  { title: "a stop that the venue rejects: closed, or protected anew", needs: wire, run: stopRefused },
  { title: "an entry that fills in part: what is held is protected, lot for lot", needs: wire, run: inPart },
  { title: "a sibling that the venue forgot does not stay", needs: ["races"], run: siblingStays },
  { title: "events doubled and out of order: each fill counts once", needs: ["stream"], run: anyOrder },
  { title: "a fill in damaged frames: known, protected, counted once", needs: ["stream"], run: damagedFill }
])
