/** `backup`: a copy of all that must not be lost, made by the running house. */
import * as NodePath from "node:path"
import { Effect, Option } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { BackupReceipt } from "#schemas/contracts/Commands.ts"
import * as Asker from "./Asker.ts"
import * as Client from "./Client.ts"
import { jsonFlag, show } from "./Queries.ts"

/** A large journal is copied, looked through and read again. */
const within = "15 minutes"

const to = Flag.String("to").pipe(Flag.optional, Flag.withDescription("A new or empty folder; without it backups/<time> in the data folder"))

const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MB`

const human = ({ commandId, files, kept, path, seq }: BackupReceipt): string => {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return [
    `backed up to ${path}: journal to row ${seq}, ${files.length} files, ${megabytes(bytes)}, verified; no secret is in it`,
    `${kept} ${kept === 1 ? "backup lies" : "backups lie"} in ${NodePath.dirname(path)}; none is ever deleted by the house`,
    `restore it with \`npx interlock restore ${path} --data <folder>\``,
    `command ${commandId}`
  ].join("\n")
}

export const command = Command.make("backup", { to, why: Asker.whyFlag, json: jsonFlag }, Effect.fnUntraced(function*({ json, to, why }) {
  const asked = Option.match(to, { onNone: () => ({}), onSome: (folder) => ({ to: NodePath.resolve(folder) }) })
  const asker = yield* Asker.asker(why)
  const receipt = yield* Client.ask((client) => client.Backup({ ...asked, ...asker }), within)
  yield* show(BackupReceipt, receipt, json, human)
})).pipe(Command.withDescription("Copy journal, paper books, notes and configuration while the house runs, without secrets"))
