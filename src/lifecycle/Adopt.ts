/** A position that the venue holds beyond our orders becomes one of ours: with a stop, or on its way to flat. Pure; a no says why in words. */
import { BigDecimal, Result } from "effect"
import type { ProtectionPlan } from "#schemas/events/AccountEvent.ts"
import type { Fill } from "#schemas/Fill.ts"
import type { AlertId, InstrumentId } from "#schemas/Ids.ts"
import { type Instrument, Lots, type Ticks } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Order, OrderReport, Side } from "#schemas/Order.ts"
import type { Quote } from "#schemas/Quote.ts"
import * as ClientId from "#src/orders/ClientId.ts"
import * as Conform from "#src/orders/Conform.ts"
import * as Units from "#src/orders/Units.ts"
import type * as Book from "./Book.ts"
import { type Facts, quoteAgeMsMax } from "./Facts.ts"
import * as Missing from "./Missing.ts"
import * as Picture from "./Picture.ts"

const { CloseDecided, OutcomeReached, PositionAdopted } = JournalEvent.cases

export interface Found {
  readonly instrumentId: InstrumentId
  /** Signed: what the venue holds beyond ours. */
  readonly lots: number
  readonly cause: AlertId
  readonly next: "keep" | "close"
  /** Of the close. */
  readonly reason: "drift" | "operator"
  /** As the venue told them, ours among them. */
  readonly fills: ReadonlyArray<Fill>
  readonly asOfMs: number
}

interface Priced {
  readonly price: BigDecimal.BigDecimal
  readonly evidence: "fills" | "position"
  readonly note: string
}

const sideOf = (lots: number): Side => (lots > 0 ? "buy" : "sell")
const other = (side: Side): Side => (side === "buy" ? "sell" : "buy")

/** At the price of the fills there, where they are all of it; else where the market is. */
const priced = (book: Book.Book, { fills, instrumentId, lots }: Found, instrument: Instrument, quote: Quote | undefined): Priced | undefined => {
  const foreign = Picture.foreignFills(book, instrumentId, fills)
  const [bought, sold] = [foreign.filter(({ side }) => side === "buy"), foreign.filter(({ side }) => side === "sell")]
  if (foreign.length > 0 && Missing.lotsIn(bought) - Missing.lotsIn(sold) === lots) {
    return { price: Missing.average(lots > 0 ? bought : sold), evidence: "fills", note: "at the price of the fills there" }
  }
  if (quote === undefined) return undefined
  const both = BigDecimal.sum(Units.priceOf(instrument, quote.bid), Units.priceOf(instrument, quote.ask))
  const price = BigDecimal.normalize(BigDecimal.multiply(both, BigDecimal.make(5n, 1)))
  return BigDecimal.isPositive(price) ? { price, evidence: "position", note: "at the middle of the market: nobody told its price" } : undefined
}

const restingOf = (book: Book.Book, { instrumentId, lots }: Found): ReadonlyArray<OrderReport> =>
  [...book.strangers.values()].filter(({ isOurShape, report }) =>
    !isOurShape && report.isOutOfReach !== true && report.instrumentId === instrumentId && report.side === other(sideOf(lots)) && report.status === "Accepted" && report.filledLots === 0
  ).map(({ report }) => report)

/** Of stops that cover all of it the one that comes first. */
const stopOf = (resting: ReadonlyArray<OrderReport>, lots: number): OrderReport | undefined =>
  resting.filter(({ limit, lots: of, stop }) => stop !== undefined && limit === undefined && of >= Math.abs(lots))
    .toSorted((a, b) => ((b.stop ?? 0) - (a.stop ?? 0)) * (lots > 0 ? 1 : -1))[0]

/** From the market, not from a price of long ago: a stop beyond the market is no stop. */
const stopTicks = (instrument: Instrument, lots: number, quote: Quote | undefined, { account, nowMs }: Facts): Result.Result<Ticks, string> => {
  const { adoptStop } = account
  if (adoptStop === undefined) return Result.fail(`account ${account.id} has no adoptStop in accounts.json`)
  if (quote === undefined || nowMs - quote.atMs > quoteAgeMsMax) return Result.fail(`no live quote of ${instrument.id} to put its stop by`)
  const entryTicks = lots > 0 ? quote.bid : quote.ask
  return Result.mapError(Conform.levelTicks(instrument, { level: adoptStop, leg: "stop", side: sideOf(lots), entryTicks }), ({ message }) => message)
}

/** One owner per instrument: it joins what is open there. */
const joined = (bracket: Book.Bracket, { lots, next }: Found): Result.Result<ProtectionPlan, string> => {
  const id = bracket.instrument.id
  if (bracket.isLong !== lots > 0) return Result.fail(`our own position on ${id} lies on the other side`)
  return next === "keep" && bracket.plan.stop === undefined ? Result.fail(`our own position on ${id} has no stop of ours`) : Result.succeed(bracket.plan)
}

interface Planned {
  readonly plan: ProtectionPlan
  readonly resting: ReadonlyArray<OrderReport>
}

const planned = (book: Book.Book, found: Found, instrument: Instrument, quote: Quote | undefined, facts: Facts): Result.Result<Planned, string> => {
  const bracket = book.brackets.get(found.instrumentId)
  if (bracket !== undefined) return Result.map(joined(bracket, found), (plan) => ({ plan, resting: [] }))
  const resting = restingOf(book, found)
  if (found.next === "close") return Result.succeed({ plan: { mode: "external" }, resting })
  const stop = stopOf(resting, found.lots)
  if (stop?.stop !== undefined) return Result.succeed({ plan: { mode: "managed", stop: stop.stop }, resting: [stop] })
  return Result.map(stopTicks(instrument, found.lots, quote, facts), (ticks) => ({ plan: { mode: "managed", stop: ticks }, resting: [] }))
}

const orderOf = ({ cause, lots }: Found, instrument: Instrument, { account, installationId }: Facts): Order => ({
  id: ClientId.make({ installationId, cause, accountId: account.id, instrumentId: instrument.id, leg: "adopted", generation: 1 }),
  accountId: account.id,
  alertId: cause,
  instrumentId: instrument.id,
  instrumentVersion: instrument.version,
  leg: "entry",
  generation: 1,
  side: sideOf(lots),
  lots: Lots.make(Math.abs(lots)),
  type: "market",
  timeInForce: "gtc",
  reduceOnly: false
})

const restingOrder = (of: Order, { clientOrderId, limit, lots, side, stop, venueOrderId }: OrderReport, generation: number) => ({
  order: {
    ...of,
    id: clientOrderId,
    leg: stop === undefined ? "target" as const : "stop" as const,
    generation,
    side,
    lots,
    type: stop === undefined ? "limit" as const : limit === undefined ? "stop" as const : "stopLimit" as const,
    ...(limit === undefined ? {} : { limit }),
    ...(stop === undefined ? {} : { stop })
  },
  venueOrderId
})

export const adopt = (book: Book.Book, found: Found, facts: Facts): Result.Result<ReadonlyArray<JournalEvent>, string> =>
  Result.gen(function*() {
    const { asOfMs, cause, instrumentId, lots, reason, next } = found
    const instrument = book.brackets.get(instrumentId)?.instrument ?? facts.instrument?.(instrumentId)
    if (instrument === undefined) return yield* Result.fail(`${instrumentId} is not configured in instruments.json`)
    const writer = [...book.strangers.values()].find(({ isOurShape, report }) => isOurShape && report.instrumentId === instrumentId)
    if (writer !== undefined) return yield* Result.fail(`order ${writer.report.clientOrderId} looks like another house's: that one may be at work there`)
    const quote = facts.quote(instrumentId)
    const { plan, resting } = yield* planned(book, found, instrument, quote, facts)
    const price = priced(book, found, instrument, quote)
    if (price === undefined) return yield* Result.fail(`no quote of ${instrumentId} says what it is worth`)
    const order = orderOf(found, instrument, facts)
    const isPart = book.brackets.has(instrumentId)
    return [
      PositionAdopted.make({
        alertId: cause,
        instrument,
        order,
        ...price,
        plan,
        resting: resting.map((report, n) => restingOrder(order, report, n + 1)),
        next,
        asOfMs,
        configHash: facts.configHash
      }),
      ...next === "keep" ? [OutcomeReached.make({ alertId: cause, outcome: "done", orderIds: [] })] : [CloseDecided.make({ alertId: cause, instrumentId, reason, ...(isPart ? { lots: Lots.make(Math.abs(lots)) } : {}) })]
    ]
  })
