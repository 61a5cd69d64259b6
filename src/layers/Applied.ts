/** What counts from the journal before the doors open: the configuration applied, the switches that still hold. */
import { Effect, Layer } from "effect"
import { HouseConfig } from "#config/House.ts"
import { JournalEvent, type JournalRow } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as Given from "#src/admin/commands/Given.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"

const lastHash = (rows: ReadonlyArray<JournalRow>): string | undefined => {
  const applied = rows.findLast(({ event }) => event._tag === "ConfigApplied")?.event
  return applied?._tag === "ConfigApplied" ? applied.hash : undefined
}

/** Kills, blocks and pauses outlive the process: they hold again before anything could leave. */
export const layer = Layer.effectDiscard(Effect.gen(function*() {
  const journal = yield* Journal
  const latch = yield* RiskLatch
  const house = yield* (yield* HouseConfig).current
  const rows = yield* journal.readStream(Given.stream, 0)
  for (const { event } of rows) {
    if (event._tag === "SwitchSet") yield* event.on ? latch.set(event.scope, event.kind) : latch.clear(event.scope, event.kind)
  }
  if (lastHash(rows) === house.hash) return
  const applied = JournalEvent.cases.ConfigApplied.make({ hash: house.hash, body: house.body })
  yield* Effect.ignore(journal.append(Given.stream, "any", [applied]))
}))
