/** What the venue says unasked. Owns: that nothing said is missed unnoticed: a gap, silence or a frame that cannot be read ends the connection. */
import { Cause, Clock, Deferred, Effect, PubSub, Queue, Result, Schema, type Scope, Stream } from "effect"
import type { Socket } from "effect/socket"
import type { House } from "#config/House.ts"
import type { AccountId, LoginId } from "#schemas/Ids.ts"
import type { Quote } from "#schemas/Quote.ts"
import { VenueEvent } from "#schemas/VenueEvent.ts"
import type { Reading } from "#src/venues/reference/Reading.ts"
import type { Session } from "#src/venues/reference/Session.ts"
import type { Specs } from "#src/venues/reference/Specs.ts"
import * as Wire from "#src/venues/reference/Wire.ts"
import { SignedInElsewhere, Unavailable, type VenueError } from "#src/ports/Venue.ts"
import * as Accounts from "#src/venues/shared/Accounts.ts"
import type { Complaints } from "#src/venues/shared/Complaints.ts"
import * as Feed from "#src/venues/shared/Feed.ts"

const { Filled, OrderChanged, PositionChanged } = VenueEvent.cases

/** Three heartbeats, one each 10 s, and the time that the last of them may be on its way. */
const limits = { openWithinMs: 8_000, silentMsMax: 31_000, charsMax: 262_144 }
/** The venue's word for "this key signed in somewhere else". */
const kicked = 4001
/** Events a reader may be behind before the connection ends: none of them may be missed. So many of the latest reach one that comes late. */
const eventsBehindMax = 4_096
const eventsRepeatedMax = 256
/** Quotes a reader may be behind before it misses the oldest. */
const quotesBehindMax = 1_024
const subscribedMax = 1_024
/** Front months move on: who is quoted is looked at so often, and when something new is traded. */
const lookEveryMs = 60_000

export interface Told {
  readonly account: AccountId
  readonly event: VenueEvent
}

export interface Around {
  readonly login: LoginId
  readonly base: string
  readonly session: Session
  readonly specs: Specs
  readonly reading: Reading
  readonly complaints: Complaints
  readonly lost: Deferred.Deferred<never, VenueError>
  /** Hears each event before anybody else. */
  readonly overhear: (told: Told) => void
  /** Symbols beside the front months. */
  readonly alsoWanted: () => Iterable<string>
}

const decodeFrame = Schema.decodeUnknownResult(Wire.Frame)

const onClose = (clean: Session["clean"]) => (code: number, reason: string): VenueError | undefined =>
  code === kicked ? new SignedInElsewhere({ reason: `signed in elsewhere: this session was ended (${kicked} ${clean(reason) || "kicked"})` }) : undefined

/** Undefined: nothing for the accounts, or nothing that could be read. */
const eventOf = (reading: Reading, frame: Wire.Frame, house: House): Effect.Effect<VenueEvent | undefined> => {
  switch (frame.type) {
    case "order":
      return Effect.map(reading.order(frame.order, house), (report) => report === undefined ? undefined : OrderChanged.make({ report }))
    case "fill":
      return Effect.map(reading.fill(frame.fill, house), (fill) => fill === undefined ? undefined : Filled.make({ fill }))
    case "position":
      return Effect.map(reading.position(frame.position, house), (position) => position === undefined ? undefined : PositionChanged.make({ position }))
    default:
      return Effect.succeed(undefined)
  }
}

const accountFrames = new Set(["order", "fill", "position"])

/** Asks for quotes of what is wanted, again whenever that has changed. */
const subscribing = ({ alsoWanted, specs }: Around, ready: Deferred.Deferred<void>, look: Queue.Queue<void>, quoted: Set<string>) =>
  Effect.fnUntraced(function*(say: Feed.Say) {
    yield* Deferred.await(ready)
    let said = ""
    while (true) {
      const house = yield* specs.house
      const wanted = new Set([...specs.fronts(house, yield* Clock.currentTimeMillis), ...alsoWanted()])
      const symbols = [...wanted].filter((symbol) => specs.listed.has(symbol)).slice(0, subscribedMax).sort()
      const text = JSON.stringify({ subscribe: symbols })
      if (text !== said && symbols.length > 0) yield* say(text)
      said = text
      quoted.clear()
      for (const symbol of symbols) quoted.add(symbol)
      yield* Effect.raceFirst(Queue.take(look), Effect.sleep(lookEveryMs))
    }
  })

/** Returns once the venue has greeted. `look`: this is traded; who is quoted is looked at again only where it is not quoted yet. */
export const open = Effect.fnUntraced(function*(around: Around): Effect.fn.Return<{
  readonly events: Stream.Stream<Told, VenueError>
  readonly quotes: Stream.Stream<Quote, VenueError>
  readonly look: (symbol: string) => void
}, VenueError, Scope.Scope | Socket.WebSocketConstructor> {
  const { base, complaints, login, lost, overhear, reading, session, specs } = around
  const events = yield* PubSub.dropping<Told>({ capacity: eventsBehindMax, replay: eventsRepeatedMax })
  const quotes = yield* PubSub.sliding<Quote>(quotesBehindMax)
  const ready = yield* Deferred.make<void>()
  const look = yield* Queue.sliding<void>(1)
  const quoted = new Set<string>()
  let seq = 0

  const heard = Effect.fnUntraced(function*(frame: Wire.Frame) {
    const house = yield* specs.house
    if (frame.type === "quote") {
      const quote = yield* reading.quote(frame.quote, house, yield* Clock.currentTimeMillis)
      return quote === undefined ? undefined : yield* PubSub.publish(quotes, quote)
    }
    if (!accountFrames.has(frame.type)) return undefined
    const account = typeof frame.account === "string" ? Accounts.ourAccountOf(house, login, frame.account) : undefined
    if (account === undefined) return yield* complaints.about("account", `events of an account that is not ours: ${session.clean(frame.account ?? "none")}`)
    const event = yield* eventOf(reading, frame, house)
    if (event === undefined) return undefined
    overhear({ account, event })
    if (!(yield* PubSub.publish(events, { account, event }))) return yield* new Unavailable({ reason: `more than ${eventsBehindMax} events wait to be read` })
    return undefined
  })

  const onFrame = Effect.fnUntraced(function*(text: string) {
    const frame = decodeFrame(text)
    if (Result.isFailure(frame)) return yield* new Unavailable({ reason: "a frame that cannot be read" })
    if (frame.success.seq !== seq + 1) return yield* new Unavailable({ reason: `a gap in the stream: ${frame.success.seq} after ${seq}` })
    seq = frame.success.seq
    yield* heard(frame.success)
    const isHello = frame.success.type === "hello"
    if (isHello) yield* Deferred.succeed(ready, undefined)
    return isHello || frame.success.type === "heartbeat"
  })

  const url = `${base.replace(/^http/, "ws")}/v1/stream?token=${encodeURIComponent(session.token())}`
  const run = Feed.run({ url, limits, onFrame, onClose: onClose(session.clean), speaking: subscribing(around, ready, look, quoted) })
  yield* Effect.forkScoped(run.pipe(
    Effect.catch((error) => Deferred.fail(lost, error)),
    Effect.catchCause((cause) => Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.andThen(
      Effect.logError(`login ${login}: its stream failed`, cause),
      Deferred.fail(lost, new Unavailable({ reason: "the stream failed" }))
    ))
  ))
  yield* Effect.raceFirst(Deferred.await(ready), Deferred.await(lost))

  return {
    events: Stream.interruptWhen(Stream.fromPubSub(events), Deferred.await(lost)),
    quotes: Stream.interruptWhen(Stream.fromPubSub(quotes), Deferred.await(lost)),
    look: (symbol) => { if (!quoted.has(symbol)) Queue.offerUnsafe(look, undefined) }
  }
})
