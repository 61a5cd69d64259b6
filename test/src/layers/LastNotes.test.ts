import { assert, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import * as LastNotes from "#src/layers/LastNotes.ts"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"

it.effect("the notes of the last life are told once, then cleared", () => {
  let notes: ReadonlyArray<string> = ["one", "two"]
  const said: Array<string> = []
  const port = Layer.succeed(EmergencyNotes, EmergencyNotes.of({
    note: () => Effect.succeed(true),
    read: Effect.sync(() => notes),
    clear: Effect.sync(() => {
      notes = []
      return true
    })
  }))
  const logger = Logger.layer([Logger.make<unknown, void>(({ logLevel, message }) => void said.push(`${logLevel} ${String(message)}`))])
  const start = Effect.scoped(Layer.build(Layer.fresh(LastNotes.layer).pipe(Layer.provide(port), Layer.provideMerge(logger))))
  return Effect.gen(function*() {
    yield* start
    yield* start
    assert.deepStrictEqual(said, ["one", "two"].map((text) => `Warn left the house while the journal had no room: ${text}`))
    assert.deepStrictEqual(notes, [])
  })
})
