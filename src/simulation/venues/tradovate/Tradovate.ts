/** The fake of Tradovate as one value. Owns: how its parts are put together. */
import { Effect, Result, type Scope } from "effect"
import * as Behind from "#src/simulation/venues/shared/Behind.ts"
import * as Shared from "#src/simulation/venues/shared/Core.ts"
import * as Passage from "#src/simulation/venues/shared/Door.ts"
import * as Timer from "#src/simulation/venues/shared/Timer.ts"
import { Broken, type Listener, StreamRejected, type Venue, type Wire } from "#src/simulation/venues/shared/Venue.ts"
import * as Weather from "#src/simulation/venues/shared/Weather.ts"
import type * as Calls from "./Calls.ts"
import * as Contracts from "./Contracts.ts"
import * as Core from "./Core.ts"
import * as Door from "./Door.ts"
import * as Scribe from "./Scribe.ts"
import * as Sessions from "./Sessions.ts"
import * as Sockets from "./Sockets.ts"

export interface Tradovate extends Venue {
  readonly options: Core.Options
}

const socketPath = "/v1/websocket"

const upgrade = (venue: Calls.Venue, path: string, listener: Listener): Result.Result<Wire, Broken | StreamRejected> => {
  const { core } = venue
  const lost = Passage.onTheWay(core, "socket")
  if (lost !== undefined) return Result.fail(new Broken({ kind: lost.kind, isDone: false }))
  const status = core.outage !== undefined ? 503 : path.split("?")[0]?.toLowerCase() === socketPath ? undefined : 404
  if (status !== undefined) return Result.fail(new StreamRejected({ status }))
  const connection = Sockets.connect(core, listener)
  return Result.succeed({
    receive: (text) => Sockets.receive(venue, connection, text),
    close: () => {
      connection.isOpen = false
      core.connections.delete(connection)
    }
  })
}

const guestsOf = (core: Core.Core): Weather.Guests => ({
  signedIn: () => core.users.filter(({ sessions }) => sessions.some((session) => Sessions.isAlive(core, session))).map(({ options: { name } }) => name),
  kick: (name) => Sessions.kick(core, name),
  hangUp: (outage) => Sockets.hangUp(core, outage)
})

/** Time comes from Clock, chance from the seed. */
export const make = (options: Core.Options): Effect.Effect<Tradovate, never, Scope.Scope> =>
  Effect.gen(function*() {
    const timer = yield* Timer.make(() => Shared.ring(core, voice))
    const core = Core.make(options, timer)
    const contracts = Contracts.make(core)
    const venue: Calls.Venue = { core, contracts, scribe: Scribe.make(core, contracts) }
    const guests = guestsOf(core)
    const flush = () => Sockets.flush(venue)
    const voice: Shared.Voice = {
      quotes: () => Sockets.quotes(venue),
      flush,
      beat: () => {
        Weather.happen(core, guests)
        Sockets.beat(core)
      }
    }
    return {
      title: "Tradovate",
      options,
      ledger: core.ledger.records,
      handle: (request) => Passage.handled(() => {
        const outcome = Door.take(venue, request, flush)
        Shared.after(core)
        return outcome
      }),
      upgrade: (path, listener) => upgrade(venue, path, listener),
      faults: Behind.faultsOf(core, guests),
      market: Behind.marketOf(core, voice),
      byHand: Behind.byHandOf(core),
      outage: (kind) => Shared.setOutage(core, kind, guests.hangUp),
      ...Behind.looksOf(core)
    }
  })
