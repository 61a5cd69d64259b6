/** What the venue writes down of itself: plain values, in order, never changed afterwards. The judge reads nothing else of it. Quantities, prices and money are decimal strings. */
export type Side = "buy" | "sell"
export type OrderType = "market" | "limit" | "stop" | "stopLimit"
export type Role = "single" | "stop" | "target"
export type Status = "held" | "working" | "partly" | "filled" | "canceled" | "rejected" | "expired"

export interface OrderRecord {
  readonly kind: "order"
  readonly account: string
  readonly orderId: string
  readonly clientId?: string
  readonly symbol: string
  readonly side: Side
  readonly type: OrderType
  readonly qty: string
  readonly limit?: string
  readonly stop?: string
  readonly reduceOnly: boolean
  /** The parent's `orderId`. */
  readonly parent?: string
  readonly role: Role
}

export interface StateRecord {
  readonly kind: "state"
  readonly account: string
  readonly orderId: string
  readonly clientId?: string
  readonly status: Status
  readonly qty: string
  readonly filled: string
  readonly stop?: string
  readonly limit?: string
  readonly reason?: string
}

export interface FillRecord {
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

/** What left for the runtime: a fill, or an order's status. Once per session and how; what a fault swallowed or damaged was not told. */
export interface ToldRecord {
  readonly kind: "told"
  readonly account: string
  readonly how: "stream" | "query"
  readonly fillId?: string
  readonly orderId?: string
  readonly status?: Status
}

export type Entry =
  | OrderRecord
  | StateRecord
  | FillRecord
  | ToldRecord
  | { readonly kind: "position"; readonly account: string; readonly symbol: string; readonly net: string }
  /** `amount` is the balance from now on. */
  | { readonly kind: "cash"; readonly account: string; readonly amount: string }
  | { readonly kind: "request"; readonly account?: string; readonly method: string; readonly path: string; readonly what: string }
  | { readonly kind: "fault"; readonly name: string; readonly detail: string }
  /** Whether the venue answers; with `session`, whether this sign-in's key is let in; with `forMs`, that it was told to stay out so long. */
  | { readonly kind: "reach"; readonly up: boolean; readonly session?: string; readonly forMs?: number }
  | { readonly kind: "market"; readonly symbol: string; readonly open: boolean }

export type LedgerRecord = Entry & { readonly n: number; readonly atMs: number }
