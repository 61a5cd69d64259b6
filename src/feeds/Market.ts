/** The simulated market as a service. Owns: that each instrument starts where the catalogue says. */
import { Effect, Layer, Option } from "effect"
import { HouseConfig } from "#config/House.ts"
import * as SimulatedMarket from "#src/feeds/SimulatedMarket.ts"
import * as Port from "#src/ports/Market.ts"

const layer = Layer.effect(Port.Market, Effect.gen(function*() {
  const config = yield* HouseConfig
  return Port.Market.of({
    quote: (seed, instrument, atMs) => Effect.map(config.current, ({ instruments }) => {
      const found = instruments.find(({ root }) => root === instrument.root)
      return Option.map(Option.fromUndefinedOr(found), ({ simulation }) => SimulatedMarket.quoteAt(seed, instrument, simulation, atMs))
    })
  })
}))

/** To be named like other services: `Market.layer`. */
export const Market = { layer } as const
