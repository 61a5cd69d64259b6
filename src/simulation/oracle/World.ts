/** What every rule of the judge sees: the journal's fold, the venues' books, what is in the way, what is due. Owns: nothing but this bundle. */
import type { Calm } from "./Calm.ts"
import type { Due } from "./Due.ts"
import * as Decimal from "./Decimal.ts"
import type * as Fold from "./Fold.ts"
import type { Known } from "./Settings.ts"
import type { LedgerRecord, Row } from "./Shapes.ts"
import type * as Venues from "./Venues.ts"
import type { Violation } from "./Violation.ts"

export interface World {
  readonly fold: Fold.Fold
  readonly settings: Known
  readonly calm: Calm
  readonly due: Due
  readonly venues: ReadonlyMap<string, Venues.Venue>
  /** The ledger's book of an account of ours, once it has spoken of it. */
  readonly bookOf: (account: string) => Venues.Book | undefined
  readonly report: (violation: Violation) => void
  readonly nowMs: () => number
  /** Added to every bound. */
  readonly slackMs: number
  /** From our last look at a latch to the venue's book. */
  readonly transitMs: (venue: string) => number
  /** Rows and ledger tell time by one clock: their instants may be compared. */
  readonly isOneClock: boolean
  /** Is a client id of the shape that only we make? */
  readonly isOurs: (clientId: string) => boolean
  /** Latches as they hold now, by scope: since when. */
  readonly latches: ReadonlyMap<string, Latch>
}

export interface Latch {
  readonly kind: "pause" | "kill" | "block"
  readonly scope: string
  readonly atMs: number
}

/** A rule looks at what has just been folded, never at all that there is. */
export interface Rule {
  /** Before the row is folded. */
  readonly before?: (row: Row) => void
  readonly row?: (row: Row) => void
  readonly record?: (record: LedgerRecord, touched: Venues.Touched | undefined, venue: string) => void
  readonly end?: (atMs: number, isSettled: boolean) => void
}

/** An order of the journal in a venue's words. */
export const quantityOf = (order: Fold.Order, lots: number): Decimal.Decimal | undefined =>
  order.instrument === undefined ? undefined : Decimal.ofLots(lots, order.instrument.lotSize)

/** Undefined where nothing says how large a lot is. */
export const lotsOf = (world: World, instrumentId: string, qty: Decimal.Decimal): number | undefined => {
  const instrument = world.fold.instruments.get(instrumentId)
  return instrument === undefined ? undefined : Decimal.steps(qty, Decimal.orZero(instrument.lotSize))
}

/** Venues that move no money: what a switch calls `paper`. */
const simulated = new Set(["paper", "reference"])

/** Every scope that covers an entry. */
export const scopesOf = (world: World, order: Fold.Order): ReadonlyArray<string> => {
  const { account, instrument, row: { alertId, lane } } = order
  const settings = world.settings.current()
  const login = settings?.accounts.get(account)?.login
  const mode = simulated.has(settings?.logins.get(login ?? "")?.venue ?? "") ? "paper" : "live"
  const signal = world.fold.alerts.get(alertId)?.signal
  const strategy = world.fold.accounts.get(account)?.holdings.get(order.row.instrumentId)?.strategy ?? signal?.strategy
  return [
    "all",
    `account/${account}`,
    ...(login === undefined ? [] : [`login/${login}`]),
    ...(strategy === undefined ? [] : [`strategy/${strategy}`]),
    ...(lane === undefined ? [] : [`lane/${lane}`]),
    ...(signal?.scriptId === undefined ? [] : [`script/${signal.scriptId}`]),
    ...(instrument === undefined ? [] : [`asset/${instrument.asset}`, `asset/${instrument.asset}/${mode}`])
  ]
}
