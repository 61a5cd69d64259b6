/** The house without its journal: the venues, `status` and `flatten`. Alerts get a 503, so that their sender comes again. */
import { join } from "node:path"
import { Console, Duration, Effect, Layer, Stream } from "effect"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import * as HouseLive from "#config/HouseLive.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import { Settings } from "#config/Settings.ts"
import type { LoginConfig } from "#schemas/config/LoginConfig.ts"
import type { LoginId } from "#schemas/Ids.ts"
import * as RescueHandlers from "#src/admin/RescueHandlers.ts"
import * as MarketLive from "#src/feeds/Market.ts"
import * as QuoteBookLive from "#src/feeds/QuoteBook.ts"
import { Door } from "#src/ingress/Door.ts"
import * as Announce from "#src/layers/Announce.ts"
import * as Edges from "#src/layers/Edges.ts"
import * as Logging from "#src/layers/Logging.ts"
import * as Observe from "#src/layers/Observe.ts"
import * as Transports from "#src/layers/Transports.ts"
import * as VenuesLive from "#src/layers/Venues.ts"
import * as TimedVenues from "#src/observe/TimedVenues.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import { type Connection, Venues } from "#src/ports/Venue.ts"
import * as ClosedJournal from "#src/stores/ClosedJournal.ts"
import * as DataLock from "#src/stores/DataLock.ts"
import * as SessionTokens from "#src/stores/SessionTokens.ts"
import * as SqlitePaperLedger from "#src/stores/SqlitePaperLedger.ts"

const reconnectAfter = Duration.seconds(5)

/** Every enabled login, connected again whenever it is lost. */
const connections = Effect.gen(function*() {
  const venues = yield* Venues
  const quotes = yield* QuoteBook
  const supervision = yield* Supervision
  const { logins } = yield* (yield* HouseConfig).current
  const open = new Map<LoginId, Connection>()

  const hold = (login: LoginConfig) =>
    Effect.scoped(Effect.gen(function*() {
      yield* supervision.setSession(login.id, "connecting")
      const connection = yield* venues[login.venue].connect(login)
      open.set(login.id, connection)
      yield* supervision.setSession(login.id, "connected")
      // Another login may live on these quotes; their end is the connection's.
      yield* Stream.runForEach(connection.quotes, quotes.put)
    })).pipe(
      Effect.ensuring(Effect.sync(() => open.delete(login.id))),
      Effect.tapError((error) => Effect.logWarning(`login ${login.id} is not connected`, error)),
      Effect.ignore,
      Effect.andThen(Effect.sleep(reconnectAfter)),
      Effect.forever
    )
  for (const login of logins.values()) if (login.enabled) yield* Effect.forkScoped(hold(login))
  return open
})

const operator = (why: string) =>
  Layer.unwrap(Effect.map(connections, (open) =>
    Edges.operatorDoor.pipe(Layer.provide(RescueHandlers.layer({ connection: (login) => open.get(login), why })))
  ))

const mode = (why: string) => Layer.effectDiscard(Effect.gen(function*() {
  yield* (yield* Supervision).setHouse("rescue")
  yield* (yield* Door).close
  yield* Console.log(`RESCUE MODE: ${why}`)
  yield* Console.log("alerts are answered 503; `interlock status` and `interlock flatten --all` work")
}))

const config = SecretsLive.layer.pipe(Layer.provideMerge(HouseLive.layer), Layer.provideMerge(Settings.layer))
const memories = Layer.mergeAll(Clocks.layer, QuoteBookLive.layer, Supervision.layer, RefusedDeliveries.layer, Door.layer, ClosedJournal.layer)
const stores = Layer.unwrap(Effect.map(Settings, ({ dataFolder }) =>
  Layer.merge(SqlitePaperLedger.layer(join(dataFolder, "paper.sqlite")), SessionTokens.layer(dataFolder)).pipe(Layer.provide(DataLock.layer(dataFolder)))))

/** `why`: what could not be opened and what to do about it. */
export const layer = (why: string) =>
  mode(why).pipe(
    Layer.provideMerge(Announce.addresses("rescue")),
    Layer.provideMerge(operator(why)),
    Layer.provideMerge(Edges.webhook),
    Layer.provideMerge(Layer.provide(TimedVenues.layer, Layer.provide(VenuesLive.layer, Transports.layer))),
    Layer.provideMerge(MarketLive.Market.layer),
    Layer.provideMerge(Observe.inRescue),
    Layer.provideMerge(stores),
    Layer.provideMerge(memories),
    Layer.provideMerge(Layer.provideMerge(Logging.covered, config))
  )
