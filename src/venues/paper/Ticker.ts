/** A connection's clock of quotes. Owns: which instruments are quoted, when, and that each quote meets the books. */
import { Clock, Deferred, Effect, Option, PubSub, Stream } from "effect"
import { HouseConfig } from "#config/House.ts"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Quote } from "#schemas/Quote.ts"
import { Market } from "#src/ports/Market.ts"
import * as Match from "#src/matching/Match.ts"
import { Unavailable } from "#src/ports/Venue.ts"
import type { Desk } from "#src/venues/paper/Desk.ts"

/** Quotes a slow reader may be behind before it misses the oldest. */
const quotesBehindMax = 1_024

export const make = Effect.fnUntraced(function*({ alone, books, catalogue, commit, login, lost, momentFor, wake }: Desk) {
  const config = yield* HouseConfig
  const market = yield* Market
  const { quoteEveryMs, seed } = login.paper
  const quotes = yield* PubSub.sliding<Quote>(quotesBehindMax)
  let readers = 0

  const traded = () => new Set(Array.from(books.all()).flatMap(({ orders }) => Array.from(orders.values(), ({ ticket }) => ticket.instrumentId)))

  const tickOne = Effect.fnUntraced(function*(instrument: Instrument, atMs: number) {
    const { accounts } = yield* config.current
    const price = Option.getOrUndefined(yield* market.quote(seed, instrument, atMs))
    if (price === undefined) return
    yield* PubSub.publish(quotes, { ...price, instrumentId: instrument.id, atMs, source: login.id, isSimulated: true })
    for (const book of books.all()) {
      const account = accounts.get(book.account)
      if (account?.login === login.id) yield* commit(book.account, Match.onQuote(book, momentFor(account, instrument, price, atMs)))
    }
  })

  /** One quote of everything that is traded here; while somebody looks, also of what is held and of the whole catalogue. */
  const tick = Effect.uninterruptible(alone(Effect.gen(function*() {
    const house = yield* config.current
    const atMs = yield* Clock.currentTimeMillis
    const ids = traded()
    const quoted = new Map<InstrumentId, Instrument>()
    if (readers > 0) {
      for (const instrument of catalogue.fronts(house, atMs)) quoted.set(instrument.id, instrument)
      for (const { positions } of books.all()) for (const [id] of positions) ids.add(id)
    }
    for (const id of ids) for (const instrument of Option.toArray(catalogue.byId(house, id))) quoted.set(id, instrument)
    for (const instrument of quoted.values()) yield* tickOne(instrument, atMs)
  })))

  const sleepIfIdle = Effect.suspend(() => {
    if (readers === 0 && traded().size === 0) wake.closeUnsafe()
    return wake.await
  })

  /** On whole multiples of the interval. A market that fails ends the connection: a stop that nobody watches must not look like one. */
  const run = sleepIfIdle.pipe(
    Effect.andThen(Clock.currentTimeMillis),
    Effect.flatMap((nowMs) => Effect.sleep(quoteEveryMs - (nowMs % quoteEveryMs))),
    Effect.andThen(tick),
    Effect.forever,
    Effect.tapDefect((defect) => Effect.logError("paper market failed", defect)),
    Effect.catchCause(() => Deferred.fail(lost, new Unavailable({ reason: `the paper market of ${login.id} stopped` })))
  )

  const reading = Effect.acquireRelease(
    Effect.andThen(Effect.sync(() => { readers++ }), wake.open),
    () => Effect.sync(() => { readers-- })
  )
  return {
    tick,
    run,
    instrument: (id: InstrumentId) => Effect.map(config.current, (house) => catalogue.byId(house, id)),
    priceAt: (instrument: Instrument, atMs: number) => market.quote(seed, instrument, atMs),
    quotes: Stream.interruptWhen(Stream.unwrap(Effect.as(reading, Stream.fromPubSub(quotes))), Deferred.await(lost))
  }
})
export type Ticker = Effect.Success<ReturnType<typeof make>>
