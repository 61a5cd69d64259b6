/** A journal that could not be opened: nothing is written, nothing can be read. Whoever asks for durability gets a no. */
import { Effect, Layer, Stream } from "effect"
import { Journal, JournalUnavailable } from "#src/ports/Journal.ts"

const closed = Effect.fail(new JournalUnavailable({ reason: "closed" }))

export const layer = Layer.succeed(Journal, Journal.of({
  stage: () => closed,
  stageOnce: () => closed,
  durable: () => closed,
  flush: closed,
  append: () => closed,
  appendOnce: () => closed,
  readStream: () => Effect.succeed([]),
  readAfter: () => Effect.succeed([]),
  readAlert: () => Effect.succeed([]),
  rowAt: () => Effect.undefined,
  follow: () => Stream.never,
  followStaged: () => Stream.never,
  status: Effect.succeed({ seq: 0, durable: false, lowDisk: false })
}))
