/**
 * Follows the journal: every accepted alert goes through gates and guard to its accounts, until each has its outcome. Whatever dies, the
 * rows without an outcome are what is left to do; starting is nothing but finding them.
 */
import { Duration, Effect, Schedule, Stream } from "effect"
import { Rpc } from "effect/rpc"
import * as Contain from "#actors/Contain.ts"
import * as Memory from "#actors/Memory.ts"
import * as Errands from "#actors/dispatcher/Errands.ts"
import * as Judge from "#actors/dispatcher/Judge.ts"
import { Dispatcher, theOne } from "#actors/dispatcher/Protocol.ts"
import * as State from "#actors/dispatcher/State.ts"
import { HouseConfig } from "#config/House.ts"
import type { AccountId, AlertId } from "#schemas/Ids.ts"
import { JournalEvent, type JournalRow } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import type { Verdict } from "#schemas/Verdict.ts"
import * as Open from "#src/dispatch/Open.ts"
import { Journal } from "#src/ports/Journal.ts"

const { AlertSettled } = JournalEvent.cases
const stream = "dispatch"
const pageRows = 2_000
/** A journal without room: what is to be written waits this long between tries. */
const tryAgain = Schedule.spaced("1 second")
/** Before an entry that never left is decided anew: doubling with each time. */
const redecideAfterMs = 250
const redecideAfterMsMax = 10_000

export const layer = Dispatcher.toLayer(Effect.gen(function*() {
  const journal = yield* Journal
  const house = yield* HouseConfig
  const self = (yield* Dispatcher.client)(theOne)
  const memory = yield* Memory.recall(`dispatcher/${theOne}`, State.empty, State.evolve)
  const { guard, restart } = Contain.make({
    lives: () => memory.state().lives,
    restartSelf: (life, defect) => self.Restart({ life, defect }, { discard: true }),
    record: (event) => memory.commit(() => [event])
  })
  const judge = yield* Judge.make
  const send = yield* Errands.make(guard)
  const scope = yield* Effect.scope
  let open = Open.empty

  /** Once per alert and step, whatever dies: false when it was written before. */
  const write = (key: string, events: ReadonlyArray<JournalEvent>) =>
    journal.appendOnce(stream, key, events).pipe(
      Effect.as(true),
      Effect.retry({ schedule: tryAgain, while: (error) => error._tag === "JournalUnavailable" }),
      Effect.catchTag("JournalKeyTaken", () => Effect.succeed(false)),
      Effect.orDie
    )
  const isPaused = (scope: RiskScope) => open.paused.has(scope)

  /** Its outcomes are all there. The guard first: a fire to be given back is not forgotten by a death in between. */
  const settle = Effect.fnUntraced(function*(alert: Open.OpenAlert) {
    const sent = alert.orders.size > 0
    yield* judge.settle(alert, sent)
    yield* write(`settled/${alert.alertId}`, [AlertSettled.make({ alertId: alert.alertId, sent })])
  })
  const settleApart = (alert: Open.OpenAlert) => Effect.forkIn(guard(settle(alert)), scope)

  /** An alert that no account has heard of: gates, guard, then a durable row, then the accounts. */
  const start = Effect.fnUntraced(function*(alert: Open.OpenAlert) {
    const { accounts, hash } = yield* house.current
    const ids = [...accounts.keys()]
    const judged = yield* judge.gate(alert, isPaused)
    const gatedKey = `gated/${alert.alertId}`
    const block = (verdicts: ReadonlyArray<Verdict>, blocked: Judge.Blocked) =>
      Effect.andThen(write(gatedKey, [Judge.row(alert, verdicts, ids, hash, blocked)]), settleApart(alert))
    if (judged._tag === "Blocked") return yield* block(judged.verdicts, judged.blocked)
    const { gated } = judged
    const verdict = yield* judge.guard(gated)
    switch (verdict._tag) {
      case "Blocked":
        return yield* block(gated.verdicts, { outcome: "skipped", reason: verdict.reason })
      case "Unconfirmed":
        return yield* block(gated.verdicts, {
          outcome: "failed",
          reason: { rule: "Crashed", message: "the strategy's guard died on this alert twice: see the log", facts: {} }
        })
      case "Approved": {
        if (!(yield* write(gatedKey, [Judge.row(alert, gated.verdicts, ids, hash)]))) return
        const approved = Judge.approved(gated, verdict.notes)
        yield* Effect.forEach(ids, (id) => send(id, { _tag: "Consider", approved, attempt: 1 }), { discard: true })
      }
    }
  })

  /** Told again: after a start, or because its entry surely never left. The gates judge anew; what they stop ends there. */
  const redrive = Effect.fnUntraced(function*(alert: Open.OpenAlert, ids: ReadonlyArray<AccountId>) {
    const judged = yield* judge.gate(alert, isPaused)
    yield* Effect.forEach(ids, (id) =>
      send(id, judged._tag === "Blocked"
        ? { _tag: "Conclude", alertId: alert.alertId, ...judged.blocked }
        : { _tag: "Consider", approved: Judge.approved(judged.gated, []), attempt: 1 + (alert.redriven.get(id) ?? 0) }), { discard: true })
  })

  const redecide = (alertId: AlertId, id: AccountId, times: number) =>
    Effect.gen(function*() {
      yield* Effect.sleep(Duration.millis(Math.min(redecideAfterMsMax, redecideAfterMs * 2 ** (times - 1))))
      const alert = open.alerts.get(alertId)
      if (alert !== undefined && !alert.done.has(id)) yield* redrive(alert, [id])
    })

  const onRow = Effect.fnUntraced(function*(row: JournalRow) {
    open = Open.evolve(open, row)
    const { event } = row
    const alertId = "alertId" in event ? event.alertId : undefined
    const alert = alertId === undefined ? undefined : open.alerts.get(alertId)
    if (alert === undefined) return
    if (event._tag === "AlertAccepted") return yield* start(alert)
    const account = Open.accountOf(row.stream)
    if (event._tag === "OrderWithheld" && event.retry && account !== undefined) {
      return yield* Effect.forkIn(guard(redecide(alert.alertId, account, alert.withheld.get(account) ?? 1)), scope)
    }
    if (event._tag === "OutcomeReached" && Open.isSettled(alert)) return yield* settleApart(alert)
  })

  const recall = Effect.gen(function*() {
    while (true) {
      const rows = yield* journal.readAfter(open.seq, pageRows)
      for (const row of rows) open = Open.evolve(open, row)
      if (rows.length < pageRows) return
    }
  })

  /** What was left undone by the life before, in the order of the journal. */
  const resume = Effect.gen(function*() {
    for (const alert of open.alerts.values()) {
      if (alert.gated === undefined) yield* start(alert)
      else if (Open.isSettled(alert)) yield* settleApart(alert)
      else yield* redrive(alert, Open.owing(alert))
    }
  })

  yield* recall
  yield* Effect.forkIn(
    guard(Effect.andThen(resume, Effect.suspend(() => Stream.runForEach(journal.follow(open.seq), onRow)))),
    scope
  )

  return Dispatcher.of({
    Wake: () => Effect.void,
    Restart: ({ payload }) => Rpc.fork(restart(payload.life, payload.defect))
  })
}), { maxIdleTime: Duration.infinity, defectRetryPolicy: Schedule.spaced("1 second") })
