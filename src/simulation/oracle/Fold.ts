/** What the journal says, as the judge pictures it: orders, positions, alerts. Owns: the shapes of this picture and what can be read off it. */
import type * as Decimal from "./Decimal.ts"
import type { Instrument, OrderRow, Signal } from "./Shapes.ts"

export type Status =
  | "Intended" | "Held" | "Accepted" | "PartlyFilled" | "Unknown" | "Withheld" | "Rejected" | "Filled" | "Canceled" | "Expired"

export interface Order {
  readonly row: OrderRow
  readonly account: string
  readonly intentSeq: number
  readonly intentAtMs: number
  readonly instrument: Instrument | undefined
  /** Now, as accepted by the venue. */
  lots: number
  lotsMax: number
  limit: number | undefined
  stop: number | undefined
  status: Status
  /** The venue's fills, and what stands in for those still to come. */
  filled: number
  provisional: number
  wasProvisional: boolean
  /** Filled by the venue's count when it ended. */
  counted: number
  cost: Decimal.Decimal
  fees: Decimal.Decimal
  readonly fills: Set<string>
  isAttested: boolean
  /** Somebody else's, that counts as ours. Of a position: no order of the venue's at all. */
  adopted: "position" | "order" | undefined
  venueOrderId: string | undefined
  unknownSinceMs: number | undefined
}

export interface Closing {
  readonly atMs: number
  readonly seq: number
  readonly reason: string
  readonly lots: number | undefined
  readonly alertId: string
}

export interface Holding {
  readonly instrumentId: string
  instrument: Instrument | undefined
  /** Signed lots of our own orders' fills, less what was closed elsewhere. */
  net: number
  /** What the venue is known to hold beyond that. */
  drift: number
  strategy: string | undefined
  isExternal: boolean
  closing: Closing | undefined
  readonly live: Set<Order>
}

export interface Account {
  readonly id: string
  readonly holdings: Map<string, Holding>
  readonly outcomes: Map<string, { readonly outcome: string; readonly seq: number; readonly rule: string | undefined }>
  readonly pending: Map<string, { readonly cause: string; readonly atMs: number }>
  /** By id: one that a late fill opened again closes again, and counts as it ended last. */
  readonly trades: Map<string, { readonly pnl: Decimal.Decimal; readonly closedAtMs: number }>
  entriesAtMs: Array<number>
  reconciledSinceMs: number | undefined
  /** Some of its history rests on a guess or on somebody else's trade: its cash cannot be told to the cent. */
  isInexact: boolean
}

export interface Alert {
  readonly id: string
  readonly kind: "alert" | "refused" | "command"
  readonly seq: number
  readonly receivedAtMs: number
  readonly signal: Signal | undefined
  /** Accounts that were asked; undefined: it has not been judged by the gates. */
  gated: ReadonlyArray<string> | undefined
  isBlocked: boolean
}

export interface Fold {
  seq: number
  readonly accounts: Map<string, Account>
  readonly orders: Map<string, Order>
  readonly alerts: Map<string, Alert>
  /** Ids of closes that a flatten gave the venue directly, by the command that did. */
  readonly swept: Map<string, string>
  readonly instruments: Map<string, Instrument>
}

export const empty = (): Fold => ({ seq: 0, accounts: new Map(), orders: new Map(), alerts: new Map(), swept: new Map(), instruments: new Map() })

export const isTerminal = (status: Status): boolean =>
  status === "Filled" || status === "Canceled" || status === "Expired" || status === "Rejected" || status === "Withheld"

export const isLive = (order: Order): boolean => !isTerminal(order.status) || order.filled < order.counted

/** Lots that may still fill. */
export const remaining = (order: Order): number =>
  isTerminal(order.status) ? Math.max(0, order.counted - order.filled) : Math.max(0, order.lots - order.filled)

export const sign = (side: "buy" | "sell"): 1 | -1 => (side === "buy" ? 1 : -1)

export const accountOf = (stream: string): string | undefined => stream.startsWith("account/") ? stream.slice("account/".length) : undefined

export const account = (fold: Fold, id: string): Account => {
  const known = fold.accounts.get(id)
  if (known !== undefined) return known
  const made: Account = {
    id, holdings: new Map(), outcomes: new Map(), pending: new Map(), trades: new Map(), entriesAtMs: [], reconciledSinceMs: undefined, isInexact: false
  }
  fold.accounts.set(id, made)
  return made
}

export const holding = (of: Account, instrumentId: string): Holding => {
  const known = of.holdings.get(instrumentId)
  if (known !== undefined) return known
  const made: Holding = {
    instrumentId, instrument: undefined, net: 0, drift: 0, strategy: undefined, isExternal: false, closing: undefined, live: new Set()
  }
  of.holdings.set(instrumentId, made)
  return made
}
