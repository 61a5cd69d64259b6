/** Short words for tests of what is at the venue and not ours. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { AccountId } from "#schemas/Ids.ts"
import { Ticks } from "#schemas/Instrument.ts"
import * as Flattening from "#src/admin/commands/Flattening.ts"
import { netAtVenue, throughZero } from "#test/actors/account/byHand.ts"
import { account, mes, only, outcomeOf, send, working } from "#test/actors/account/desk.ts"
import { pass } from "#test/support/runtime.ts"

export const adopt = { reconciliation: "adopt", adoptStop: { _tag: "Distance", ticks: 40 } } as const
export const flatten = { reconciliation: "flatten" } as const

/** What is remembered of a life before may be half a minute old: so long after the start nothing is done. */
export const settled = pass(32)

export const stop = (ticks: number) => ({ type: "stop", stop: Ticks.make(ticks) } as const)
export const limit = (ticks: number) => ({ type: "limit", limit: Ticks.make(ticks) } as const)

export const count = (tag: "DriftFound" | "DriftEnded" | "PositionAdopted" | "ForeignOrderFound" | "ForeignOrderEnded" | "CancelIntended" | "ProtectionAlarm") =>
  Effect.map(only(tag), ({ length }) => length)

export const close = Effect.gen(function*() {
  const { Close } = yield* Flattening.make
  yield* Effect.forkChild(Close({ who: "test", why: "", accountId: AccountId.make(account), symbol: mes }), { startImmediately: true })
  yield* pass(3)
})

export const denied = (id: string) => Effect.gen(function*() {
  const alertId = yield* send("buy", { id })
  yield* pass(1)
  return yield* outcomeOf(alertId)
})

export const stops = Effect.map(working, (all) => all.filter((line) => line.startsWith("stop")))
/** A stop made by hand is no order of ours: the desk takes it for an entry. */
export const resting = Effect.map(working, (all) => all.map((line) => line.slice(line.indexOf(" ") + 1)))
export const nothingLeft = Effect.gen(function*() {
  assert.deepStrictEqual({ net: yield* netAtVenue, working: yield* working, throughZero: yield* throughZero }, { net: 0, working: [], throughZero: [] })
})
