/** One strategy's guard: session window, cool-down, fires with refunds, position expectation. Wires `State` to the journal. */
import { Duration, Effect, Schedule } from "effect"
import { Entity } from "effect/cluster"
import { Rpc } from "effect/rpc"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import { type AlertId, StrategyId } from "#schemas/Ids.ts"
import { isReducing } from "#schemas/Signal.ts"
import * as Contain from "#actors/Contain.ts"
import * as Memory from "#actors/Memory.ts"
import { GuardAnswer, StrategyGuard } from "#actors/strategy-guard/Protocol.ts"
import * as State from "#actors/strategy-guard/State.ts"

const { Approved, Blocked, Unconfirmed } = GuardAnswer.cases

const mailboxCapacity = 1_024

const answerOf = (state: State.State, alertId: AlertId): GuardAnswer => {
  const known = state.unsettled.get(alertId)
  if (known === undefined) return Unconfirmed.make({})
  return known._tag === "Approved" ? Approved.make({ notes: known.notes }) : Blocked.make({ reason: known.reason })
}

export const layer = StrategyGuard.toLayer(Effect.gen(function*() {
  const { entityId } = yield* Entity.CurrentAddress
  const strategyId = StrategyId.make(String(entityId))
  const house = yield* HouseConfig
  const clocks = yield* Clocks
  const self = (yield* StrategyGuard.client)(strategyId)

  const memory = yield* Memory.recall(`strategy-guard/${strategyId}`, State.empty, State.evolve)

  const { contain, restart } = yield* Contain.make({
    lives: () => memory.state().lives,
    restartSelf: (life, defect) => self.Restart({ life, defect }, { discard: true }),
    record: (event) => memory.commit(() => [event])
  })

  return StrategyGuard.of({
    Consider: ({ payload: { gated } }) =>
      Effect.gen(function*() {
        const strategy = (yield* house.current).strategies.get(strategyId)
        const nowMs = yield* clocks.wallMs
        yield* memory.commit((state) => State.consider(state, { gated, strategy, nowMs }))
        return answerOf(memory.state(), gated.alertId)
      }).pipe(
        // What reduces risk needs no memory of ours; an entry that cannot be counted waits.
        Effect.catchTag("JournalUnavailable", () =>
          Effect.succeed(isReducing(gated.signal.action) ? Approved.make({ notes: [] }) : Unconfirmed.make({}))),
        contain<GuardAnswer>(Unconfirmed.make({}))
      ),

    Settle: ({ payload: { alertId, sent } }) =>
      memory.commit((state) => State.settled(state, alertId, sent)).pipe(
        Effect.as(true),
        Effect.catchTag("JournalUnavailable", () => Effect.succeed(false)),
        contain(false)
      ),

    Wake: () => Effect.void,
    Restart: ({ payload }) => Rpc.fork(restart(payload.life, payload.defect))
  })
}), { maxIdleTime: Duration.infinity, mailboxCapacity, defectRetryPolicy: Schedule.spaced("1 second") })
