/**
 * One login's venue: the reference venue's own books, without its wire. Owns: when they are matched, and what is answered to whoever asks. It
 * lives on when the house dies.
 */
import { BigDecimal } from "effect"
import type { Fill } from "#schemas/Fill.ts"
import { type InstrumentId, VenueOrderId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { OrderReport } from "#schemas/Order.ts"
import { RequestResult, type SessionRequest } from "#schemas/SessionRequest.ts"
import type { PositionReport } from "#schemas/VenueEvent.ts"
import type { Chance } from "#src/simulation/Chance.ts"
import * as Feed from "#src/simulation/machine/Feed.ts"
import type { Heap } from "#src/simulation/machine/Heap.ts"
import type { Prices } from "#src/simulation/machine/Market.ts"
import * as Translate from "#src/simulation/machine/Translate.ts"
import * as Desk from "#src/simulation/venues/shared/Desk.ts"
import * as Faults from "#src/simulation/venues/shared/Faults.ts"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import * as Matching from "#src/simulation/venues/shared/Matching.ts"
import type { Entry, LedgerRecord } from "#src/simulation/venues/shared/Records.ts"

const { Accepted, Refused } = RequestResult.cases

const staleMs = 30_000
const hiddenMs = 5_000
/** Read by the judge and not needed any more. */
const recordsMax = 10_000

export type { Told } from "#src/simulation/machine/Feed.ts"
export type Ordering = Exclude<SessionRequest, { readonly _tag: "Snapshot" }>

export interface Traded {
  readonly instrument: Instrument
  readonly prices: Prices
}

export interface Options {
  readonly style: Ledger.Style
  readonly seed: number
  readonly heap: Heap
  readonly chance: Chance
  readonly accounts: ReadonlyArray<{ readonly id: string; readonly cash: string; readonly feePerLot: string }>
  readonly market: ReadonlyMap<InstrumentId, Traded>
  readonly onRecord: (record: LedgerRecord) => void
  /** Books of these accounts have changed. */
  readonly onChange: (accounts: ReadonlySet<string>) => void
}

const ledgerOf = ({ accounts, chance, heap, market, seed, style }: Options, dice: Faults.Dice): Ledger.Ledger => {
  const ledger = Ledger.make(style, chance.below(1_000_000).toString(36), dice, [])
  for (const { cash, feePerLot, id } of accounts) Ledger.addAccount(ledger, heap.nowMs(), { id, cash, feePerLot, currency: "USD" })
  for (const { instrument: { id, lotSize, tickSize, tickValue } } of market.values()) {
    const pointValue = BigDecimal.format(BigDecimal.divideUnsafe(tickValue, BigDecimal.multiply(tickSize, lotSize)))
    Ledger.addInstrument(ledger, heap.nowMs(), seed, { symbol: id, tick: BigDecimal.format(tickSize), step: BigDecimal.format(lotSize), pointValue })
  }
  return ledger
}

const isLive = ({ status }: Ledger.WireOrder): boolean => status === "held" || status === "working" || status === "partly"

export class Venue {
  readonly ledger: Ledger.Ledger
  readonly dice: Faults.Dice
  readonly #options: Options
  readonly #translate: Translate.Translate
  readonly #feed: Feed.Feed
  #read = 0
  #agendaAtMs = Infinity

  constructor(options: Options) {
    const { chance, heap, seed } = options
    this.#options = options
    this.dice = Faults.dice(seed, (name, detail) => Ledger.write(this.ledger, heap.nowMs(), { kind: "fault", name, detail }))
    this.ledger = ledgerOf(options, this.dice)
    this.#translate = Translate.make((symbol) => this.#traded(symbol).instrument)
    this.#feed = Feed.make({ heap, chance, ledger: this.ledger, translate: this.#translate, write: (entry) => this.write(entry) })
  }

  listen(to: (told: ReadonlyArray<Feed.Told>) => void, gap: () => void): void {
    this.#feed.listen(to, gap)
  }

  deaf(): void {
    this.#feed.deaf()
  }

  silence(): void {
    this.#feed.silence()
  }

  quotesAreAlive(): boolean {
    return this.#feed.isAlive()
  }

  isOpen(symbol: string): boolean {
    return this.ledger.books.get(symbol)?.isOpen === true
  }

  write(entry: Entry): void {
    Ledger.write(this.ledger, this.#nowMs(), entry)
    this.#tellJudge()
  }

  /** Requests arrive here. */
  act(request: Ordering): RequestResult {
    this.#prepare(this.#symbolOf(request))
    const result = request._tag === "Submit" || request._tag === "SubmitBracket" ? this.#place(request) : this.#change(request)
    this.#settle()
    return result
  }

  /** One bar: orders that it does not reach are left where they are. */
  bar(): void {
    const nowMs = this.#nowMs()
    for (const book of this.ledger.books.values()) {
      if (book.working.length === 0 || !book.isOpen) continue
      if (this.#isReached(book, nowMs)) {
        this.#prepare(book.symbol)
        Matching.advance(this.ledger, nowMs, book)
      } else {
        book.cursorMs = nowMs
        book.price = this.#traded(book.symbol).prices.at(nowMs)
      }
    }
    this.#settle()
  }

  workingOrders(account: string): { readonly asOfMs: number; readonly reports: ReadonlyArray<OrderReport> } {
    this.bar()
    const nowMs = this.#nowMs()
    const of = this.#account(account)
    const isStale = this.dice.hit("F29", `orders ${account}`) !== undefined
    const asOfMs = nowMs - (isStale ? staleMs : 0)
    const ended = isStale ? this.ledger.ended.filter((order) => order.account === of && (order.history.at(-1)?.atMs ?? 0) > asOfMs) : []
    const reports = [...of.live, ...ended].flatMap((order) => {
      const wire = order.hiddenUntilMs > nowMs ? undefined : order.history.findLast((one) => one.atMs <= asOfMs)?.wire
      return wire === undefined || !isLive(wire) ? [] : [this.#queried(account, order, wire)]
    })
    this.#tellJudge()
    return { asOfMs, reports }
  }

  order(account: string, clientId: string): OrderReport | undefined {
    const order = Ledger.find(this.ledger, account, clientId)
    const wire = order?.history.at(-1)?.wire
    if (order === undefined || wire === undefined) return undefined
    const hidden = Ledger.isEnded(order) ? undefined : this.dice.hit("F30", order.orderId)
    if (hidden !== undefined) order.hiddenUntilMs = this.#nowMs() + (hidden.ms ?? hiddenMs)
    this.#tellJudge()
    return order.hiddenUntilMs > this.#nowMs() ? undefined : this.#queried(account, order, wire)
  }

  fills(account: string, sinceMs: number): ReadonlyArray<Fill> {
    const { fills } = this.#account(account)
    const first = fills.findLastIndex(({ at }) => at < sinceMs) + 1
    return fills.slice(first).map((fill) => {
      const order = fill.clientId === undefined ? undefined : Ledger.find(this.ledger, account, fill.clientId)
      if (order !== undefined) this.#feed.told({ type: "fill", account, fill, of: order }, "query")
      return this.#translate.fill(fill)
    })
  }

  positions(account: string): { readonly asOfMs: number; readonly positions: ReadonlyArray<PositionReport> } {
    const of = this.#account(account)
    const isStale = this.dice.hit("F29", `positions ${account}`) !== undefined
    this.#tellJudge()
    const asOfMs = this.#nowMs() - (isStale ? staleMs : 0)
    const nets = isStale
      ? new Map(of.changes.flatMap(({ atMs, net, symbol }) => atMs <= asOfMs ? [[symbol, net] as const] : []))
      : new Map(Array.from(of.positions, ([symbol, { net }]) => [symbol, net] as const))
    return { asOfMs, positions: [...nets].flatMap(([symbol, net]) => net === 0 ? [] : [this.#translate.position(symbol, net)]) }
  }

  cancelAll(account: string): void {
    this.#prepare()
    Desk.cancelAll(this.ledger, this.#nowMs(), account, undefined, "canceled by the venue")
    this.#settle()
  }

  byHand(account: string, symbol: string, side: "buy" | "sell"): void {
    const book = this.ledger.books.get(symbol)
    if (book === undefined) return
    this.#prepare(symbol)
    Desk.place(this.ledger, this.#nowMs(), { account, symbol, side, type: "market", qty: Ledger.sizeText(book, 1) })
    this.#settle()
  }

  #nowMs(): number {
    return this.#options.heap.nowMs()
  }

  #traded(symbol: string): Traded {
    const traded = this.#options.market.get(symbol as InstrumentId)
    if (traded === undefined) throw new Error(`no market of ${symbol}`)
    return traded
  }

  #account(id: string): Ledger.Account {
    const account = this.ledger.accounts.get(id)
    if (account === undefined) throw new Error(`no account ${id}`)
    return account
  }

  #queried(account: string, order: Ledger.Order, wire: Ledger.WireOrder): OrderReport {
    this.#feed.told({ type: "order", account, order: wire, of: order }, "query")
    return this.#translate.report(wire)
  }

  #tellJudge(): void {
    const { records } = this.ledger
    for (; this.#read < records.length; this.#read++) {
      const record = records[this.#read]
      if (record !== undefined) this.#options.onRecord(record)
    }
    if (this.#read < recordsMax) return
    records.length = 0
    this.#read = 0
  }

  /** After anything that may have changed the books. */
  #settle(): void {
    const { agenda, events } = this.ledger
    this.#tellJudge()
    const next = agenda[0]
    if (next !== undefined && next.atMs < this.#agendaAtMs) {
      this.#agendaAtMs = next.atMs
      this.#options.heap.at(next.atMs, () => this.#runAgenda())
    }
    if (events.length === 0) return
    this.#options.onChange(new Set(events.map(({ account }) => account)))
    this.#feed.flushSoon()
  }

  #runAgenda(): void {
    this.#agendaAtMs = Infinity
    this.#prepare()
    while ((this.ledger.agenda[0]?.atMs ?? Infinity) <= this.#nowMs()) this.ledger.agenda.shift()?.run(this.#nowMs())
    this.#settle()
  }

  /** What the venue's own rules will ask of the market up to now. */
  #prepare(symbol?: string): void {
    for (const book of this.ledger.books.values()) {
      if (symbol === undefined || book.symbol === symbol) book.script = this.#traded(book.symbol).prices.script(book.cursorMs, this.#nowMs())
    }
  }

  #symbolOf(request: Ordering): string | undefined {
    if (request._tag === "Submit") return request.order.instrumentId
    if (request._tag === "SubmitBracket") return request.bracket.entry.instrumentId
    return Ledger.find(this.ledger, `V-${request.accountId}`, request.orderId)?.book.symbol
  }

  #isReached(book: Ledger.Book, nowMs: number): boolean {
    const { prices } = this.#traded(book.symbol)
    const [low, high] = [prices.low(book.cursorMs, nowMs) - 1, prices.high(book.cursorMs, nowMs) + 2]
    return book.working.some(({ expiresAt = Infinity, isTriggered, limit, side, stop }) => {
      if (expiresAt <= nowMs || isTriggered) return true
      if (stop !== undefined) return side === "buy" ? stop <= high : stop >= low
      return limit === undefined || (side === "buy" ? limit >= low : limit <= high)
    })
  }

  #noted(method: string, account: string, what: string, clientId: string): void {
    const entry = { kind: "request" as const, account, method, path: "/v1/orders", what, clientId }
    Ledger.write(this.ledger, this.#nowMs(), entry)
  }

  #place(request: Extract<Ordering, { readonly _tag: "Submit" | "SubmitBracket" }>): RequestResult {
    const { instrument } = request
    const order = request._tag === "Submit" ? request.order : request.bracket.entry
    const accepted = ({ wireId }: Ledger.Order) => Accepted.make({ venueOrderId: VenueOrderId.make(wireId) })
    if (order.leg === "exit" && this.#options.style === "plain") {
      this.#noted("POST", `V-${order.accountId}`, "close", order.id)
      const asked = { account: `V-${order.accountId}`, symbol: order.instrumentId, clientId: order.id, qty: Translate.sizeText(instrument, order.lots) }
      return Translate.answerOf(Desk.close(this.ledger, this.#nowMs(), asked), accepted)
    }
    this.#noted("POST", `V-${order.accountId}`, "order", order.id)
    const ask = request._tag === "Submit" ? Translate.askOf(order, instrument, this.#options.style === "native") : Translate.bracketOf(request.bracket, instrument)
    return Translate.answerOf(Desk.place(this.ledger, this.#nowMs(), ask), accepted)
  }

  #change(request: Extract<Ordering, { readonly _tag: "Modify" | "Cancel" }>): RequestResult {
    const account = `V-${request.accountId}`
    const accepted = () => Accepted.make({})
    if (request._tag === "Cancel") {
      this.#noted("DELETE", account, "cancel", request.orderId)
      return Translate.answerOf(Desk.cancel(this.ledger, this.#nowMs(), account, request.orderId), accepted)
    }
    this.#noted("PATCH", account, "change", request.orderId)
    const symbol = this.#symbolOf(request)
    if (symbol === undefined) return Refused.make({ reason: `no order ${request.orderId}`, kind: "notFound" })
    const { instrument } = this.#traded(symbol)
    const change = { qty: Translate.sizeText(instrument, request.lots), ...Translate.pricesOf(instrument, request) }
    return Translate.answerOf(Desk.modify(this.ledger, this.#nowMs(), account, request.orderId, change), accepted)
  }
}
