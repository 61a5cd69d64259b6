/**
 * The requests of one connection. Owns: that only an answer about what was asked for counts, that an order's own steps are those of its
 * instrument, and which pictures are too old to be shown.
 */
import { BigDecimal, Clock, Effect, Option, Result } from "effect"
import type { House } from "#config/House.ts"
import { type AccountId, type ClientOrderId, type InstrumentId, type LoginId, VenueOrderId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Order } from "#schemas/Order.ts"
import * as Answers from "#src/venues/reference/Answers.ts"
import * as Reading from "#src/venues/reference/Reading.ts"
import * as Session from "#src/venues/reference/Session.ts"
import type { Specs } from "#src/venues/reference/Specs.ts"
import type { Told } from "#src/venues/reference/Stream.ts"
import * as Translate from "#src/venues/reference/Translate.ts"
import { type Acknowledged, type Connection, Refused, Unsupported } from "#src/ports/Venue.ts"
import * as Accounts from "#src/venues/shared/Accounts.ts"
import * as Bounded from "#src/venues/shared/Bounded.ts"
import * as Budget from "#src/venues/shared/Budget.ts"

/** Fills are asked for from so much earlier: its clock and ours differ, and repeated fills count once. */
const fillsOverlapMs = 60_000
/** A fill said to be further in the future than this says nothing about pictures. */
const aheadMsMax = 300_000

export interface Around {
  readonly login: LoginId
  readonly session: Session.Session
  readonly specs: Specs
  readonly reading: Reading.Reading
  readonly memory: Reading.Memory
  /** This is traded: it is to be quoted. */
  readonly look: (symbol: string) => void
}

type Trading = Omit<Connection, "capabilities" | "accounts" | "events" | "quotes">

const invalid = (reason: string) => new Refused({ kind: "invalid", reason })

/** The venue's own times, by account: of the newest fill that was told, and of the newest picture. */
export const makeTimes = () => {
  const fills = new Map<AccountId, number>()
  const pictures = new Map<AccountId, number>()
  return {
    overhear: ({ account, event }: Told, nowMs: number) => {
      if (event._tag !== "Filled" || event.fill.atMs > nowMs + aheadMsMax) return
      fills.set(account, Math.max(fills.get(account) ?? 0, event.fill.atMs))
    },
    /** It shows what was before something that is already known. */
    isPast: (account: AccountId, asOfMs: number) => asOfMs < Math.max(fills.get(account) ?? 0, pictures.get(account) ?? 0),
    pictured: (account: AccountId, asOfMs: number, nowMs: number) => {
      if (asOfMs <= nowMs + aheadMsMax) pictures.set(account, asOfMs)
    }
  }
}
type Times = ReturnType<typeof makeTimes>

/** Whose requests are whose, and in which steps. */
const addressing = ({ login, memory, reading, session, specs }: Around) => {
  const accountIn = (house: House, id: AccountId): Effect.Effect<string, Refused> => {
    const account = Accounts.venueAccountOf(house, login, id)
    if (account === undefined) return Effect.fail(invalid(`account ${id} does not belong to login ${login}`))
    return session.accounts.has(account) ? Effect.succeed(account) : Effect.fail(invalid(`the venue lists no account ${account} for login ${login}: correct its venueAccount`))
  }
  const inAccount = (id: AccountId) => Effect.flatMap(specs.house, (house) => Effect.map(accountIn(house, id), (account) => ({ house, account })))

  /** What the venue calls this order. */
  const nameOf = (id: ClientOrderId): Effect.Effect<string, Unsupported> => {
    const name = memory.strangers.has(id) ? memory.strangers.get(id) : id
    return name === undefined
      ? Effect.fail(new Unsupported({ what: `address ${id}: it has no client id of its own there, cancel it at the venue` }))
      : Effect.succeed(name)
  }

  /** Evidence only if it is of the order that was asked for. */
  const about = Effect.fnUntraced(function*(id: ClientOrderId, row: unknown, house: House) {
    const report = yield* reading.order(row, house)
    if (report === undefined) return yield* Session.astray("an order that cannot be read")
    return report.clientOrderId === id ? report : yield* Session.astray("another order")
  })

  const find = Effect.fnUntraced(function*(id: AccountId, order: ClientOrderId) {
    const { account, house } = yield* inAccount(id)
    const name = yield* nameOf(order)
    const answer = yield* session.ask(Answers.oneOrder, { method: "GET", path: `/v1/orders/${encodeURIComponent(name)}`, query: { account } }).pipe(
      Effect.asSome,
      Effect.catchIf((error) => error._tag === "Refused" && error.kind === "notFound", () => Effect.succeedNone)
    )
    if (Option.isNone(answer)) return Option.none()
    return Option.some(yield* about(order, answer.value.order, house))
  })

  /** A change names only its order: the steps are those of its symbol. */
  const specFor = Effect.fnUntraced(function*(id: AccountId, order: ClientOrderId) {
    if (!memory.symbols.has(order) && Option.isNone(yield* find(id, order))) {
      return yield* new Refused({ kind: "notFound", reason: `the venue does not find ${order}` })
    }
    const symbol = memory.symbols.get(order) ?? ""
    const spec = specs.of(yield* specs.house, symbol)
    return spec === undefined ? yield* invalid(`nobody knows the steps of ${symbol}`) : spec
  })
  return { inAccount, nameOf, about, find, specFor }
}
type Addressing = ReturnType<typeof addressing>

type Placing = Pick<Trading, "submit" | "submitBracket" | "modify" | "cancel" | "cancelAll" | "closePosition">

const placing = ({ look, memory, session, specs }: Around, { about, inAccount, nameOf, specFor }: Addressing): Placing => {
  const isNative = session.style === "native"

  /** What another size of step would turn into another order does not leave; what protects or closes still does. */
  const checked = (order: Order, instrument: Instrument): Effect.Effect<void, Refused> => {
    const differs = order.leg === "entry" ? specs.disagreement(instrument) : undefined
    return differs === undefined ? Effect.void : Effect.fail(invalid(`${instrument.id} is not the same at the venue (${differs}): correct instruments.json`))
  }

  const remember = (orders: ReadonlyArray<Order | undefined>) => {
    for (const order of orders) {
      if (order === undefined) continue
      Bounded.put(memory.symbols, order.id, order.instrumentId, Reading.ordersKnownMax)
      look(order.instrumentId)
    }
  }

  const place = Effect.fnUntraced(function*(order: Order, instrument: Instrument, children: ReadonlyArray<Order | undefined>, bodyFor: (account: string) => unknown) {
    const { account } = yield* inAccount(order.accountId)
    yield* checked(order, instrument)
    remember([order, ...children])
    const { orderId } = yield* session.tell(Answers.placed, { method: "POST", path: "/v1/orders", body: bodyFor(account) }, Budget.urgencyOf(order))
    const acknowledged: Acknowledged = { venueOrderId: VenueOrderId.make(orderId) }
    return acknowledged
  })

  return {
    submit: (order, instrument) => place(order, instrument, [], (account) => Translate.orderBody(order, account, instrument, isNative)),
    submitBracket: (bracket, instrument) => isNative
      ? place(bracket.entry, instrument, [bracket.stop, bracket.target], (account) => Translate.bracketBody(bracket, account, instrument))
      : Effect.fail(new Unsupported({ what: "take native brackets" })),
    modify: Effect.fnUntraced(function*(id, order, change) {
      const { account, house } = yield* inAccount(id)
      const spec = yield* specFor(id, order)
      const path = `/v1/orders/${encodeURIComponent(yield* nameOf(order))}`
      const request = { method: "PATCH", path, body: Translate.changeBody(change, account, spec) } as const
      const answer = yield* session.tell(Answers.oneOrder, request, change.stop === undefined ? "entry" : "urgent")
      yield* about(order, answer.order, house)
    }),
    cancel: Effect.fnUntraced(function*(id, order) {
      const { account } = yield* inAccount(id)
      yield* session.tell(Answers.done, { method: "DELETE", path: `/v1/orders/${encodeURIComponent(yield* nameOf(order))}`, query: { account } }, "urgent")
    }),
    cancelAll: Effect.fnUntraced(function*(id, instrument) {
      const { account } = yield* inAccount(id)
      const query = { account, ...(instrument === undefined ? {} : { symbol: specs.symbolOf(instrument) }) }
      yield* session.tell(Answers.cancelled, { method: "DELETE", path: "/v1/orders", query }, "urgent")
    }),
    closePosition: Effect.fnUntraced(function*(id, instrument, order, lots) {
      const { account, house } = yield* inAccount(id)
      const symbol = specs.symbolOf(instrument)
      const spec = specs.of(house, symbol)
      if (lots !== undefined && spec === undefined) return yield* invalid(`nobody knows the steps of ${symbol}`)
      Bounded.put(memory.symbols, order, symbol, Reading.ordersKnownMax)
      const qty = lots === undefined || spec === undefined ? {} : { qty: Translate.quantityText(spec, lots) }
      const { orderId } = yield* session.tell(Answers.placed, { method: "POST", path: "/v1/close", body: { account, symbol, clientId: order, ...qty } }, "urgent")
      return { venueOrderId: VenueOrderId.make(orderId) }
    })
  }
}

type Asking = Omit<Trading, keyof Placing>

const asking = ({ reading, session, specs }: Around, { find, inAccount }: Addressing, times: Times): Asking => {
  const accountAsk = Effect.fnUntraced(function*<A>(id: AccountId, read: Answers.Reader<A>, path: string, query: Readonly<Record<string, string>> = {}) {
    const { account, house } = yield* inAccount(id)
    return { house, answer: yield* session.ask(read, { method: "GET", path, query: { account, ...query } }) }
  })

  return {
    orderByClientId: find,
    workingOrders: Effect.fnUntraced(function*(id) {
      const { answer, house } = yield* accountAsk(id, Answers.orders, "/v1/orders")
      if (times.isPast(id, answer.asOf ?? Infinity)) return yield* Session.astray("orders before what is already known")
      return yield* reading.orders(answer.orders, house)
    }),
    positions: Effect.fnUntraced(function*(id) {
      const { answer: { asOf, positions }, house } = yield* accountAsk(id, Answers.positions, "/v1/positions")
      if (times.isPast(id, asOf)) return yield* Session.astray("positions before what is already known")
      const read = reading.positions(positions, house)
      if (Result.isFailure(read)) return yield* Session.astray(`positions that cannot be read (${session.clean(read.failure)})`)
      times.pictured(id, asOf, yield* Clock.currentTimeMillis)
      return read.success
    }),
    balances: Effect.fnUntraced(function*(id) {
      const { answer: { cash, currency } } = yield* accountAsk(id, Answers.balance, "/v1/balance")
      return { amount: BigDecimal.normalize(cash), currency }
    }),
    fillsSince: Effect.fnUntraced(function*(id, sinceMs) {
      const { answer, house } = yield* accountAsk(id, Answers.fills, "/v1/fills", { since: String(Math.max(0, Math.floor(sinceMs - fillsOverlapMs))) })
      return yield* reading.fills(answer.fills, house)
    }),
    bars: Effect.fnUntraced(function*(instrument: InstrumentId, fromMs: number, toMs: number, barMs: number) {
      const symbol = specs.symbolOf(instrument)
      const spec = specs.of(yield* specs.house, symbol)
      if (spec === undefined) return yield* invalid(`no instrument ${instrument}`)
      const query = { symbol, from: String(Math.floor(fromMs)), to: String(Math.floor(toMs)), step: String(Math.floor(barMs)) }
      const answer = yield* session.ask(Answers.bars, { method: "GET", path: "/v1/bars", query })
      return yield* reading.bars(answer.bars, instrument, spec, barMs)
    })
  }
}

export const make = (around: Around, times: Times): Trading => {
  const address = addressing(around)
  return { ...placing(around, address), ...asking(around, address, times) }
}
