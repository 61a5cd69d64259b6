/** The reference venue behind the port: a broker's wire with nothing behind it. Owns: what a connection consists of and what outlives it. */
import { Clock, Context, Deferred, Effect } from "effect"
import { HttpClient } from "effect/http"
import { Socket } from "effect/socket"
import { HouseConfig } from "#config/House.ts"
import { Secrets } from "#config/Secrets.ts"
import type { ReferenceLogin } from "#schemas/config/LoginConfig.ts"
import type { LoginId } from "#schemas/Ids.ts"
import * as Desk from "#src/venues/reference/Desk.ts"
import * as Reading from "#src/venues/reference/Reading.ts"
import * as Session from "#src/venues/reference/Session.ts"
import * as Specs from "#src/venues/reference/Specs.ts"
import * as Stream from "#src/venues/reference/Stream.ts"
import { type Adapter, type Capabilities, type Connection, Unavailable, type VenueError } from "#src/ports/Venue.ts"
import * as Budget from "#src/venues/shared/Budget.ts"
import * as Catalogue from "#src/venues/shared/Catalogue.ts"
import * as Complaints from "#src/venues/shared/Complaints.ts"
import * as Request from "#src/venues/shared/Request.ts"
import type { Wanted } from "#src/venues/shared/Wanted.ts"

/** One alert for all accounts of a login leaves at once, two kept for what reduces risk: whoever waits for another's answer loses its time. */
const requestsAtOnce = 32

/** It finds an order at most 5 s after it took it. */
const lookupProvesAfterMs = 5_500

const capabilitiesOf = ({ style }: Session.Session): Capabilities => {
  const isNative = style === "native"
  return { nativeBrackets: isNative, reduceOnly: isNative, oca: isNative, modify: true, closeTakesOrders: false, lookupProvesAfterMs, wireEndsWithUs: false, isSimulated: true }
}

/** What a login keeps over its connections. A limit that is set anew begins anew. */
interface Kept {
  readonly requestsPerMinute: number | undefined
  readonly budget: Budget.Budget
  readonly memory: Reading.Memory
  readonly complaints: Complaints.Complaints
}

const keeping = () => {
  const all = new Map<LoginId, Kept>()
  return ({ id, reference: { requestsPerMinute } }: ReferenceLogin): Kept => {
    const before = all.get(id)
    if (before !== undefined && before.requestsPerMinute === requestsPerMinute) return before
    const kept: Kept = {
      requestsPerMinute,
      budget: Budget.make(requestsPerMinute),
      memory: before?.memory ?? Reading.emptyMemory(),
      complaints: before?.complaints ?? Complaints.make(id)
    }
    all.set(id, kept)
    return kept
  }
}

/** `wanted`: what other logins live on this one's quotes for. */
export const makeWith = Effect.fnUntraced(function*(wanted: Wanted) {
  const services = Context.empty().pipe(
    Context.add(HouseConfig, yield* HouseConfig),
    Context.add(Secrets, yield* Secrets),
    Context.add(Socket.WebSocketConstructor, yield* Socket.WebSocketConstructor)
  )
  const client = yield* HttpClient.HttpClient
  const catalogue = Catalogue.make()
  const keptOf = keeping()

  const connect = Effect.fnUntraced(function*(login: ReferenceLogin) {
    const { budget, complaints, memory } = keptOf(login)
    const base = login.reference.url
    const lost = yield* Deferred.make<never, VenueError>()
    yield* Effect.addFinalizer(() => Deferred.fail(lost, new Unavailable({ reason: `${login.id} signed out` })))
    const session = yield* Session.open({ login, send: Request.make(client, base), budget, lost })
    const specs = yield* Specs.load(login.id, session, catalogue, complaints)
    const reading = Reading.make({ clean: session.clean, complaints, memory, source: login.id, specs })
    const times = Desk.makeTimes()
    const clock = yield* Clock.Clock
    const { events, look, quotes } = yield* Stream.open({
      login: login.id, base, session, specs, reading, complaints, lost,
      overhear: (told) => times.overhear(told, clock.currentTimeMillisUnsafe()),
      alsoWanted: () => [...memory.symbols.values(), ...wanted.of(login.id)]
    })
    const house = yield* specs.house
    const accounts = [...house.accounts.values()].filter((account) => account.login === login.id)
    for (const { id, venueAccount = id } of accounts) {
      if (!session.accounts.has(venueAccount)) yield* Effect.logError(`login ${login.id}: the venue lists no account ${venueAccount}, so ${id} cannot trade`)
    }
    const connection: Connection = {
      ...Desk.make({ login: login.id, session, specs, reading, memory, look }, times),
      capabilities: capabilitiesOf(session),
      accounts: accounts.flatMap(({ id, venueAccount = id }) => session.accounts.has(venueAccount) ? [id] : []),
      events,
      quotes
    }
    return connection
  })

  const adapter: Adapter = {
    id: "reference",
    requestsAtOnce,
    connect: (login) => login.venue === "reference"
      ? Effect.provideContext(connect(login), services)
      : Effect.die(new Error(`login ${login.id} is not one of the reference venue`))
  }
  return adapter
})
