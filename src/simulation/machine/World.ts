/** What all parts of one day share: time, chance, the journal, the judge. Owns: nothing but this bundle, and what of it dies with a process. */
import type { Instrument } from "#schemas/Instrument.ts"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import type * as Book from "#src/lifecycle/Book.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import type * as Chance from "#src/simulation/Chance.ts"
import type { Heap } from "#src/simulation/machine/Heap.ts"
import type { Journal } from "#src/simulation/machine/Journal.ts"
import type { Prices } from "#src/simulation/machine/Market.ts"
import type { Settled } from "#src/simulation/machine/Setup.ts"

/** Rules of the house that a test may break, to see the judge find it. */
export interface Broken {
  readonly settled?: (events: ReadonlyArray<JournalEvent>, book: Book.Book, facts: Facts) => ReadonlyArray<JournalEvent>
  /** Requests leave before their intents are on disk. */
  readonly isEager?: boolean
}

export interface World {
  readonly heap: Heap
  readonly settled: Settled
  readonly journal: Journal
  readonly chance: (name: string) => Chance.Chance
  readonly market: ReadonlyMap<InstrumentId, { readonly instrument: Instrument; readonly prices: Prices }>
  readonly installationId: string
  /** The house's own clock: stepped now and then. */
  readonly wallMs: () => number
  /** Something the house does later: not at all if it dies before. */
  readonly soon: (run: () => void, atMs?: number) => void
  readonly latched: Set<RiskScope>
  readonly paused: Set<RiskScope>
  readonly broken: Broken
}

/** As a decision looks at them. */
export const latchesOf = ({ latched, paused }: World): Pick<Facts, "latched" | "paused"> => {
  const find = (set: ReadonlySet<RiskScope>) => (scopes: ReadonlyArray<RiskScope>) => set.size === 0 ? undefined : scopes.find((scope) => set.has(scope))
  return { latched: find(latched), paused: find(paused) }
}
