/** What an operator stopped, seen from one entry: every scope that covers it. */
import type { Asset } from "#schemas/Instrument.ts"
import type { LaneId, StrategyId } from "#schemas/Ids.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import type { ApprovedSignal } from "#schemas/Signal.ts"
import type * as Book from "./Book.ts"
import type { Facts } from "./Facts.ts"

export interface Entry {
  readonly asset: Asset
  readonly strategy: StrategyId
  readonly lane: LaneId | undefined
  readonly script: string | undefined
}

export const ofSignal = ({ instrument, signal }: ApprovedSignal): Entry =>
  ({ asset: instrument.asset, strategy: signal.strategy, lane: signal.lane, script: signal.scriptId })

export const ofOrder = ({ instrument, strategy }: Book.Bracket, { order }: Book.BookedOrder): Entry =>
  ({ asset: instrument.asset, strategy, lane: order.lane, script: undefined })

const scopesOf = ({ asset, lane, script, strategy }: Entry, { account, mode }: Facts): ReadonlyArray<RiskScope> => [
  "all",
  `account/${account.id}`,
  `login/${account.login}`,
  `strategy/${strategy}`,
  ...(lane === undefined ? [] : [`lane/${lane}` as const]),
  ...(script === undefined ? [] : [`script/${script}` as const]),
  `asset/${asset}`,
  `asset/${asset}/${mode}`
]

/** Killed, or blocked by a flatten: none leaves, and what works is called back. */
export const latchOn = (entry: Entry, facts: Facts): RiskScope | undefined => facts.latched(scopesOf(entry, facts))

/** Paused: what comes is skipped, what works stays. */
export const pauseOn = (entry: Entry, facts: Facts): RiskScope | undefined => facts.paused(scopesOf(entry, facts))
