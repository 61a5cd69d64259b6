/** What a command decides: events and its answer. */
import { CommandAnswer } from "#schemas/AccountCommand.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Reason } from "#schemas/Verdict.ts"

export interface Decided {
  readonly events: ReadonlyArray<JournalEvent>
  readonly answer: CommandAnswer
}

export const done = (text: string, events: ReadonlyArray<JournalEvent>): Decided => ({ events, answer: CommandAnswer.cases.Done.make({ text }) })
export const denied = (reason: Reason): Decided => ({ events: [], answer: CommandAnswer.cases.Denied.make({ reason }) })
