/**
 * What every gate is: a pure judgement over one signal, its strategy, its lane and the configuration, with what it looked at.
 * What reduces risk (exit, flatten, cancel, update) passes all of them. `buy` and `sell` cannot be known to reduce here, as no account was
 * asked: they count as entries, and so does `reverse`.
 */
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { CalendarConfig, InstrumentConfig } from "#schemas/config/InstrumentConfig.ts"
import type { LaneConfig } from "#schemas/config/LaneConfig.ts"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import type { AccountId } from "#schemas/Ids.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import type { Signal } from "#schemas/Signal.ts"

export interface GateInput {
  readonly signal: Signal
  readonly receivedAtMs: number
  readonly nowMs: number
  readonly strategy: StrategyConfig
  /** The entrance it came through. */
  readonly lane: LaneConfig
  readonly house: {
    readonly accounts: ReadonlyMap<AccountId, AccountConfig>
    readonly instruments: ReadonlyArray<InstrumentConfig>
    readonly calendars: ReadonlyMap<string, CalendarConfig>
  }
  /** Is new risk of this scope paused, blocked or killed? */
  readonly isPaused: (scope: RiskScope) => boolean
}

export interface Judgement {
  readonly passed: boolean
  readonly message: string
  readonly inputs: Readonly<Record<string, string>>
}

export interface Gate {
  readonly name: string
  /** `entries`: reducing actions are not asked. */
  readonly appliesTo: "entries" | "all"
  /** How an alert that it stops ends, on every account. */
  readonly outcome: "skipped" | "expired"
  readonly judge: (input: GateInput) => Judgement
}

export const passes = (message: string, inputs: Judgement["inputs"] = {}): Judgement => ({ passed: true, message, inputs })
export const blocks = (message: string, inputs: Judgement["inputs"] = {}): Judgement => ({ passed: false, message, inputs })
