/** What a house that leaves waits for. */
import { assert, describe, it } from "@effect/vitest"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Books from "#src/projections/Books.ts"
import * as InFlight from "#src/projections/InFlight.ts"
import { acknowledged, alert, bracket, decided, filled, intended, sequence } from "./rows.ts"

const { entry, stop, target } = bracket
const of = (orderId: typeof entry.id) => ({ alertId: alert("a1"), orderId })
const cancel = (orderId: typeof entry.id, why: "leaving" | "sibling"): JournalEvent => ({ _tag: "CancelIntended", ...of(orderId), why })
const canceled = (orderId: typeof entry.id): JournalEvent => ({ _tag: "OrderCanceled", ...of(orderId) })
const rested: ReadonlyArray<JournalEvent> = [decided("a1"), ...[entry, stop, target].flatMap((order) => [intended(order), acknowledged(order)])]

const countAfter = (...events: ReadonlyArray<JournalEvent>): number => {
  const row = sequence()
  return InFlight.count(row("account/paper-1", ...events).reduce(Books.evolve, Books.empty))
}

describe("in flight", () => {
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<JournalEvent>, number]> = [
    ["an order without an answer", [decided("a1"), intended(entry)], 1],
    ["not what rests", rested, 0],
    ["an entry that is being cancelled", [...rested, cancel(entry.id, "leaving")], 1],
    ["not one that was", [...rested, cancel(entry.id, "leaving"), canceled(entry.id)], 0],
    ["a position without its stop", [decided("a1"), intended(entry), acknowledged(entry), filled(entry, 2, "6000")], 1],
    ["not one under its stop", [...rested, filled(entry, 2, "6000")], 0],
    ["the stop of a flat position that is being cancelled: it would open the other side", [
      ...rested, filled(entry, 2, "6000"), filled(target, 2, "6010"), cancel(stop.id, "sibling")
    ], 1]
  ]
  for (const [name, events, expected] of cases) it(name, () => assert.strictEqual(countAfter(...events), expected))
})
