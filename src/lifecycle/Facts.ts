/** What a decision may look at beside the book: time, configuration, the market, the login. Gathered by the actor, plain values here. */
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { CalendarConfig } from "#schemas/config/InstrumentConfig.ts"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import type { InstrumentId, StrategyId } from "#schemas/Ids.ts"
import type { Instrument, Ticks } from "#schemas/Instrument.ts"
import type { Quote } from "#schemas/Quote.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import type { Bars } from "#src/risk/runner/Bars.ts"

/** A quote older than this is no live quote. */
export const quoteAgeMsMax = 2_000

/** What this login's venue can do; absent: not connected. */
export interface Powers {
  readonly nativeBrackets: boolean
  readonly reduceOnly: boolean
  readonly oca: boolean
  readonly modify: boolean
  readonly closeTakesOrders: boolean
}

export interface Heard {
  readonly net: number | undefined
  readonly atMs: number
}

/** What a position that is run on has seen of its market in this life: since when, the best price for it, bars. */
export interface Seen {
  readonly sinceMs: number
  readonly best: Ticks | undefined
  readonly bars: Bars
}

export interface Facts {
  readonly nowMs: number
  readonly installationId: string
  readonly configHash: string
  readonly account: AccountConfig
  readonly strategies: ReadonlyMap<StrategyId, StrategyConfig>
  readonly calendars: ReadonlyMap<string, CalendarConfig>
  readonly powers: Powers | undefined
  readonly quote: (id: InstrumentId) => Quote | undefined
  /** Which of these is killed, or blocked by a flatten. */
  readonly latched: (scopes: ReadonlyArray<RiskScope>) => RiskScope | undefined
  readonly paused: (scopes: ReadonlyArray<RiskScope>) => RiskScope | undefined
  readonly mode: "paper" | "live"
  /** Since when a position has lacked its confirmed stop, as this process saw it. */
  readonly exposedSinceMs: (id: InstrumentId) => number | undefined
  /** Not before this instant may this bracket's next exit or stop leave: after a venue's no. */
  readonly notBeforeMs: (id: InstrumentId) => number | undefined
  /** Since when the venue has hinted that it holds less of this than our book. */
  readonly doubtedSinceMs?: (id: InstrumentId) => number | undefined
  /** When something of ours last happened on this instrument, as this life knows: what the venue shows may be older. */
  readonly touchedMs?: (id: InstrumentId) => number
  /** What the venue last told unasked of its position, and when. `net` absent: a fill of somebody else's came after it. */
  readonly heard?: (id: InstrumentId) => Heard | undefined
  readonly seen?: (id: InstrumentId) => Seen | undefined
  /** As configured. */
  readonly instrument?: (id: InstrumentId) => Instrument | undefined
  /** Space for the journal is low: no new risk. */
  readonly isLowOnDisk: boolean
  /** False while the journal cannot be written: queued entries stay where they are. */
  readonly mayEnter: boolean
  /** The configuration is being changed: an entry is told again a little later. */
  readonly entriesWait?: boolean
  /** The house is leaving: nothing is opened any more, and what works without anybody to watch it should go. */
  readonly isLeaving: boolean
}
