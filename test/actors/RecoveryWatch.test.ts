import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Uncovered from "#actors/account/Uncovered.ts"
import { desk, mes, only, send, trading, working } from "#test/actors/account/desk.ts"
import { pass, rows, startMs } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

it.effect.each(["OrderChanged", "PositionChanged"] as const)("a fill whose own event is lost is asked for as soon as its %s hints at it", (told) =>
  trading({ paper: { nativeBrackets: false } }, Effect.gen(function*() {
    const { switches } = yield* VenueFaults
    switches.tells = (event) => event._tag === told && (event._tag !== "OrderChanged" || event.report.status !== "Filled" || event.report.filledLots > 0)
    yield* send("buy")
    yield* pass(4)
    switches.tells = () => true
    assert.include(yield* working, "stop 2 27961")
    assert.isAtMost((yield* desk).nakedMs(mes), 1_500)
    assert.deepStrictEqual(yield* only("ProtectionAlarm"), [])
  })))

it.effect("a stop that may not grow is tried again after a while, not at once, and another is added in time", () =>
  trading({ paper: { nativeBrackets: false }, strategy: { onSameSide: "add" } }, Effect.gen(function*() {
    const { switches } = yield* VenueFaults
    yield* send("buy", { quantity: "2" })
    yield* pass(3)
    switches.modify = () => "refused"
    yield* send("buy", { quantity: "1", id: "more" })
    yield* pass(4)
    const refused = (yield* rows).flatMap(({ atMs, event }) => event._tag === "ChangeRefused" ? [atMs - startMs] : [])
    assert.isAbove(refused.length, 2)
    refused.slice(1, 3).forEach((atMs, n) => assert.isAtLeast(atMs - (refused[n] ?? 0), 250))
    assert.include(yield* working, "stop 1 27961")
    assert.strictEqual((yield* desk).net(mes), 3)
    assert.deepStrictEqual(yield* only("ProtectionAlarm"), [])
  })))

describe("since when a part of a position is without its stop", () => {
  const all = (...looks: ReadonlyArray<readonly [held: number, confirmedStop: number, nowMs: number]>) =>
    looks.reduce<ReadonlyArray<Uncovered.Part>>((before, [held, confirmedStop, nowMs]) => Uncovered.look(before, { held, confirmedStop }, nowMs), [])

  it("counts from its own fill, lot by lot", () => {
    assert.strictEqual(all([1, 0, 0], [2, 1, 1_500])[0]?.sinceMs, 1_500)
    assert.strictEqual(all([1, 0, 0], [2, 0, 1_500], [2, 1, 1_900])[0]?.sinceMs, 1_500)
    assert.strictEqual(all([1, 0, 0], [2, 0, 1_500], [3, 2, 2_500])[0]?.sinceMs, 2_500)
  })
  it("goes on for what a stop that grows has not reached", () => {
    assert.strictEqual(all([10, 0, 0], [10, 1, 1_900], [10, 2, 3_800])[0]?.sinceMs, 0)
  })
  it("begins anew for a stop that went, and forgets what was closed", () => {
    assert.strictEqual(all([5, 5, 0], [5, 3, 1_000])[0]?.sinceMs, 1_000)
    assert.deepStrictEqual(all([1, 0, 0], [3, 0, 500], [1, 0, 900]), [{ upTo: 1, sinceMs: 0 }])
    assert.deepStrictEqual(all([3, 0, 0], [1, 1, 900]), [])
  })
})
