/** `restore`: a backup becomes a data folder again; needs a house that is stopped. */
import * as NodePath from "node:path"
import { Effect, Option, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Offline from "./Offline.ts"
import { jsonFlag } from "./Queries.ts"
import * as Runtime from "./Runtime.ts"

const flags = {
  backup: Argument.String("backup").pipe(Argument.withDescription("The backup's folder")),
  // An empty name would be the folder one happens to be in.
  data: Flag.String("data").pipe(Flag.withSchema(Schema.NonEmptyString), Flag.optional, Flag.withDescription("The data folder to fill; without it the usual one")),
  force: Flag.Boolean("force").pipe(Flag.withDescription("Move aside what is there; nothing is deleted"), Flag.withDefault(false)),
  json: jsonFlag
}

export const command = Command.make("restore", flags, ({ backup, data, force, json }) => {
  const folder = Option.match(data, { onNone: Runtime.dataFolder, onSome: (named) => NodePath.resolve(named) })
  return Effect.promise(() => Offline.run([
    "restore", "--data", folder, ...(force ? ["--force"] : []), ...(json ? ["--json"] : []), "--", NodePath.resolve(backup)
  ])).pipe(Effect.flatMap((code) => Effect.sync(() => process.exit(code))))
}).pipe(
  Command.withDescription("Verify a backup and make it a data folder, while no house runs on it"),
  Command.withExamples([{ command: "interlock restore data/backups/2026-01-05T09-30-00.000Z --data data-restored", description: "Into a new folder, beside the old one" }])
)
