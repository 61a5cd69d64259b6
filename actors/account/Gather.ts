/** Collects the facts of one decision: everything an account may look at, as plain values of one instant. */
import { Effect, HashSet, Option } from "effect"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import * as ManualStrategy from "#config/ManualStrategy.ts"
import { modeOf } from "#schemas/config/LoginConfig.ts"
import type { AccountId, InstrumentId } from "#schemas/Ids.ts"
import type { Quote } from "#schemas/Quote.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import type { Facts, Powers } from "#src/lifecycle/Facts.ts"
import { Installation } from "#src/ports/Installation.ts"
import { Journal } from "#src/ports/Journal.ts"
import { QuoteBook } from "#src/ports/QuoteBook.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

export const make = Effect.fnUntraced(function*(id: AccountId) {
  const clocks = yield* Clocks
  const house = yield* HouseConfig
  const installation = yield* Installation
  const journal = yield* Journal
  const quotes = yield* QuoteBook
  const latch = yield* RiskLatch
  const supervision = yield* Supervision
  const withManual = ManualStrategy.makeWith()

  /** Undefined: the account is not configured any more. */
  return Effect.fnUntraced(function*(
    book: Book,
    ids: ReadonlyArray<InstrumentId>,
    powers: Powers | undefined,
    watch: Required<Pick<Facts, "doubtedSinceMs" | "exposedSinceMs" | "heard" | "notBeforeMs" | "seen" | "touchedMs">>
  ) {
    const { accounts, calendars, entriesWait, hash, instruments, logins, strategies } = yield* house.current
    const account = accounts.get(id)
    if (account === undefined) return undefined
    const login = logins.get(account.login)
    const wanted = new Set([...ids, ...book.brackets.keys(), ...book.drift.keys(), ...book.queue.map(({ approved }) => approved.instrument.id)])
    const known = new Map<InstrumentId, Quote>()
    for (const instrumentId of wanted) {
      const quote = yield* quotes.latest(instrumentId, account.login)
      if (Option.isSome(quote)) known.set(instrumentId, quote.value)
    }
    const held = yield* latch.held
    const paused = yield* latch.paused
    const { lowDisk } = yield* journal.status
    const states = yield* supervision.states
    const facts: Facts = {
      nowMs: yield* clocks.wallMs,
      installationId: installation.id,
      configHash: hash,
      account,
      strategies: withManual(strategies),
      calendars,
      powers,
      quote: (instrumentId) => known.get(instrumentId),
      latched: (scopes) => scopes.find((scope) => HashSet.has(held, scope)),
      paused: (scopes) => scopes.find((scope) => HashSet.has(paused, scope)),
      mode: login === undefined ? "live" : modeOf(login.venue),
      exposedSinceMs: watch.exposedSinceMs,
      notBeforeMs: watch.notBeforeMs,
      doubtedSinceMs: watch.doubtedSinceMs,
      touchedMs: watch.touchedMs,
      heard: watch.heard,
      seen: watch.seen,
      instrument: (instrumentId) => Option.getOrUndefined(Resolve.byId(instruments, instrumentId, calendars)),
      isLowOnDisk: lowDisk,
      entriesWait: entriesWait?.has(id) === true,
      isLeaving: states.house === "stopping",
      mayEnter: false // whose turn has come is decided apart: `Turns`
    }
    return facts
  })
})
