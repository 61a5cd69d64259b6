/** Flat, proven by the venue; and one position closed. */
import { Effect, Stream } from "effect"
import { NotNow } from "#schemas/contracts/AdminRpc.ts"

const notYet = new NotNow({ message: "not yet" })

export const make = Effect.succeed({
  Flatten: () => Stream.fail(notYet),
  Close: () => Effect.fail(notYet)
})
