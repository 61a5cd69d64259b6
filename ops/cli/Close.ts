/** `close`: one position with all of its orders, or a part of it. */
import { Effect, Option, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { CommandReceipt } from "#schemas/contracts/Commands.ts"
import { PositiveDecimal } from "#schemas/Decimal.ts"
import { AccountId } from "#schemas/Ids.ts"
import * as Asker from "./Asker.ts"
import * as Client from "./Client.ts"
import { Failure } from "./Failure.ts"
import * as Human from "./Human.ts"
import { jsonFlag, show } from "./Queries.ts"
import * as Table from "./Table.ts"

const flags = {
  account: Argument.String("account").pipe(Argument.withDescription("The account that holds it"), Argument.withSchema(AccountId)),
  symbol: Argument.String("symbol").pipe(Argument.withDescription("As positions show it, or as alerts write it: MESZ26, MES1!"), Argument.withSchema(Schema.NonEmptyString)),
  quantity: Flag.String("qty").pipe(
    Flag.withDescription("Only so much, in contracts or coins; never more than is held"), Flag.withSchema(PositiveDecimal), Flag.optional
  ),
  why: Asker.whyFlag,
  json: jsonFlag
}

const receipt = ({ commandId, lines }: CommandReceipt): string => [...lines, `\`interlock why ${commandId}\` tells what followed`].map(Table.clean).join("\n")

export const command = Command.make("close", flags, Effect.fnUntraced(function*({ account: accountId, json, quantity, symbol, why }) {
  const asker = yield* Asker.asker(why)
  const part = Option.isSome(quantity) ? { quantity: quantity.value } : {}
  const { answer, status } = yield* Client.ask((client) => Effect.gen(function*() {
    const answer = yield* client.Close({ accountId, symbol, ...part, ...asker })
    return { answer, status: json ? Option.none() : yield* Effect.option(client.Status()) }
  }))
  yield* show(CommandReceipt, answer, json, (one) => Option.match(status, { onNone: () => "", onSome: Human.banner }) + receipt(one))
  if (answer.durable) return
  return yield* new Failure({ end: "failed", error: "notDurable", message: "it closes all the same, but the journal cannot be written: it is noted apart" })
})).pipe(
  Command.withDescription("Close one position with all of its orders, or a part of it; nothing is blocked"),
  Command.withExamples([
    { command: "interlock close paper-1 MESZ26", description: "All of it, and every order of it" },
    { command: "interlock close paper-1 MES1! --qty 1", description: "One contract; the rest stays under its stop" }
  ])
)
