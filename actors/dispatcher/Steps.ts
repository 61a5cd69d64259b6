/** What is done with an alert: judged once, told to its accounts, told again, settled. Each step has its place in the journal before the next. */
import { Duration, Effect, Schedule } from "effect"
import type * as Ask from "#actors/dispatcher/Ask.ts"
import * as Errands from "#actors/dispatcher/Errands.ts"
import * as Judge from "#actors/dispatcher/Judge.ts"
import * as Lanes from "#actors/dispatcher/Lanes.ts"
import { HouseConfig } from "#config/House.ts"
import type { AccountId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { type ApprovedSignal, isReducing } from "#schemas/Signal.ts"
import type { Verdict } from "#schemas/Verdict.ts"
import * as Open from "#src/dispatch/Open.ts"
import { Journal } from "#src/ports/Journal.ts"

const { AlertSettled } = JournalEvent.cases
const stream = "dispatch"
/** A journal without room: what is to be written waits this long between tries. */
const tryAgain = Schedule.spaced("1 second")
/** Before an entry that never left is decided anew: doubling with each time. */
const redecideAfterMs = 250
const redecideAfterMsMax = 10_000

export const make = Effect.fnUntraced(function*(guard: Errands.Guard, now: () => Open.Open) {
  const journal = yield* Journal
  const house = yield* HouseConfig
  const judge = yield* Judge.make
  const send = yield* Errands.make(guard)
  const scope = yield* Effect.scope
  const apart = (work: Effect.Effect<void>) => Effect.asVoid(Effect.forkIn(guard(work), scope))

  /** Once per alert and step, whatever dies: false when it was written before. */
  const write = (step: "gated" | "settled", { alertId, seq }: Open.OpenAlert, ...events: ReadonlyArray<JournalEvent>) =>
    journal.stageOnce(stream, `${step}/${alertId}`, events, seq).pipe(
      Effect.as(true),
      Effect.retry({ schedule: tryAgain, while: (error) => error._tag === "JournalUnavailable" }),
      Effect.catchTag("JournalKeyTaken", () => Effect.succeed(false)),
      Effect.orDie
    )
  const gate = (alert: Open.OpenAlert) => judge.gate(alert, (scope) => now().paused.has(scope))

  /** The guard first: a fire to be given back is not forgotten by a death in between. */
  const settle = (alert: Open.OpenAlert) => {
    const sent = alert.orders.size > 0
    const settled = AlertSettled.make({ alertId: alert.alertId, sent })
    return apart(Effect.asVoid(Effect.andThen(judge.settle(alert, sent), write("settled", alert, settled))))
  }

  /** An account that an operator switched off hears only of what reduces risk. */
  const errand = (id: AccountId, approved: ApprovedSignal, attempt: number): Ask.Errand =>
    isReducing(approved.signal.action) || !now().paused.has(`account/${id}`)
      ? { _tag: "Consider", approved, attempt }
      : {
        _tag: "Conclude",
        alertId: approved.alertId,
        outcome: "skipped",
        reason: { rule: "AccountPaused", message: `account ${id} is paused by an operator`, facts: {} }
      }

  /** Told again: after a start, or because its entry surely never left. The gates judge anew; what they stop ends there. */
  const redrive = Effect.fnUntraced(function*(alert: Open.OpenAlert, ids: ReadonlyArray<AccountId>) {
    const judged = yield* gate(alert)
    yield* Effect.forEach(ids, (id) =>
      send(id, judged._tag === "Blocked"
        ? { _tag: "Conclude", alertId: alert.alertId, ...judged.blocked }
        : errand(id, Judge.approved(judged.gated, []), 1 + (alert.redriven.get(id) ?? 0))), { discard: true })
  })

  /** Judged before, and whoever judged it ended before the accounts heard of it: what is written counts, not what would be judged now. */
  const carryOn = Effect.fnUntraced(function*({ alertId }: Open.OpenAlert) {
    const alert = Open.find((yield* journal.readAlert(alertId)).reduce(Open.evolve, Open.empty), alertId)
    if (alert !== undefined) yield* Open.isSettled(alert) ? settle(alert) : redrive(alert, Open.owing(alert))
  })

  /** An alert that no account has heard of: gates, guard, a durable row, then the accounts. */
  const begin = Effect.fnUntraced(function*(alert: Open.OpenAlert) {
    const { accounts, hash } = yield* house.current
    const ids = [...accounts.keys()]
    const record = (verdicts: ReadonlyArray<Verdict>, blocked?: Judge.Blocked) =>
      write("gated", alert, Judge.row(alert, verdicts, ids, hash, blocked))
    const judged = yield* gate(alert)
    if (judged._tag === "Blocked") {
      // Its guard never heard of it: nothing is to be given back, and it ends here.
      const { alertId } = alert
      const row = Judge.row(alert, judged.verdicts, ids, hash, judged.blocked)
      if (!(yield* write("gated", alert, row, AlertSettled.make({ alertId, sent: false })))) yield* carryOn(alert)
      return
    }
    const { gated } = judged
    const verdict = yield* judge.guard(gated)
    if (verdict._tag !== "Approved") {
      return yield* (yield* record(gated.verdicts, Judge.guardBlocked(verdict))) ? settle(alert) : carryOn(alert)
    }
    if (!(yield* record(gated.verdicts))) return yield* carryOn(alert)
    const approved = Judge.approved(gated, verdict.notes)
    yield* Effect.forEach(ids, (id) => send(id, errand(id, approved, 1)), { discard: true })
  })

  const redecide = (alert: Open.OpenAlert, id: AccountId) => {
    const times = alert.withheld.get(id) ?? 1
    const later = Effect.suspend(() => {
      const open = Open.find(now(), alert.alertId)
      return open === undefined || open.done.has(id) ? Effect.void : redrive(open, [id])
    })
    return apart(Effect.delay(later, Duration.millis(Math.min(redecideAfterMsMax, redecideAfterMs * 2 ** (times - 1)))))
  }

  return { start: yield* Lanes.make(guard, begin), redrive, redecide, settle }
})
