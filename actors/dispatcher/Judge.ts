/** An alert through the gates and its strategy's guard: what the accounts are to be asked, or why nobody is. */
import { Effect, Option } from "effect"
import { GuardAnswer, StrategyGuard } from "#actors/strategy-guard/Protocol.ts"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import type { AccountId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import { ApprovedSignal, GatedSignal, isReducing } from "#schemas/Signal.ts"
import type { Reason, Verdict } from "#schemas/Verdict.ts"
import type { OpenAlert } from "#src/dispatch/Open.ts"
import * as Gates from "#src/gates/Gates.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

export type Blocked = { readonly outcome: "skipped" | "expired" | "failed"; readonly reason: Reason }
export type Judged =
  | { readonly _tag: "Blocked"; readonly blocked: Blocked; readonly verdicts: ReadonlyArray<Verdict> }
  | { readonly _tag: "Gated"; readonly gated: GatedSignal }

const stopped = (outcome: Blocked["outcome"], rule: string, message: string, verdicts: ReadonlyArray<Verdict>): Judged => ({
  _tag: "Blocked",
  blocked: { outcome, reason: { rule, message, facts: {} } },
  verdicts
})

const triesMax = 2
const tryAgainAfter = "1 second"

export const make = Effect.gen(function*() {
  const journal = yield* Journal
  const house = yield* HouseConfig
  const clocks = yield* Clocks
  const guardFor = yield* StrategyGuard.client

  /** The gates, now. */
  const gate = Effect.fnUntraced(function*(alert: OpenAlert, isPaused: (scope: RiskScope) => boolean) {
    const { accounts, calendars, hash, instruments, lanes, strategies } = yield* house.current
    const { receivedAtMs, signal } = alert
    const strategy = strategies.get(signal.strategy)
    const lane = lanes.get(signal.lane)
    if (strategy === undefined || lane === undefined) {
      return stopped("skipped", "NotConfigured", "its strategy or lane is not configured any more", [])
    }
    const nowMs = yield* clocks.wallMs
    const { blocked, verdicts } = Gates.run({
      signal, receivedAtMs, nowMs, strategy, lane, house: { accounts, calendars, instruments }, isPaused
    })
    if (blocked !== undefined) return { _tag: "Blocked", blocked, verdicts } as Judged
    // As of its arrival: told again after a restart, it is still the same instrument.
    const instrument = Resolve.resolve(instruments, signal.symbol, receivedAtMs, calendars)
    if (Option.isNone(instrument)) return stopped("skipped", "UnknownSymbol", `${signal.symbol} names no instrument any more`, verdicts)
    const gated = GatedSignal.make({
      alertId: alert.alertId, seq: alert.seq, receivedAtMs, signal, instrument: instrument.value, verdicts, configHash: hash
    })
    return { _tag: "Gated", gated } as Judged
  })

  /**
   * A guard that died answers the second time or never; one that cannot write is asked until it can. What reduces risk is not its to stop:
   * without its answer it passes.
   */
  const guard = (gated: GatedSignal): Effect.Effect<GuardAnswer> =>
    Effect.gen(function*() {
      const to = guardFor(gated.signal.strategy)
      for (let deaths = 0; deaths < triesMax;) {
        const answer = yield* to.Consider({ gated })
        if (answer._tag !== "Unconfirmed") return answer
        if (isReducing(gated.signal.action) || (yield* journal.status).durable) deaths += 1
        yield* Effect.sleep(tryAgainAfter)
      }
      return isReducing(gated.signal.action) ? GuardAnswer.cases.Approved.make({ notes: [] }) : GuardAnswer.cases.Unconfirmed.make({})
    }).pipe(Effect.orDie)

  /** Until the guard has it on disk. */
  const settle = (alert: OpenAlert, sent: boolean): Effect.Effect<void> =>
    guardFor(alert.signal.strategy).Settle({ alertId: alert.alertId, sent }).pipe(
      Effect.orDie,
      Effect.flatMap((isDurable) => isDurable ? Effect.void : Effect.andThen(Effect.sleep(tryAgainAfter), settle(alert, sent)))
    )

  return { gate, guard, settle }
})

export const approved = (gated: GatedSignal, notes: ReadonlyArray<Reason>): ApprovedSignal =>
  ApprovedSignal.make({ ...gated, _tag: "ApprovedSignal", guardNotes: notes })

export const guardBlocked = (answer: Exclude<GuardAnswer, { readonly _tag: "Approved" }>): Blocked =>
  answer._tag === "Blocked" ? { outcome: "skipped", reason: answer.reason } : {
    outcome: "failed",
    reason: { rule: "Crashed", message: "the strategy's guard died on this alert twice: see the log", facts: {} }
  }

/** The row that says how it went, durable before any account hears of it. */
export const row = (
  alert: OpenAlert,
  verdicts: ReadonlyArray<Verdict>,
  accounts: ReadonlyArray<AccountId>,
  configHash: string,
  blocked?: Blocked
) =>
  JournalEvent.cases.AlertGated.make({
    alertId: alert.alertId,
    strategy: alert.signal.strategy,
    verdicts,
    configHash,
    accounts,
    ...(blocked === undefined ? {} : { blocked })
  })
