/** The only place where bytes leave. What cannot be known is `Unknown`; what surely did not leave says so. */
import { Cause, Effect, Option } from "effect"
import type { AccountId, ClientOrderId } from "#schemas/Ids.ts"
import { RequestResult, type SessionRequest } from "#schemas/SessionRequest.ts"
import { type AccountSnapshot, VenueEvent } from "#schemas/VenueEvent.ts"
import * as ClientId from "#src/orders/ClientId.ts"
import type { Connection, VenueError } from "#src/ports/Venue.ts"
import type { Reason } from "#schemas/Verdict.ts"

const { Accepted, Refused, Unknown, Withheld } = RequestResult.cases

/** Longest wait for a venue's answer, milliseconds; after it the request may have been executed or not. */
export const answerWithinMs = 10_000

/** An entry that could leave in so long, milliseconds, is decided anew until then; a longer silence outlasts what it was decided on. */
const againWithinMs = 30_000

export const withheld = (rule: string, message: string, retry: boolean): RequestResult => {
  const reason: Reason = { rule, message, facts: {} }
  return Withheld.make({ reason, retry })
}

export const notConnected = withheld("NotConnected", "the login is not connected", true)

const ofError = (error: VenueError): RequestResult => {
  switch (error._tag) {
    case "Refused":
      return Refused.make({ reason: error.reason, kind: error.kind })
    case "Ambiguous":
      return Unknown.make({ cause: error.cause })
    case "RateLimited":
      return withheld("RateLimited", `nothing may be asked of the venue for ${Math.ceil(error.retryAfterMs / 1_000)} s`, error.retryAfterMs <= againWithinMs)
    case "SignedInElsewhere":
    case "Unauthenticated":
      return withheld(error._tag, error.reason, true)
    case "Unavailable":
      return withheld("Unavailable", error.reason, true)
    case "Unsupported":
      return Refused.make({ reason: `the venue cannot ${error.what}`, kind: "other" })
  }
}

export type Ordering = Exclude<SessionRequest, { readonly _tag: "Snapshot" }>

/** An exit is bound to the position one way or the other: one that is sent again, as nobody knows of the first, never passes through zero. */
const submitted = (connection: Connection, { instrument, order }: Extract<SessionRequest, { readonly _tag: "Submit" }>) =>
  order.leg === "exit" && !connection.capabilities.reduceOnly
    ? connection.closePosition(order.accountId, order.instrumentId, order.id, order.lots)
    : connection.submit(order, instrument)

const call = (connection: Connection, request: Ordering): Effect.Effect<RequestResult, VenueError> => {
  switch (request._tag) {
    case "Submit":
      return Effect.map(submitted(connection, request), (acknowledged) => Accepted.make(acknowledged))
    case "SubmitBracket":
      return Effect.map(connection.submitBracket(request.bracket, request.instrument), (acknowledged) => Accepted.make(acknowledged))
    case "Modify": {
      const { limit, lots, stop } = request
      const change = { lots, ...(stop === undefined ? {} : { stop }), ...(limit === undefined ? {} : { limit }) }
      return Effect.as(connection.modify(request.accountId, request.orderId, change), Accepted.make({}))
    }
    case "Cancel":
      return Effect.as(connection.cancel(request.accountId, request.orderId), Accepted.make({}))
  }
}

export const send = (connection: Connection, request: Ordering): Effect.Effect<RequestResult> =>
  call(connection, request).pipe(
    Effect.catch((error) => Effect.succeed(ofError(error))),
    Effect.timeoutOrElse({ duration: answerWithinMs, orElse: () => Effect.succeed(Unknown.make({ cause: `no answer within ${answerWithinMs} ms` })) }),
    Effect.catchCause((cause) => Effect.succeed(Unknown.make({ cause: `the adapter failed: ${String(Cause.squash(cause))}` })))
  )

/** Look-ups of one picture on the wire at the same time. */
const lookUpsMax = 4
const { Filled, OrderChanged } = VenueEvent.cases
const inTime = <A>(question: Effect.Effect<A, VenueError>) => Effect.timeout(question, answerWithinMs)

type Snapshot = Extract<SessionRequest, { readonly _tag: "Snapshot" }>

interface Around {
  /** Still waiting here or on the wire: "not found" says nothing about them. */
  readonly inHand: ReadonlySet<ClientOrderId>
  readonly nowMs: Effect.Effect<number>
  /** A picture that breaks off is none, but what came of our orders is true: a fill in it may be the only word of it for long. */
  readonly overheard: (id: AccountId, came: ReadonlyArray<VenueEvent>) => Effect.Effect<void>
}

/** A venue may be slow: each of its answers has its own time. Orders first, then fills, then positions: a fill in between shows up as a position that the next picture explains. */
export const picture = (connection: Connection, { accountId, orderIds, sinceMs }: Snapshot, { inHand, nowMs, overheard }: Around): Effect.Effect<Option.Option<AccountSnapshot>> =>
  Effect.suspend(() => {
    const came: Array<VenueEvent> = []
    const look = (id: ClientOrderId) => inTime(connection.orderByClientId(accountId, id)).pipe(
      Effect.tap((report) => Effect.sync(() => came.push(...Option.toArray(report).map((one) => OrderChanged.make({ report: one }))))),
      Effect.map((report) => ({ id, report }))
    )
    const answers = Effect.gen(function*() {
      const asked = orderIds.filter((id) => !inHand.has(id))
      const working = yield* inTime(connection.workingOrders(accountId))
      came.push(...working.map((report) => OrderChanged.make({ report })))
      const known = new Set(working.map(({ clientOrderId }) => clientOrderId))
      const looked = yield* Effect.forEach(asked.filter((id) => !known.has(id)), look, { concurrency: lookUpsMax })
      const fills = yield* inTime(connection.fillsSince(accountId, sinceMs))
      came.push(...fills.filter(({ clientOrderId }) => clientOrderId?.startsWith(ClientId.prefix)).map((fill) => Filled.make({ fill })))
      const positions = yield* inTime(connection.positions(accountId))
      return {
        orders: [...working, ...looked.flatMap(({ report }) => Option.toArray(report))],
        notFound: looked.flatMap(({ id, report }) => Option.isNone(report) ? [id] : []),
        positions,
        fills,
        lookupIsProof: connection.capabilities.lookupProvesAfterMs !== undefined,
        atMs: yield* nowMs
      }
    })
    return Effect.catchCause(Effect.asSome(answers), () => Effect.as(overheard(accountId, came), Option.none<AccountSnapshot>()))
  })
