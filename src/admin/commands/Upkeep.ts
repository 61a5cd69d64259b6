/** What keeps a house healthy: backup, the journal as it grows, and what only the running house can say of itself. */
import { Clock, Effect, Stream } from "effect"
import { NotNow } from "#schemas/contracts/AdminRpc.ts"

const notYet = new NotNow({ message: "not yet" })

export const make = Effect.succeed({
  Backup: () => Effect.fail(notYet),
  Tail: () => Stream.fail(notYet),
  Diagnose: () => Effect.map(Clock.currentTimeMillis, (nowMs) => ({ nowMs, findings: [] }))
})
