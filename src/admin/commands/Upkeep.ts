/** What keeps a house healthy: backup, the journal as it grows, and what only the running house can say of itself. */
import { Effect } from "effect"
import { CommandDenied } from "#schemas/contracts/Commands.ts"
import type { Asker } from "#schemas/contracts/Commands.ts"
import { Backups } from "#src/ports/Backups.ts"
import * as Version from "../Version.ts"
import * as Diagnosis from "./Diagnosis.ts"
import * as Given from "./Given.ts"
import * as Tail from "./Tail.ts"

export const make = Effect.gen(function*() {
  const backups = yield* Backups
  const commands = yield* Given.make
  const version = Version.read()

  return {
    Backup: Effect.fnUntraced(function*({ to, ...asker }: Asker & { readonly to?: string }) {
      const commandId = yield* Given.nextId
      // Where the disk refuses the row, a copy of what is there is worth the more.
      yield* commands.write([commands.given(commandId, "backup", asker, to === undefined ? {} : { to })])
      const made = yield* backups.make({ version, ...(to === undefined ? {} : { to }) }).pipe(
        Effect.mapError(({ facts, message, rule }) => new CommandDenied({ reason: { rule, message, facts } }))
      )
      return { commandId, ...made }
    }),
    Tail: yield* Tail.make,
    Diagnose: yield* Diagnosis.make
  }
})
