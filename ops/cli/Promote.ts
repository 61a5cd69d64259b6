/** `promote`: an account that was added is switched on in its file, and the running house told by a reload. A reload that is refused takes it back. */
import { Console, Effect, Result } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import type { Asker as Named, ReloadReceipt } from "#schemas/contracts/Commands.ts"
import { AccountId } from "#schemas/Ids.ts"
import * as Asker from "./Asker.ts"
import * as Client from "./Client.ts"
import { yesFlag } from "./Confirm.ts"
import { exitCodes, Failure } from "./Failure.ts"
import * as Offline from "./Offline.ts"
import { jsonFlag } from "./Queries.ts"
import * as Reload from "./Reload.ts"

const failed = (error: string, message: string) => new Failure({ end: "failed", error, message })

/** What else the files hold that is not in force: it would count together with this. */
const pending = Effect.fnUntraced(function*(json: boolean, asker: Named) {
  const receipt = yield* Client.ask((client) => client.Reload({ dryRun: true, ...asker }))
  const refused = receipt.changes.flatMap((change) => change.refused === undefined ? [] : [`${change.path}: ${change.refused}`])
  if (refused.length > 0) return yield* failed("reloadRefused", `the files hold changes that a reload refuses: ${refused.join("; ")}; nothing was changed`)
  if (receipt.changes.length > 0 && !json) yield* Console.log(`the files hold changes that are not in force yet; they come into force with this:\n${Reload.human(receipt)}\n`)
})

const handOver = (args: ReadonlyArray<string>, json: boolean) => Effect.promise(() => Offline.run(["promote", ...args, ...(json ? ["--json"] : [])]))

/** The house may read another folder than this command writes to. */
const seen = Effect.fnUntraced(function*(id: AccountId) {
  const account = (yield* Client.ask((client) => client.Accounts())).find((one) => one.id === id)
  if (account?.enabled === true) return
  return yield* failed("notInForce", `the file says enabled, but the running house does not know it: it reads another configuration folder; restart it`)
})

const reloaded = Effect.fnUntraced(function*(id: AccountId, json: boolean, asker: Named) {
  const told = yield* Effect.result(Client.ask((client) => client.Reload({ dryRun: false, ...asker })))
  if (Result.isSuccess(told)) {
    yield* seen(id)
    return told.success
  }
  const { error, message } = told.failure
  if (error !== "reloadRefused" && error !== "notNow") return yield* failed(error, `the file says enabled, and whether the running house has taken it is not known: ${message}; \`interlock accounts\` tells`)
  yield* handOver([id, "--back"], json)
  return yield* failed(error, `${message}; the account stays disabled`)
})

const end = (id: AccountId, receipt: ReloadReceipt | undefined): string => receipt === undefined
  ? `no house is running: it counts from the next start on`
  : `${Reload.human(receipt)}\n\`interlock venue drill ${id}\` proves it with one contract`

export const command = Command.make("promote", {
  account: Argument.String("account").pipe(Argument.withDescription("The account to enable"), Argument.withSchema(AccountId)),
  yes: yesFlag,
  why: Asker.whyFlag,
  json: jsonFlag
}, Effect.fnUntraced(function*({ account: id, json, why, yes }) {
  const asker = yield* Asker.asker(why)
  const looked = yield* Effect.result(pending(json, asker))
  if (Result.isFailure(looked) && looked.failure.error !== "unreachable") return yield* looked.failure
  const isRunning = Result.isSuccess(looked)
  const code = yield* handOver([id, ...(yes ? ["--yes"] : [])], json)
  if (code !== exitCodes.done) return yield* Effect.sync(() => process.exit(code))
  const receipt = isRunning ? yield* reloaded(id, json, asker) : undefined
  yield* Console.log(json ? JSON.stringify({ ok: true, account: id, running: isRunning }) : end(id, receipt))
})).pipe(Command.withDescription("Enable an account that was added, after showing what will trade on it; a dry run of its login must have passed"))
