/** One instrument, one account and short ways to speak of them. */
import { BigDecimal } from "effect"
import { AccountId, AlertId, ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import { type Instrument, Lots, Ticks } from "#schemas/Instrument.ts"
import type { Order } from "#schemas/Order.ts"
import * as Book from "#src/matching/Book.ts"
import * as Commands from "#src/matching/Commands.ts"
import * as Match from "#src/matching/Match.ts"
import * as Market from "#test/support/market.ts"

const decimal = BigDecimal.fromStringUnsafe
export const account = AccountId.make("acct")
export const id = (text: string) => ClientOrderId.make(text)

export const mes: Instrument = {
  id: InstrumentId.make("MESZ26"),
  version: 1,
  root: "MES",
  asset: "futures",
  exchange: "CME",
  tickSize: decimal("0.25"),
  tickValue: decimal("1.25"),
  currency: "USD",
  lotSize: decimal("1"),
  calendar: "always",
  expiresAtMs: 1_000_000_000
}

export const rules: Match.Rules = { slippage: { unit: "ticks", value: 0 }, lotsPerFillMax: Infinity, reduceOnly: true, oca: true }

export const at = (bid: number, ask: number, changes: { readonly last?: number; readonly atMs?: number; readonly rules?: Partial<Match.Rules> } = {}): Match.Moment => ({
  instrument: mes,
  price: Market.price(bid, ask, changes.last),
  atMs: changes.atMs ?? 0,
  rules: { ...rules, ...changes.rules },
  feePerLot: decimal("0.62")
})

type Terms = Partial<Pick<Order, "type" | "timeInForce" | "reduceOnly" | "leg">> & { readonly limit?: number; readonly stop?: number; readonly endsAtMs?: number }

export const order = (name: string, side: "buy" | "sell", lots: number, { limit, stop, ...terms }: Terms = {}): Order => ({
  id: id(name),
  accountId: account,
  alertId: AlertId.make("alert-1"),
  instrumentId: mes.id,
  instrumentVersion: 1,
  leg: "entry",
  generation: 1,
  side,
  lots: Lots.make(lots),
  type: limit === undefined ? (stop === undefined ? "market" : "stop") : stop === undefined ? "limit" : "stopLimit",
  timeInForce: "gtc",
  reduceOnly: false,
  ...(limit === undefined ? {} : { limit: Ticks.make(limit) }),
  ...(stop === undefined ? {} : { stop: Ticks.make(stop) }),
  ...terms
})

/** A bracket around a market entry unless it has a limit. */
export const bracket = (side: "buy" | "sell", lots: number, stop: number, target: number, terms: Terms = {}) => {
  const out = side === "buy" ? "sell" : "buy"
  return {
    entry: order("entry", side, lots, terms),
    stop: order("stop", out, lots, { stop, leg: "stop" }),
    target: order("target", out, lots, { limit: target, leg: "target" })
  }
}

/** A book to which things happen. */
export class Desk {
  book: Book.Book = Book.empty(account)
  refusals: Array<string> = []

  apply(events: ReadonlyArray<Book.BookEvent>) {
    this.book = events.reduce(Book.evolve, this.book)
    return this
  }
  done({ events, refusal }: Commands.Decision) {
    if (refusal !== undefined) this.refusals.push(refusal.reason)
    return this.apply(events)
  }
  place(sent: Order & { readonly endsAtMs?: number }, moment: Match.Moment) {
    return this.done(Commands.place(this.book, Commands.ticketOf(sent), sent.endsAtMs, moment))
  }
  bracket(sent: ReturnType<typeof bracket>, moment: Match.Moment) {
    return this.done(Commands.placeBracket(this.book, sent, () => undefined, moment))
  }
  quote(moment: Match.Moment) {
    return this.apply(Match.onQuote(this.book, moment))
  }
  /** `status filled/lots` of an order. */
  state(name: string) {
    const booked = Book.find(this.book, id(name))
    return booked === undefined ? "none" : `${booked.status} ${booked.filledLots}/${booked.lots}`
  }
  get fills() {
    return this.book.fills.map(({ clientOrderId, lots, price, side }) => `${clientOrderId} ${side} ${lots} @ ${BigDecimal.format(price)}`)
  }
  get net() {
    return Book.positionOf(this.book, mes.id).net
  }
}
