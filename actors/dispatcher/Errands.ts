/**
 * One errand queue per account: its alerts reach it in the order of the journal, and a slow account delays nobody else. What it cannot
 * write down yet waits apart, in its order; what reduces risk goes past it, and what that overtakes ends.
 */
import { Effect, Queue, Scope, Semaphore } from "effect"
import * as Ask from "#actors/dispatcher/Ask.ts"
import type { AccountId } from "#schemas/Ids.ts"
import { isReducing } from "#schemas/Signal.ts"
import * as Gauges from "#src/ports/Gauges.ts"

/** Errands waiting for one account; past it the dispatcher waits with it. */
const errandsMax = 4_096
const tryAgainAfter = "1 second"

/** What becomes of a fiber that must not die silently (`Contain`). */
export type Guard = <A, E, R>(fiber: Effect.Effect<A, E, R>) => Effect.Effect<A | void, never, R>

const mayPass = (errand: Ask.Errand): boolean => errand._tag === "Consider" && isReducing(errand.approved.signal.action)

/** An entry that its account never heard of, closed or cancelled before its turn: ended, or it would open what was just closed. */
const overtakenBy = (errand: Ask.Errand) => (other: Ask.Errand): Ask.Errand => {
  if (errand._tag !== "Consider" || other._tag !== "Consider" || mayPass(other)) return other
  const { alertId, instrument, signal } = errand.approved
  const isMeant = signal.action === "flatten" || (signal.action !== "update" && other.approved.instrument.id === instrument.id)
  if (!isMeant || other.approved.signal.strategy !== signal.strategy) return other
  return {
    _tag: "Conclude",
    alertId: other.approved.alertId,
    outcome: "canceled",
    reason: { rule: "Overtaken", message: `alert ${alertId} (${signal.action}) came before its turn`, facts: { by: alertId } }
  }
}

export const make = Effect.fnUntraced(function*(guard: Guard) {
  const ask = yield* Ask.make
  const scope = yield* Effect.scope
  const queues = new Map<AccountId, Queue.Queue<Ask.Errand>>()

  const open = Effect.fnUntraced(function*(id: AccountId) {
    const queue = yield* Queue.bounded<Ask.Errand>(errandsMax)
    /** One at a time reaches the account: what overtakes knows what became of the one before. */
    const turn = yield* Semaphore.make(1)
    let apart: ReadonlyArray<Ask.Errand> = []

    /** Whether the account took the oldest of them. */
    const oldest = turn.withPermit(Effect.suspend(() => {
      const [first, ...others] = apart
      if (first === undefined) return Effect.succeed(true)
      return Effect.tap(ask(id, first), (isTaken) => Effect.sync(() => {
        if (isTaken) apart = others
      }))
    }))
    const wait = Effect.gen(function*() {
      while (apart.length > 0) if (!(yield* oldest)) yield* Effect.sleep(tryAgainAfter)
    })

    const run = Effect.fnUntraced(function*(errand: Ask.Errand) {
      while (apart.length >= errandsMax) yield* Effect.sleep(tryAgainAfter)
      const isApart = yield* turn.withPermit(Effect.gen(function*() {
        const isBehind = apart.length > 0 && !mayPass(errand)
        const isTaken = !isBehind && (yield* ask(id, errand))
        if (isTaken) apart = apart.map(overtakenBy(errand))
        else apart = [...apart, errand]
        return !isTaken && apart.length === 1
      }))
      if (isApart) yield* Effect.forkIn(guard(wait), scope)
    })

    queues.set(id, queue)
    yield* Scope.provide(Gauges.register("errands", id, () => Queue.sizeUnsafe(queue) + apart.length), scope)
    yield* Effect.forkIn(guard(Effect.forever(Effect.flatMap(Queue.take(queue), run))), scope)
    return queue
  })

  return (id: AccountId, errand: Ask.Errand): Effect.Effect<void> =>
    Effect.flatMap(Effect.suspend(() => {
      const known = queues.get(id)
      return known === undefined ? open(id) : Effect.succeed(known)
    }), (queue) => Effect.asVoid(Queue.offer(queue, errand)))
})
