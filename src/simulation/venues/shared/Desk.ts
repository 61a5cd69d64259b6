/** What a customer may ask of the books: place, change, cancel, close. Owns: every no of this venue and its reason. */
import { Result } from "effect"
import * as Decimal from "./Decimal.ts"
import * as Ledger from "./Ledger.ts"
import * as Matching from "./Matching.ts"
import type { OrderType, Role, Side } from "./Records.ts"
import * as Trade from "./Trade.ts"

const haltMs = 30_000
const rolledMs = 600_000
const lateMsMin = 200
const lateMsMax = 3_000
const qtyMax = 1_000_000

export type Code = "invalid" | "margin" | "market_closed" | "not_found" | "unauthenticated" | "rate_limited" | "maintenance" | "unsupported" | "disabled"

/** A certain no: nothing was done. */
export interface Refusal {
  readonly status: number
  readonly code: Code
  readonly message: string
  /** What of the order is wrong, for venues that name it. */
  readonly about?: "account" | "symbol" | "qty" | "price" | "expiring" | "ended"
}

/** An order as asked for: decimals still text. */
export interface Ask {
  readonly account: string
  readonly clientId?: string
  readonly symbol: string
  readonly side: Side
  readonly type: OrderType
  readonly qty: string
  readonly limit?: string
  readonly stop?: string
  readonly tif?: "day" | "gtc" | "ioc" | "fok"
  readonly expiresAt?: number
  readonly reduceOnly?: boolean
  readonly protect?: {
    readonly stop?: { readonly clientId: string; readonly stop: string }
    readonly target?: { readonly clientId: string; readonly limit: string }
  }
}

export interface Change {
  readonly qty: string
  readonly stop?: string
  readonly limit?: string
}

const refuse = (code: Code, message: string, status = 422) => Result.fail<Refusal>({ status, code, message })
const invalid = (message: string, about?: NonNullable<Refusal["about"]>) =>
  Result.fail<Refusal>({ status: 422, code: "invalid", message, ...(about === undefined ? {} : { about }) })

const accountOf = (ledger: Ledger.Ledger, id: string): Result.Result<Ledger.Account, Refusal> => {
  const account = ledger.accounts.get(id)
  return account === undefined ? invalid(`no account ${id}`, "account") : Result.succeed(account)
}

const bookOf = (ledger: Ledger.Ledger, symbol: string): Result.Result<Ledger.Book, Refusal> => {
  const book = ledger.books.get(symbol)
  return book === undefined ? invalid(`no instrument ${symbol}`, "symbol") : Result.succeed(book)
}

const stepsOf = (book: Ledger.Book, qty: string): Result.Result<number, Refusal> => {
  const steps = Decimal.countOf(qty, book.step)
  return steps === undefined || steps < 1 || steps > qtyMax ? invalid(`qty ${qty} is no whole number of ${Decimal.format(book.step)}`, "qty") : Result.succeed(steps)
}

const ticksOf = (book: Ledger.Book, price: string | undefined): Result.Result<number | undefined, Refusal> => {
  if (price === undefined) return Result.succeed(undefined)
  const ticks = Decimal.countOf(price, book.tick)
  return ticks === undefined || ticks < 1 ? invalid(`price ${price} is no whole number of ${Decimal.format(book.tick)}`, "price") : Result.succeed(ticks)
}

const needs = { market: [], limit: ["limit"], stop: ["stop"], stopLimit: ["limit", "stop"] } as const satisfies Record<OrderType, ReadonlyArray<"limit" | "stop">>

interface Made {
  readonly wish: Ask
  readonly account: Ledger.Account
  readonly book: Ledger.Book
  readonly steps: number
  readonly limit: number | undefined
  readonly stop: number | undefined
}

const orderOf = (ledger: Ledger.Ledger, made: Made, role: Role, parent: Ledger.Order | undefined): Ledger.Order => {
  const orderId = Ledger.nextId(ledger, "o")
  return {
    orderId, wireId: orderId, clientId: made.wish.clientId, account: made.account, book: made.book, side: made.wish.side, type: made.wish.type,
    tif: made.wish.tif ?? "day", expiresAt: made.wish.expiresAt, reduceOnly: made.wish.reduceOnly === true, parent, role, children: [], sibling: undefined,
    qty: made.steps, filled: 0, status: parent === undefined ? "working" : "held", limit: made.limit, stop: made.stop, reason: undefined,
    isTriggered: false, hiddenUntilMs: 0, history: [], told: ""
  }
}

const read = (ledger: Ledger.Ledger, wish: Ask): Result.Result<Made, Refusal> =>
  Result.gen(function*() {
    const account = yield* accountOf(ledger, wish.account)
    const book = yield* bookOf(ledger, wish.symbol)
    const steps = yield* stepsOf(book, wish.qty)
    const limit = yield* ticksOf(book, wish.limit)
    const stop = yield* ticksOf(book, wish.stop)
    const given = { limit, stop }
    const asked: ReadonlyArray<string> = needs[wish.type]
    for (const name of ["limit", "stop"] as const) {
      if (asked.includes(name) !== (given[name] !== undefined)) return yield* invalid(`a ${wish.type} order ${asked.includes(name) ? "needs" : "has no"} ${name}`, "price")
    }
    return { wish, account, book, steps, limit, stop }
  })

const isReducing = ({ account, book, wish }: Made): boolean => {
  const net = Ledger.netOf(account, book.symbol)
  return wish.side === "buy" ? net < 0 : net > 0
}

/** Whether the exchange is there for it, and the account. */
const admit = (ledger: Ledger.Ledger, atMs: number, made: Made): Result.Result<void, Refusal> => {
  const { account, book, wish } = made
  if (account.disabledUntilMs > atMs) return refuse("disabled", `account ${account.id} may only cancel and close`, 403)
  const halt = book.isOpen ? ledger.dice.hit("F35", book.symbol) : undefined
  if (halt !== undefined) {
    setOpen(ledger, atMs, book, false)
    Ledger.schedule(ledger, atMs + (halt.ms ?? haltMs), (nowMs) => setOpen(ledger, nowMs, book, true))
  }
  if (!book.isOpen) return refuse("market_closed", `${book.symbol} is not trading`)
  if (isReducing(made)) return Result.void
  const rolled = book.closedToEntriesUntilMs > atMs ? undefined : ledger.dice.hit("F36", book.symbol)
  if (rolled !== undefined) book.closedToEntriesUntilMs = atMs + (rolled.ms ?? rolledMs)
  if (book.closedToEntriesUntilMs > atMs) return invalid(`${book.symbol} is expiring: orders may only close`, "expiring")
  return wish.reduceOnly === true ? invalid("nothing to reduce") : Result.void
}

/** Trading stops, or starts with a gap to where the price is then. */
export const setOpen = (ledger: Ledger.Ledger, atMs: number, book: Ledger.Book, isOpen: boolean): void => {
  if (book.isOpen === isOpen) return
  Matching.advance(ledger, atMs, book)
  book.isOpen = isOpen
  Ledger.write(ledger, atMs, { kind: "market", symbol: book.symbol, open: isOpen })
  if (isOpen) Matching.move(ledger, atMs, book, { to: book.price, isGap: true })
}

/** An exit that waits for its parent, as large as it. */
export interface ChildAsk {
  readonly clientId?: string
  readonly type: "limit" | "stop" | "stopLimit"
  readonly limit?: string
  readonly stop?: string
  readonly tif?: "day" | "gtc"
}

export const addChild = (ledger: Ledger.Ledger, parent: Ledger.Order, asked: ChildAsk): Result.Result<Ledger.Order, Refusal> =>
  Result.map(
    read(ledger, { ...asked, account: parent.account.id, symbol: parent.book.symbol, side: parent.side === "buy" ? "sell" : "buy", qty: Ledger.sizeText(parent.book, parent.qty) }),
    (made) => {
      const child = orderOf(ledger, made, asked.type === "limit" ? "target" : "stop", parent)
      parent.children.push(child)
      return child
    }
  )

const addChildren = (ledger: Ledger.Ledger, parent: Ledger.Order, { stop, target }: NonNullable<Ask["protect"]>): Result.Result<void, Refusal> =>
  Result.gen(function*() {
    if (stop !== undefined) yield* addChild(ledger, parent, { ...stop, type: "stop", tif: "gtc" })
    if (target !== undefined) yield* addChild(ledger, parent, { ...target, type: "limit", tif: "gtc" })
  })

/** An id is not what it was: another one, or one that was used before. */
const changeId = (ledger: Ledger.Ledger, order: Ledger.Order): void => {
  if (!ledger.habits.changesIds || order.clientId === undefined || ledger.dice.hit("F23", order.orderId) === undefined) return
  const old = ledger.ended.length === 0 ? undefined : ledger.ended[ledger.dice.draw("F23", ledger.ended.length)]
  order.wireId = ledger.dice.draw("F23", 2) === 0 && old !== undefined ? old.orderId : Ledger.nextId(ledger, "o")
}

const rejectLater = (ledger: Ledger.Ledger, atMs: number, order: Ledger.Order): boolean => {
  if (ledger.style === "native" || order.stop === undefined || order.type !== "stop") return false
  const net = Ledger.netOf(order.account, order.book.symbol)
  const isProtective = order.side === "buy" ? net < 0 : net > 0
  if (!isProtective || ledger.dice.hit("F18", order.orderId) === undefined) return false
  Trade.end(ledger, atMs, order, "rejected", "stop price not accepted")
  return true
}

/** What was prepared goes to work. */
export const run = (ledger: Ledger.Ledger, atMs: number, order: Ledger.Order): void => {
  Matching.advance(ledger, atMs, order.book)
  Trade.enter(ledger, atMs, order)
  for (const child of order.children) Trade.enter(ledger, atMs, child)
  changeId(ledger, order)
  if (rejectLater(ledger, atMs, order) || Trade.rejectWrongSide(ledger, atMs, order)) return
  Matching.meet(ledger, atMs, order.book)
  if (order.tif === "ioc" || order.tif === "fok") Trade.end(ledger, atMs, order, "canceled", "nothing left to fill at once")
}

/** An order that could be taken, not yet in the books. */
export const prepare = (ledger: Ledger.Ledger, atMs: number, asked: Ask): Result.Result<Ledger.Order, Refusal> =>
  Result.gen(function*() {
    const isNative = ledger.style === "native"
    if (asked.protect !== undefined && !isNative) return yield* refuse("unsupported", "this venue has no brackets")
    const { reduceOnly: _, ...ignored } = asked
    const made = yield* read(ledger, isNative ? asked : ignored)
    Matching.advance(ledger, atMs, made.book)
    yield* admit(ledger, atMs, made)
    const order = orderOf(ledger, made, "single", undefined)
    if (asked.protect !== undefined) yield* addChildren(ledger, order, asked.protect)
    return order
  })

/** The same client id twice is two orders. */
export const place = (ledger: Ledger.Ledger, atMs: number, asked: Ask): Result.Result<Ledger.Order, Refusal> =>
  Result.map(prepare(ledger, atMs, asked), (order) => {
    run(ledger, atMs, order)
    return order
  })

/** Against what the venue holds, never through zero; a disabled account may. Not yet in the books. */
export const prepareClose = (ledger: Ledger.Ledger, atMs: number, asked: { readonly account: string; readonly symbol: string; readonly clientId?: string; readonly qty?: string }): Result.Result<Ledger.Order, Refusal> =>
  Result.gen(function*() {
    const account = yield* accountOf(ledger, asked.account)
    const book = yield* bookOf(ledger, asked.symbol)
    Matching.advance(ledger, atMs, book)
    if (!book.isOpen) return yield* refuse("market_closed", `${book.symbol} is not trading`)
    const net = Ledger.netOf(account, book.symbol)
    if (net === 0) return yield* invalid("nothing to close")
    const wanted = asked.qty === undefined ? Math.abs(net) : yield* stepsOf(book, asked.qty)
    const steps = Math.min(wanted, Math.abs(net))
    const wish: Ask = {
      account: account.id, symbol: book.symbol, side: net > 0 ? "sell" : "buy", type: "market", qty: Ledger.sizeText(book, steps), reduceOnly: true,
      ...(asked.clientId === undefined ? {} : { clientId: asked.clientId })
    }
    return orderOf(ledger, { wish, account, book, steps, limit: undefined, stop: undefined }, "single", undefined)
  })

export const close = (ledger: Ledger.Ledger, atMs: number, asked: Parameters<typeof prepareClose>[2]): Result.Result<Ledger.Order, Refusal> =>
  Result.map(prepareClose(ledger, atMs, asked), (order) => {
    run(ledger, atMs, order)
    return order
  })

const found = (ledger: Ledger.Ledger, account: string, clientId: string): Result.Result<Ledger.Order, Refusal> => {
  const order = Ledger.find(ledger, account, clientId)
  return order === undefined ? refuse("not_found", `no order ${clientId}`, 404) : Result.succeed(order)
}

const fillUnderHand = (ledger: Ledger.Ledger, atMs: number, order: Ledger.Order): void => {
  const price = order.limit ?? order.stop
  if (price !== undefined && order.status !== "held") Trade.fill(ledger, atMs, order, price)
}

/** What an order would be after a change. */
export const termsOf = ({ book, filled, limit, stop }: Ledger.Order, asked: Change): Result.Result<{ readonly qty: number; readonly limit: number | undefined; readonly stop: number | undefined }, Refusal> =>
  Result.gen(function*() {
    const qty = yield* stepsOf(book, asked.qty)
    const [toLimit, toStop] = [yield* ticksOf(book, asked.limit), yield* ticksOf(book, asked.stop)]
    if (qty <= filled) return yield* invalid(`${asked.qty} is not above what filled`, "qty")
    if ((toLimit !== undefined && limit === undefined) || (toStop !== undefined && stop === undefined)) return yield* invalid("the order has no such price", "price")
    return { qty, limit: toLimit ?? limit, stop: toStop ?? stop }
  })

const nameOf = ({ clientId, orderId }: Ledger.Order): string => clientId ?? orderId

export const change = (ledger: Ledger.Ledger, atMs: number, order: Ledger.Order, change: Change): Result.Result<Ledger.Order, Refusal> =>
  Result.gen(function*() {
    const { account: { id: account }, book } = order
    // What cannot be read is refused before anything else.
    yield* stepsOf(book, change.qty)
    yield* ticksOf(book, change.limit)
    yield* ticksOf(book, change.stop)
    Matching.advance(ledger, atMs, book)
    if (order.account.disabledUntilMs > atMs) return yield* refuse("disabled", `account ${account} may only cancel and close`, 403)
    if (!Ledger.isEnded(order) || order.status === "filled") {
      if (ledger.dice.hit("F16", order.orderId) !== undefined) {
        if (!Ledger.isEnded(order)) fillUnderHand(ledger, atMs, order)
        if (Ledger.isEnded(order)) return order
      }
    }
    if (Ledger.isEnded(order)) return yield* invalid(`order ${nameOf(order)} is ${order.status}`, "ended")
    Object.assign(order, yield* termsOf(order, change))
    Trade.note(ledger, atMs, order)
    Matching.meet(ledger, atMs, book)
    return order
  })

export const modify = (ledger: Ledger.Ledger, atMs: number, account: string, clientId: string, asked: Change): Result.Result<Ledger.Order, Refusal> =>
  Result.flatMap(found(ledger, account, clientId), (order) => change(ledger, atMs, order, asked))

const cancelOne = (ledger: Ledger.Ledger, atMs: number, order: Ledger.Order, reason?: string): void => {
  const { book, status } = order
  Trade.end(ledger, atMs, order, "canceled", reason)
  const late = status === "held" ? undefined : ledger.dice.hit("F15", order.orderId)
  if (late === undefined) return
  const delayMs = late.ms ?? lateMsMin + ledger.dice.draw("F15", lateMsMax - lateMsMin)
  Ledger.schedule(ledger, atMs + delayMs, (nowMs) => {
    Matching.advance(ledger, nowMs, book)
    Trade.fillLate(ledger, nowMs, order, order.limit ?? order.stop ?? book.price)
    Matching.meet(ledger, nowMs, book)
  })
}

export const withdraw = (ledger: Ledger.Ledger, atMs: number, order: Ledger.Order): Result.Result<void, Refusal> => {
  Matching.advance(ledger, atMs, order.book)
  if (Ledger.isEnded(order)) return invalid(`order ${nameOf(order)} is ${order.status}`, "ended")
  cancelOne(ledger, atMs, order)
  return Result.void
}

export const cancel = (ledger: Ledger.Ledger, atMs: number, account: string, clientId: string): Result.Result<void, Refusal> =>
  Result.flatMap(found(ledger, account, clientId), (order) => withdraw(ledger, atMs, order))

/** Of one account, or of one instrument of it. Gives how many. */
export const cancelAll = (ledger: Ledger.Ledger, atMs: number, account: string, symbol: string | undefined, reason?: string): Result.Result<number, Refusal> =>
  Result.gen(function*() {
    const { live } = yield* accountOf(ledger, account)
    const concerned = [...live].filter(({ book }) => symbol === undefined || book.symbol === symbol)
    for (const book of new Set(concerned.map((order) => order.book))) Matching.advance(ledger, atMs, book)
    let canceled = 0
    for (const order of concerned) {
      if (Ledger.isEnded(order)) continue
      cancelOne(ledger, atMs, order, reason)
      canceled++
    }
    return canceled
  })
