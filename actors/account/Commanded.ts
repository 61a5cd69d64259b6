/** An operator's command: a ticket goes the way of an alert; the others are decided at once, what reduces risk even without room in the journal. */
import { Effect } from "effect"
import * as Shell from "#actors/account/Shell.ts"
import { type AccountCommand, CommandAnswer } from "#schemas/AccountCommand.ts"
import * as Command from "#src/lifecycle/commands/Command.ts"
import type { JournalUnavailable } from "#src/ports/Journal.ts"

const { Denied, Done, NotDurable } = CommandAnswer.cases

export const make = (shell: Pick<Effect.Success<ReturnType<typeof Shell.make>>, "considered" | "durably" | "regardless">) =>
  Effect.fnUntraced(function*(command: AccountCommand): Effect.fn.Return<CommandAnswer, JournalUnavailable> {
    if (command._tag === "Place") {
      const taken = yield* shell.considered(command.approved)
      return taken === "Taken" ? Done.make({ text: "decided" }) : NotDurable.make({})
    }
    let answer: CommandAnswer = Denied.make({ reason: Shell.notConfigured })
    const happened: Shell.Happened = (book, facts) => {
      const decided = Command.decide(book, command, facts)
      answer = decided.answer
      return decided.events
    }
    yield* Command.isReducing(command) ? shell.regardless(happened) : shell.durably(happened)
    return answer
  }, Effect.catchTag("JournalUnavailable", () => Effect.succeed(NotDurable.make({}))))
