/** The house as it runs: one process, real time, real doors. Built from the bottom up; closed from the top down. */
import { Layer } from "effect"
import { Clocks } from "#config/Clocks.ts"
import * as HouseLive from "#config/HouseLive.ts"
import * as SecretsLive from "#config/SecretsLive.ts"
import { Settings } from "#config/Settings.ts"
import { join } from "node:path"
import { Effect } from "effect"
import { Market } from "#src/feeds/Market.ts"
import * as QuoteBook from "#src/feeds/QuoteBook.ts"
import { Door } from "#src/ingress/Door.ts"
import * as Actors from "#src/layers/Actors.ts"
import * as Announce from "#src/layers/Announce.ts"
import * as Applied from "#src/layers/Applied.ts"
import * as ClockWatch from "#src/layers/ClockWatch.ts"
import * as Edges from "#src/layers/Edges.ts"
import { inMemory } from "#src/layers/Hosting.ts"
import * as LastNotes from "#src/layers/LastNotes.ts"
import * as Leave from "#src/layers/Leave.ts"
import * as Logging from "#src/layers/Logging.ts"
import * as Observe from "#src/layers/Observe.ts"
import * as Stores from "#src/layers/Stores.ts"
import * as Transports from "#src/layers/Transports.ts"
import * as Venues from "#src/layers/Venues.ts"
import * as TimedVenues from "#src/observe/TimedVenues.ts"
import { RefusedDeliveries } from "#src/ports/RefusedDeliveries.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import * as TradesExport from "#src/stores/TradesExport.ts"

const config = SecretsLive.layer.pipe(Layer.provideMerge(HouseLive.layer), Layer.provideMerge(Settings.layer))
const memories = Layer.mergeAll(Clocks.layer, RiskLatch.layer, QuoteBook.layer, Supervision.layer, RefusedDeliveries.layer, Door.layer)

const tradesExport = Layer.unwrap(Effect.map(Settings, ({ dataFolder }) => TradesExport.layer(join(dataFolder, "trades.jsonl"))))

/** The doors first: an alert is durable, answered and waits, whatever the venues do. */
const doors = Announce.pasteable.pipe(Layer.provideMerge(Announce.addresses("ready")), Layer.provideMerge(Edges.operator), Layer.provideMerge(Edges.webhook))

const house = Layer.mergeAll(Layer.provideMerge(ClockWatch.layer, Actors.layer), Announce.states, tradesExport).pipe(
  Layer.provideMerge(Layer.provide(TimedVenues.layer, Layer.provide(Venues.layer, Transports.layer))),
  Layer.provideMerge(Market.layer)
)

export const layer = Leave.layer.pipe(
  Layer.provideMerge(house),
  Layer.provideMerge(doors),
  Layer.provideMerge(inMemory), // below the doors: an operator's commands go to the actors
  Layer.provideMerge(Layer.merge(Applied.layer, LastNotes.layer)),
  Layer.provideMerge(Observe.layer),
  Layer.provideMerge(Stores.layer),
  Layer.provideMerge(memories),
  Layer.provideMerge(Layer.provideMerge(Logging.covered, config))
)
