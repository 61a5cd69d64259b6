/** Tradovate behind the port. Owns: what a connection consists of, and that a login has one at a time. */
import { Clock, Context, Deferred, Effect } from "effect"
import { HttpClient } from "effect/http"
import { Socket } from "effect/socket"
import { HouseConfig } from "#config/House.ts"
import { Secrets } from "#config/Secrets.ts"
import type { TradovateLogin } from "#schemas/config/LoginConfig.ts"
import type { InstrumentId } from "#schemas/Ids.ts"
import * as Asking from "#src/venues/tradovate/Asking.ts"
import * as Books from "#src/venues/tradovate/Books.ts"
import * as Contracts from "#src/venues/tradovate/Contracts.ts"
import * as Kept from "#src/venues/tradovate/Kept.ts"
import * as Lookup from "#src/venues/tradovate/Lookup.ts"
import * as MarketData from "#src/venues/tradovate/MarketData.ts"
import * as Placing from "#src/venues/tradovate/Placing.ts"
import * as Reading from "#src/venues/tradovate/Reading.ts"
import * as Session from "#src/venues/tradovate/Session.ts"
import * as Stream from "#src/venues/tradovate/Stream.ts"
import { SessionTokens } from "#src/ports/SessionTokens.ts"
import { type Adapter, type Capabilities, type Connection, Unavailable, type VenueError } from "#src/ports/Venue.ts"
import * as Catalogue from "#src/venues/shared/Catalogue.ts"
import * as Request from "#src/venues/shared/Request.ts"
import type { Wanted } from "#src/venues/shared/Wanted.ts"

/** One alert for all accounts of a login leaves at once, two kept for what reduces risk: whoever waits for another's answer loses its time. */
const requestsAtOnce = 32

/** Nothing says when an order that was taken must show up: "not found" proves nothing. */
const capabilities: Capabilities = {
  nativeBrackets: true, reduceOnly: false, oca: true, modify: true, closeTakesOrders: true, lookupProvesAfterMs: undefined, wireEndsWithUs: false, isSimulated: false
}

/** `wanted`: what other logins live on this one's quotes for. */
export const makeWith = Effect.fnUntraced(function*(wanted: Wanted) {
  const house = yield* HouseConfig
  const services = Context.empty().pipe(
    Context.add(HouseConfig, house),
    Context.add(Secrets, yield* Secrets),
    Context.add(Socket.WebSocketConstructor, yield* Socket.WebSocketConstructor)
  )
  const client = yield* HttpClient.HttpClient
  const catalogue = Catalogue.make()
  const ofHouse = Effect.map(house.current, ({ logins }) => [...logins.values()].flatMap(({ id, venue }) => venue === "tradovate" ? [id] : []))
  const keptOf = Kept.keeping(yield* SessionTokens, ofHouse)

  /** The one before is over, and nobody's sign-in elsewhere. */
  const oneAtATime = Effect.fnUntraced(function*(login: TradovateLogin, kept: Kept.Kept) {
    const lost = yield* Deferred.make<never, VenueError>()
    if (kept.lost !== undefined) yield* Deferred.fail(kept.lost, new Unavailable({ reason: `${login.id} was connected anew` }))
    kept.lost = lost
    yield* Effect.addFinalizer(() => Deferred.fail(lost, new Unavailable({ reason: `${login.id} signed out` })))
    return lost
  })

  const connect = Effect.fnUntraced(function*(login: TradovateLogin) {
    const kept = keptOf(login)
    const { complaints, names } = kept
    const { marketDataUrl, url: base } = login.tradovate
    const lost = yield* oneAtATime(login, kept)
    const session = yield* Session.open({ login, kept, send: Request.make(client, base), lost })
    const contracts = yield* Contracts.make(login.id, session, catalogue, kept.contracts)
    const reading = Reading.make({ clean: session.clean, complaints, contracts, names })
    const heard = Books.make()
    kept.exposures = heard.exposures
    const lookup = yield* Lookup.make({ session, contracts, names, reading, heard })
    const events = yield* Stream.open({ login: login.id, base, session, kept, contracts, reading, lookup, heard, lost })
    yield* Contracts.preload(contracts, yield* Clock.currentTimeMillis)
    const traded = new Set<InstrumentId>()
    const { bars, look, quotes } = yield* MarketData.open({
      login: login.id, base: marketDataUrl, session, contracts, reading, lost, alsoWanted: () => [...traded, ...wanted.of(login.id)]
    })
    const asking = yield* Asking.make({ login: login.id, session, contracts, names, reading, lookup, heard })
    const placing = Placing.make({ session, contracts, names, lookup, heard, asking, look: (id) => {
      traded.add(id)
      look(id)
    } })
    const accounts = [...(yield* contracts.house).accounts.values()].filter((account) => account.login === login.id)
    for (const { id, venueAccount = id } of accounts) {
      if (!session.accounts.has(venueAccount)) yield* Effect.logError(`login ${login.id}: the venue lists no account ${venueAccount}, so ${id} cannot trade`)
    }
    const connection: Connection = {
      ...asking.connection, ...placing, capabilities, bars, events, quotes,
      accounts: accounts.flatMap(({ id, venueAccount = id }) => session.accounts.has(venueAccount) ? [id] : [])
    }
    return connection
  })

  const adapter: Adapter = {
    id: "tradovate",
    requestsAtOnce,
    connect: (login) => login.venue === "tradovate"
      ? Effect.provideContext(connect(login), services)
      : Effect.die(new Error(`login ${login.id} is not one of Tradovate's`))
  }
  return adapter
})
