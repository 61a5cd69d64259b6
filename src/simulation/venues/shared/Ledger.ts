/** The venue's own books: accounts, orders, positions, cash, and the record of everything. Owns: the shapes, what is indexed, and what is forgotten. No clock: whoever acts says when. */
import * as Decimal from "./Decimal.ts"
import type { Dice } from "./Faults.ts"
import * as Market from "./Market.ts"
import type { Entry, LedgerRecord, OrderType, Role, Side, Status } from "./Records.ts"

/** Ended orders that can still be looked up. */
const endedMax = 50_000
/** Fills of one account that can still be asked for. */
const fillsMax = 50_000
/** Changes of one account's positions and cash that are kept for answers of half a minute ago. */
const changesMax = 1_000
/** What waits to be told. Past it nobody listens. */
const eventsMax = 10_000

export interface AccountOptions {
  readonly id: string
  readonly currency: string
  readonly cash: string
  readonly feePerLot: string
}

export interface InstrumentOptions {
  readonly symbol: string
  readonly tick: string
  readonly pointValue: string
  readonly step: string
  /** Where the seed's walk begins, in ticks, and half of its widest swing. */
  readonly startTicks?: number
  readonly swingTicks?: number
}

export type Style = "native" | "plain"

/** What venues do differently with the same books. */
export interface Habits {
  /** Children of a bracket wake with each part of their parent that fills, or only once all of it has. */
  readonly activation: "proportional" | "onFullFill"
  /** A stop on the wrong side of the market is rejected as it comes to work; otherwise it fills at once. */
  readonly rejectsWrongSide: boolean
  /** F23: an order may be told under another id from its acceptance on. */
  readonly changesIds: boolean
  /** Ids are whole numbers, without a letter of their kind. */
  readonly hasPlainIds: boolean
}

export const usualHabits: Habits = { activation: "proportional", rejectsWrongSide: false, changesIds: true, hasPlainIds: false }

export interface Position {
  net: number
  /** What is open, oldest first: whole steps, all of one sign. */
  lots: Array<{ qty: number; readonly price: number }>
}

export interface Change {
  readonly atMs: number
  readonly symbol: string
  readonly net: number
  readonly cash: Decimal.Decimal
}

export interface Account {
  readonly id: string
  readonly currency: string
  readonly feePerLot: Decimal.Decimal
  readonly opening: Decimal.Decimal
  readonly positions: Map<string, Position>
  readonly live: Set<Order>
  cash: Decimal.Decimal
  fills: Array<WireFill>
  changes: Array<Change>
  disabledUntilMs: number
}

export interface Book {
  readonly symbol: string
  readonly tick: Decimal.Decimal
  readonly step: Decimal.Decimal
  readonly pointValue: string
  /** Worth of one tick of one step. */
  readonly tickValue: Decimal.Decimal
  readonly walk: Market.Walk
  script: ReadonlyArray<Market.Point>
  /** Matched up to here. */
  cursorMs: number
  price: number
  isOpen: boolean
  closedToEntriesUntilMs: number
  readonly working: Array<Order>
}

export interface Order {
  readonly orderId: string
  /** As it is told: another one after its id was changed. */
  wireId: string
  readonly clientId: string | undefined
  readonly account: Account
  readonly book: Book
  readonly side: Side
  readonly type: OrderType
  readonly tif: "day" | "gtc" | "ioc" | "fok"
  readonly expiresAt: number | undefined
  readonly reduceOnly: boolean
  readonly parent: Order | undefined
  readonly role: Role
  readonly children: Array<Order>
  /** One cancels the other, without a parent. */
  sibling: Order | undefined
  qty: number
  filled: number
  status: Status
  limit: number | undefined
  stop: number | undefined
  reason: string | undefined
  isTriggered: boolean
  hiddenUntilMs: number
  /** Each status with its instant, for answers of half a minute ago. */
  readonly history: Array<{ readonly atMs: number; readonly wire: WireOrder }>
  /** What was told of it last, by session and status. */
  told: string
}

export interface WireOrder {
  readonly orderId: string
  readonly clientId?: string
  readonly symbol: string
  readonly side: Side
  readonly type: OrderType
  readonly qty: string
  readonly filled: string
  readonly status: Status
  readonly limit?: string
  readonly stop?: string
  readonly reason?: string
  readonly reduceOnly?: true
  readonly parent?: string
}

export interface WireFill {
  readonly fillId: string
  readonly orderId: string
  readonly clientId?: string
  readonly symbol: string
  readonly side: Side
  readonly qty: string
  readonly price: string
  readonly fee: string
  readonly at: number
}

/** What the account's owner is to hear. */
export type Event =
  | { readonly type: "order"; readonly account: string; readonly order: WireOrder; readonly of: Order }
  | { readonly type: "fill"; readonly account: string; readonly fill: WireFill; readonly of: Order }
  | { readonly type: "position"; readonly account: string; readonly position: { readonly symbol: string; readonly net: string } }

export interface Ledger {
  readonly style: Style
  readonly habits: Habits
  readonly dice: Dice
  readonly prefix: string
  readonly records: Array<LedgerRecord>
  readonly accounts: Map<string, Account>
  readonly books: Map<string, Book>
  readonly byClientId: Map<string, Array<Order>>
  readonly ended: Array<Order>
  /** What comes later by itself: late fills, ends of halts. Sorted by instant. */
  readonly agenda: Array<{ readonly atMs: number; readonly run: (atMs: number) => void }>
  events: Array<Event>
  lastNumber: number
  written: number
}

const defaultStartTicks = 20_000
const defaultSwingTicks = 300

export const write = (ledger: Ledger, atMs: number, entry: Entry): void => {
  ledger.records.push({ n: ++ledger.written, atMs, ...entry })
}

export const emit = (ledger: Ledger, event: Event): void => {
  if (ledger.events.length < eventsMax) ledger.events.push(event)
}

export const nextId = (ledger: Ledger, letter: string): string => `${ledger.habits.hasPlainIds ? "" : letter}${ledger.prefix}${++ledger.lastNumber}`

export const addAccount = (ledger: Ledger, atMs: number, options: AccountOptions): void => {
  const cash = Decimal.of(options.cash)
  ledger.accounts.set(options.id, {
    id: options.id, currency: options.currency, feePerLot: Decimal.of(options.feePerLot), opening: cash, cash,
    positions: new Map(), live: new Set(), fills: [], changes: [], disabledUntilMs: 0
  })
  write(ledger, atMs, { kind: "cash", account: options.id, amount: Decimal.format(cash) })
}

export const addInstrument = (ledger: Ledger, atMs: number, seed: number, options: InstrumentOptions): void => {
  const [tick, step, pointValue] = [Decimal.of(options.tick), Decimal.of(options.step), Decimal.of(options.pointValue)]
  const walk = Market.walkOf(seed, options.symbol, options.startTicks ?? defaultStartTicks, options.swingTicks ?? defaultSwingTicks)
  ledger.books.set(options.symbol, {
    symbol: options.symbol, tick, step, pointValue: options.pointValue, tickValue: Decimal.multiply(Decimal.multiply(tick, step), pointValue),
    walk, script: [], cursorMs: atMs, price: Market.priceAt(walk, [], atMs), isOpen: true, closedToEntriesUntilMs: 0, working: []
  })
  write(ledger, atMs, { kind: "market", symbol: options.symbol, open: true })
}

export const make = (style: Style, prefix: string, dice: Dice, records: Array<LedgerRecord>, habits: Habits = usualHabits): Ledger => ({
  style, habits, dice, prefix, records, accounts: new Map(), books: new Map(), byClientId: new Map(), ended: [], agenda: [],
  events: [], lastNumber: 1_000, written: records.length
})

const key = (account: string, clientId: string): string => `${account}\n${clientId}`

export const index = (ledger: Ledger, order: Order): void => {
  order.account.live.add(order)
  if (order.clientId === undefined) return
  const name = key(order.account.id, order.clientId)
  const known = ledger.byClientId.get(name)
  if (known === undefined) ledger.byClientId.set(name, [order])
  else known.push(order)
}

export const isEnded = ({ status }: Order): boolean => status !== "held" && status !== "working" && status !== "partly"

/** The live one of that name, else the newest. */
export const find = (ledger: Ledger, account: string, clientId: string): Order | undefined => {
  const known = ledger.byClientId.get(key(account, clientId))
  return known?.find((order) => !isEnded(order)) ?? known?.at(-1)
}

/** An ended order leaves the working ones; the oldest ended one is forgotten. */
export const retire = (ledger: Ledger, order: Order): void => {
  const { account, book } = order
  account.live.delete(order)
  const at = book.working.indexOf(order)
  if (at >= 0) book.working.splice(at, 1)
  ledger.ended.push(order)
  if (ledger.ended.length <= endedMax + changesMax) return
  for (const old of ledger.ended.splice(0, changesMax)) {
    if (old.clientId === undefined) continue
    const name = key(old.account.id, old.clientId)
    const left = ledger.byClientId.get(name)?.filter((one) => one !== old) ?? []
    if (left.length === 0) ledger.byClientId.delete(name)
    else ledger.byClientId.set(name, left)
  }
}

export const keepFill = (account: Account, fill: WireFill): void => {
  account.fills.push(fill)
  if (account.fills.length > fillsMax + changesMax) account.fills = account.fills.slice(-fillsMax)
}

export const keepChange = (account: Account, change: Change): void => {
  account.changes.push(change)
  if (account.changes.length > 2 * changesMax) account.changes = account.changes.slice(-changesMax)
}

export const netOf = (account: Account, symbol: string): number => account.positions.get(symbol)?.net ?? 0

export const schedule = (ledger: Ledger, atMs: number, run: (atMs: number) => void): void => {
  const before = ledger.agenda.findIndex((one) => one.atMs > atMs)
  if (before < 0) ledger.agenda.push({ atMs, run })
  else ledger.agenda.splice(before, 0, { atMs, run })
}

export const sizeText = (book: Book, steps: number): string => Decimal.format(Decimal.times(book.step, steps))
export const priceText = (book: Book, ticks: number): string => Decimal.format(Decimal.times(book.tick, ticks))
