/** `config check`: the configuration read and checked without a house. */
import { Effect, Option } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Offline from "./Offline.ts"
import { jsonFlag } from "./Queries.ts"

const folder = Flag.String("config").pipe(Flag.optional, Flag.withDescription("The folder to check; without it the one that the house would read"))

const check = Command.make("check", { folder, json: jsonFlag }, ({ folder, json }) => {
  const named = Option.match(folder, { onNone: () => [], onSome: (path) => ["--config", path] })
  return Effect.promise(() => Offline.run(["config", "check", ...named, ...(json ? ["--json"] : [])])).pipe(
    Effect.flatMap((code) => Effect.sync(() => process.exit(code)))
  )
}).pipe(Command.withDescription("Say everything that is wrong with the configuration files; needs no running house"))

export const command = Command.make("config").pipe(
  Command.withDescription("The configuration files"),
  Command.withSubcommands([check])
)
