/** Where a paper login's prices come from: a market of its own, or another login's quotes. Owns: how old a borrowed quote may be. */
import { Effect, Option, Stream } from "effect"
import type { PaperLogin } from "#schemas/config/LoginConfig.ts"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Quote } from "#schemas/Quote.ts"
import { quoteAgeMsMax } from "#src/lifecycle/Facts.ts"
import { Market } from "#src/ports/Market.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"

export interface Prices {
  /** None: there is no market, or nothing fresh was heard of it. Then nothing fills. */
  readonly latest: (instrument: Instrument, nowMs: number) => Effect.Effect<Option.Option<Quote>>
  /** Each quote as it comes, fresh or not. A market of one's own says nothing unasked. */
  readonly told: Stream.Stream<Quote>
  readonly isFresh: (quote: Quote, nowMs: number) => boolean
  readonly missing: (id: InstrumentId) => string
  readonly isBorrowed: boolean
}

/** As live as any strategy may ask of a quote. */
const isFresh = ({ atMs }: Quote, nowMs: number): boolean => nowMs - atMs <= quoteAgeMsMax

const ownMarket = ({ id: source, paper: { seed } }: PaperLogin, market: Market["Service"]): Prices => ({
  latest: (instrument, nowMs) => Effect.map(market.quote(seed, instrument, nowMs), Option.map((price) =>
    ({ ...price, instrumentId: instrument.id, atMs: nowMs, source, isSimulated: true }))),
  told: Stream.empty,
  isFresh,
  missing: (id) => `no market in ${id}`,
  isBorrowed: false
})

/** Only what that login itself said counts: the quote book would offer another's instead. */
const borrowed = (from: string, quotes: QuoteBook["Service"]): Prices => ({
  latest: ({ id }, nowMs) => Effect.map(quotes.latest(id, from), Option.filter((quote) => quote.source === from && isFresh(quote, nowMs))),
  told: Stream.filter(quotes.changes, ({ source }) => source === from),
  isFresh,
  missing: (id) => `no quote of ${id} from login ${from} within ${quoteAgeMsMax / 1000} s`,
  isBorrowed: true
})

export const make = Effect.fnUntraced(function*(login: PaperLogin) {
  const { quotesFrom } = login.paper
  return quotesFrom === undefined ? ownMarket(login, yield* Market) : borrowed(quotesFrom, yield* QuoteBook)
})
