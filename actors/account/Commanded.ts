/** An operator's command: decided at once, what reduces risk even without room in the journal. */
import { Effect } from "effect"
import * as Shell from "#actors/account/Shell.ts"
import { type AccountCommand, CommandAnswer } from "#schemas/AccountCommand.ts"
import * as Command from "#src/lifecycle/commands/Command.ts"
import type { JournalUnavailable } from "#src/ports/Journal.ts"

const { Denied, NotDurable } = CommandAnswer.cases

export const make = (shell: Pick<Effect.Success<ReturnType<typeof Shell.make>>, "durably" | "heard" | "regardless">) =>
  Effect.fnUntraced(function*(command: AccountCommand): Effect.fn.Return<CommandAnswer, JournalUnavailable> {
    let answer: CommandAnswer = Denied.make({ reason: Shell.notConfigured })
    const happened: Shell.Happened = (book, facts) => {
      const decided = Command.decide(book, command, facts)
      answer = decided.answer
      return decided.events
    }
    if (command._tag === "Place") shell.heard(command.approved)
    const ids = command._tag === "Place" ? [command.approved.instrument.id] : []
    yield* Command.isReducing(command) ? shell.regardless(happened, ids) : shell.durably(happened, ids)
    return answer
  }, Effect.catchTag("JournalUnavailable", () => Effect.succeed(NotDurable.make({}))))
