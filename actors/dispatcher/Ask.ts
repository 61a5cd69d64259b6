/** One account asked, until it has answered for an alert or can write nothing down. */
import { Effect, Schedule } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import type { AccountId, AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { ApprovedSignal } from "#schemas/Signal.ts"
import type { Outcome, Reason } from "#schemas/Verdict.ts"
import { Journal } from "#src/ports/Journal.ts"

export type Errand =
  | { readonly _tag: "Consider"; readonly approved: ApprovedSignal; readonly attempt: number }
  | { readonly _tag: "Conclude"; readonly alertId: AlertId; readonly outcome: Outcome; readonly reason: Reason }

/** Told once more after its handler died; the second time the pair ends `failed`. */
const attemptsMax = 2
const tryAgainAfter = "1 second"
const again = Schedule.spaced(tryAgainAfter)

export const make = Effect.gen(function*() {
  const journal = yield* Journal
  const accountFor = yield* Account.client

  const written = (event: JournalEvent) =>
    Effect.retry(journal.stage("dispatch", "any", [event]), { schedule: again, while: (error) => error._tag === "JournalUnavailable" })

  const consider = (id: AccountId, approved: ApprovedSignal, attempt: number): Effect.Effect<boolean, unknown> =>
    Effect.gen(function*() {
      const answer = yield* accountFor(id).Consider({ approved })
      if (answer !== "Unconfirmed") return answer === "Taken"
      const { alertId } = approved
      if (attempt >= attemptsMax) {
        yield* Effect.logError(`alert ${alertId} crashed account ${id} ${attempt} times: it ends failed`)
        return yield* surelyConclude(id, alertId, "failed", {
          rule: "Crashed",
          message: `the account's handler died ${attempt} times on this alert: see the log`,
          facts: { attempts: String(attempt) }
        })
      }
      yield* written(JournalEvent.cases.AlertRedriven.make({ alertId, accountId: id, attempt: attempt + 1 }))
      yield* Effect.sleep(tryAgainAfter)
      return yield* consider(id, approved, attempt + 1)
    })

  const conclude = (id: AccountId, alertId: AlertId, outcome: Outcome, reason: Reason): Effect.Effect<boolean, unknown> =>
    Effect.gen(function*() {
      const answer = yield* accountFor(id).Conclude({ alertId, outcome, reason })
      if (answer !== "Unconfirmed") return answer === "Taken"
      yield* Effect.sleep(tryAgainAfter)
      return yield* conclude(id, alertId, outcome, reason)
    })

  const surelyConclude = (id: AccountId, alertId: AlertId, outcome: Outcome, reason: Reason): Effect.Effect<boolean, unknown> =>
    Effect.flatMap(conclude(id, alertId, outcome, reason), (isTaken) =>
      isTaken ? Effect.succeed(true) : Effect.delay(surelyConclude(id, alertId, outcome, reason), tryAgainAfter))

  /** False: nothing could be written and nothing was done; it is to be told again. */
  return (id: AccountId, errand: Errand): Effect.Effect<boolean, unknown> =>
    errand._tag === "Consider"
      ? consider(id, errand.approved, errand.attempt)
      : conclude(id, errand.alertId, errand.outcome, errand.reason)
})
