/** `flatten`: everything closed, proven by the venue. Unknown is never flat. */
import { Effect, Option, Schema, Stream } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { FlattenReceipt } from "#schemas/contracts/Views.ts"
import { AccountId } from "#schemas/Ids.ts"
import * as Client from "./Client.ts"
import { Failure } from "./Failure.ts"
import * as Human from "./Human.ts"
import { jsonFlag, show } from "./Queries.ts"

const account = Flag.String("account").pipe(Flag.optional, Flag.withDescription("The account to flatten"))
const all = Flag.Boolean("all").pipe(Flag.withDescription("Flatten every account"), Flag.withDefault(false))

export const command = Command.make("flatten", { account, all, json: jsonFlag }, Effect.fnUntraced(function*({ account, all, json }) {
  if (Option.isSome(account) === all) {
    return yield* new Failure({ end: "usage", error: "usage", message: "name one of --account <id> and --all" })
  }
  const asked = Option.match(account, { onNone: () => ({}), onSome: (id) => ({ accountId: AccountId.make(id) }) })
  const progress = yield* Client.ask((client) => Stream.runCollect(client.Flatten(asked)))
  const receipts = progress.flatMap((one) => one._tag === "Receipt" ? [one.receipt] : [])
  yield* show(Schema.Array(FlattenReceipt), receipts, json, Human.receipts)
  const open = receipts.filter(({ state }) => state !== "flat")
  if (open.length > 0) {
    return yield* new Failure({ end: "notFlat", error: "notFlat", message: `not flat: ${open.map(({ accountId, reason, state }) => `${accountId} ${state}${reason === undefined ? "" : ` (${reason})`}`).join(", ")}` })
  }
})).pipe(Command.withDescription("Cancel and close everything, and ask the venues until they say flat twice"))
