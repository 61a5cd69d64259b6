/** What a strategy's guard remembers and how it decides. Pure. */
import { Option } from "effect"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import type { AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { type GatedSignal, isReducing, type SenderPosition } from "#schemas/Signal.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as Lives from "#src/lifecycle/Lives.ts"
import * as CoolDown from "#src/guards/CoolDown.ts"
import * as Expectation from "#src/guards/Expectation.ts"
import * as Fires from "#src/guards/Fires.ts"
import * as SessionWindow from "#src/guards/SessionWindow.ts"

const { FireRefunded, GuardApproved, GuardBlocked, GuardSettled } = JournalEvent.cases

/** Alerts whose accounts are not done. Beyond this the oldest counts as settled: accounts never act on one alert twice anyway. */
export const unsettledMax = 1_000
/** How long a guard that restarted too often lets nothing but reducing actions through. */
export const reduceOnlyMs = 600_000

export interface Fire {
  readonly atMs: number
  readonly tradingDay: string
}

type Known =
  | { readonly _tag: "Approved"; readonly notes: ReadonlyArray<Reason>; readonly fire: Fire | undefined }
  | { readonly _tag: "Blocked"; readonly reason: Reason }

export interface State {
  /** Verdicts by alert, oldest first, until it is settled. A refunded fire is gone from its verdict. */
  readonly unsettled: ReadonlyMap<AlertId, Known>
  /** Settled fires of the newest trading day that had one, and the last one's time. */
  readonly settled: { readonly tradingDay: string; readonly count: number; readonly lastAtMs: number | undefined }
  /** What the last alert on a root said the sender holds after it. */
  readonly positions: ReadonlyMap<string, SenderPosition>
  readonly reduceOnlyAtMs: number | undefined
  readonly lives: Lives.Lives
}

export const empty: State = {
  unsettled: new Map(),
  settled: { tradingDay: "", count: 0, lastAtMs: undefined },
  positions: new Map(),
  reduceOnlyAtMs: undefined,
  lives: Lives.born
}

const count = (settled: State["settled"], fire: Fire): State["settled"] => {
  const lastAtMs = Math.max(settled.lastAtMs ?? fire.atMs, fire.atMs)
  if (fire.tradingDay === settled.tradingDay) return { ...settled, count: settled.count + 1, lastAtMs }
  return fire.tradingDay > settled.tradingDay ? { tradingDay: fire.tradingDay, count: 1, lastAtMs } : { ...settled, lastAtMs }
}

const settle = (state: State, alertId: AlertId): State => {
  const known = state.unsettled.get(alertId)
  if (known === undefined) return state
  const unsettled = new Map(state.unsettled)
  unsettled.delete(alertId)
  const fire = known._tag === "Approved" ? known.fire : undefined
  return { ...state, unsettled, settled: fire === undefined ? state.settled : count(state.settled, fire) }
}

const refund = (state: State, alertId: AlertId): State => {
  const known = state.unsettled.get(alertId)
  if (known?._tag !== "Approved") return state
  return { ...state, unsettled: new Map(state.unsettled).set(alertId, { ...known, fire: undefined }) }
}

const remember = (state: State, alertId: AlertId, known: Known, symbol: string | undefined, position: SenderPosition | undefined): State => {
  const next = {
    ...state,
    unsettled: new Map(state.unsettled).set(alertId, known),
    positions: symbol === undefined || position === undefined ? state.positions : new Map(state.positions).set(symbol, position)
  }
  const oldest = next.unsettled.keys().next().value
  return next.unsettled.size > unsettledMax && oldest !== undefined ? settle(next, oldest) : next
}

export const evolve = (state: State, event: JournalEvent): State => {
  switch (event._tag) {
    case "GuardApproved": {
      const fire = event.tradingDay === undefined ? undefined : { atMs: event.atMs, tradingDay: event.tradingDay }
      return remember(state, event.alertId, { _tag: "Approved", notes: event.notes, fire }, event.symbol, event.position)
    }
    case "GuardBlocked":
      return remember(state, event.alertId, { _tag: "Blocked", reason: event.reason }, event.symbol, event.position)
    case "FireRefunded":
      return refund(state, event.alertId)
    case "GuardSettled":
      return settle(state, event.alertId)
    case "ReduceOnly":
      return { ...state, reduceOnlyAtMs: event.atMs }
    case "Restarted":
      return { ...state, lives: Lives.restarted(state.lives, event.atMs) }
    default:
      return state
  }
}

const unsettledFires = (state: State): ReadonlyArray<Fire> =>
  Array.from(state.unsettled.values(), (known) => known._tag === "Approved" ? known.fire : undefined).filter((fire) => fire !== undefined)

export const firedOn = (state: State, tradingDay: string): number =>
  (state.settled.tradingDay === tradingDay ? state.settled.count : 0) +
  unsettledFires(state).filter((fire) => fire.tradingDay === tradingDay).length

export const lastFireAtMs = (state: State): number | undefined =>
  unsettledFires(state).reduce((last, { atMs }) => Math.max(last ?? atMs, atMs), state.settled.lastAtMs)

const reduceOnly = (state: State, nowMs: number): Option.Option<Reason> => {
  const since = state.reduceOnlyAtMs
  if (since === undefined || since > nowMs || nowMs - since >= reduceOnlyMs) return Option.none()
  return Option.some({
    rule: "guardReduceOnly",
    message: "The strategy's guard failed several times in a row: entries wait until it has been quiet for a while; see the log",
    facts: { strategyGuard: "restarted" },
    clearsAtMs: since + reduceOnlyMs
  })
}

export interface Asked {
  readonly gated: GatedSignal
  /** Undefined: a reload took the strategy away. */
  readonly strategy: StrategyConfig | undefined
  readonly nowMs: number
}

const gone: Reason = { rule: "disabledStrategy", message: "The strategy is no longer configured", facts: {} }

const refusal = (state: State, strategy: StrategyConfig, nowMs: number): Option.Option<Reason> =>
  reduceOnly(state, nowMs).pipe(
    Option.orElse(() => SessionWindow.check(strategy.session, nowMs)),
    Option.orElse(() => CoolDown.check(strategy.coolDownMs, lastFireAtMs(state), nowMs)),
    Option.orElse(() => Fires.check(strategy.fires, firedOn(state, Fires.tradingDay(strategy.fires, nowMs)), nowMs))
  )

/** A known alert gives no event: asked again, it gets the verdict it got. What reduces risk is approved and not counted. */
export const consider = (state: State, { gated, nowMs, strategy }: Asked): ReadonlyArray<JournalEvent> => {
  const { alertId, instrument, signal } = gated
  if (state.unsettled.has(alertId)) return []

  const seen = signal.position === undefined ? {} : { symbol: instrument.root, position: signal.position }
  const blocked = (reason: Reason) => [GuardBlocked.make({ alertId, atMs: nowMs, reason, ...seen })]
  const finding = Expectation.check(strategy?.expectation ?? "ignore", state.positions.get(instrument.root), signal.position)
  const notes = Option.match(finding, { onNone: () => [], onSome: ({ reason }) => [reason] })
  if (isReducing(signal.action)) return [GuardApproved.make({ alertId, atMs: nowMs, notes, ...seen })]

  if (strategy === undefined) return blocked(gone)
  const refused = refusal(state, strategy, nowMs)
  if (Option.isSome(refused)) return blocked(refused.value)
  if (Option.isSome(finding) && finding.value._tag === "Block") return blocked(finding.value.reason)
  return [GuardApproved.make({ alertId, atMs: nowMs, tradingDay: Fires.tradingDay(strategy.fires, nowMs), notes, ...seen })]
}

/** Settled twice, or never considered: no event. */
export const settled = (state: State, alertId: AlertId, sent: boolean): ReadonlyArray<JournalEvent> => {
  const known = state.unsettled.get(alertId)
  if (known === undefined) return []
  const isRefund = !sent && known._tag === "Approved" && known.fire !== undefined
  return [...(isRefund ? [FireRefunded.make({ alertId })] : []), GuardSettled.make({ alertId })]
}
