/** A simulated venue as one value, whatever protocol it speaks: what it answers, what it tells, what it has written down, and the switches of a person who stands behind it. */
import { Data, type Effect, type Result } from "effect"
import type { Outage } from "./Core.ts"
import type { FaultCount, FaultName, FaultPlan } from "./Faults.ts"
import type { LedgerRecord, Side } from "./Records.ts"

export interface Request {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

export interface Response {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type BrokenKind = "refused" | "reset" | "dns" | "tls"

/** The connection died. `isDone` is for the judge: the other side cannot know it. */
export class Broken extends Data.TaggedError("Broken")<{ readonly kind: BrokenKind; readonly isDone: boolean }> {}

/** The stream was refused with an answer. */
export class StreamRejected extends Data.TaggedError("StreamRejected")<{ readonly status: number }> {}

/** What the other end of a stream is given. */
export interface Listener {
  readonly frame: (text: string) => void
  readonly close: (code: number, reason: string) => void
}

/** The venue's end of a stream, without fibers: frames and the end come by call. */
export interface Wire {
  readonly receive: (text: string) => void
  readonly close: () => void
}

/** Where a script leads: so long after now, walking there or with a gap. */
export interface ScriptPoint {
  readonly afterMs: number
  readonly price: string
  readonly isGap?: boolean
}

export interface Trade {
  readonly account: string
  readonly symbol: string
  readonly side: Side
  readonly qty: string
}

export interface Venue {
  /** For a person: which venue this is, and how it is set. */
  readonly title: string
  readonly handle: (request: Request) => Effect.Effect<Response, Broken>
  /** A stream, by the path it was asked for, with its query. */
  readonly upgrade: (path: string, listener: Listener) => Result.Result<Wire, Broken | StreamRejected>
  /** Live and append-only. */
  readonly ledger: ReadonlyArray<LedgerRecord>
  readonly faults: {
    readonly set: (plan: FaultPlan) => void
    readonly plan: () => FaultPlan
    readonly counts: () => Readonly<Record<string, FaultCount>>
    readonly off: () => void
    /** The next chance of it is a hit; `F20 F21 F33 F34` happen at once. */
    readonly strike: (name: FaultName, ms?: number) => void
  }
  readonly market: {
    /** The price is there now, past everything between. */
    readonly set: (symbol: string, price: string) => void
    /** The price goes there now, over everything between. */
    readonly walkTo: (symbol: string, price: string) => void
    readonly open: (symbol: string, isOpen: boolean) => void
    /** An empty one gives the price back to the seed, with a gap. */
    readonly script: (symbol: string, path: ReadonlyArray<ScriptPoint>) => void
    /** The bid. */
    readonly price: (symbol: string) => string | undefined
    /** The market goes on to now; done by itself while orders rest or somebody has asked for quotes. */
    readonly tick: () => void
  }
  /** Somebody at the venue's own screen. */
  readonly byHand: {
    readonly trade: (trade: Trade) => boolean
    readonly cancelAll: (account: string, symbol?: string) => number
    /** Another size or other prices of an order, by the name that its owner gave it. */
    readonly change: (account: string, clientId: string, to: { readonly qty: string; readonly stop?: string; readonly limit?: string }) => boolean
    readonly disable: (account: string, ms: number) => void
  }
  /** Streams end, nobody is answered; undefined: all is well again. */
  readonly outage: (kind: Outage | undefined) => void
  /** What the venue has, for a look from outside. */
  readonly accounts: () => ReadonlyArray<{ readonly id: string; readonly cash: string; readonly positions: ReadonlyArray<{ readonly symbol: string; readonly net: string }>; readonly live: number }>
  readonly symbols: () => ReadonlyArray<{ readonly symbol: string; readonly price: string; readonly isOpen: boolean; readonly isScripted: boolean }>
}
