/** The wire of one login: what waits, what is out, and the last look at the latch before bytes leave. */
import { Effect, Option } from "effect"
import * as Outbox from "#actors/broker-session/Outbox.ts"
import type * as Tell from "#actors/broker-session/Tell.ts"
import * as Transmit from "#actors/broker-session/Transmit.ts"
import { Clocks } from "#config/Clocks.ts"
import type { AccountId, ClientOrderId, LoginId } from "#schemas/Ids.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import type { RequestResult, SessionRequest } from "#schemas/SessionRequest.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import type { Connection } from "#src/ports/Venue.ts"

const ordersIn = (request: SessionRequest): ReadonlyArray<ClientOrderId> => {
  switch (request._tag) {
    case "Submit":
      return [request.order.id]
    case "SubmitBracket": {
      const { entry, stop, target } = request.bracket
      return [entry, stop, target].flatMap((order) => order === undefined ? [] : [order.id])
    }
    default:
      return []
  }
}

const accountOf = (request: SessionRequest): AccountId => {
  switch (request._tag) {
    case "Submit":
      return request.order.accountId
    case "SubmitBracket":
      return request.bracket.entry.accountId
    default:
      return request.accountId
  }
}

const addsRisk = (request: SessionRequest): boolean =>
  request._tag === "SubmitBracket" || (request._tag === "Submit" && request.order.leg === "entry")

export const make = Effect.fnUntraced(function*(login: LoginId, connection: () => Connection | undefined, tell: Tell.Tell) {
  const latch = yield* RiskLatch
  const clocks = yield* Clocks
  const outbox = yield* Outbox.make
  /** Waiting here or on the wire: nobody may conclude from a look-up that they were never sent. */
  const inHand = new Set<ClientOrderId>()

  const stopped = (request: SessionRequest): Effect.Effect<Option.Option<RiskScope>> =>
    addsRisk(request) ? latch.firstOf(["all", `login/${login}`, `account/${accountOf(request)}`]) : Effect.succeed(Option.none())

  const transmit = (request: Exclude<SessionRequest, { readonly _tag: "Snapshot" }>) =>
    Effect.gen(function*() {
      const to = connection()
      const scope = yield* stopped(request)
      if (Option.isSome(scope)) return Transmit.withheld("Latched", `no new risk may leave: ${scope.value} is stopped`, false)
      return to === undefined ? Transmit.notConnected : yield* Transmit.send(to, request)
    })

  const answer = (request: SessionRequest, result: RequestResult) =>
    Effect.andThen(
      tell.answered(accountOf(request), request, result),
      Effect.sync(() => ordersIn(request).forEach((id) => inHand.delete(id)))
    )

  const picture = Effect.fnUntraced(function*(request: Extract<SessionRequest, { readonly _tag: "Snapshot" }>) {
    const to = connection()
    const seen = to === undefined ? Option.none() : yield* Transmit.picture(to, request, (id) => inHand.has(id), clocks.wallMs)
    yield* tell.pictured(request.accountId, Option.getOrUndefined(seen))
  })

  const send = Effect.gen(function*() {
    const request = yield* outbox.take
    if (request._tag === "Snapshot") return yield* picture(request)
    yield* answer(request, yield* transmit(request))
  })

  const ask = Effect.fnUntraced(function*(request: SessionRequest) {
    ordersIn(request).forEach((id) => inHand.add(id))
    if (yield* outbox.offer(request)) return
    yield* answer(request, Transmit.withheld("OutboxFull", `more than ${Outbox.entriesMax} requests wait for login ${login}`, false))
  })

  return { ask, send }
})
