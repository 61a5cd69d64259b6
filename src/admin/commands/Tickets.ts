/** Orders by hand: tickets, changes, and a person's word on an Unknown order. */
import { Effect } from "effect"
import { NotNow } from "#schemas/contracts/AdminRpc.ts"

const notYet = () => Effect.fail(new NotNow({ message: "not yet" }))

export const make = Effect.succeed({
  PlaceOrder: notYet,
  ModifyOrder: notYet,
  CancelOrder: notYet,
  ResolveOrder: notYet
})
