/** `flatten`: everything closed, proven by the venue. Unknown is never flat. */
import { Console, Effect, Option, Schema, Stream } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { FlattenReceipt } from "#schemas/contracts/Views.ts"
import { AccountId } from "#schemas/Ids.ts"
import * as Asker from "./Asker.ts"
import * as Client from "./Client.ts"
import { Failure } from "./Failure.ts"
import * as Human from "./Human.ts"
import { jsonFlag, show } from "./Queries.ts"

/** Longer than the house takes for its last word. */
const answerMax = "30 seconds"

const account = Flag.String("account").pipe(Flag.optional, Flag.withDescription("The account to flatten"), Flag.withSchema(Schema.Option(AccountId)))
const all = Flag.Boolean("all").pipe(Flag.withDescription("Flatten every account"), Flag.withDefault(false))

const notFlat = ({ accountId, reason, state }: FlattenReceipt): string =>
  `${accountId} ${state === "notFlat" ? "is not flat" : "is unknown"}${reason === undefined ? "" : ` (${reason})`}`

export const command = Command.make("flatten", { account, all, why: Asker.whyFlag, json: jsonFlag }, Effect.fnUntraced(function*({ account, all, json, why }) {
  if (Option.isSome(account) === all) {
    return yield* new Failure({ end: "usage", error: "usage", message: "name one of --account <id> and --all" })
  }
  const asked = { ...Option.match(account, { onNone: () => ({}), onSome: (accountId) => ({ accountId }) }), ...yield* Asker.asker(why) }
  const receipts: Array<FlattenReceipt> = []
  yield* Client.ask((client) => Stream.runForEach(client.Flatten(asked), (progress) => {
    if (progress._tag === "Step") return json ? Effect.void : Console.log(Human.step(progress))
    receipts.push(progress.receipt)
    return Effect.void
  }), answerMax).pipe(Effect.mapError((failure) => failure.error === "noAnswer"
    ? new Failure({ end: "notFlat", error: "notFlat", message: `unknown, which is never flat: ${failure.message}` })
    : failure))
  yield* show(Schema.Array(FlattenReceipt), receipts, json, (rows) => `\n${Human.receipts(rows)}`)
  const open = receipts.filter(({ state }) => state !== "flat")
  if (open.length > 0) return yield* new Failure({ end: "notFlat", error: "notFlat", message: open.map(notFlat).join("; ") })
})).pipe(
  Command.withDescription("Block new risk, cancel and close everything, and ask the venues until they say flat twice; `resume` lifts the block")
)
