/** One account: a thin shell around its book. What happened is told by messages; what follows is decided by `src/lifecycle`. */
import { Duration, Effect, Layer, Schedule } from "effect"
import { Entity } from "effect/cluster"
import { Rpc } from "effect/rpc"
import { Account, type Taken } from "#actors/account/Protocol.ts"
import * as Commanded from "#actors/account/Commanded.ts"
import { holdingsOf } from "#actors/account/Holdings.ts"
import * as Shell from "#actors/account/Shell.ts"
import * as Turns from "#actors/account/Turns.ts"
import * as Contain from "#actors/Contain.ts"
import { surely } from "#actors/Deliver.ts"
import * as Memory from "#actors/Memory.ts"
import { Clocks } from "#config/Clocks.ts"
import { CommandAnswer } from "#schemas/AccountCommand.ts"
import { AccountId, type AlertId } from "#schemas/Ids.ts"
import type { AccountSnapshot, VenueEvent } from "#schemas/VenueEvent.ts"
import * as Book from "#src/lifecycle/Book.ts"
import * as Commitments from "#src/lifecycle/Commitments.ts"
import { evolve } from "#src/lifecycle/Evolve.ts"
import * as Reconcile from "#src/lifecycle/Reconcile.ts"
import * as Report from "#src/lifecycle/Report.ts"

const mailboxCapacity = 16_384

const behaviour = Effect.fnUntraced(function*(known: Map<AccountId, Turns.Crashes>) {
  const { entityId } = yield* Entity.CurrentAddress
  const id = AccountId.make(entityId)
  const crashes: Turns.Crashes = known.get(id) ?? new Map()
  known.set(id, crashes)
  const clocks = yield* Clocks
  const self = (yield* Account.client)(id)
  const memory = yield* Memory.recall(`account/${id}`, Book.empty, evolve)
  const { contain, restart } = yield* Contain.make({
    lives: () => memory.state().lives,
    restartSelf: (life, defect) => self.Restart({ life, defect }, { discard: true }),
    record: (event) => memory.commit(() => [event])
  })
  const shell = yield* Shell.make(id, memory, surely(self.Tick(undefined, { discard: true })), crashes, contain(undefined))

  const commanded = Commanded.make(shell, memory)

  const answered = (alertId: AlertId, work: Effect.Effect<typeof Taken.Type>) =>
    work.pipe(Effect.tapDefect(() => Effect.sync(() => Turns.noteCrash(crashes, alertId))), contain("Unconfirmed" as const))

  /** What the venue hints at and has not told in full is asked for soon: a lost fill leaves its position without a stop. */
  const heard = (events: ReadonlyArray<VenueEvent>): Shell.Happened => (book, { nowMs }) => {
    const news = Report.ofEvents(book, events, nowMs)
    shell.watch.hear(news.reduce(evolve, book), events, nowMs)
    return news
  }

  const compare = Effect.fnUntraced(function*(snapshot: AccountSnapshot | undefined) {
    const nowMs = yield* clocks.wallMs
    if (snapshot === undefined) {
      shell.watch.pictured(undefined, nowMs)
      return yield* shell.regardless(() => [])
    }
    const before = shell.watch.suspicions()
    const askedMs = shell.watch.askedMs()
    yield* shell.regardless((book, facts) => {
      const judged = Reconcile.reconcile(book, snapshot, before, facts, askedMs)
      shell.watch.pictured(judged.suspicions, nowMs)
      return judged.events
    }, snapshot.positions.map(({ instrumentId }) => instrumentId))
  })

  yield* shell.showState
  yield* shell.join

  return Account.of({
    Consider: ({ payload: { approved } }) => answered(approved.alertId, shell.considered(approved)),
    Conclude: ({ payload: { alertId, outcome, reason } }) => answered(alertId, shell.concluded(alertId, outcome, reason)),
    Command: ({ payload: { command } }) => commanded(command).pipe(contain<CommandAnswer>(CommandAnswer.cases.Unconfirmed.make({}))),

    Holds: () => Rpc.fork(Effect.sync(() => holdingsOf(memory.state()))),

    Commitments: () => Effect.sync(() => Commitments.of(memory.state())).pipe(contain<ReadonlyArray<Commitments.Commitment> | null>(null)),

    Answered: ({ payload: { request, result } }) =>
      shell.regardless((book) => Report.ofAnswer(book, request, result)).pipe(contain(undefined)),
    Reported: ({ payload: { events } }) =>
      shell.regardless(heard(events)).pipe(contain(undefined)),
    Pictured: ({ payload: { snapshot } }) => compare(snapshot).pipe(contain(undefined)),

    SessionUp: ({ payload }) =>
      Effect.gen(function*() {
        const nowMs = yield* clocks.wallMs
        shell.setPowers(payload.powers, nowMs)
        yield* shell.regardless((book) => Reconcile.recover(book, nowMs))
        yield* shell.askPicture
      }).pipe(contain(undefined)),
    SessionDown: () =>
      Effect.gen(function*() {
        shell.setPowers(undefined, yield* clocks.wallMs)
        yield* shell.regardless(() => [])
      }).pipe(contain(undefined)),

    Tick: () =>
      Effect.gen(function*() {
        shell.rang()
        if (shell.isPictureDue(yield* clocks.wallMs)) yield* shell.askPicture
        yield* shell.regardless(() => [])
      }).pipe(contain(undefined)),
    Wake: () => Effect.void,
    Restart: ({ payload }) => Rpc.fork(restart(payload.life, payload.defect))
  })
})

export const layer = Layer.unwrap(Effect.sync(() => {
  const crashes = new Map<AccountId, Turns.Crashes>()
  return Account.toLayer(behaviour(crashes), { maxIdleTime: Duration.infinity, mailboxCapacity, defectRetryPolicy: Schedule.spaced("1 second") })
}))
