/** The exchange is shut: what must be closed waits for the open, under its stop. */
import { assert, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { desk, isClean, mes, outcomeOf, pendingOf, send, trading, working } from "#test/actors/account/desk.ts"
import { pass } from "#test/support/runtime.ts"
import { VenueFaults } from "#test/support/venueFaults.ts"

/** Shut for one minute from 16:00 in Chicago, 22:00 UTC. */
const shutForAMinute = {
  instruments: { MES: { calendar: "cme-futures" } },
  calendars: {
    "cme-futures": {
      windows: [
        { from: { day: "wed", time: "17:00" }, to: { day: "thu", time: "16:00" } },
        { from: { day: "thu", time: "16:01" }, to: { day: "fri", time: "16:00" } }
      ]
    }
  }
}
const atMs = DateTime.makeUnsafe("2026-11-19T21:59:50Z").epochMilliseconds

for (const reduceOnly of [true, false]) {
  for (const action of ["exit", "flatten", "sell"]) {
    it.effect(`${action}, reduceOnly ${reduceOnly}`, () =>
      trading({ more: shutForAMinute, paper: { reduceOnly }, atMs }, Effect.gen(function*() {
        yield* send("buy")
        yield* pass(10)
        const close = yield* send(action)
        yield* pass(20)
        assert.strictEqual(yield* pendingOf(close), "waitingForOpen")
        assert.strictEqual((yield* desk).net(mes), 2)
        assert.include(yield* working, "stop 2 27961")
        const { asked } = yield* VenueFaults
        assert.notInclude(asked.map(({ leg }) => leg), "exit")
        yield* pass(41)
        assert.strictEqual(yield* outcomeOf(close), "done")
        yield* isClean
      })))
  }
}
