/** A process that appends as fast as it can and says each place that was acknowledged, until it is killed or its disk fails. */
import { writeSync } from "node:fs"
import { Effect } from "effect"
import { AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"

const writers = 20
const path = process.argv[2] ?? ""
const commitsMax = Number(process.argv[3] ?? Infinity)

let commits = 0
const beforeStep = (step: string) => {
  if (step === "commit") commits += 1
  if (commits > commitsMax) throw Object.assign(new Error("injected"), { errcode: 1034 })
}

const main = Effect.gen(function*() {
  const journal = yield* Journal
  const writer = (n: number) =>
    Effect.forever(Effect.gen(function*() {
      const event = JournalEvent.cases.FireRefunded.make({ alertId: AlertId.make(`w-${n}`) })
      const { seq } = yield* journal.append(`w-${n}`, "any", [event, event])
      writeSync(1, `${seq}\n`)
    }))
  yield* Effect.forEach(Array.from({ length: writers }, (_, n) => n), writer, { concurrency: "unbounded", discard: true })
})

await Effect.runPromise(Effect.provide(main, SqliteJournal.layer({ path, beforeStep })))
