/**
 * One account without a house: what happens goes in, the rows that follow come out. The venue is played by the test.
 *
 *   const t = trader()
 *   const { entry } = t.enters("a")          // an alert, decided
 *   t.accepts(entry); t.fills(entry, 2)      // what the venue says
 *   t.stops()                                // what rests or is on its way
 */
import { BigDecimal, Schema } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import { AccountId, AlertId, FillId, InstrumentId, StrategyId, VenueOrderId } from "#schemas/Ids.ts"
import { Lots, NetLots, Ticks, type Instrument } from "#schemas/Instrument.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Order, OrderReport } from "#schemas/Order.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import { ApprovedSignal, Signal } from "#schemas/Signal.ts"
import type { AccountSnapshot, VenueEvent } from "#schemas/VenueEvent.ts"
import * as Book from "#src/lifecycle/Book.ts"
import * as Decide from "#src/lifecycle/Decide.ts"
import { evolve } from "#src/lifecycle/Evolve.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import type { Facts, Heard, Powers } from "#src/lifecycle/Facts.ts"
import * as Reconcile from "#src/lifecycle/Reconcile.ts"
import * as Report from "#src/lifecycle/Report.ts"
import { settle } from "#src/lifecycle/Settle.ts"
import { house, type Overrides } from "#test/support/house.ts"
import { instrument } from "#test/src/symbols/catalogue.ts"

export const mes = instrument("MES1!")
export const startMs = 1_768_489_200_000 // 2026-01-15 15:00 UTC, a Thursday

const signalOf = Schema.decodeUnknownSync(Signal)

export const reportOf = (order: Order, change: Partial<OrderReport> = {}): OrderReport => ({
  clientOrderId: order.id,
  venueOrderId: VenueOrderId.make(`v-${order.id}`),
  instrumentId: order.instrumentId,
  side: order.side,
  lots: order.lots,
  filledLots: 0,
  status: "Accepted",
  ...(order.limit === undefined ? {} : { limit: order.limit }),
  ...(order.stop === undefined ? {} : { stop: order.stop }),
  ...change
})

export const fillOf = (order: Order, lots: number, id = `f-${order.id}`, price = "7000", atMs = startMs): Fill => ({
  id: FillId.make(id),
  clientOrderId: order.id,
  venueOrderId: VenueOrderId.make(`v-${order.id}`),
  instrumentId: order.instrumentId,
  side: order.side,
  lots: Lots.make(lots),
  price: BigDecimal.fromStringUnsafe(price),
  fee: BigDecimal.fromStringUnsafe("0.62"),
  atMs
})

export const position = (net: number, of: Instrument = mes) => ({ instrumentId: InstrumentId.make(of.id), net: NetLots.make(net) })

export const exitAgainMs = 1_000

export const trader = (setting: { readonly powers?: Partial<Powers>; readonly overrides?: Overrides } = {}) => {
  const config = house(setting.overrides)
  const found = config.accounts.get(AccountId.make("paper-1"))
  if (found === undefined) throw new Error("no such account")
  let account = found
  let quote = { ticks: 28_000, ageMs: 0 }
  let book = Book.empty
  let nowMs = startMs
  let exposedSinceMs: number | undefined
  let doubtedSinceMs: () => number | undefined = () => undefined
  let touchedMs = -Infinity
  /** As the account keeps it: the next exit waits for the answer of the one before. */
  let notBeforeMs: number | undefined
  let heard: Heard | undefined
  const told: Array<JournalEvent> = []
  let suspicions = Reconcile.noSuspicions
  let isLeaving = false
  const latched = new Set<RiskScope>()
  const paused = new Set<RiskScope>()
  const powers = { nativeBrackets: false, reduceOnly: false, oca: false, modify: true, closeTakesOrders: false, ...setting.powers }

  const facts = (): Facts => ({
    nowMs,
    installationId: "test",
    configHash: "h",
    account,
    strategies: config.strategies,
    calendars: config.calendars,
    powers,
    quote: (instrumentId) => ({
      instrumentId,
      bid: Ticks.make(quote.ticks),
      ask: Ticks.make(quote.ticks + 1),
      last: Ticks.make(quote.ticks),
      atMs: nowMs - quote.ageMs,
      source: "test",
      isSimulated: true
    }),
    latched: (scopes) => scopes.find((scope) => latched.has(scope)),
    paused: (scopes) => scopes.find((scope) => paused.has(scope)),
    mode: "paper",
    exposedSinceMs: () => exposedSinceMs,
    notBeforeMs: () => notBeforeMs,
    doubtedSinceMs: () => doubtedSinceMs(),
    touchedMs: () => touchedMs,
    heard: () => heard,
    instrument: (id) => [mes].find((one) => one.id === id),
    isLowOnDisk: false,
    mayEnter: true,
    isLeaving
  })

  const commit = (happened: ReadonlyArray<JournalEvent>): ReadonlyArray<JournalEvent> => {
    const isLost = happened.some((event) => event._tag === "OrderUnknown" && book.orders.get(event.orderId)?.order.leg === "exit")
    if (isLost) notBeforeMs = nowMs + exitAgainMs
    const events = settle(book, happened, facts())
    book = events.reduce(evolve, book)
    told.push(...events)
    const isExposed = [...book.brackets.values()].some((bracket) => Exposure.isExposed(book, bracket))
    exposedSinceMs = isExposed ? exposedSinceMs ?? nowMs : undefined
    return events
  }
  const hears = (...events: ReadonlyArray<VenueEvent>) => commit(Report.ofEvents(book, events, nowMs))
  const pictured = (change: Partial<AccountSnapshot>) => {
    const snapshot: AccountSnapshot = { orders: [], notFound: [], positions: [], fills: [], lookupIsProof: true, atMs: nowMs, ...change }
    const judged = Reconcile.reconcile(book, snapshot, suspicions, facts())
    suspicions = judged.suspicions
    return commit(judged.events)
  }
  const alert = (
    id: string,
    action: string,
    { receivedAtMs = nowMs, ...fields }: { readonly receivedAtMs?: number; readonly [field: string]: unknown } = {},
    on: Instrument = mes
  ) =>
    commit(Decide.consider(book, ApprovedSignal.make({
      _tag: "ApprovedSignal",
      alertId: AlertId.make(id),
      seq: 1,
      receivedAtMs,
      signal: signalOf({ lane: "futures", strategy: StrategyId.make("demo-futures"), action, symbol: "MES1!", orderType: "market", ...fields }),
      instrument: on,
      verdicts: [],
      configHash: "h",
      guardNotes: []
    }), facts()))
  const live = (leg: Order["leg"]) => [...book.orders.values()].filter((order) => order.order.leg === leg && Book.isLive(order))

  pictured({})
  return {
    book: () => book,
    commit,
    hears,
    alert,
    pictured,
    /** The venue knows nothing but what is told here, and `net` lots. */
    holds: (net: number, change: Partial<AccountSnapshot> = {}) => pictured({ positions: net === 0 ? [] : [position(net)], ...change }),
    recovers: () => commit(Reconcile.recover(book, nowMs)),
    enters: (id: string, action = "buy", fields: Readonly<Record<string, unknown>> = {}) => {
      const entry = alert(id, action, fields).flatMap((event) => event._tag === "OrderIntended" && event.order.leg === "entry" ? [event.order] : [])[0]
      if (entry === undefined) throw new Error("no entry was decided")
      return entry
    },
    accepts: (order: Order) => hears({ _tag: "OrderChanged", report: reportOf(order) }),
    says: (order: Order, change: Partial<OrderReport>) => hears({ _tag: "OrderChanged", report: reportOf(order, change) }),
    fills: (order: Order, lots: number, id?: string, price?: string) => hears({ _tag: "Filled", fill: fillOf(order, lots, id, price, nowMs) }),
    passes: (ms: number) => {
      nowMs += ms
      return commit([])
    },
    /** The process is asked to end. */
    leaves: () => {
      isLeaving = true
      return commit([])
    },
    /** From here on these scopes are killed, or lifted again; the account looks with what happens next. */
    latch: (scope: RiskScope) => latched.add(scope),
    unlatch: (scope: RiskScope) => latched.delete(scope),
    pause: (scope: RiskScope) => paused.add(scope),
    facts,
    /** Every row so far. */
    rows: () => told,
    /** From here on: since when the venue has hinted that it holds less. */
    doubts: (sinceMs: () => number | undefined) => {
      doubtedSinceMs = sinceMs
    },
    /** From here on: when something of ours last happened. */
    touches: (atMs: number) => {
      touchedMs = atMs
    },
    /** From here on: what the venue last told unasked of its position. */
    hearsNet: (net: number | undefined) => {
      heard = { net, atMs: nowMs }
    },
    /** From here on: the market, and how old its quotes are. */
    quotes: (ticks: number, ageMs = 0) => {
      quote = { ticks, ageMs }
    },
    /** From here on the account is configured so. */
    configures: (change: Partial<typeof found>) => {
      account = { ...account, ...change }
    },
    live,
    held: () => [...book.brackets.values()].reduce((sum, bracket) => sum + Book.netOf(book, bracket), 0),
    outcome: (id: string) => book.alerts.get(AlertId.make(id))?.outcome,
    cause: (id: string) => book.alerts.get(AlertId.make(id))?.cause
  }
}

export const tags = (events: ReadonlyArray<JournalEvent>) => events.map(({ _tag }) => _tag)

/** Orders intended in these rows. */
export const intended = (events: ReadonlyArray<JournalEvent>): ReadonlyArray<Order> =>
  events.flatMap((event) => event._tag === "OrderIntended" ? [event.order] : [])
