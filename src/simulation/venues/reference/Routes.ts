/** The paths of this venue for somebody signed in. Owns: which path does what, and the JSON of its answers. */
import { Result, Schema } from "effect"
import type * as Core from "./Core.ts"
import * as Decimal from "#src/simulation/venues/shared/Decimal.ts"
import * as Desk from "#src/simulation/venues/shared/Desk.ts"
import * as Ledger from "#src/simulation/venues/shared/Ledger.ts"
import * as Market from "#src/simulation/venues/shared/Market.ts"
import * as Matching from "#src/simulation/venues/shared/Matching.ts"

const staleMs = 30_000
const hiddenMs = 5_000
const barsMax = 5_000
const minuteMs = 60_000

export interface Reply {
  readonly status: number
  readonly body: unknown
  /** What the body tells. */
  readonly tells?: ReadonlyArray<Ledger.Event>
}

export interface Call {
  readonly method: string
  readonly segments: ReadonlyArray<string>
  readonly query: URLSearchParams
  readonly body: unknown
}

const text = Schema.String
const Side = Schema.Literals(["buy", "sell"])
const Ask = Schema.Struct({
  account: text,
  clientId: Schema.optionalKey(text),
  symbol: text,
  side: Side,
  type: Schema.Literals(["market", "limit", "stop", "stopLimit"]),
  qty: text,
  limit: Schema.optionalKey(text),
  stop: Schema.optionalKey(text),
  tif: Schema.optionalKey(Schema.Literals(["day", "gtc", "ioc", "fok"])),
  expiresAt: Schema.optionalKey(Schema.Int),
  reduceOnly: Schema.optionalKey(Schema.Boolean),
  protect: Schema.optionalKey(Schema.Struct({
    stop: Schema.optionalKey(Schema.Struct({ clientId: text, stop: text })),
    target: Schema.optionalKey(Schema.Struct({ clientId: text, limit: text }))
  }))
})
const Change = Schema.Struct({ account: text, qty: text, stop: Schema.optionalKey(text), limit: Schema.optionalKey(text) })
const Close = Schema.Struct({ account: text, symbol: text, clientId: Schema.optionalKey(text), qty: Schema.optionalKey(text) })

const decodeAsk = Schema.decodeUnknownResult(Ask)
const decodeChange = Schema.decodeUnknownResult(Change)
const decodeClose = Schema.decodeUnknownResult(Close)

export const refusal = ({ code, message, status }: Desk.Refusal): Reply => ({ status, body: { error: { code, message } } })
const no = (code: Desk.Code, message: string, status: number): Reply => refusal({ status, code, message })
const ok = (body: unknown, tells?: ReadonlyArray<Ledger.Event>): Reply => ({ status: 200, body, ...(tells === undefined ? {} : { tells }) })

const answered = <A>(result: Result.Result<A, Desk.Refusal>, reply: (value: A) => Reply): Reply =>
  Result.isFailure(result) ? refusal(result.failure) : reply(result.success)

const decoded = <A>(result: Result.Result<A, Schema.SchemaError>, reply: (value: A) => Reply): Reply =>
  Result.isFailure(result) ? no("invalid", `cannot be read: ${result.failure.message}`, 400) : reply(result.success)

type Asked = { readonly account: string }
const owned = <A extends Asked>({ accounts }: Core.Session, asked: A, reply: (asked: A) => Reply): Reply =>
  accounts.has(asked.account) ? reply(asked) : no("invalid", `no account ${asked.account}`, 422)

const wireOf = (order: Ledger.Order): Ledger.WireOrder | undefined => order.history.at(-1)?.wire

const told = (order: Ledger.Order, wire: Ledger.WireOrder): Ledger.Event => ({ type: "order", account: order.account.id, order: wire, of: order })

const orders = (listed: ReadonlyArray<readonly [Ledger.Order, Ledger.WireOrder]>, atMs: number): Reply =>
  ok({ orders: listed.map(([, wire]) => wire), asOf: atMs }, listed.map(([order, wire]) => told(order, wire)))

const isLive = ({ status }: Ledger.WireOrder): boolean => status === "held" || status === "working" || status === "partly"

/** Live ones, as they were at an instant of the near past. */
const ordersAt = (core: Core.Core, account: Ledger.Account, atMs: number): Reply => {
  const recent: Array<Ledger.Order> = [...account.live]
  for (let index = core.ledger.ended.length - 1; index >= 0; index--) {
    const order = core.ledger.ended[index]
    if (order === undefined || (order.history.at(-1)?.atMs ?? 0) <= atMs) break
    if (order.account === account) recent.push(order)
  }
  return orders(recent.flatMap((order) => {
    const wire = order.history.findLast((one) => one.atMs <= atMs)?.wire
    return wire === undefined || !isLive(wire) ? [] : [[order, wire] as const]
  }), atMs)
}

const listOrders = (core: Core.Core, account: Ledger.Account): Reply => {
  const nowMs = core.nowMs()
  if (core.dice.hit("F29", `orders ${account.id}`) !== undefined) return ordersAt(core, account, nowMs - staleMs)
  return orders([...account.live].flatMap((order) => {
    const wire = order.hiddenUntilMs > nowMs ? undefined : wireOf(order)
    return wire === undefined ? [] : [[order, wire] as const]
  }), nowMs)
}

const oneOrder = (core: Core.Core, account: string, clientId: string): Reply => {
  const order = Ledger.find(core.ledger, account, clientId)
  const wire = order === undefined ? undefined : wireOf(order)
  if (order === undefined || wire === undefined) return no("not_found", `no order ${clientId}`, 404)
  const hidden = Ledger.isEnded(order) || order.hiddenUntilMs > 0 ? undefined : core.dice.hit("F30", order.orderId)
  if (hidden !== undefined) order.hiddenUntilMs = core.nowMs() + (hidden.ms ?? hiddenMs)
  return order.hiddenUntilMs > core.nowMs() ? no("not_found", `no order ${clientId}`, 404) : ok({ order: wire }, [told(order, wire)])
}

const positions = (core: Core.Core, account: Ledger.Account): Reply => {
  const isStale = core.dice.hit("F29", `positions ${account.id}`) !== undefined
  const asOf = core.nowMs() - (isStale ? staleMs : 0)
  const nets = new Map<string, number>()
  if (isStale) for (const { atMs, net, symbol } of account.changes) {
    if (atMs <= asOf) nets.set(symbol, net)
  } else for (const [symbol, { net }] of account.positions) nets.set(symbol, net)
  const listed = [...nets].flatMap(([symbol, net]) => {
    const book = core.ledger.books.get(symbol)
    return book === undefined || net === 0 ? [] : [{ symbol, net: Ledger.sizeText(book, net) }]
  })
  return ok({ positions: listed, asOf })
}

const balance = (core: Core.Core, account: Ledger.Account): Reply => {
  const isStale = core.dice.hit("F29", `balance ${account.id}`) !== undefined
  const asOf = core.nowMs() - staleMs
  const cash = isStale ? account.changes.findLast(({ atMs }) => atMs <= asOf)?.cash ?? account.opening : account.cash
  return ok({ currency: account.currency, cash: Decimal.format(cash) })
}

const fills = (account: Ledger.Account, sinceMs: number, ledger: Ledger.Ledger): Reply => {
  const found: Array<Ledger.WireFill> = []
  for (let index = account.fills.length - 1; index >= 0; index--) {
    const fill = account.fills[index]
    if (fill === undefined || fill.at < sinceMs) break
    found.push(fill)
  }
  found.reverse()
  return ok({ fills: found }, found.flatMap((fill): ReadonlyArray<Ledger.Event> => {
    const of = fill.clientId === undefined ? undefined : Ledger.find(ledger, account.id, fill.clientId)
    return of === undefined ? [] : [{ type: "fill", account: account.id, fill, of }]
  }))
}

const bars = (core: Core.Core, query: URLSearchParams): Reply => {
  const book = core.ledger.books.get(query.get("symbol") ?? "")
  const stepMs = Number(query.get("step"))
  const [from, to] = [Number(query.get("from")), Math.min(Number(query.get("to")), core.nowMs())]
  if (book === undefined || !(stepMs >= minuteMs) || stepMs % minuteMs !== 0 || !Number.isFinite(from) || !Number.isFinite(to)) {
    return no("invalid", "symbol, from, to and a step of whole minutes", 422)
  }
  const listed: Array<unknown> = []
  for (let atMs = Math.ceil(from / stepMs) * stepMs; atMs + stepMs <= to && listed.length < barsMax; atMs += stepMs) {
    const { close, high, low, open, volume } = Market.span(book.walk, book.script, atMs, stepMs)
    const [first, top, bottom, last] = [open, high, low, close].map((ticks) => Ledger.priceText(book, ticks))
    listed.push({ at: atMs, open: first, high: top, low: bottom, close: last, volume: String(volume) })
  }
  return ok({ bars: listed })
}

const instruments = (core: Core.Core): Reply =>
  ok({
    instruments: [...core.ledger.books.values()].map(({ isOpen, pointValue, step, symbol, tick }) =>
      ({ symbol, tick: Decimal.format(tick), pointValue, step: Decimal.format(step), open: isOpen }))
  })

const sendOrder = (core: Core.Core, session: Core.Session, body: unknown): Reply =>
  decoded(decodeAsk(body), (ask) => owned(session, ask, () =>
    answered(Desk.place(core.ledger, core.nowMs(), ask), ({ expiresAt, orderId }) => {
      if (expiresAt !== undefined) core.wakeAt(expiresAt)
      return ok({ orderId })
    })))

const change = (core: Core.Core, session: Core.Session, clientId: string, body: unknown): Reply =>
  decoded(decodeChange(body), (asked) => owned(session, asked, ({ account }) =>
    answered(Desk.modify(core.ledger, core.nowMs(), account, clientId, asked), (order) => {
      const wire = wireOf(order)
      return ok({ order: wire }, wire === undefined ? [] : [told(order, wire)])
    })))

const writes = (core: Core.Core, session: Core.Session, { body, method, query, segments }: Call): Reply | undefined => {
  const [path, clientId] = segments
  const account = query.get("account") ?? ""
  if (path === "close" && method === "POST") {
    return decoded(decodeClose(body), (asked) => owned(session, asked, () => answered(Desk.close(core.ledger, core.nowMs(), asked), ({ orderId }) => ok({ orderId }))))
  }
  if (path !== "orders") return undefined
  if (method === "POST" && clientId === undefined) return sendOrder(core, session, body)
  if (method === "PATCH" && clientId !== undefined) return change(core, session, clientId, body)
  if (method !== "DELETE") return undefined
  return owned(session, { account }, () => clientId === undefined
    ? answered(Desk.cancelAll(core.ledger, core.nowMs(), account, query.get("symbol") ?? undefined), (canceled) => ok({ canceled }))
    : answered(Desk.cancel(core.ledger, core.nowMs(), account, clientId), () => ok({})))
}

const reads = (core: Core.Core, session: Core.Session, { query, segments }: Call): Reply | undefined => {
  const [path, clientId] = segments
  if (path === "instruments") return instruments(core)
  if (path === "bars") return bars(core, query)
  const id = query.get("account") ?? ""
  const account = session.accounts.has(id) ? core.ledger.accounts.get(id) : undefined
  if (account === undefined) return no("invalid", `no account ${id}`, 422)
  for (const book of core.ledger.books.values()) if (book.working.length > 0) Matching.advance(core.ledger, core.nowMs(), book)
  switch (path) {
    case "orders": return clientId === undefined ? listOrders(core, account) : oneOrder(core, id, clientId)
    case "positions": return positions(core, account)
    case "balance": return balance(core, account)
    case "fills": return fills(account, Number(query.get("since") ?? 0), core.ledger)
    default: return undefined
  }
}

/** Whoever asks is signed in; the books may change before this returns. */
export const answer = (core: Core.Core, session: Core.Session, call: Call): Reply =>
  (call.method === "GET" ? reads(core, session, call) : writes(core, session, call)) ?? no("not_found", "no such path", 404)
