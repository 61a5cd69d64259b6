/**
 * What the judge reads, in its own words: rows of the journal as JSON, records of a venue's ledger. Owns: nothing but shapes. Fields that no
 * rule looks at are left out; a kind of row that is not named here is kept for the story and judged by its alert alone.
 */

export type Side = "buy" | "sell"
export type Leg = "entry" | "stop" | "target" | "exit"

export interface Instrument {
  readonly id: string
  readonly root: string
  readonly asset: string
  readonly tickSize: string
  readonly tickValue: string
  readonly lotSize: string
  readonly calendar: string
}

export interface Signal {
  readonly lane: string
  readonly strategy: string
  readonly action: string
  readonly scriptId?: string
  readonly explicitId?: string
  readonly sentAtMs?: number
  readonly expiresAtMs?: number
}

export interface OrderRow {
  readonly id: string
  readonly accountId: string
  readonly alertId: string
  readonly instrumentId: string
  readonly leg: Leg
  readonly generation: number
  readonly side: Side
  readonly lots: number
  readonly type: string
  readonly limit?: number
  readonly stop?: number
  readonly reduceOnly: boolean
  readonly lane?: string
}

export interface FillRow {
  readonly id: string
  readonly instrumentId: string
  readonly side: Side
  readonly lots: number
  readonly price: string
  readonly fee: string
  readonly atMs: number
}

interface Reason {
  readonly rule: string
  readonly message: string
  readonly facts?: Readonly<Record<string, string>>
}

interface OfOrder {
  readonly alertId: string
  readonly orderId: string
}

interface Events {
  AlertAccepted: { readonly alertId: string; readonly delivery: { readonly receivedAtMs: number; readonly bodyHash: string }; readonly signal: Signal }
  AlertRefused: { readonly alertId: string }
  AlertGated: {
    readonly alertId: string
    readonly accounts: ReadonlyArray<string>
    readonly blocked?: { readonly outcome: string; readonly reason: Reason }
  }
  GuardApproved: { readonly alertId: string; readonly tradingDay?: string }
  GuardBlocked: { readonly alertId: string; readonly reason: Reason }
  GuardSettled: { readonly alertId: string }
  AlertSettled: { readonly alertId: string; readonly sent: boolean }
  EntryDecided: {
    readonly alertId: string
    readonly decidedAtMs: number
    readonly strategy: string
    readonly instrument: Instrument
    readonly plan: { readonly mode: "native" | "managed" | "external"; readonly stop?: number }
    readonly quote?: { readonly atMs: number }
    readonly configHash: string
  }
  SignalQueued: { readonly alertId: string; readonly cause: string }
  SignalTaken: { readonly alertId: string }
  OrderIntended: { readonly alertId: string; readonly order: OrderRow }
  OrderAccepted: OfOrder & { readonly venueOrderId: string; readonly held: boolean }
  OrderRejected: OfOrder & { readonly reason: string }
  OrderWithheld: OfOrder & { readonly retry: boolean }
  OrderUnknown: OfOrder
  OrderCanceled: OfOrder & { readonly filledLots?: number }
  OrderExpired: OfOrder & { readonly filledLots?: number }
  OrderModified: OfOrder & { readonly lots: number; readonly stop?: number; readonly limit?: number }
  FillReceived: OfOrder & { readonly fill: FillRow; readonly evidence: "event" | "query" | "inferred" | "attested" }
  OrderAttested: OfOrder & { readonly executed?: { readonly lots: number } }
  AttestationOverruled: OfOrder
  ClosedElsewhere: { readonly alertId: string; readonly instrumentId: string; readonly lots: number }
  ElsewhereExplained: { readonly alertId: string; readonly instrumentId: string; readonly orderId: string; readonly lots: number }
  DriftFound: { readonly instrumentId: string; readonly ours: number; readonly venue: number }
  DriftEnded: { readonly instrumentId: string; readonly net: number }
  PositionAdopted: {
    readonly alertId: string
    readonly instrument: Instrument
    readonly order: OrderRow
    readonly plan: { readonly mode: string }
    readonly resting: ReadonlyArray<{ readonly order: OrderRow; readonly venueOrderId: string }>
  }
  AdoptionExplained: { readonly alertId: string; readonly instrumentId: string; readonly orderId: string; readonly adoptedId: string; readonly lots: number }
  CloseDecided: { readonly alertId: string; readonly instrumentId: string; readonly reason: string; readonly lots?: number }
  CloseEnded: { readonly alertId: string; readonly instrumentId: string }
  TradeClosed: {
    readonly alertId: string
    readonly instrumentId: string
    readonly trade?: { readonly tradeId: string; readonly realizedPnl: string; readonly closedAtMs: number; readonly inferred: boolean }
  }
  OutcomeReached: { readonly alertId: string; readonly outcome: string; readonly reason?: Reason; readonly orderIds: ReadonlyArray<string> }
  OutcomePending: { readonly alertId: string; readonly cause: string }
  AccountRecovering: { readonly atMs: number }
  AccountReconciled: { readonly atMs: number }
  ConfigApplied: { readonly hash: string; readonly body: unknown }
  CommandGiven: { readonly alertId: string; readonly command: string; readonly detail: unknown }
  SwitchSet: { readonly kind: "pause" | "kill" | "block"; readonly scope: string; readonly on: boolean }
}

export type Tag = keyof Events
export type EventOf<T extends Tag> = Events[T] & { readonly _tag: T }
export type Event = { readonly [T in Tag]: EventOf<T> }[Tag]

/** As it is handed over: any kind of row. */
export interface Encoded {
  readonly seq: number
  readonly atMs: number
  readonly stream: string
  readonly version: number
  readonly event: { readonly _tag: string }
}

export interface Row extends Omit<Encoded, "event"> {
  readonly event: Event
}

export interface LedgerOrder {
  readonly kind: "order"
  readonly account: string
  readonly orderId: string
  readonly clientId?: string
  readonly symbol: string
  readonly side: Side
  readonly type: string
  readonly qty: string
  readonly limit?: string
  readonly stop?: string
  readonly reduceOnly?: boolean
  readonly parent?: string
  readonly role: "single" | "stop" | "target"
}

export interface LedgerState {
  readonly kind: "state"
  readonly account: string
  readonly orderId: string
  readonly clientId?: string
  readonly status: string
  readonly qty: string
  readonly filled: string
  readonly stop?: string
  readonly limit?: string
}

export interface LedgerFill {
  readonly kind: "fill"
  readonly account: string
  readonly fillId: string
  readonly orderId: string
  readonly clientId?: string
  readonly symbol: string
  readonly side: Side
  readonly qty: string
  readonly price: string
  readonly fee: string
}

export interface Told {
  readonly kind: "told"
  readonly account: string
  readonly fillId?: string
  readonly orderId?: string
  readonly status?: string
  readonly symbol?: string
  readonly how: string
}

type Kinds =
  | LedgerOrder
  | LedgerState
  | LedgerFill
  | Told
  | { readonly kind: "position"; readonly account: string; readonly symbol: string; readonly net: string }
  | { readonly kind: "cash"; readonly account: string; readonly amount: string }
  | { readonly kind: "request"; readonly account?: string; readonly method: string; readonly path: string; readonly what: string; readonly clientId?: string }
  | { readonly kind: "fault"; readonly name: string; readonly detail?: string; readonly ms?: number }
  | { readonly kind: "reach"; readonly up: boolean; readonly session?: string; readonly forMs?: number }
  | { readonly kind: "market"; readonly symbol: string; readonly open: boolean }

export type LedgerRecord = Kinds & { readonly n: number; readonly atMs: number }
/** As it is handed over. */
export interface EncodedRecord {
  readonly n: number
  readonly atMs: number
  readonly kind: string
}
