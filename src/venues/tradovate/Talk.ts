/**
 * One of the venue's WebSockets: frames with a letter in front, requests with numbers, events between them. Owns: the heartbeat that the venue
 * wants by the clock, that silence is an end, and what the venue's own goodbye means.
 */
import { Deferred, Duration, Effect, Queue, Result, Schema } from "effect"
import type { Socket } from "effect/socket"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import * as Wire from "#src/venues/tradovate/Wire.ts"
import { Ambiguous, SignedInElsewhere, Unauthenticated, Unavailable, type VenueError } from "#src/ports/Venue.ts"
import * as Feed from "#src/venues/shared/Feed.ts"

/** A snapshot holds a session of every account. */
const limits = { openWithinMs: 8_000, silentMsMax: 10_000, charsMax: 16 * 1_024 * 1_024 }
const beatEveryMs = 2_500
const answerWithinMs = 8_000
/** A connection beyond the user's quota of them ends the oldest one. */
const quotas = /quota/i

export interface Around {
  readonly url: string
  readonly token: () => string
  readonly clean: (said: string) => string
  readonly onEvent: (event: Wire.Event) => Effect.Effect<void, VenueError>
}

export interface Talk {
  /** Never returns; its error is why it ended. */
  readonly run: Effect.Effect<never, VenueError, Socket.WebSocketConstructor>
  /** The venue knows who speaks. */
  readonly authorized: Effect.Effect<void, VenueError>
  /** Of questions only: what comes of no answer is asked again over a new connection. */
  readonly request: <A>(read: Answers.Reader<A>, endpoint: string, body: unknown) => Effect.Effect<A, VenueError | Answers.Penalised>
}

const decodeMessages = Schema.decodeUnknownResult(Schema.fromJsonString(Wire.Rows))
const decodeReply = Schema.decodeUnknownResult(Wire.Reply)
const decodeEvent = Schema.decodeUnknownResult(Wire.Event)
const decodeShutdown = Schema.decodeUnknownResult(Wire.Shutdown)

const goodbye = (said: unknown, clean: Around["clean"]): VenueError => {
  const read = decodeShutdown(said)
  const { reason, reasonCode } = Result.isSuccess(read) ? read.success : { reason: undefined, reasonCode: undefined }
  const words = clean([reasonCode, reason].filter((part) => part !== undefined && part !== null && part !== "").join(": ")) || "no reason"
  return quotas.test(reasonCode ?? "")
    ? new SignedInElsewhere({ reason: `signed in elsewhere: the venue ended this connection (${words})` })
    : new Unavailable({ reason: `the venue shuts down the stream (${words})` })
}

export const make = Effect.fnUntraced(function*({ clean, onEvent, token, url }: Around) {
  const authorized = yield* Deferred.make<void, VenueError>()
  const opened = yield* Deferred.make<void>()
  const outbox = yield* Queue.unbounded<string>()
  const awaited = new Map<number, Deferred.Deferred<Answers.Said>>()
  let last = 0

  const heard = Effect.fnUntraced(function*(message: unknown) {
    const reply = decodeReply(message)
    if (Result.isSuccess(reply)) {
      const { d, i, s } = reply.success
      const waiting = awaited.get(i)
      if (waiting !== undefined) yield* Deferred.succeed(waiting, { status: s, body: Result.succeed(d) })
      return
    }
    const event = decodeEvent(message)
    if (Result.isFailure(event)) return yield* new Unavailable({ reason: "a message that cannot be read" })
    if (event.success.e === "shutdown") return yield* goodbye(event.success.d, clean)
    return yield* onEvent(event.success)
  })

  const onFrame = Effect.fnUntraced(function*(text: string) {
    switch (text[0]) {
      case "o":
        yield* Deferred.succeed(opened, undefined)
        return true
      case "h":
        return true
      case "a": {
        const messages = decodeMessages(text.slice(1))
        if (Result.isFailure(messages)) return yield* new Unavailable({ reason: "a frame that cannot be read" })
        for (const message of messages.success) yield* heard(message)
        return true
      }
      case "c":
        return yield* new Unavailable({ reason: `the venue closed the stream (${clean(text.slice(1))})` })
      default:
        return yield* new Unavailable({ reason: "a frame that cannot be read" })
    }
  })

  const answer = Effect.fnUntraced(function*(id: number, text: string) {
    const waiting = yield* Deferred.make<Answers.Said>()
    awaited.set(id, waiting)
    yield* Queue.offer(outbox, text)
    return yield* Effect.timeoutOrElse(Deferred.await(waiting), {
      duration: Duration.millis(answerWithinMs),
      orElse: () => Effect.fail(new Ambiguous({ cause: `no answer within ${answerWithinMs} ms` }))
    }).pipe(Effect.ensuring(Effect.sync(() => awaited.delete(id))))
  })
  const authorize = Effect.gen(function*() {
    yield* Deferred.await(opened)
    const { status } = yield* answer(0, `authorize\n0\n\n${token()}`)
    if (status !== 200) return yield* new Unauthenticated({ reason: `the stream does not take the token (${status})` })
    yield* Deferred.succeed(authorized, undefined)
    return yield* Effect.never
  })

  const speaking = (say: Feed.Say) => Effect.raceAllFirst([
    Effect.forever(Effect.andThen(Effect.sleep(beatEveryMs), say("[]"))),
    Effect.forever(Effect.flatMap(Queue.take(outbox), say)),
    authorize
  ])
  const talk: Talk = {
    run: Effect.tapError(Feed.run({ url, limits, onFrame, onClose: () => undefined, speaking }), (error) => Deferred.fail(authorized, error)),
    authorized: Deferred.await(authorized),
    request: (read, endpoint, body) => Effect.andThen(Deferred.await(authorized), Effect.suspend(() => {
      const id = ++last
      return Effect.flatMap(answer(id, `${endpoint}\n${id}\n\n${JSON.stringify(body)}`), (said) => Effect.fromResult(read(said, clean)))
    }))
  }
  return talk
})
