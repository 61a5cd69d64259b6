/**
 * Follows the journal: every accepted alert goes through gates and guard to its accounts, until each has its outcome. Whatever dies, the
 * rows without an outcome are what is left to do; starting is nothing but finding them.
 */
import { Duration, Effect, Schedule, Stream } from "effect"
import { Rpc } from "effect/rpc"
import { Dispatcher, theOne } from "#actors/dispatcher/Protocol.ts"
import * as State from "#actors/dispatcher/State.ts"
import * as Steps from "#actors/dispatcher/Steps.ts"
import * as Contain from "#actors/Contain.ts"
import * as Memory from "#actors/Memory.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import * as Open from "#src/dispatch/Open.ts"
import { Journal } from "#src/ports/Journal.ts"

const pageRows = 2_000

export const layer = Dispatcher.toLayer(Effect.gen(function*() {
  const journal = yield* Journal
  const self = (yield* Dispatcher.client)(theOne)
  const memory = yield* Memory.recall(`dispatcher/${theOne}`, State.empty, State.evolve)
  const { guard, restart } = yield* Contain.make({
    lives: () => memory.state().lives,
    restartSelf: (life, defect) => self.Restart({ life, defect }, { discard: true }),
    record: (event) => memory.commit(() => [event])
  })
  let open = Open.empty
  const steps = yield* Steps.make(guard, () => open)

  /** What is to be done about it, if anything; the memory has it already. */
  const onRow = ({ event, stream }: JournalRow): Effect.Effect<void> | undefined => {
    const alert = "alertId" in event ? Open.find(open, event.alertId) : undefined
    if (alert === undefined) return undefined
    if (event._tag === "AlertAccepted") return steps.start(alert)
    const account = Open.accountOf(stream)
    if (event._tag === "OrderWithheld" && event.retry && account !== undefined) return steps.redecide(alert, account)
    if (event._tag === "OutcomeReached" && Open.isSettled(alert)) return steps.settle(alert)
    return undefined
  }
  const onRows = Effect.fnUntraced(function*(rows: ReadonlyArray<JournalRow>) {
    for (const row of rows) {
      open = Open.evolve(open, row)
      const step = onRow(row)
      if (step !== undefined) yield* step
    }
  })

  const recall = Effect.gen(function*() {
    while (true) {
      const rows = yield* journal.readAfter(open.seq, pageRows)
      for (const row of rows) open = Open.evolve(open, row)
      if (rows.length === 0) return
    }
  })

  /** What was left undone by the life before, in the order of the journal. */
  const resume = Effect.gen(function*() {
    for (const alert of Open.all(open)) {
      if (alert.gated === undefined) yield* steps.start(alert)
      else if (Open.isSettled(alert)) yield* steps.settle(alert)
      else yield* steps.redrive(alert, Open.owing(alert))
    }
  })

  const follow = Effect.suspend(() => Stream.runForEachArray(journal.followStaged(open.seq), onRows))
  yield* recall
  yield* Effect.forkScoped(guard(Effect.andThen(resume, follow)))

  return Dispatcher.of({
    Wake: () => Effect.void,
    Restart: ({ payload }) => Rpc.fork(restart(payload.life, payload.defect))
  })
}), { maxIdleTime: Duration.infinity, defectRetryPolicy: Schedule.spaced("1 second") })
