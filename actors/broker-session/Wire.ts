/** The wire of one login: what waits, what is out, and the last look at latch and limits before bytes leave. */
import { Duration, Effect, HashSet, Option } from "effect"
import * as Afoot from "#actors/broker-session/Afoot.ts"
import * as NotFound from "#actors/broker-session/NotFound.ts"
import * as Outbox from "#actors/broker-session/Outbox.ts"
import type * as Tell from "#actors/broker-session/Tell.ts"
import * as Transmit from "#actors/broker-session/Transmit.ts"
import * as NoteText from "#actors/NoteText.ts"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import { modeOf } from "#schemas/config/LoginConfig.ts"
import type { AccountId, LoginId, StrategyId } from "#schemas/Ids.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import { RequestResult, type SessionRequest } from "#schemas/SessionRequest.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"
import { Journal } from "#src/ports/Journal.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import type { Connection } from "#src/ports/Venue.ts"

type Entry = Extract<SessionRequest, { readonly _tag: "Submit" | "SubmitBracket" }>

const addsRisk = (request: SessionRequest): request is Entry =>
  request._tag === "SubmitBracket" || (request._tag === "Submit" && request.order.leg === "entry")

const scopesOf = (request: Entry, login: LoginId, mode: "paper" | "live", strategy: StrategyId | undefined): ReadonlyArray<RiskScope> => {
  const { asset } = request.instrument
  const { lane } = request._tag === "Submit" ? request.order : request.bracket.entry
  return [
    "all",
    `login/${login}`,
    `account/${Outbox.accountOf(request)}`,
    `asset/${asset}`,
    `asset/${asset}/${mode}`,
    ...(strategy === undefined ? [] : [`strategy/${strategy}` as const]),
    ...(lane === undefined ? [] : [`lane/${lane}` as const])
  ]
}

export const make = Effect.fnUntraced(function*(login: LoginId, session: {
  readonly hand: Outbox.Hand
  readonly connection: () => Connection | undefined
  readonly isReduceOnly: (nowMs: number) => boolean
  readonly tell: Tell.Tell
}) {
  const { connection, hand, isReduceOnly, tell } = session
  const latch = yield* RiskLatch
  const clocks = yield* Clocks
  const journal = yield* Journal
  const notes = yield* EmergencyNotes
  const house = yield* HouseConfig
  const outbox = yield* Outbox.make(hand)
  const provenMissing = NotFound.make()

  /** Our own no to an entry, at the last moment; what reduces risk always passes. */
  const stopped = Effect.fnUntraced(function*({ request, strategy }: Outbox.InHand) {
    if (!addsRisk(request)) return undefined
    const config = (yield* house.current).logins.get(login)
    const mode = config === undefined ? "live" : modeOf(config.venue)
    const scopes = scopesOf(request, login, mode, strategy)
    const scope = yield* latch.firstOf(scopes)
    if (Option.isSome(scope)) return Transmit.withheld("Latched", `no new risk may leave: ${scope.value} is stopped`, false)
    const held = yield* latch.paused
    const paused = scopes.find((one) => HashSet.has(held, one))
    if (paused !== undefined) return Transmit.withheld("Paused", `${paused} was paused before it left`, true) // decided anew: then it is skipped
    const nowMs = yield* clocks.wallMs
    if (nowMs > (request.notAfterMs ?? Infinity)) return Transmit.withheld("StaleEntry", "its alert grew too old while it waited for the wire", true)
    return isReduceOnly(nowMs)
      ? Transmit.withheld("ReduceOnly", `login ${login} restarted too often and only reduces risk for a while: see the log`, false)
      : undefined
  })

  /** What reduces risk goes on without a disk, noted for whoever reads it afterwards; nothing else leaves before it is durable. */
  const recorded = ({ afterSeq, request }: Outbox.InHand) =>
    journal.durable(afterSeq).pipe(
      Effect.as(undefined),
      Effect.catchTag("JournalUnavailable", () =>
        addsRisk(request)
          ? Effect.succeed(Transmit.withheld("NotDurable", "the disk has no room for its intent", true))
          : Effect.flatMap(clocks.wallMs, (atMs) => Effect.as(notes.note(NoteText.of(Outbox.accountOf(request), request, atMs)), undefined)))
    )

  const transmit = Effect.fnUntraced(function*(item: Outbox.InHand, request: Transmit.Ordering) {
    const no = (yield* recorded(item)) ?? (yield* stopped(item))
    const to = connection()
    if (no !== undefined || to === undefined) return no ?? Transmit.notConnected
    if (addsRisk(request)) Afoot.sent(hand.afoot, request)
    const result = yield* Transmit.send(to, request)
    Afoot.answered(hand.afoot, request, result)
    return result
  })

  const pictured = (accountId: AccountId, seen: Option.Option<AccountSnapshot>) => tell.pictured(accountId, Option.getOrUndefined(seen))

  const picture = Effect.fnUntraced(function*(request: Extract<SessionRequest, { readonly _tag: "Snapshot" }>) {
    const to = connection()
    if (to === undefined) return Option.none()
    const isEarly = !to.capabilities.wireEndsWithUs && (yield* clocks.wallMs) - hand.bornAtMs < Transmit.answerWithinMs
    const fromMs = yield* clocks.monotonicMs
    const seen = yield* Transmit.picture(to, request, { inHand: outbox.orderIds(), nowMs: clocks.wallMs, overheard: tell.overheard })
    const untilMs = yield* clocks.monotonicMs
    return Option.map(seen, (snapshot) => provenMissing(request.accountId, snapshot, to.capabilities, { fromMs, untilMs }, isEarly))
  })

  const carry = Effect.fnUntraced(function*(item: Outbox.Waiting) {
    if ("run" in item) return yield* item.run
    item.sentAtMs = yield* clocks.wallMs
    const { request } = item
    if (request._tag === "Snapshot") yield* pictured(request.accountId, yield* picture(request))
    else yield* tell.answered(Outbox.accountOf(request), request, yield* transmit(item, request))
    outbox.drop(item)
  })

  /** What was on the wire as the life before ended may still arrive: so long a look-up proves nothing of it. */
  const comeBack = Effect.forEach(outbox.adrift, Effect.fnUntraced(function*(item) {
    const { request, sentAtMs = 0 } = item
    if (request._tag === "Snapshot") yield* pictured(request.accountId, Option.none())
    else yield* tell.answered(Outbox.accountOf(request), request, RequestResult.cases.Unknown.make({ cause: "the session restarted before the answer" }))
    const leftMs = sentAtMs + Transmit.answerWithinMs - (yield* clocks.wallMs)
    yield* Effect.forkScoped(Effect.delay(Effect.sync(() => outbox.drop(item)), Duration.millis(Math.max(0, leftMs))))
  }), { discard: true })

  const ask = Effect.fnUntraced(function*(asked: Outbox.Asked) {
    const { request } = asked
    if ((yield* outbox.offer(asked)) || request._tag === "Snapshot") return
    const no = Transmit.withheld("OutboxFull", `more than ${Outbox.entriesMax} requests wait for login ${login}`, false)
    yield* tell.answered(Outbox.accountOf(request), request, no)
  })

  return { ask, outbox, comeBack, send: Effect.flatMap(outbox.take, carry), sendUrgent: Effect.flatMap(outbox.takeUrgent, carry) }
})
