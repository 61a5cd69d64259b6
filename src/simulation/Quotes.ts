/**
 * The market as paper sees it, and quotes made when somebody asks for one: a decision finds what the venue would have said at that instant,
 * and nobody quotes while nobody looks.
 */
import { Clock, Effect, Layer, Option } from "effect"
import { HouseConfig } from "#config/House.ts"
import type { InstrumentId, LoginId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import * as QuoteBookLive from "#src/feeds/QuoteBook.ts"
import { Market } from "#src/ports/Market.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import type { Prices } from "#src/simulation/Prices.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

export const market = (prices: Prices): Layer.Layer<Market> => Layer.succeed(Market, Market.of({
  quote: (_seed, { root }, atMs) => Effect.sync(() => Option.fromUndefinedOr(prices.at(root, atMs)))
}))

/** For logins of the paper venue with a market of their own; of any other what it said last. */
export const book = (prices: Prices): Layer.Layer<QuoteBook, never, HouseConfig> =>
  Layer.effect(QuoteBook, Effect.gen(function*() {
    const told = yield* QuoteBook
    const config = yield* HouseConfig
    const known = new Map<InstrumentId, Option.Option<Instrument>>()
    return QuoteBook.of({
      ...told,
      latest: Effect.fnUntraced(function*(id, source) {
        const house = yield* config.current
        const login = house.logins.get(source as LoginId)
        if (login?.venue !== "paper" || login.paper.quotesFrom !== undefined) return yield* told.latest(id, source)
        const instrument = known.get(id) ?? Resolve.byId(house.instruments, id, house.calendars)
        known.set(id, instrument)
        const atMs = yield* Clock.currentTimeMillis
        return Option.flatMap(instrument, ({ root }) =>
          Option.map(Option.fromUndefinedOr(prices.at(root, atMs)), (price) => ({ ...price, instrumentId: id, atMs, source, isSimulated: true })))
      })
    })
  })).pipe(Layer.provide(QuoteBookLive.layer))
