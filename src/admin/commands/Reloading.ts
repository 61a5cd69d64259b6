/** The configuration swapped while orders work, and a login started anew. */
import { Effect } from "effect"
import { NotNow } from "#schemas/contracts/AdminRpc.ts"

const notYet = () => Effect.fail(new NotNow({ message: "not yet" }))

export const make = Effect.succeed({
  Reload: notYet,
  RestartSession: notYet
})
