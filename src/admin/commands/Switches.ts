/** Pause, kill and their ends: the latch first, then the journal, then the accounts. */
import { Effect } from "effect"
import { NotNow } from "#schemas/contracts/AdminRpc.ts"

const notYet = () => Effect.fail(new NotNow({ message: "not yet" }))

export const make = Effect.succeed({
  SetSwitch: notYet
})
