/** A connection's clock of quotes. Owns: which instruments are quoted, when, and that each quote meets the books once. */
import { Clock, Deferred, Effect, Option, PubSub, Stream } from "effect"
import { HouseConfig } from "#config/House.ts"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Quote } from "#schemas/Quote.ts"
import type { Book } from "#src/matching/Book.ts"
import * as Match from "#src/matching/Match.ts"
import { Unavailable } from "#src/ports/Venue.ts"
import type { Desk } from "#src/venues/paper/Desk.ts"
import type { Wanted } from "#src/venues/shared/Wanted.ts"

/** Quotes a slow reader may be behind before it misses the oldest. */
const quotesBehindMax = 1_024

/** What has had its time ends without a quote too. */
const expire = (book: Book, instrumentId: InstrumentId, atMs: number) => {
  const draft = Match.draftOf(book)
  for (const { endsAtMs, status, ticket } of book.orders.values()) {
    if (ticket.instrumentId !== instrumentId || status === "Held" || endsAtMs === undefined || endsAtMs > atMs) continue
    Match.end(draft, ticket.id, "Expired", "its time is over")
  }
  return draft.events
}

/** Each quote to its readers, then to everything that rests: once, and never an older one after a newer. */
const meeting = Effect.fnUntraced(function*({ books, commit, login, momentFor, prices }: Desk, quotes: PubSub.PubSub<Quote>) {
  const config = yield* HouseConfig
  const met = new Map<InstrumentId, Quote>()

  return Effect.fnUntraced(function*(instrument: Instrument, quote: Quote | undefined, atMs: number) {
    const { accounts } = yield* config.current
    const before = met.get(instrument.id)
    const isNew = quote !== undefined && quote !== before && !(before !== undefined && quote.atMs < before.atMs) && prices.isFresh(quote, atMs)
    if (isNew) {
      if (prices.isBorrowed) met.set(instrument.id, quote)
      yield* PubSub.publish(quotes, { ...quote, source: login.id })
    }
    for (const book of books.all()) {
      const account = accounts.get(book.account)
      if (account?.login !== login.id) continue
      yield* commit(book.account, isNew
        ? Match.onQuote(book, momentFor(account, instrument, quote, atMs))
        : expire(book, instrument.id, atMs))
    }
  })
})

export const make = Effect.fnUntraced(function*(desk: Desk, wanted: Wanted) {
  const { alone, books, catalogue, login, lost, prices, wake } = desk
  const config = yield* HouseConfig
  const { quoteEveryMs, quotesFrom } = login.paper
  const quotes = yield* PubSub.sliding<Quote>(quotesBehindMax)
  const meet = yield* meeting(desk, quotes)
  let readers = 0

  const traded = () => new Set(Array.from(books.all()).flatMap(({ orders }) => Array.from(orders.values(), ({ ticket }) => ticket.instrumentId)))
  const held = () => Array.from(books.all()).flatMap(({ positions }) => Array.from(positions, ([id]) => id))
  if (quotesFrom !== undefined) yield* wanted.wish(login.id, { source: quotesFrom, ids: () => [...traded(), ...held()] })

  /** One quote of everything that is traded here; while somebody looks, also of what is held, wanted elsewhere, and the whole catalogue. */
  const tick = Effect.uninterruptible(alone(Effect.gen(function*() {
    const house = yield* config.current
    const atMs = yield* Clock.currentTimeMillis
    const ids = traded()
    const quoted = new Map<InstrumentId, Instrument>()
    if (readers > 0) {
      for (const instrument of catalogue.fronts(house, atMs)) quoted.set(instrument.id, instrument)
      for (const id of [...held(), ...wanted.of(login.id)]) ids.add(id)
    }
    for (const id of ids) for (const instrument of Option.toArray(catalogue.byId(house, id))) quoted.set(id, instrument)
    for (const instrument of quoted.values()) yield* meet(instrument, Option.getOrUndefined(yield* prices.latest(instrument, atMs)), atMs)
  })))

  const sleepIfIdle = Effect.suspend(() => {
    if (readers === 0 && traded().size === 0) wake.closeUnsafe()
    return wake.await
  })

  const onMultiples = sleepIfIdle.pipe(
    Effect.andThen(Clock.currentTimeMillis),
    Effect.flatMap((nowMs) => Effect.sleep(quoteEveryMs - (nowMs % quoteEveryMs))),
    Effect.andThen(tick),
    Effect.forever
  )

  /** A touch between two ticks counts too. */
  const hear = (quote: Quote) => Effect.uninterruptible(alone(Effect.gen(function*() {
    const instrument = catalogue.byId(yield* config.current, quote.instrumentId)
    if (Option.isSome(instrument)) yield* meet(instrument.value, quote, yield* Clock.currentTimeMillis)
  })))

  /** On whole multiples of the interval. A market that fails ends the connection: a stop that nobody watches must not look like one. */
  const run = Effect.all([Stream.runForEach(prices.told, hear), onMultiples], { concurrency: "unbounded", discard: true }).pipe(
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
    priceAt: prices.latest,
    quotes: Stream.interruptWhen(Stream.unwrap(Effect.as(reading, Stream.fromPubSub(quotes))), Deferred.await(lost))
  }
})
export type Ticker = Effect.Success<ReturnType<typeof make>>
