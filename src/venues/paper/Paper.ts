/** The paper venue behind the port: a matching engine over a market of its own, or over another login's quotes. Owns: who sits at which login. Nothing reaches a broker. */
import { BigDecimal, Clock, Context, Deferred, Effect, Option, Semaphore } from "effect"
import { HouseConfig } from "#config/House.ts"
import type { PaperLogin } from "#schemas/config/LoginConfig.ts"
import type { ClientOrderId, LoginId } from "#schemas/Ids.ts"
import type { Order } from "#schemas/Order.ts"
import { Market } from "#src/ports/Market.ts"
import * as Book from "#src/matching/Book.ts"
import * as Commands from "#src/matching/Commands.ts"
import type * as Match from "#src/matching/Match.ts"
import { PaperLedger } from "#src/ports/PaperLedger.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import { type Acknowledged, type Adapter, Ambiguous, type Capabilities, type Connection, Refused, Unavailable, Unsupported, type VenueError } from "#src/ports/Venue.ts"
import * as Bars from "#src/venues/paper/Bars.ts"
import * as Desk from "#src/venues/paper/Desk.ts"
import * as Ticker from "#src/venues/paper/Ticker.ts"
import * as TradingDay from "#src/venues/paper/TradingDay.ts"
import * as Wanted from "#src/venues/shared/Wanted.ts"

/** Nothing is on a network: bounded so that a burst over a thousand accounts leaves room for others. */
const requestsAtOnce = 64

const capabilitiesOf = ({ paper }: PaperLogin): Capabilities => ({
  nativeBrackets: paper.nativeBrackets,
  reduceOnly: paper.reduceOnly,
  oca: paper.oca,
  modify: paper.modify,
  closeTakesOrders: false,
  lookupProvesAfterMs: 0,
  wireEndsWithUs: true,
  isSimulated: true
})

const acknowledged = (id: ClientOrderId) => (book: Book.Book): Effect.Effect<Acknowledged, VenueError> => {
  const booked = Book.find(book, id)
  return booked === undefined
    ? Effect.fail(new Ambiguous({ cause: `order ${id} is already forgotten` }))
    : Effect.succeed({ venueOrderId: booked.venueOrderId })
}

const endsAtMs = ({ account, atMs }: Desk.Scene, { expiresAtMs, timeInForce }: Pick<Book.Ticket, "expiresAtMs" | "timeInForce">): number | undefined => {
  const ends = [expiresAtMs, timeInForce === "day" ? TradingDay.endsAtMs(account.dayStartsAt, atMs) : undefined].filter((end) => end !== undefined)
  return ends.length === 0 ? undefined : Math.min(...ends)
}

const supports = (isSupported: boolean, what: string): Effect.Effect<void, Unsupported> =>
  isSupported ? Effect.void : Effect.fail(new Unsupported({ what }))

/** Ticks mean something only in the catalogue's version of the instrument. */
const sameVersion = ({ instrumentId, instrumentVersion }: Order, { instrument: { version } }: Match.Moment): Effect.Effect<void, Refused> =>
  instrumentVersion === version
    ? Effect.void
    : Effect.fail(new Refused({ kind: "invalid", reason: `${instrumentId} is at version ${version}, the order is made with ${instrumentVersion}` }))

type Trading = Omit<Connection, "capabilities" | "accounts" | "events" | "quotes" | "bars">

const trading = ({ paper }: PaperLogin, desk: Desk.Desk): Trading => ({
  submit: (order) =>
    desk.request(order.accountId, (scene) => Effect.gen(function*() {
      const moment = yield* scene.momentOf(order.instrumentId)
      yield* sameVersion(order, moment)
      return Commands.place(scene.book, Commands.ticketOf(order), endsAtMs(scene, order), moment)
    })).pipe(Effect.flatMap(acknowledged(order.id))),
  submitBracket: (bracket) =>
    Effect.andThen(supports(paper.nativeBrackets, "native brackets"), desk.request(bracket.entry.accountId, (scene) => Effect.gen(function*() {
      const moment = yield* scene.momentOf(bracket.entry.instrumentId)
      yield* sameVersion(bracket.entry, moment)
      return Commands.placeBracket(scene.book, bracket, (ticket) => endsAtMs(scene, ticket), moment)
    }))).pipe(Effect.flatMap(acknowledged(bracket.entry.id))),
  modify: (account, id, change) =>
    Effect.andThen(supports(paper.modify, "modify"), desk.request(account, (scene) => Effect.gen(function*() {
      const booked = scene.book.orders.get(id)
      if (booked === undefined) return Commands.notWorking(scene.book, id)
      const { price } = yield* scene.momentOf(booked.ticket.instrumentId)
      return Commands.modify(scene.book, id, change, price)
    }))).pipe(Effect.asVoid),
  cancel: (account, id) => Effect.asVoid(desk.request(account, ({ book }) => Effect.succeed(Commands.cancel(book, id)))),
  cancelAll: (account, instrument) => Effect.asVoid(desk.request(account, ({ book }) => Effect.succeed(Commands.cancelAll(book, instrument)))),
  closePosition: (account, instrument, id, lots) =>
    desk.request(account, ({ book, momentOf }) =>
      Effect.map(momentOf(instrument), (moment) => Commands.close(book, id, lots, moment))).pipe(Effect.flatMap(acknowledged(id))),
  orderByClientId: (account, id) => desk.read(account, ({ book }) => Option.map(Option.fromUndefinedOr(Book.find(book, id)), Book.reportOf)),
  workingOrders: (account) => desk.read(account, ({ book }) => Array.from(book.orders.values(), Book.reportOf)),
  positions: (account) => desk.read(account, ({ book }) => Array.from(book.positions, ([instrumentId, { net }]) => ({ instrumentId, net }))),
  balances: (account) => desk.read(account, ({ account: { balance }, book }) => ({
    amount: BigDecimal.subtract(BigDecimal.sum(balance.amount, book.realised), book.fees),
    currency: balance.currency
  })),
  fillsSince: (account, sinceMs) => desk.read(account, ({ book }) => book.fills.filter(({ atMs }) => atMs >= sinceMs))
})

const marketData = ({ paper }: PaperLogin, ticker: Ticker.Ticker): Pick<Connection, "quotes" | "bars"> => ({
  quotes: ticker.quotes,
  bars: Effect.fnUntraced(function*(id, fromMs, toMs, barMs) {
    yield* supports(paper.quotesFrom === undefined, "bars of another login's market")
    const instrument = Option.getOrUndefined(yield* ticker.instrument(id))
    if (instrument === undefined) return yield* new Refused({ kind: "invalid", reason: `no instrument ${id}` })
    if (barMs < Bars.barMsMin) return yield* new Refused({ kind: "invalid", reason: `bars are at least ${Bars.barMsMin} ms long` })
    const span = { fromMs, toMs, barMs, nowMs: yield* Clock.currentTimeMillis }
    return yield* Bars.sample(id, span, (atMs) => ticker.priceAt(instrument, atMs))
  })
})

/** For the record of venues. The market is a service of its own, so that it can be scripted. `wanted`: what logins here need of another's quotes, and others of theirs. */
export const makeWith = Effect.fnUntraced(function*(wanted: Wanted.Wanted) {
  const services = Context.empty().pipe(
    Context.add(HouseConfig, yield* HouseConfig),
    Context.add(PaperLedger, yield* PaperLedger),
    Context.add(Market, yield* Market),
    Context.add(QuoteBook, yield* QuoteBook)
  )
  const seats = new Map<LoginId, Desk.Seat>()

  /** A second sign-in ends the first: one ledger, one writer. */
  const sitDown = Effect.fnUntraced(function*(login: PaperLogin) {
    const lost = yield* Deferred.make<never, VenueError>()
    const seat = seats.get(login.id) ?? { permit: Semaphore.makeUnsafe(1), lost }
    seats.set(login.id, seat)
    yield* Effect.addFinalizer(() => Deferred.fail(lost, new Unavailable({ reason: `${login.id} signed out` })))
    return yield* seat.permit.withPermit(Effect.suspend(() => {
      const before = seat.lost
      seat.lost = lost
      const kicked = before === lost ? Effect.void : Deferred.fail(before, new Unavailable({ reason: `${login.id} signed in again elsewhere` }))
      return Effect.andThen(kicked, Desk.make(login, seat))
    }))
  })

  /** What rests meets the market as it is now before anybody is let in. */
  const connect = Effect.fnUntraced(function*(login: PaperLogin) {
    yield* Effect.sleep(login.paper.latencyMs)
    const desk = yield* sitDown(login)
    const ticker = yield* Ticker.make(desk, wanted)
    yield* ticker.tick
    yield* Effect.forkScoped(ticker.run)
    const house = yield* Context.get(services, HouseConfig).current
    const accounts = [...house.accounts.values()].filter((account) => account.login === login.id).map(({ id }) => id)
    return { ...trading(login, desk), ...marketData(login, ticker), capabilities: capabilitiesOf(login), accounts, events: desk.events }
  })

  const adapter: Adapter = {
    id: "paper",
    requestsAtOnce,
    connect: (login) => login.venue === "paper"
      ? Effect.provideContext(connect(login), services)
      : Effect.die(new Error(`login ${login.id} is not one of the paper venue`))
  }
  return adapter
})

export const make = Effect.suspend(() => makeWith(Wanted.make()))
