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

/** A journal without room is tried again this often. */
const tryAgainAfter = "1 second"

export const askerOf = ({ who = nobody, why = "" }: Asker): { readonly who: string; readonly why: string } => ({ who, why })

/** Journals commands and what belongs to them in one commit. False: the disk has no room, the command may hold in this process only. */
export const make = Effect.gen(function*() {
  const journal = yield* Journal
  const scope = yield* Effect.scope
  /** The place taken, if there was one to take. */
  const stage = (events: ReadonlyArray<JournalEvent>): Effect.Effect<number | undefined> =>
    journal.stage(stream, "any", events).pipe(
      Effect.map(({ seq }) => seq),
      Effect.catchTag("JournalUnavailable", () => Effect.undefined),
      Effect.orDie
    )
  const onDisk = (seq: number): Effect.Effect<boolean> =>
    journal.durable(seq).pipe(Effect.as(true), Effect.catchTag("JournalUnavailable", () => Effect.succeed(false)))
  const write = (events: ReadonlyArray<JournalEvent>): Effect.Effect<boolean> =>
    Effect.flatMap(stage(events), (seq) => seq === undefined ? Effect.succeed(false) : onDisk(seq))

  /** As `write`; but what finds no room now is written as soon as there is some, if it is still meant then. */
  const writeSurely = (events: ReadonlyArray<JournalEvent>, isMeant: Effect.Effect<boolean>): Effect.Effect<boolean> =>
    Effect.flatMap(stage(events), (seq) => {
      if (seq !== undefined) return onDisk(seq) // without room it keeps its place
      const again: Effect.Effect<void> = Effect.delay(
        Effect.flatMap(isMeant, (isSo) => isSo
          ? Effect.flatMap(stage(events), (later) => later === undefined ? again : Effect.void)
          : Effect.void),
        tryAgainAfter
      )
      return Effect.as(Effect.forkIn(again, scope), false)
    })
  const given = (commandId: AlertId, command: string, asker: Asker, detail: unknown) =>
    JournalEvent.cases.CommandGiven.make({ alertId: commandId, command, ...askerOf(asker), detail })
  /** Waits until the disk has what an account answered. False: it has not, and what the account decided holds in this process only. */
  const isDurable = ({ afterSeq }: Extract<CommandAnswer, { readonly _tag: "Done" }>): Effect.Effect<boolean> =>
    afterSeq === undefined ? Effect.succeed(false) : onDisk(afterSeq)
  return { stage, onDisk, write, writeSurely, given, isDurable }
})
