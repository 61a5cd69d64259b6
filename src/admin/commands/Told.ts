/** One account told one command: its row is on its way to the disk before, and what the account made of it is the receipt. */
import { Effect } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import type { AccountCommand, CommandAnswer } from "#schemas/AccountCommand.ts"
import { NotNow } from "#schemas/contracts/AdminRpc.ts"
import { CommandDenied, type CommandReceipt } from "#schemas/contracts/Commands.ts"
import type { AccountId, AlertId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Given from "./Given.ts"

/** A person waits no longer; the account may decide it all the same. */
const answerWithin = "10 seconds"

export interface Told {
  readonly accountId: AccountId
  readonly commandId: AlertId
  readonly given: JournalEvent
  readonly command: AccountCommand
}

const notDurable: Reason = {
  rule: "NotDurable",
  message: "the journal cannot be written: nothing was done; make room on its disk and say it again",
  facts: {}
}

/** With the command's id: `why` tells the rest. */
const denied = (commandId: AlertId, reason: Reason) => new CommandDenied({ reason: { ...reason, facts: { ...reason.facts, command: commandId } } })

type Done = Extract<CommandAnswer, { readonly _tag: "Done" }>

const doneOf = ({ accountId, commandId }: Told, answer: CommandAnswer): Effect.Effect<Done, CommandDenied | NotNow> => {
  switch (answer._tag) {
    case "Done":
      return Effect.succeed(answer)
    case "Denied":
      return Effect.fail(denied(commandId, answer.reason))
    case "NotDurable":
      return Effect.fail(denied(commandId, notDurable))
    case "Unconfirmed":
      return Effect.fail(new NotNow({ message: `account ${accountId} died on it and starts anew: \`interlock why ${commandId}\` tells what was done; it is not done again` }))
  }
}

export const make = Effect.gen(function*() {
  const accountFor = yield* Account.client
  const { isDurable, onDisk, stage, write } = yield* Given.make

  const ask = ({ accountId, command, commandId }: Told) =>
    accountFor(accountId).Command({ command }).pipe(
      Effect.timeout(answerWithin),
      Effect.mapError(() => new NotNow({ message: `account ${accountId} did not answer within ${answerWithin}: \`interlock why ${commandId}\` tells whether it was done` }))
    )

  const receiptOf = Effect.fnUntraced(function*(told: Told, isWritten: boolean, answer: CommandAnswer) {
    const done = yield* doneOf(told, answer)
    const receipt: CommandReceipt = { commandId: told.commandId, durable: (yield* isDurable(done)) && isWritten, lines: done.text.split("\n") }
    return receipt
  })

  return {
    /** What adds risk is on disk before the account hears of it. */
    after: Effect.fnUntraced(function*(told: Told) {
      if (!(yield* write([told.given]))) return yield* denied(told.commandId, notDurable)
      return yield* receiptOf(told, true, yield* ask(told))
    }),
    /** Its row goes ahead of all that follows from it, and both are on disk before the answer. */
    beside: Effect.fnUntraced(function*(told: Told) {
      const place = yield* stage([told.given])
      const answer = yield* ask(told)
      return yield* receiptOf(told, place !== undefined && (yield* onDisk(place)), answer)
    })
  }
})
