/** `session restart <login>`: one broker login signed out and in again. */
import { Effect } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { CommandReceipt } from "#schemas/contracts/Commands.ts"
import { LoginId } from "#schemas/Ids.ts"
import * as Asker from "./Asker.ts"
import * as Client from "./Client.ts"
import * as Human from "./Human.ts"
import { jsonFlag, show } from "./Queries.ts"
import * as Table from "./Table.ts"

const login = Argument.String("login").pipe(Argument.withDescription("As `interlock status` shows it"), Argument.withSchema(LoginId))

const restart = Command.make("restart", { login, why: Asker.whyFlag, json: jsonFlag }, Effect.fnUntraced(function*({ json, login, why }) {
  const asker = yield* Asker.asker(why)
  const { receipt, status } = yield* Client.ask((client) => Effect.all({ receipt: client.RestartSession({ login, ...asker }), status: client.Status() }))
  const notOnDisk = receipt.durable ? [] : ["not in the journal: it has no room"]
  yield* show(CommandReceipt, receipt, json, ({ commandId, lines }) =>
    Human.banner(status) + [...lines, ...notOnDisk, `command ${commandId}`].map(Table.clean).join("\n"))
})).pipe(Command.withDescription("Stop a login's session, then start it; its accounts reconcile before they add risk"))

export const command = Command.make("session").pipe(
  Command.withDescription("Broker logins"),
  Command.withSubcommands([restart])
)
