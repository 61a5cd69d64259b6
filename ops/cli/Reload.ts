/** `reload`: the configuration files read anew by the running house, all of it or nothing. */
import { Effect } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { type ConfigChange, ReloadReceipt } from "#schemas/contracts/Commands.ts"
import * as Asker from "./Asker.ts"
import * as Client from "./Client.ts"
import { Failure } from "./Failure.ts"
import { jsonFlag, show } from "./Queries.ts"
import * as Table from "./Table.ts"

const shownMax = 60
const hashShown = 12

const value = (one: unknown): string => {
  const text = JSON.stringify(one)
  return text.length > shownMax ? `${text.slice(0, shownMax)}...` : text
}

const what = ({ after, before, kind }: ConfigChange): string => {
  if (kind === "changed" && before !== undefined && after !== undefined) return `${value(before)} -> ${value(after)}`
  const side = kind === "removed" ? before : after
  return side === undefined || typeof side === "object" ? kind : `${kind} ${value(side)}`
}

const words: Readonly<Record<ConfigChange["effect"], string>> = {
  now: "now", "next order": "next order", "needs flat": "needs flat", restart: "session restart"
}

const table = (changes: ReadonlyArray<ConfigChange>): ReadonlyArray<string> => changes.length === 0 ? [] : [Table.render([
  { name: "COUNTS", of: ({ effect }) => words[effect] },
  { name: "SETTING", of: ({ path }) => path },
  { name: "CHANGE", of: what },
  { name: "", of: ({ refused }) => refused === undefined ? "" : `REFUSED: ${refused}` }
], changes)]

const isRefused = ({ refused }: ConfigChange): boolean => refused !== undefined

const end = ({ applied, changes, hashAfter, hashBefore }: ReloadReceipt): string => {
  const short = (hash: string) => hash.slice(0, hashShown)
  if (applied) return `in force: ${short(hashAfter)} (was ${short(hashBefore)})`
  return changes.length === 0 && hashAfter === hashBefore ? `nothing differs: ${short(hashAfter)} stays in force` : `dry run: ${short(hashBefore)} stays in force, nothing was changed`
}

export const human = (receipt: ReloadReceipt): string =>
  [...table(receipt.changes), ...receipt.notes.map(Table.clean), end(receipt)].join("\n")

const dryRun = Flag.Boolean("dry-run").pipe(Flag.withDescription("Only tell what would change, and what would refuse it"), Flag.withDefault(false))

export const command = Command.make("reload", { dryRun, why: Asker.whyFlag, json: jsonFlag }, Effect.fnUntraced(function*({ dryRun, json, why }) {
  const asker = yield* Asker.asker(why)
  const receipt = yield* Client.ask((client) => client.Reload({ dryRun, ...asker }))
  yield* show(ReloadReceipt, receipt, json, human)
  const refused = receipt.changes.filter(isRefused)
  if (refused.length > 0) {
    return yield* new Failure({ end: "failed", error: "reloadRefused", message: `it would be refused: ${refused.map(({ path }) => path).join(", ")}` })
  }
})).pipe(Command.withDescription("Read the configuration files anew and put them into force, all of it or nothing"))

