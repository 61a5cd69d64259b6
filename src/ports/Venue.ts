/** What the house needs from a broker. One connection per login; every adapter gives the same. */
import { Context, type Effect, type Option, Schema, type Scope, type Stream } from "effect"
import type { LoginConfig } from "#schemas/config/LoginConfig.ts"
import type { Fill } from "#schemas/Fill.ts"
import { type AccountId, type ClientOrderId, type InstrumentId, VenueId, VenueOrderId } from "#schemas/Ids.ts"
import type { Instrument, Lots, Ticks } from "#schemas/Instrument.ts"
import type { Money } from "#schemas/Money.ts"
import type { BracketOrder, Order, OrderReport } from "#schemas/Order.ts"
import type { Bar, Quote } from "#schemas/Quote.ts"
import type { PositionReport, VenueEvent } from "#schemas/VenueEvent.ts"

/** Certain: the venue did not execute it. `retryable`: it may be accepted later (market closed). */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  reason: Schema.String,
  kind: Schema.Literals(["invalid", "margin", "marketClosed", "notFound", "other"])
}) {
  override get message() {
    return this.reason
  }
}
/** No answer, or one that cannot be read: it may have been executed. Look it up, never resend. */
export class Ambiguous extends Schema.TaggedError<Ambiguous>()("Ambiguous", { cause: Schema.String }) {
  override get message() {
    return this.cause
  }
}
/** Certain: not executed. */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", { retryAfterMs: Schema.Finite }) {
  override get message() {
    return `the venue wants ${this.retryAfterMs} ms of silence`
  }
}
export class Unauthenticated extends Schema.TaggedError<Unauthenticated>()("Unauthenticated", { reason: Schema.String }) {
  override get message() {
    return this.reason
  }
}
/** Somebody else signed in with this login, and the venue keeps only the newest. */
export class SignedInElsewhere extends Schema.TaggedError<SignedInElsewhere>()("SignedInElsewhere", { reason: Schema.String }) {
  override get message() {
    return this.reason
  }
}
/** Certain: not executed. No byte reached the venue, or it said itself that it does nothing now. */
export class Unavailable extends Schema.TaggedError<Unavailable>()("Unavailable", { reason: Schema.String }) {
  override get message() {
    return this.reason
  }
}
export class Unsupported extends Schema.TaggedError<Unsupported>()("Unsupported", { what: Schema.String }) {
  override get message() {
    return `the venue cannot ${this.what}`
  }
}
export type VenueError = Refused | Ambiguous | RateLimited | SignedInElsewhere | Unauthenticated | Unavailable | Unsupported

export interface Capabilities {
  /** Entry, stop and target are sent as one and the venue links them. */
  readonly nativeBrackets: boolean
  readonly reduceOnly: boolean
  /** One-cancels-all kept by the venue among a bracket's children. */
  readonly oca: boolean
  readonly modify: boolean
  /** The close of a whole position takes along what works in the instrument: the stop need not go first. */
  readonly closeTakesOrders: boolean
  /**
   * "Not found" by client order id, at every look for so long (milliseconds), proves that it was never placed or is forgotten; 0: at the first.
   * Undefined: it never does, and only a person's word ends such an order.
   */
  readonly lookupProvesAfterMs: number | undefined
  /** What was on its way ends with this process: no order of an earlier life can still arrive. A network has no such end. */
  readonly wireEndsWithUs: boolean
  readonly isSimulated: boolean
}

/** Units: lots and ticks of the instrument beside them. Every call returns on the venue's acknowledgement, never on the fill. */
export interface Connection {
  readonly capabilities: Capabilities
  /** Accounts this login may trade, by our id. */
  readonly accounts: ReadonlyArray<AccountId>
  submit(order: Order, instrument: Instrument): Effect.Effect<Acknowledged, VenueError>
  /** Only where `nativeBrackets`. The children are `Held` until the entry fills, and follow its filled size. */
  submitBracket(bracket: BracketOrder, instrument: Instrument): Effect.Effect<Acknowledged, VenueError>
  modify(account: AccountId, id: ClientOrderId, change: { readonly lots: Lots; readonly stop?: Ticks; readonly limit?: Ticks }): Effect.Effect<void, VenueError>
  cancel(account: AccountId, id: ClientOrderId): Effect.Effect<void, VenueError>
  cancelAll(account: AccountId, instrument?: InstrumentId): Effect.Effect<void, VenueError>
  /** Market order against what the venue itself holds, never through zero. `lots` absent: all of it. */
  closePosition(account: AccountId, instrument: InstrumentId, id: ClientOrderId, lots?: Lots): Effect.Effect<Acknowledged, VenueError>
  orderByClientId(account: AccountId, id: ClientOrderId): Effect.Effect<Option.Option<OrderReport>, VenueError>
  workingOrders(account: AccountId): Effect.Effect<ReadonlyArray<OrderReport>, VenueError>
  positions(account: AccountId): Effect.Effect<ReadonlyArray<PositionReport>, VenueError>
  balances(account: AccountId): Effect.Effect<Money, VenueError>
  fillsSince(account: AccountId, sinceMs: number): Effect.Effect<ReadonlyArray<Fill>, VenueError>
  /** Ends with an error when the connection is lost. */
  readonly events: Stream.Stream<{ readonly account: AccountId; readonly event: VenueEvent }, VenueError>
  readonly quotes: Stream.Stream<Quote, VenueError>
  bars(instrument: InstrumentId, fromMs: number, toMs: number, barMs: number): Effect.Effect<ReadonlyArray<Bar>, VenueError>
}

/** `venueOrderId` of the entry; children are found by their client order ids. */
export interface Acknowledged {
  readonly venueOrderId: VenueOrderId
}

/** One adapter. `connect` signs in and holds the connection for its scope. */
export interface Adapter {
  readonly id: VenueId
  /** Requests that one login may have on the wire at the same time, at least 4: two are kept for what reduces risk. */
  readonly requestsAtOnce: number
  connect(login: LoginConfig): Effect.Effect<Connection, VenueError, Scope.Scope>
}

/** All adapters, by venue. */
export class Venues extends Context.Service<Venues, { readonly [id in VenueId]: Adapter }>()("src/ports/Venues") {}
