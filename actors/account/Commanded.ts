/** An operator's command: decided at once, what reduces risk even without room in the journal. Whoever asked waits for the disk, not the account. */
import { Effect } from "effect"
import * as Shell from "#actors/account/Shell.ts"
import type * as Memory from "#actors/Memory.ts"
import { type AccountCommand, CommandAnswer } from "#schemas/AccountCommand.ts"
import * as Command from "#src/lifecycle/commands/Command.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import type { JournalUnavailable } from "#src/ports/Journal.ts"

const { Denied, Done, NotDurable } = CommandAnswer.cases

type Remembered = Pick<Effect.Success<ReturnType<typeof Memory.recall<Book>>>, "isHolding" | "seq">

export const make = (shell: Pick<Effect.Success<ReturnType<typeof Shell.make>>, "durably" | "heard" | "regardless">, memory: Remembered) => {
  /** With what must be on disk; what is held has no place yet. */
  const placed = (answer: CommandAnswer): CommandAnswer =>
    answer._tag === "Done" && !memory.isHolding() ? Done.make({ text: answer.text, afterSeq: memory.seq() }) : answer

  return Effect.fnUntraced(function*(command: AccountCommand): Effect.fn.Return<CommandAnswer, JournalUnavailable> {
    let answer: CommandAnswer = Denied.make({ reason: Shell.notConfigured })
    const happened: Shell.Happened = (book, facts) => {
      const decided = Command.decide(book, command, facts)
      answer = decided.answer
      return decided.events
    }
    if (command._tag === "Place") shell.heard(command.approved)
    const ids = command._tag === "Place" ? [command.approved.instrument.id] : []
    yield* Command.isReducing(command) ? shell.regardless(happened, ids) : shell.durably(happened, ids)
    return placed(answer)
  }, Effect.catchTag("JournalUnavailable", () => Effect.succeed(NotDurable.make({}))))
}
