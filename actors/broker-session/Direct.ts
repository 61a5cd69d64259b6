/**
 * What is asked of the venue past the accounts, while theirs and our mailbox may be full of other things: cancels of entries, the venue's own
 * word on an account, and the end of what is in no book of ours. All of it goes over the login's one wire, ahead of what can wait.
 */
import { Deferred, Effect, Option } from "effect"
import * as Afoot from "#actors/broker-session/Afoot.ts"
import type * as Outbox from "#actors/broker-session/Outbox.ts"
import { Look, type Remainder, type Swept } from "#actors/broker-session/Protocol.ts"
import { answerWithinMs } from "#actors/broker-session/Transmit.ts"
import type { AccountId, ClientOrderId, LoginId } from "#schemas/Ids.ts"
import { SessionRequest } from "#schemas/SessionRequest.ts"
import { Ambiguous, type Connection, type VenueError } from "#src/ports/Venue.ts"

const { Seen, Unreachable } = Look.cases

type Remainder = typeof Remainder.Type
type Swept = typeof Swept.Type

const inTime = <A>(question: Effect.Effect<A, VenueError>) =>
  Effect.timeoutOrElse(question, { duration: answerWithinMs, orElse: () => Effect.fail(new Ambiguous({ cause: `no answer within ${answerWithinMs} ms` })) })

const textOf = (error: VenueError): string => {
  switch (error._tag) {
    case "Ambiguous":
      return error.cause
    case "RateLimited":
      return `it wants ${error.retryAfterMs} ms of silence`
    case "Unsupported":
      return `it cannot ${error.what}`
    default:
      return error.reason
  }
}

const swept = (what: Swept["what"], request: Effect.Effect<void, VenueError>): Effect.Effect<Swept> =>
  inTime(request).pipe(
    Effect.as<Swept>({ what, result: "accepted", text: "" }),
    Effect.catch((error) => Effect.succeed<Swept>({ what, result: error._tag === "Ambiguous" ? "unsure" : "refused", text: textOf(error) })),
    Effect.catchCause(() => Effect.succeed<Swept>({ what, result: "unsure", text: "the adapter failed" }))
  )

/** An order that may have been sent before is looked up, never repeated on a guess. */
const closing = (connection: Connection, account: AccountId, { instrumentId, orderId }: Remainder) =>
  swept(instrumentId, Effect.flatMap(connection.orderByClientId(account, orderId), (before) =>
    Option.isSome(before) ? Effect.void : connection.closePosition(account, instrumentId, orderId)))

export const make = ({ ask, connection, hand, login, outbox }: {
  readonly login: LoginId
  readonly hand: Outbox.Hand
  readonly connection: () => Connection | undefined
  readonly ask: (request: SessionRequest) => Effect.Effect<void>
  readonly outbox: Outbox.Outbox
}) => {
  const notConnected = Unreachable.make({ reason: `login ${login} is not connected` })

  /** Done when its turn on the wire comes; the asker waits for it. */
  const errand = <A>(urgency: "cancel" | "exit", work: (to: Connection | undefined) => Effect.Effect<A>) =>
    Effect.gen(function*() {
      const answer = yield* Deferred.make<A>()
      yield* outbox.offerErrand(urgency, Effect.asVoid(Deferred.complete(answer, Effect.suspend(() => work(connection())))))
      return yield* Deferred.await(answer)
    })

  const cancelEntries = Effect.fnUntraced(function*({ accountId, orderIds }: { readonly accountId: AccountId; readonly orderIds: ReadonlyArray<ClientOrderId> }) {
    if (connection() === undefined) return 0
    const ids = new Set([...Afoot.of(hand.afoot, accountId), ...orderIds])
    for (const orderId of ids) yield* ask(SessionRequest.cases.Cancel.make({ accountId, orderId }))
    return ids.size
  })

  const look = (accountId: AccountId): Effect.Effect<Look> =>
    connection() === undefined ? Effect.succeed(notConnected) : errand("exit", (to) => {
      if (to === undefined) return Effect.succeed(notConnected)
      const inHand = [...outbox.orderIds(accountId)] // before the venue is asked: what was under way then may be missing in its answer
      return Effect.gen(function*() {
        const orders = yield* inTime(to.workingOrders(accountId))
        const positions = yield* inTime(to.positions(accountId))
        return Seen.make({ orders, positions: positions.filter(({ net }) => net !== 0), inHand, reduceOnly: to.capabilities.reduceOnly })
      }).pipe(
        Effect.catch((error) => Effect.succeed(Unreachable.make({ reason: `login ${login} does not answer: ${textOf(error)}` }))),
        Effect.catchCause(() => Effect.succeed(Unreachable.make({ reason: `login ${login}: its adapter failed, see the log` })))
      )
    })

  const sweep = ({ accountId, orderIds, remainders }: {
    readonly accountId: AccountId
    readonly orderIds: ReadonlyArray<ClientOrderId>
    readonly remainders: ReadonlyArray<Remainder>
  }): Effect.Effect<ReadonlyArray<Swept>> =>
    errand("cancel", (to) => to === undefined
      ? Effect.succeed([...orderIds, ...remainders.map(({ instrumentId }) => instrumentId)].map((what): Swept => ({ what, result: "refused", text: "not connected" })))
      : Effect.gen(function*() {
        const cancelled = yield* Effect.forEach(orderIds, (id) => swept(id, to.cancel(accountId, id)))
        return [...cancelled, ...yield* Effect.forEach(remainders, (one) => closing(to, accountId, one))]
      }))

  return { cancelEntries, look, sweep }
}
