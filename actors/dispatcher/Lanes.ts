/**
 * One lane per strategy for alerts that no account has heard of: a guard that dies or waits for the disk delays its own strategy alone.
 * Within a strategy the journal's order holds; alerts of two strategies for one account and instrument may change places.
 */
import { Effect, Queue, Scope } from "effect"
import type { StrategyId } from "#schemas/Ids.ts"
import type { Guard } from "#actors/dispatcher/Errands.ts"
import type * as Open from "#src/dispatch/Open.ts"
import * as Gauges from "#src/ports/Gauges.ts"
import { Supervision } from "#src/ports/Supervision.ts"

/** Alerts waiting in one lane; past it the dispatcher waits with it. */
const alertsMax = 4_096

export const make = Effect.fnUntraced(function*<R>(guard: Guard, start: (alert: Open.OpenAlert) => Effect.Effect<void, never, R>) {
  const supervision = yield* Supervision
  const scope = yield* Effect.scope
  const lanes = new Map<StrategyId, Queue.Queue<Open.OpenAlert>>()

  /** While the house leaves, nothing new is begun: it is durable and waits for the next life, in its order. */
  const unlessLeaving = (work: Effect.Effect<void, never, R>) =>
    Effect.flatMap(supervision.states, ({ house }) => house === "stopping" ? Effect.never : work)

  const open = Effect.fnUntraced(function*(id: StrategyId) {
    const queue = yield* Queue.bounded<Open.OpenAlert>(alertsMax)
    lanes.set(id, queue)
    yield* Scope.provide(Gauges.register("lane", id, () => Queue.sizeUnsafe(queue)), scope)
    yield* Effect.forkIn(guard(Effect.forever(Effect.flatMap(Queue.take(queue), (alert) => unlessLeaving(start(alert))))), scope)
    return queue
  })

  return (alert: Open.OpenAlert): Effect.Effect<void, never, R> =>
    Effect.flatMap(Effect.suspend(() => {
      const known = lanes.get(alert.signal.strategy)
      return known === undefined ? open(alert.signal.strategy) : Effect.succeed(known)
    }), (queue) => Effect.asVoid(Queue.offer(queue, alert)))
})
