/** The reference venue as one value. Owns: how its parts are put together, and its streams in the shape of Effect. */
import { Cause, Data, Effect, Queue, Result, type Scope } from "effect"
import * as Behind from "#src/simulation/venues/shared/Behind.ts"
import * as Shared from "#src/simulation/venues/shared/Core.ts"
import * as Door from "#src/simulation/venues/shared/Door.ts"
import * as Timer from "#src/simulation/venues/shared/Timer.ts"
import { Broken, type Listener, StreamRejected, type Venue, type Wire } from "#src/simulation/venues/shared/Venue.ts"
import * as Weather from "#src/simulation/venues/shared/Weather.ts"
import * as Core from "./Core.ts"
import * as Http from "./Http.ts"
import * as Stream from "./Stream.ts"

/** The stream is over. */
export class StreamClosed extends Data.TaggedError("StreamClosed")<{ readonly code: number; readonly reason: string }> {}

export interface StreamEnd {
  /** The venue's frames, whole texts; fails once the venue closed the stream. */
  readonly take: Effect.Effect<string, StreamClosed>
  /** A frame to the venue. */
  readonly send: (text: string) => Effect.Effect<void>
}

export interface Reference extends Venue {
  readonly options: Core.Options
  readonly open: (token: string) => Effect.Effect<StreamEnd, Broken | StreamRejected, Scope.Scope>
  readonly connect: (token: string, listener: Listener) => Result.Result<Wire, Broken | StreamRejected>
}

const framesMax = 65_536

const wire = (core: Core.Core, token: string, listener: Listener): Result.Result<Wire, Broken | StreamRejected> => {
  const connected = Http.connect(core, token, listener)
  if ("_tag" in connected) {
    return Result.fail(connected._tag === "Broken" ? new Broken({ kind: connected.kind, isDone: false }) : new StreamRejected({ status: connected.status }))
  }
  Stream.hello(core, connected)
  return Result.succeed({
    receive: (text) => Stream.receive(core, connected, text),
    close: () => {
      connected.isOpen = false
      core.connections.delete(connected)
    }
  })
}

const open = (core: Core.Core, token: string): Effect.Effect<StreamEnd, Broken | StreamRejected, Scope.Scope> =>
  Effect.gen(function*() {
    const frames = yield* Queue.dropping<string, StreamClosed>(framesMax)
    const connected = yield* Effect.acquireRelease(
      Effect.fromResult(wire(core, token, {
        frame: (text) => void Queue.offerUnsafe(frames, text),
        close: (code, reason) => void Queue.failCauseUnsafe(frames, Cause.fail(new StreamClosed({ code, reason })))
      })),
      ({ close }) => Effect.sync(close)
    )
    return { take: Queue.take(frames), send: (text) => Effect.sync(() => connected.receive(text)) }
  })

const tokenIn = (path: string): string => {
  const [name, query] = path.split("?")
  return name === "/v1/stream" ? new URLSearchParams(query).get("token") ?? "" : ""
}

const guestsOf = (core: Core.Core): Weather.Guests => ({
  signedIn: () => [...new Set(core.sessions.values())].map(({ login }) => login.key),
  kick: (name) => Core.kick(core, name),
  hangUp: (outage) => Core.hangUp(core, outage)
})

/** Time comes from Clock, chance from the seed. */
export const make = (options: Core.Options): Effect.Effect<Reference, never, Scope.Scope> =>
  Effect.gen(function*() {
    const timer = yield* Timer.make(() => Shared.ring(core, voice))
    const core = Core.make(options, timer)
    const guests = guestsOf(core)
    const voice: Shared.Voice = {
      quotes: () => Stream.quotes(core),
      flush: () => Stream.flush(core),
      beat: () => {
        Weather.happen(core, guests)
        Stream.beat(core)
      }
    }
    return {
      title: `Reference venue, ${options.style}`,
      options,
      ledger: core.ledger.records,
      handle: (request) => Door.handled(() => {
        const outcome = Http.take(core, request)
        Shared.after(core)
        return outcome
      }),
      open: (token) => open(core, token),
      connect: (token, listener) => wire(core, token, listener),
      upgrade: (path, listener) => wire(core, tokenIn(path), listener),
      faults: Behind.faultsOf(core, guests),
      market: Behind.marketOf(core, voice),
      byHand: Behind.byHandOf(core),
      outage: (kind) => Shared.setOutage(core, kind, guests.hangUp),
      ...Behind.looksOf(core)
    }
  })
