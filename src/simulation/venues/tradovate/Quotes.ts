/** Market data: quotes whose entries are partial, and charts. Owns: who may have them, and what a chart is made of. */
import { DateTime, Option, Result, Schema } from "effect"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import * as Market from "#src/simulation/venues/shared/Market.ts"
import * as Matching from "#src/simulation/venues/shared/Matching.ts"
import { type Contracts, isoOf } from "./Contracts.ts"
import type * as Core from "./Core.ts"
import type { Reply } from "./Reads.ts"

const minuteMs = 60_000
const dayMs = 86_400_000
const barsMax = 500
const barsUsual = 100
const subscribedMax = 100
const tradeEvery = 3

const TimeRange = Schema.Struct({
  closestTimestamp: Schema.optionalKey(Schema.String), asFarAsTimestamp: Schema.optionalKey(Schema.String), asMuchAsElements: Schema.optionalKey(Schema.Int),
  closestTickId: Schema.optionalKey(Schema.Int)
})
const ChartAsk = Schema.Struct({
  symbol: Schema.Union([Schema.String, Schema.Int]),
  chartDescription: Schema.Struct({ underlyingType: Schema.String, elementSize: Schema.Int, elementSizeUnit: Schema.String, withHistogram: Schema.optionalKey(Schema.Boolean) }),
  timeRange: TimeRange
})
const decodeChart = Schema.decodeUnknownResult(ChartAsk)

const refused: Reply = { status: 200, body: { errorText: "Symbol is inaccessible", errorCode: "UnknownSymbol" } }
const done: Reply = { status: 200, body: {} }

const priceOf = (book: Ledger.Book, ticks: number): number => Number(Ledger.priceText(book, ticks))

/** All of it at first; afterwards each side by itself, and a trade now and then: who reads must merge. */
const entriesOf = (book: Ledger.Book, isFirst: boolean): ReadonlyArray<Readonly<Record<string, { readonly price?: number; readonly size: number }>>> => {
  const { price } = book
  const [Bid, Offer] = [{ price: priceOf(book, price), size: 5 }, { price: priceOf(book, price + 1), size: 7 }]
  const traded = { Trade: { price: Bid.price, size: 1 }, TotalTradeVolume: { size: price } }
  if (isFirst) return [{ Bid, Offer, ...traded }]
  return [price % tradeEvery === 0 ? { Bid, ...traded } : { Bid }, { Offer }]
}

/** A message of quotes for one connection; undefined: nothing is new. */
export const news = (core: Core.Core, contracts: Contracts, connection: Core.Connection): string | undefined => {
  const quotes: Array<unknown> = []
  for (const contractId of connection.subscribed) {
    const book = contracts.bookOf(contractId)
    if (book === undefined || !book.isOpen) continue
    if (book.cursorMs < core.nowMs()) Matching.advance(core.ledger, core.nowMs(), book)
    const last = connection.lastBids.get(contractId)
    if (last === book.price) continue
    connection.lastBids.set(contractId, book.price)
    for (const entries of entriesOf(book, last === undefined)) quotes.push({ timestamp: isoOf(core.nowMs()), contractId, entries })
  }
  return quotes.length === 0 ? undefined : JSON.stringify({ e: "md", d: { quotes } })
}

const symbolOf = (body: unknown): unknown => typeof body === "object" && body !== null && "symbol" in body ? body.symbol : undefined

const msOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Option.getOrUndefined(Option.map(DateTime.make(text), DateTime.toEpochMillis))

const barOf = (book: Ledger.Book, atMs: number, lengthMs: number) => {
  const { close, high, low, open, volume } = Market.span(book.walk, book.script, atMs, lengthMs)
  const upVolume = Math.floor(volume / 2)
  return {
    timestamp: isoOf(atMs), open: priceOf(book, open), high: priceOf(book, high), low: priceOf(book, low), close: priceOf(book, close),
    upVolume, downVolume: volume - upVolume, upTicks: upVolume, downTicks: volume - upVolume, bidVolume: upVolume, offerVolume: volume - upVolume
  }
}

const packet = (chart: unknown): string => JSON.stringify({ e: "chart", d: { charts: [chart] } })

const dayOf = (core: Core.Core): number => {
  const { day, month, year } = DateTime.toPartsUtc(DateTime.makeUnsafe(core.nowMs()))
  return year * 10_000 + month * 100 + day
}

/** The bar that is still open, again and again until it closes. */
export const liveBars = (core: Core.Core, contracts: Contracts, connection: Core.Connection): ReadonlyArray<string> =>
  [...connection.charts].flatMap(([id, chart]) => {
    const book = contracts.bookOf(chart.contractId)
    if (book === undefined || !book.isOpen) return []
    if (book.cursorMs < core.nowMs()) Matching.advance(core.ledger, core.nowMs(), book)
    if (chart.lastBid === book.price) return []
    chart.lastBid = book.price
    const atMs = Math.floor(core.nowMs() / chart.stepMs) * chart.stepMs
    return [packet({ id, td: dayOf(core), bars: [barOf(book, atMs, Math.max(1, core.nowMs() - atMs + 1))] })]
  })

/** What a chart answers at once, and the packets of its history. */
export interface ChartAnswer {
  readonly reply: Reply
  readonly packets: ReadonlyArray<string>
}

const only = (reply: Reply): ChartAnswer => ({ reply, packets: [] })

export const chart = (core: Core.Core, contracts: Contracts, connection: Core.Connection, body: unknown): ChartAnswer => {
  const asked = decodeChart(body)
  if (Result.isFailure(asked)) return only({ status: 400, body: "Malformed body" })
  const { chartDescription: { elementSize, underlyingType }, symbol, timeRange } = asked.success
  const book = contracts.find(symbol)
  const unitMs = underlyingType === "MinuteBar" ? minuteMs : underlyingType === "DailyBar" ? dayMs : 0
  if (book === undefined || connection.session?.user.options.hasMarketData === false) return only(refused)
  if (unitMs === 0 || elementSize < 1 || Object.keys(timeRange).length === 0) return only({ status: 200, body: { errorText: "chart not served", errorCode: "Unsupported" } })
  const stepMs = unitMs * elementSize
  const [historicalId, realtimeId] = [core.entities.nextId(), core.entities.nextId()]
  connection.charts.set(realtimeId, { contractId: contracts.idOf(book), stepMs, lastBid: undefined })
  const untilMs = Math.min(msOf(timeRange.closestTimestamp) ?? core.nowMs(), core.nowMs())
  const fromMs = Math.max(msOf(timeRange.asFarAsTimestamp) ?? -Infinity, untilMs - Math.min(timeRange.asMuchAsElements ?? (timeRange.asFarAsTimestamp === undefined ? barsUsual : barsMax), barsMax) * stepMs)
  const bars = []
  for (let atMs = Math.ceil(fromMs / stepMs) * stepMs; atMs < untilMs && atMs >= 0 && bars.length < barsMax; atMs += stepMs) {
    bars.push(barOf(book, atMs, Math.min(stepMs, core.nowMs() - atMs)))
  }
  const half = Math.floor(bars.length / 2)
  const td = dayOf(core)
  // The newer half comes first: who reads must put them in order.
  return {
    reply: { status: 200, body: { historicalId, realtimeId } },
    packets: [bars.slice(half), bars.slice(0, half)].filter((part) => part.length > 0).map((part) => packet({ id: historicalId, td, bars: part }))
      .concat(packet({ id: historicalId, eoh: true }))
  }
}

const paths: ReadonlySet<string> = new Set(["md/subscribequote", "md/unsubscribequote", "md/cancelchart", "md/getchart"])

export const isMarketData = (path: string): boolean => paths.has(path)

export const answer = (contracts: Contracts, connection: Core.Connection, path: string, body: unknown): Reply => {
  if (path === "md/cancelchart") {
    const id = typeof body === "object" && body !== null && "subscriptionId" in body ? Number(body.subscriptionId) : 0
    return connection.charts.delete(id) ? done : { status: 404, body: "Not found" }
  }
  const book = contracts.find(symbolOf(body))
  if (book === undefined || connection.session?.user.options.hasMarketData === false || connection.subscribed.size >= subscribedMax) return refused
  const id = contracts.idOf(book)
  connection.lastBids.delete(id)
  if (path === "md/subscribequote") connection.subscribed.add(id)
  else connection.subscribed.delete(id)
  return done
}
