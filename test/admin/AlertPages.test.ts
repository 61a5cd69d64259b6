import { assert, it } from "@effect/vitest"
import { Effect, HashMap } from "effect"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as AlertPages from "#src/admin/AlertPages.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as Alerts from "#src/projections/Alerts.ts"
import { accepted, alert, delivery, gated } from "#test/projections/rows.ts"
import { journalInMemory } from "#test/support/journal.ts"

const ended = (alertId: string): JournalEvent => ({ _tag: "OutcomeReached", alertId: alert(alertId), outcome: "filled", orderIds: [] })

/** As if memory had dropped everything up to a row. */
const forget = (state: Alerts.State, through: number): Alerts.State => {
  const entries = HashMap.filter(state.rows.entries, (_, seq) => seq > through)
  const kept = Array.from(HashMap.values(entries), ({ alertId }) => alertId)
  return { rows: { ...state.rows, entries, droppedThrough: through }, firsts: HashMap.filter(state.firsts, (_, alertId) => kept.includes(alertId) && alertId !== "a0") }
}

it.effect("pages are the same whether memory still has them or the journal must be read", () => Effect.gen(function*() {
  const journal = yield* Journal
  for (const id of ["a0", "a1", "a2", "a3"]) {
    yield* journal.append("ingress/futures", "any", [accepted(id)])
    yield* journal.append("dispatch", "any", [gated(id, ["paper-1"])])
    yield* journal.append("account/paper-1", "any", [ended(id)])
  }
  yield* journal.append("ingress/futures", "any", [{ _tag: "AlertDuplicated", alertId: alert("a0"), delivery: delivery(), by: "id" }])
  const whole = (yield* journal.readAfter(0, 100)).reduce(Alerts.evolve, Alerts.empty)
  const asked = [{}, { since: 0 }, { since: 0, limit: 2 }, { since: 1, limit: 3 }, { since: 4 }, { since: 7 }, { since: 13 }]
  for (const through of [1, 4, 7, 12]) {
    for (const one of asked.slice(1)) {
      const expected = yield* AlertPages.page(whole, journal, one, () => "working")
      const found = yield* AlertPages.page(forget(whole, through), journal, one, () => "working")
      assert.deepStrictEqual(found, expected, `forgot through ${through}, asked ${JSON.stringify(one)}`)
    }
  }
  const all = yield* AlertPages.page(whole, journal, {}, () => "working")
  assert.deepStrictEqual(all.map(({ seq, status }) => [seq, status]), [[1, "accepted"], [4, "accepted"], [7, "accepted"], [10, "accepted"], [13, "duplicate"]])
  assert.deepStrictEqual(all[4]?.outcomes, all[0]?.outcomes)
}).pipe(Effect.provide(journalInMemory)))
