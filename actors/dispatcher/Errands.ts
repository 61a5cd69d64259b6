/** One errand queue per account: its alerts reach it in the order of the journal, and a slow account delays nobody else. */
import { Effect, Queue, Schedule } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import type { AccountId, AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { ApprovedSignal } from "#schemas/Signal.ts"
import type { Outcome, Reason } from "#schemas/Verdict.ts"
import { Journal } from "#src/ports/Journal.ts"

export type Errand =
  | { readonly _tag: "Consider"; readonly approved: ApprovedSignal; readonly attempt: number }
  | { readonly _tag: "Conclude"; readonly alertId: AlertId; readonly outcome: Outcome; readonly reason: Reason }

/** Errands waiting for one account; past it the dispatcher waits with it. */
const errandsMax = 4_096
/** Told once more after its handler died; the second time the pair ends `failed`. */
const attemptsMax = 2
const tryAgainAfter = "1 second"
const again = Schedule.spaced(tryAgainAfter)

/** What becomes of a fiber that must not die silently (`Contain`). */
export type Guard = <A, E, R>(fiber: Effect.Effect<A, E, R>) => Effect.Effect<A | void, never, R>

export const make = Effect.fnUntraced(function*(guard: Guard) {
  const journal = yield* Journal
  const accountFor = yield* Account.client
  const scope = yield* Effect.scope
  const queues = new Map<AccountId, Queue.Queue<Errand>>()

  const written = (event: JournalEvent) =>
    Effect.retry(journal.append("dispatch", "any", [event]), { schedule: again, while: (error) => error._tag === "JournalUnavailable" })

  const consider = (id: AccountId, approved: ApprovedSignal, attempt: number): Effect.Effect<void, unknown> =>
    Effect.gen(function*() {
      const answer = yield* accountFor(id).Consider({ approved })
      if (answer === "Taken") return
      if (answer === "NotDurable") {
        yield* Effect.sleep(tryAgainAfter)
        return yield* consider(id, approved, attempt)
      }
      const { alertId } = approved
      if (attempt >= attemptsMax) {
        yield* Effect.logError(`alert ${alertId} crashed account ${id} ${attempt} times: it ends failed`)
        return yield* conclude(id, alertId, "failed", {
          rule: "Crashed",
          message: `the account's handler died ${attempt} times on this alert: see the log`,
          facts: { attempts: String(attempt) }
        })
      }
      yield* written(JournalEvent.cases.AlertRedriven.make({ alertId, accountId: id, attempt: attempt + 1 }))
      yield* Effect.sleep(tryAgainAfter)
      return yield* consider(id, approved, attempt + 1)
    })

  const conclude = (id: AccountId, alertId: AlertId, outcome: Outcome, reason: Reason): Effect.Effect<void, unknown> =>
    Effect.gen(function*() {
      const answer = yield* accountFor(id).Conclude({ alertId, outcome, reason })
      if (answer === "Taken") return
      yield* Effect.sleep(tryAgainAfter)
      return yield* conclude(id, alertId, outcome, reason)
    })

  const run = (id: AccountId, errand: Errand) =>
    errand._tag === "Consider"
      ? consider(id, errand.approved, errand.attempt)
      : conclude(id, errand.alertId, errand.outcome, errand.reason)

  const queueOf = Effect.fnUntraced(function*(id: AccountId) {
    const known = queues.get(id)
    if (known !== undefined) return known
    const queue = yield* Queue.bounded<Errand>(errandsMax)
    queues.set(id, queue)
    const loop = Effect.forever(Effect.flatMap(Queue.take(queue), (errand) => run(id, errand)))
    yield* Effect.forkIn(guard(loop), scope)
    return queue
  })

  return (id: AccountId, errand: Errand): Effect.Effect<void> => Effect.flatMap(queueOf(id), (queue) => Effect.asVoid(Queue.offer(queue, errand)))
})
