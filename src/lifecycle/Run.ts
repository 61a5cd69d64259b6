/** The position runner on a bracket: what it sees of book and market, and its decisions as events. Nothing of it where other lots are part of the position. */
import { BigDecimal } from "effect"
import { Lots, type Ticks } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Bars from "#src/risk/runner/Bars.ts"
import * as Decide from "#src/risk/runner/Decide.ts"
import * as Levels from "#src/risk/runner/Levels.ts"
import type { Step } from "#src/risk/runner/State.ts"
import type * as Book from "./Book.ts"
import * as Exposure from "./Exposure.ts"
import { type Facts, quoteAgeMsMax } from "./Facts.ts"

const { CloseDecided, ProtectionMoved, RunnerStepped } = JournalEvent.cases

const whole = (lots: number) => BigDecimal.fromBigInt(BigInt(lots))

const filledOf = (orders: ReadonlyArray<Book.BookedOrder>, leg: "entry" | "target"): number =>
  orders.reduce((sum, { filled, order }) => sum + (order.leg === leg ? filled : 0), 0)

/** Its target is a part's, or what a first target leaves: no child that the venue ties to the stop. */
export const hasFirstTarget = ({ runner }: Book.Bracket["plan"]): boolean => runner?.settings.firstTarget !== undefined

/** It waits for its first target. */
export const awaitsFirst = ({ plan, runner }: Book.Bracket): boolean => hasFirstTarget(plan) && runner?.isTargetReached !== true

/** Lots that the target is for. */
export const targetLots = ({ plan, runner }: Book.Bracket, { all, held }: Exposure.Exposure): number => plan.runner === undefined ? held : Decide.targetLots(runner, {
  settings: plan.runner.settings, held, opened: filledOf(all, "entry"), targetFilled: filledOf(all, "target")
})

/** A change of the stop is asked only once the one before is done with, and while a venue sizes it with its entry it is the venue's. */
const isSettled = ({ plan }: Book.Bracket, { confirmedStop, entries, held, stops }: Exposure.Exposure): boolean =>
  confirmedStop >= held && !(plan.mode === "native" && entries.length > 0) &&
  stops.every((order) => Exposure.isWorking(order) && !order.modifyAsked && !order.cancelAsked && order.order.stop === plan.stop)

const even = ({ instrument, isLong }: Book.Bracket, orders: ReadonlyArray<Book.BookedOrder>, opened: number): Ticks => {
  const cost = orders.reduce((sum, one) => one.order.leg === "entry" ? BigDecimal.sum(sum, one.cost) : sum, BigDecimal.make(0n, 0))
  return Levels.even(instrument, isLong, BigDecimal.divideUnsafe(cost, whole(Math.max(1, opened))))
}

export interface Observed {
  readonly position: Decide.Position
  readonly sight: Decide.Sight
}

/** Undefined: there is nothing to run. */
export const observe = (
  bracket: Book.Bracket,
  x: Exposure.Exposure,
  facts: Facts,
  { isMarketOpen, isTargetWatched }: Pick<Decide.Position, "isMarketOpen" | "isTargetWatched">
): Observed | undefined => {
  const { instrument, isLong, plan: { mode, runner, stop, target } } = bracket
  const isShared = x.all.some(({ adopted, filled }) => adopted !== undefined && filled > 0)
  if (runner === undefined || stop === undefined || mode === "external" || x.held <= 0 || isShared) return undefined
  const opened = filledOf(x.all, "entry")
  const quote = facts.quote(instrument.id)
  const seen = facts.seen?.(instrument.id)
  const isFresh = quote !== undefined && facts.nowMs - quote.atMs <= quoteAgeMsMax
  const heardAtMs = seen === undefined ? quote?.atMs : Math.max(quote?.atMs ?? -Infinity, seen.sinceMs)
  return {
    position: {
      settings: runner.settings, isLong, opened, held: x.held, stop, target, isTargetWatched, isMarketOpen,
      even: even(bracket, x.all, opened),
      targetFilled: filledOf(x.all, "target"),
      isSettled: isSettled(bracket, x)
    },
    sight: { nowMs: facts.nowMs, touch: isFresh ? (isLong ? quote.bid : quote.ask) : undefined, heardAtMs, best: seen?.best, bars: seen?.bars ?? Bars.none }
  }
}

/** The first target is reached: where none rested its part is closed now, and what is left has the last target or none. */
const reached = ({ alertId, instrument: { id: instrumentId }, plan, runner }: Book.Bracket, position: Decide.Position, nowMs: number): ReadonlyArray<JournalEvent> => {
  const lots = position.isTargetWatched ? Decide.targetLots(runner, position) : 0
  const last = plan.runner?.lastTarget
  return [
    ProtectionMoved.make({ alertId, instrumentId, ...(last === undefined ? { targetOff: true } : { target: last }), runnerAtMs: nowMs }),
    ...(lots === 0 ? [] : [CloseDecided.make({ alertId, instrumentId, reason: "target", ...(lots < position.held ? { lots: Lots.make(lots) } : {}) })])
  ]
}

const told = (bracket: Book.Bracket, step: Step, position: Decide.Position): ReadonlyArray<JournalEvent> => [
  RunnerStepped.make({ alertId: bracket.alertId, instrumentId: bracket.instrument.id, ...step }),
  ...(step.step === "firstTarget" ? reached(bracket, position, step.atMs) : [])
]

export const next = (bracket: Book.Bracket, { position, sight }: Observed): ReadonlyArray<JournalEvent> => {
  const { alertId, instrument: { id: instrumentId }, runner } = bracket
  const step = Decide.step(runner, position, sight)
  if (step !== undefined) return told(bracket, step, position)
  if (Decide.isTimeUp(runner, position, sight)) return [CloseDecided.make({ alertId, instrumentId, reason: "timeStop" })]
  const stop = Decide.move(runner, position, sight)
  return stop === undefined ? [] : [ProtectionMoved.make({ alertId, instrumentId, stop, runnerAtMs: sight.nowMs })]
}
