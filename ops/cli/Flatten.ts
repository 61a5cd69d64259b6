/** `flatten`: everything closed, proven by the venue. Unknown is never flat. */
import { Console, Effect, Option, Result, Schema, Stream } from "effect"
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

/** It was asked, and its last word did not come: accounts without a receipt may hold anything. */
const isHeard = ({ error }: Failure): boolean => error === "noAnswer" || error === "cutOff"

const unknown = ({ message }: Failure, receipts: number) => new Failure({
  end: "notFlat",
  error: "notFlat",
  message: `${receipts === 0 ? "unknown, which is never flat" : "accounts without a receipt are unknown, which is never flat"}: ${message}, and flatten again`
})

export const command = Command.make("flatten", { account, all, why: Asker.whyFlag, json: jsonFlag }, Effect.fnUntraced(function*({ account, all, json, why }) {
  if (Option.isSome(account) === all) {
    return yield* new Failure({ end: "usage", error: "usage", message: "name one of --account <id> and --all" })
  }
  const asked = { ...Option.match(account, { onNone: () => ({}), onSome: (accountId) => ({ accountId }) }), ...yield* Asker.asker(why) }
  const receipts: Array<FlattenReceipt> = []
  const begun = new Set<AccountId>()
  const told = yield* Effect.result(Client.ask((client) => Stream.runForEach(client.Flatten(asked), (progress) => {
    if (progress._tag === "Step") {
      begun.add(progress.accountId)
      return json ? Effect.void : Console.log(Human.step(progress))
    }
    receipts.push(progress.receipt)
    return Effect.void
  }), answerMax))
  if (Result.isFailure(told) && !isHeard(told.failure)) return yield* told.failure
  if (Result.isSuccess(told) || receipts.length > 0 || json) {
    yield* show(Schema.Array(FlattenReceipt), receipts, json, (rows) => `\n${Human.receipts(rows)}`)
  }
  if (Result.isFailure(told)) return yield* unknown(told.failure, receipts.length)
  const open = receipts.filter(({ state }) => state !== "flat").map(notFlat)
  for (const { accountId } of receipts) begun.delete(accountId)
  const silent = [...begun].map((accountId) => `${accountId} is unknown (no receipt of it came)`)
  const missing = receipts.length === 0 && silent.length === 0 ? ["unknown, which is never flat: no receipt came"] : silent
  if (open.length + missing.length > 0) return yield* new Failure({ end: "notFlat", error: "notFlat", message: [...open, ...missing].join("; ") })
})).pipe(
  Command.withDescription("Block new risk, cancel and close everything, and ask the venues until they say flat twice; `resume` lifts the block")
)
