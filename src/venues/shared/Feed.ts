/**
 * One WebSocket that talks: text frames in their order, until it ends. Owns: what its end means, and that silence is an end too. What the
 * frames say is the venue's; `onFrame` tells whether one was a sign of life.
 */
import { Duration, Effect, Queue } from "effect"
import { Socket } from "effect/socket"
import { Unavailable, type VenueError } from "#src/ports/Venue.ts"

export interface Limits {
  readonly openWithinMs: number
  /** Longest time without a sign of life. */
  readonly silentMsMax: number
  /** Of one frame. */
  readonly charsMax: number
}

/** Fails as the socket does. */
export type Say = (text: string) => Effect.Effect<void, Socket.SocketError>

export interface Feed {
  readonly url: string
  readonly limits: Limits
  /** True: a sign of life. Frames come one at a time. */
  readonly onFrame: (text: string) => Effect.Effect<boolean, VenueError>
  /** The close codes that have a meaning of their own. */
  readonly onClose: (code: number, reason: string) => VenueError | undefined
  /** What is to be said, as long as the socket lives. */
  readonly speaking: (say: Say) => Effect.Effect<never, VenueError | Socket.SocketError>
}

const endOf = ({ reason }: Socket.SocketError, onClose: Feed["onClose"]): VenueError => {
  switch (reason._tag) {
    case "SocketCloseError":
      return onClose(reason.code, reason.closeReason ?? "") ?? new Unavailable({ reason: `the stream ended (${reason.code})` })
    case "SocketOpenError":
      return new Unavailable({ reason: reason.kind === "Timeout" ? "the stream was not opened in time" : "the stream could not be opened" })
    default:
      return new Unavailable({ reason: "the stream broke" })
  }
}

/** Never returns; its error is why it ended. */
export const run = ({ limits, onClose, onFrame, speaking, url }: Feed): Effect.Effect<never, VenueError, Socket.WebSocketConstructor> =>
  Effect.scoped(Effect.gen(function*() {
    const beats = yield* Queue.sliding<void>(1)
    const socket = yield* Socket.makeWebSocket(url, { openTimeout: Duration.millis(limits.openWithinMs) })
    const pull = yield* Socket.readerString(socket)
    const { write } = yield* socket.writer

    const read = Effect.forever(Effect.flatMap(pull, Effect.fnUntraced(function*(frames) {
      for (const frame of frames) {
        if (frame.length > limits.charsMax) return yield* new Unavailable({ reason: `a frame of more than ${limits.charsMax} characters` })
        if (yield* onFrame(frame)) yield* Queue.offer(beats, undefined)
      }
    })))
    const listen = Effect.forever(Effect.timeoutOrElse(Queue.take(beats), {
      duration: Duration.millis(limits.silentMsMax),
      orElse: () => Effect.fail(new Unavailable({ reason: `the stream was silent for ${limits.silentMsMax} ms` }))
    }))
    return yield* Effect.raceAllFirst([read, listen, speaking(write)])
  })).pipe(Effect.catchTag("SocketError", (error) => Effect.fail(endOf(error, onClose))))
