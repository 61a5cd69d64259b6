/** Tells accounts that entries are to be called back, and what each of them says to it. */
import { Effect, Option } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import type { House } from "#config/House.ts"
import { AccountCommand } from "#schemas/AccountCommand.ts"
import type { AccountId, AlertId } from "#schemas/Ids.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import * as Status from "#src/admin/Status.ts"
import * as Scopes from "./Scopes.ts"

/** Nobody at the other end waits longer for an account that is busy or restarting: it acts as soon as it can, as the latch holds. */
export const answerWithin = "2 seconds"

const { CancelEntries } = AccountCommand.cases

export const make = Effect.gen(function*() {
  const accountFor = yield* Account.client

  const tell = (house: House, id: AccountId, command: AccountCommand) => {
    const name = Status.isSimulated(house, id) ? `${id} (SIMULATED)` : id
    const later = `${name} has not answered yet: it cancels what works as soon as it can`
    return accountFor(id).Command({ command }).pipe(
      Effect.timeoutOption(answerWithin),
      Effect.map(Option.match({
        onNone: () => later,
        onSome: (answer) => answer._tag === "Done" ? (answer.text === "" ? undefined : `${name}: ${answer.text}`)
          : answer._tag === "Denied" ? `${name}: ${answer.reason.message}` : later
      })),
      Effect.catchCause(() => Effect.succeed(later))
    )
  }

  /** One line for each account that had something to do. */
  return Effect.fnUntraced(function*(house: House, scope: RiskScope, commandId: AlertId) {
    const { accounts, entries } = Scopes.concerned(house, scope)
    const command = CancelEntries.make({ commandId, ...entries })
    const lines = yield* Effect.forEach(accounts, (id) => tell(house, id, command), { concurrency: "unbounded" })
    return lines.filter((line) => line !== undefined)
  })
})
