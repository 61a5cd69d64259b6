import { assert, it } from "@effect/vitest"
import { AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as State from "#actors/strategy-guard/State.ts"

const { FireRefunded, GuardApproved, GuardSettled, Restarted } = JournalEvent.cases
const fire = (id: string, atMs: number, tradingDay: string) => GuardApproved.make({ alertId: AlertId.make(id), atMs, tradingDay, notes: [] })
const settled = (id: string) => GuardSettled.make({ alertId: AlertId.make(id) })
const fold = (events: ReadonlyArray<JournalEvent>) => events.reduce(State.evolve, State.empty)

it("memory stays bounded, and what falls out still counts", () => {
  const beyond = 5
  const events = Array.from({ length: State.unsettledMax + beyond }, (_, index) => fire(`a${index}`, index, "2026-01-15"))
  const state = fold(events)
  assert.strictEqual(state.unsettled.size, State.unsettledMax)
  assert.isFalse(state.unsettled.has(AlertId.make("a4")))
  assert.isTrue(state.unsettled.has(AlertId.make("a5")))
  assert.strictEqual(State.firedOn(state, "2026-01-15"), State.unsettledMax + beyond)
})

it("a fire counts for the day it was made, whenever it is settled", () => {
  const state = fold([fire("a", 1, "2026-01-14"), fire("b", 2, "2026-01-15"), settled("b"), settled("a"), fire("c", 3, "2026-01-15")])
  assert.strictEqual(State.firedOn(state, "2026-01-15"), 2)
  assert.strictEqual(State.lastFireAtMs(state), 3)
  assert.strictEqual(state.unsettled.size, 1)
})

it("after a refund the fire before is the last one", () => {
  const state = fold([fire("a", 1, "2026-01-15"), settled("a"), fire("b", 2, "2026-01-15"), FireRefunded.make({ alertId: AlertId.make("b") })])
  assert.strictEqual(State.lastFireAtMs(state), 1)
  assert.strictEqual(State.firedOn(state, "2026-01-15"), 1)
})

it("restarts are counted, other rows change nothing", () => {
  const state = fold([Restarted.make({ atMs: 7, defect: "boom" }), JournalEvent.cases.AlertSettled.make({ alertId: AlertId.make("a"), sent: true })])
  assert.deepStrictEqual(state, { ...State.empty, lives: { count: 1, recentAtMs: [7] } })
})
