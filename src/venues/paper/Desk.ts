/**
 * One sign-in at the paper venue. Owns: that requests and quotes touch the books one at a time, the time a way to the venue and back
 * takes, and the end of a connection.
 */
import { BigDecimal, Cause, Clock, Deferred, Effect, Latch, Option, PubSub, type Semaphore, Stream } from "effect"
import { HouseConfig } from "#config/House.ts"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { PaperLogin } from "#schemas/config/LoginConfig.ts"
import type { AccountId, InstrumentId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { VenueEvent } from "#schemas/VenueEvent.ts"
import type { Book, BookEvent } from "#src/matching/Book.ts"
import type { Decision } from "#src/matching/Commands.ts"
import type * as Match from "#src/matching/Match.ts"
import { Ambiguous, Refused, Unavailable, type VenueError } from "#src/ports/Venue.ts"
import * as Books from "#src/venues/paper/Books.ts"
import * as Catalogue from "#src/venues/shared/Catalogue.ts"
import * as Prices from "#src/venues/paper/Prices.ts"
import * as Tell from "#src/venues/paper/Tell.ts"

/** Events a slow reader may be behind before it misses the oldest; so many of the latest reach one that comes late. */
const eventsBehindMax = 4_096
const eventsRepeatedMax = 256

/** A login's place at the venue: one connection at a time may hold it. `lost` fails when that one ends. */
export interface Seat {
  readonly permit: Semaphore.Semaphore
  lost: Deferred.Deferred<never, VenueError>
}

/** What a request is decided on, read under the permit. */
export interface Scene {
  readonly account: AccountConfig
  readonly book: Book
  readonly atMs: number
  readonly momentOf: (id: InstrumentId) => Effect.Effect<Match.Moment, VenueError>
}

const rulesOf = ({ lotsPerFillMax = Infinity, oca, reduceOnly, slippage }: PaperLogin["paper"]): Match.Rules =>
  ({ slippage, lotsPerFillMax, reduceOnly, oca })

const invalid = (reason: string) => new Refused({ kind: "invalid", reason })

/** Half of the latency to the venue, half of it back, whatever the answer. What is done in between is done to its end, whoever still waits. */
const visiting = (latencyMs: number) => <A>(inside: Effect.Effect<A, VenueError>): Effect.Effect<A, VenueError> => {
  const there = Math.floor(latencyMs / 2)
  return Effect.sleep(there).pipe(
    Effect.andThen(Effect.exit(Effect.uninterruptible(inside))),
    Effect.tap(() => Effect.sleep(latencyMs - there)),
    Effect.flatten
  )
}

const sceneMaker = Effect.fnUntraced(function*(login: PaperLogin, books: Books.Books, catalogue: Catalogue.Catalogue, prices: Prices.Prices) {
  const config = yield* HouseConfig
  const rules = rulesOf(login.paper)

  const momentFor = (account: AccountConfig, instrument: Instrument, price: Match.Price, atMs: number): Match.Moment =>
    ({ instrument, price, atMs, rules, feePerLot: account.feePerLot[instrument.asset] ?? BigDecimal.make(0n, 0) })

  const sceneOf = Effect.fnUntraced(function*(id: AccountId) {
    const house = yield* config.current
    const account = house.accounts.get(id)
    if (account?.login !== login.id) return yield* invalid(`account ${id} does not belong to login ${login.id}`)
    const { currency } = account.balance
    const atMs = yield* Clock.currentTimeMillis
    const momentOf = Effect.fnUntraced(function*(instrumentId: InstrumentId) {
      const instrument = Option.getOrUndefined(catalogue.byId(house, instrumentId))
      if (instrument === undefined) return yield* invalid(`no instrument ${instrumentId}`)
      if (instrument.currency !== currency) return yield* invalid(`${instrumentId} settles in ${instrument.currency}, account ${id} holds ${currency}`)
      const price = Option.getOrUndefined(yield* prices.latest(instrument, atMs))
      if (price === undefined) return yield* new Refused({ kind: "marketClosed", reason: prices.missing(instrumentId) })
      return momentFor(account, instrument, price, atMs)
    })
    const scene: Scene = { account, book: books.of(id), atMs, momentOf }
    return scene
  })
  return { momentFor, sceneOf }
})

export const make = Effect.fnUntraced(function*(login: PaperLogin, seat: Seat) {
  const books = yield* Books.recall(login.id)
  const catalogue = Catalogue.make()
  const prices = yield* Prices.make(login)
  const { momentFor, sceneOf } = yield* sceneMaker(login, books, catalogue, prices)
  const events = yield* PubSub.sliding<{ readonly account: AccountId; readonly event: VenueEvent }>({ capacity: eventsBehindMax, replay: eventsRepeatedMax })
  /** Open while there may be something to quote. */
  const wake = yield* Latch.make(true)
  const { lost } = seat

  /** With a ledger that fails the connection ends: from here on memory and ledger may differ. */
  const commit = Effect.fnUntraced(function*(account: AccountId, changes: ReadonlyArray<BookEvent>) {
    if (changes.length === 0) return
    yield* Effect.catchCause(books.commit(account, changes), (cause) =>
      Effect.andThen(
        Deferred.fail(lost, new Unavailable({ reason: `the paper ledger of ${login.id} failed` })),
        Effect.fail(new Ambiguous({ cause: Cause.pretty(cause) }))
      ))
    yield* PubSub.publishAll(events, Tell.of(books.of(account), changes).map((event) => ({ account, event })))
    yield* wake.open
  })

  const unlessLost = Effect.flatMap(Deferred.isDone(lost), (isLost) => (isLost ? Deferred.await(lost) : Effect.void))
  const alone = <A>(inside: Effect.Effect<A, VenueError>) => seat.permit.withPermit(Effect.andThen(unlessLost, inside))
  const visit = visiting(login.paper.latencyMs)

  return {
    login,
    books,
    catalogue,
    prices,
    lost,
    wake,
    momentFor,
    commit,
    alone,
    read: <A>(account: AccountId, f: (scene: Scene) => A) => visit(alone(Effect.map(sceneOf(account), f))),
    /** Gives the book as it is after the decision. */
    request: (account: AccountId, decide: (scene: Scene) => Effect.Effect<Decision, VenueError>) =>
      visit(alone(Effect.gen(function*() {
        const { events: changes, refusal } = yield* Effect.flatMap(sceneOf(account), decide)
        yield* commit(account, changes)
        if (refusal !== undefined) return yield* new Refused(refusal)
        return books.of(account)
      }))),
    events: Stream.interruptWhen(Stream.fromPubSub(events), Deferred.await(lost))
  }
})
export type Desk = Effect.Success<ReturnType<typeof make>>
