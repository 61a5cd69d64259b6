/** How every command of an operator begins: with an id of its own, and with a row that says who asked, for what, and why. */
import { Clock, Effect, Random } from "effect"
import type { CommandAnswer } from "#schemas/AccountCommand.ts"
import type { Asker } from "#schemas/contracts/Commands.ts"
import { AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { Journal } from "#src/ports/Journal.ts"

/** The stream of commands, switches and configurations. */
export const stream = "operator"

const nobody = "operator"

/** Sorts by time; the random part keeps two of the same millisecond apart. */
export const nextId = Effect.gen(function*() {
  const atMs = yield* Clock.currentTimeMillis
  const random = yield* Random.nextIntBetween(0, 0x7fffffff)
  return AlertId.make(`operator-${atMs.toString(36)}${random.toString(36).padStart(6, "0")}`)
})

export const askerOf = ({ who = nobody, why = "" }: Asker): { readonly who: string; readonly why: string } => ({ who, why })

/** Journals commands and what belongs to them in one commit. False: the disk has no room, the command may hold in this process only. */
export const make = Effect.gen(function*() {
  const journal = yield* Journal
  const write = (events: ReadonlyArray<JournalEvent>): Effect.Effect<boolean> =>
    journal.append(stream, "any", events).pipe(
      Effect.as(true),
      Effect.catchTag("JournalUnavailable", () => Effect.succeed(false)),
      Effect.orDie
    )
  const given = (commandId: AlertId, command: string, asker: Asker, detail: unknown) =>
    JournalEvent.cases.CommandGiven.make({ alertId: commandId, command, ...askerOf(asker), detail })
  /** Waits until the disk has what an account answered. False: it has not, and what the account decided holds in this process only. */
  const isDurable = ({ afterSeq }: Extract<CommandAnswer, { readonly _tag: "Done" }>): Effect.Effect<boolean> =>
    afterSeq === undefined ? Effect.succeed(false) : journal.durable(afterSeq).pipe(
      Effect.as(true),
      Effect.catchTag("JournalUnavailable", () => Effect.succeed(false))
    )
  return { write, given, isDurable }
})
