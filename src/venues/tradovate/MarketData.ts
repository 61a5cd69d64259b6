/**
 * Quotes and bars, over a socket of their own: the venue sells them apart. Owns: that without them, or while their socket is gone, the house is
 * blind and nothing else; and that a quote told in parts is told whole. A market that stands still and a feed that does look the same: neither is live.
 */
import { Clock, Deferred, Effect, Option, PubSub, Queue, Result, Schema, type Scope, Stream } from "effect"
import type { BigDecimal } from "effect"
import type { Socket } from "effect/socket"
import type { InstrumentId, LoginId } from "#schemas/Ids.ts"
import type { Bar, Quote } from "#schemas/Quote.ts"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import type { Contracts } from "#src/venues/tradovate/Contracts.ts"
import type { Reading } from "#src/venues/tradovate/Reading.ts"
import type { Session } from "#src/venues/tradovate/Session.ts"
import * as Talk from "#src/venues/tradovate/Talk.ts"
import * as Translate from "#src/venues/tradovate/Translate.ts"
import * as Wire from "#src/venues/tradovate/Wire.ts"
import { Ambiguous, type Connection, Refused, Unavailable, Unsupported, type VenueError } from "#src/ports/Venue.ts"
import * as Bounded from "#src/venues/shared/Bounded.ts"

/** Quotes a reader may be behind before it misses the oldest. */
const quotesBehindMax = 1_024
const subscribedMax = 256
/** Front months move on, accounts are enabled: what is wanted is looked at so often, and when something new is traded. */
const lookEveryMs = 2_000
/** What the venue does not list, or not quote, is asked for again so much later, and with whatever else is new. */
const askAgainMs = 60_000
/** Between two sockets. */
const againAfterMs = 5_000
const chartsMax = 64
const chartWithinMs = 8_000
const pagesMax = 20
const minuteMs = 60_000

export interface Around {
  readonly login: LoginId
  /** Absent: nobody has paid for it. */
  readonly base: string | undefined
  readonly session: Session
  readonly contracts: Contracts
  readonly reading: Reading
  readonly lost: Deferred.Deferred<never, VenueError>
  /** Instruments beside the front months. */
  readonly alsoWanted: () => Iterable<InstrumentId>
}

const decodeQuotes = Schema.decodeUnknownResult(Wire.MarketData)
const decodeQuote = Schema.decodeUnknownResult(Wire.Quote)
const decodeCharts = Schema.decodeUnknownResult(Wire.Charts)
const decodePacket = Schema.decodeUnknownResult(Wire.ChartPacket)
const decodeBar = Schema.decodeUnknownResult(Wire.Bar)
const unreadable = "it is not what the protocol says"

type Price = BigDecimal.BigDecimal | undefined
interface Parts {
  readonly bid: Price
  readonly offer: Price
  readonly trade: Price
}
type Part = { readonly price?: Price | null | undefined } | null | undefined
const priceOr = (part: Part, before: Price): Price => part?.price ?? before

/** Between the venue's quotes and ours. One message's rows of a contract, bid and offer apart, are one quote. */
const quoting = ({ contracts, login, reading }: Around, publish: (quote: Quote) => Effect.Effect<unknown>) => {
  const parts = new Map<number, Parts>()
  const whole = Effect.fnUntraced(function*(contractId: number, atMs: number) {
    const house = yield* contracts.house
    const nowMs = yield* Clock.currentTimeMillis
    const { bid, offer, trade } = parts.get(contractId) ?? {}
    const id = contracts.instrumentIdOf(contractId, house, nowMs)
    const spec = id === undefined ? undefined : contracts.specOf(contractId, id, house)
    if (id === undefined || spec === undefined || bid === undefined || offer === undefined) return
    const quote = yield* reading.told("quote", Translate.quoteOf({ bid, offer, trade, atMs }, id, spec, login, nowMs))
    if (quote !== undefined) yield* publish(quote)
  })
  return Effect.fnUntraced(function*(rows: ReadonlyArray<unknown>) {
    const moved = new Map<number, number>()
    for (const row of rows) {
      const wire = yield* reading.told("quote", Result.mapError(decodeQuote(row), () => unreadable))
      if (wire === undefined) continue
      const { contractId, entries: { Bid, Offer, Trade }, timestamp } = wire
      const before = parts.get(contractId)
      parts.set(contractId, { bid: priceOr(Bid, before?.bid), offer: priceOr(Offer, before?.offer), trade: priceOr(Trade, before?.trade) })
      moved.set(contractId, timestamp)
    }
    for (const [contractId, atMs] of moved) yield* whole(contractId, atMs)
  })
}

interface Chart {
  readonly rows: Array<unknown>
  readonly isWhole: Deferred.Deferred<void>
}

/** Packets may come before the reply that names them. */
const charting = () => {
  const charts = new Map<number, Chart>()
  const chartOf = (id: number): Chart => {
    const known = charts.get(id)
    if (known !== undefined) return known
    const begun: Chart = { rows: [], isWhole: Deferred.makeUnsafe() }
    Bounded.put(charts, id, begun, chartsMax)
    return begun
  }
  return {
    chartOf,
    close: (id: number) => void charts.delete(id),
    heard: Effect.fnUntraced(function*(data: unknown) {
      const read = decodeCharts(data)
      for (const row of Result.isSuccess(read) ? read.success.charts : []) {
        const packet = decodePacket(row)
        if (Result.isFailure(packet)) continue
        const chart = chartOf(packet.success.id)
        chart.rows.push(...packet.success.bars ?? [])
        if (packet.success.eoh === true) yield* Deferred.succeed(chart.isWhole, undefined)
      }
    })
  }
}
type Charts = ReturnType<typeof charting>

/** Pages back from the end until the beginning is there, or nothing more comes. */
const bars = ({ base, contracts, reading, session }: Around, charts: Charts, talkNow: () => Talk.Talk | undefined): Connection["bars"] => {
  const page = Effect.fnUntraced(function*(talk: Talk.Talk, symbol: string, fromMs: number, toMs: number, barMs: number) {
    const { historicalId, realtimeId } = yield* session.over(talk, Answers.chart, "md/getChart", {
      symbol,
      chartDescription: { underlyingType: "MinuteBar", elementSize: barMs / minuteMs, elementSizeUnit: "UnderlyingUnits", withHistogram: false },
      timeRange: { closestTimestamp: Wire.instantText(toMs), asFarAsTimestamp: Wire.instantText(fromMs) }
    })
    if (historicalId === undefined || historicalId === null) return yield* new Ambiguous({ cause: "a chart without a number" })
    const chart = charts.chartOf(historicalId)
    yield* Effect.timeoutOrElse(Deferred.await(chart.isWhole), { duration: chartWithinMs, orElse: () => Effect.fail(new Ambiguous({ cause: "a chart without an end" })) }).pipe(
      Effect.ensuring(Effect.sync(() => charts.close(historicalId)))
    )
    if (realtimeId !== undefined && realtimeId !== null) {
      charts.close(realtimeId)
      yield* Effect.ignore(session.over(talk, Answers.one, "md/cancelChart", { subscriptionId: realtimeId }))
    }
    return chart.rows
  })

  return Effect.fnUntraced(function*(instrument: InstrumentId, fromMs: number, toMs: number, barMs: number) {
    const talk = talkNow()
    if (base === undefined) return yield* new Unsupported({ what: "show bars: no market data" })
    if (talk === undefined) return yield* new Unavailable({ reason: "market data is not connected" })
    if (barMs % minuteMs !== 0) return yield* new Unsupported({ what: `show bars of ${barMs} ms` })
    const listed = yield* contracts.find(instrument)
    const spec = Option.isNone(listed) ? undefined : contracts.specOf(listed.value.contract.id, instrument, yield* contracts.house)
    if (Option.isNone(listed) || spec === undefined) return yield* new Refused({ kind: "invalid", reason: `no instrument ${instrument}` })
    const all = new Map<number, Bar>()
    let untilMs = toMs
    for (let pages = 0; pages < pagesMax; pages++) {
      const before = all.size
      for (const row of yield* page(talk, listed.value.contract.name, fromMs, untilMs, barMs)) {
        const bar = yield* reading.told("bar", Result.flatMap(Result.mapError(decodeBar(row), () => unreadable), (wire) => Translate.barOf(wire, instrument, spec, barMs)))
        if (bar !== undefined && bar.openAtMs >= fromMs && bar.closeAtMs <= toMs) all.set(bar.openAtMs, bar)
      }
      const oldestMs = Math.min(...all.keys())
      if (all.size === before || oldestMs - barMs < fromMs) break
      untilMs = oldestMs
    }
    return [...all.values()].sort((a, b) => a.openAtMs - b.openAtMs)
  })
}

/** Asks for quotes of what is wanted, again whenever that has changed. */
const subscribing = Effect.fnUntraced(function*({ alsoWanted, contracts, login, session }: Around, talk: Talk.Talk, look: Queue.Queue<void>, quoted: Set<InstrumentId>) {
  quoted.clear()
  yield* talk.authorized
  let asked = new Set<InstrumentId>()
  let askedAtMs = -Infinity
  while (true) {
    const nowMs = yield* Clock.currentTimeMillis
    const wanted = new Set([...contracts.fronts(yield* contracts.house, nowMs), ...alsoWanted()])
    const isDue = nowMs - askedAtMs >= askAgainMs || [...wanted].some((id) => !asked.has(id))
    if (isDue) [asked, askedAtMs] = [wanted, nowMs]
    for (const id of isDue ? [...wanted].slice(0, subscribedMax) : []) {
      if (quoted.has(id)) continue
      const listed = yield* contracts.find(id)
      if (Option.isNone(listed)) continue
      quoted.add(id)
      yield* session.over(talk, Answers.one, "md/subscribeQuote", { symbol: listed.value.contract.name }).pipe(
        Effect.catchTag("Refused", ({ reason }) => Effect.logWarning(`login ${login}: no quotes of ${id}: ${reason}`))
      )
    }
    yield* Effect.raceFirst(Queue.take(look), Effect.sleep(lookEveryMs))
  }
})

export const open = Effect.fnUntraced(function*(around: Around): Effect.fn.Return<Pick<Connection, "quotes" | "bars"> & { readonly look: (id: InstrumentId) => void }, never, Scope.Scope | Socket.WebSocketConstructor> {
  const { base, login, lost, session } = around
  const quotes = yield* PubSub.sliding<Quote>(quotesBehindMax)
  const look = yield* Queue.sliding<void>(1)
  const quoted = new Set<InstrumentId>()
  const charts = charting()
  let talking: Talk.Talk | undefined

  const once = (address: string) => Effect.gen(function*() {
    const heard = quoting(around, (one) => PubSub.publish(quotes, one))
    const onEvent = Effect.fnUntraced(function*({ d, e }: Wire.Event) {
      if (e === "chart") return yield* charts.heard(d)
      const read = e === "md" ? decodeQuotes(d) : undefined
      if (read !== undefined && Result.isSuccess(read)) yield* heard(read.success.quotes ?? [])
    })
    const talk = yield* Talk.make({ url: `${address.replace(/^http/, "ws")}/v1/websocket`, token: () => session.token().marketData, clean: session.clean, onEvent })
    talking = talk
    return yield* Effect.raceFirst(talk.run, subscribing(around, talk, look, quoted))
  })
  /** Who is told to be silent does not come back before that is over. */
  const keep = (address: string) => Effect.forever(Effect.gen(function*() {
    const error = yield* Effect.flip(once(address))
    talking = undefined
    yield* Effect.logWarning(`login ${login}: market data: ${error.message}`)
    yield* Effect.sleep(Math.max(againAfterMs, error._tag === "RateLimited" ? error.retryAfterMs : 0))
  }))
  if (base !== undefined) yield* Effect.forkScoped(keep(base))
  return {
    quotes: Stream.interruptWhen(Stream.fromPubSub(quotes), Deferred.await(lost)),
    bars: bars(around, charts, () => talking),
    look: (id) => { if (!quoted.has(id)) Queue.offerUnsafe(look, undefined) }
  }
})
