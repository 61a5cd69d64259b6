/** The account's line to its broker session. Nobody waits at its other end: answers come back as messages. */
import { Effect } from "effect"
import * as Ages from "#actors/account/Ages.ts"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { surely } from "#actors/Deliver.ts"
import { HouseConfig } from "#config/House.ts"
import type { AccountId, StrategyId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { SessionRequest } from "#schemas/SessionRequest.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import * as Reconcile from "#src/lifecycle/Reconcile.ts"
import * as Wire from "#src/lifecycle/Wire.ts"

/** Fills are asked for from this long before the last one known. */
const fillsOverlapMs = 60_000

export const make = Effect.fnUntraced(function*(id: AccountId) {
  const house = yield* HouseConfig
  const sessionFor = yield* BrokerSession.client
  const ages = Ages.make()

  /** Asked anew each time: the configuration says which login it is. */
  const session = Effect.map(house.current, ({ accounts }) => {
    const login = accounts.get(id)?.login
    return login === undefined ? undefined : sessionFor(login)
  })

  const ask = Effect.fnUntraced(function*(request: SessionRequest, afterSeq: number, strategy?: StrategyId) {
    const to = yield* session
    if (to !== undefined) yield* surely(to.Ask({ request, afterSeq, ...(strategy === undefined ? {} : { strategy }) }, { discard: true }))
  })

  /** What a commit intends. An entry carries its strategy and its age: a kill or the clock still stops it at the wire, and so does the disk. */
  const askAll = (book: Book, committed: ReadonlyArray<JournalEvent>, facts: Facts, afterSeq: number) =>
    Effect.forEach(Wire.requests(book, committed, id), (request) => {
      const instrument = "instrument" in request ? request.instrument : undefined
      const strategy = instrument === undefined ? undefined : book.brackets.get(instrument.id)?.strategy
      return ask(ages.limited(request, strategy, committed, facts), afterSeq, strategy)
    }, { discard: true })

  const askPicture = (book: Book, nowMs: number) => {
    const sinceMs = (book.lastFillAtMs === 0 ? nowMs : book.lastFillAtMs) - fillsOverlapMs
    const opened = [...book.brackets.values()].map(({ openedAtMs }) => openedAtMs)
    return ask(SessionRequest.cases.Snapshot.make({
      accountId: id,
      orderIds: Reconcile.askedOrders(book).map(({ order }) => order.id),
      sinceMs: Math.min(sinceMs, ...opened)
    }), 0)
  }

  /** Its answer, if the venue is there, is `SessionUp`. */
  const join = Effect.flatMap(session, (to) => to === undefined ? Effect.void : surely(to.Join({ accountId: id }, { discard: true })))

  /** It is gone, and something here does not wait for it. */
  const need = Effect.flatMap(session, (to) => to === undefined ? Effect.void : surely(to.Need(undefined, { discard: true })))

  return { askAll, askPicture, heard: ages.heard, join, need }
})
