/** Who must be awake: an entity exists only once it was told something, and a strategy that sleeps guards nothing. */
import { Effect } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { Dispatcher, theOne } from "#actors/dispatcher/Protocol.ts"
import { StrategyGuard } from "#actors/strategy-guard/Protocol.ts"
import { HouseConfig } from "#config/House.ts"

/** At boot and after a move. Accounts before their sessions: then the first connection finds them listening. One venue's trouble wakes nobody late. */
export const wakeAll = Effect.gen(function*() {
  const { accounts, logins, strategies } = yield* (yield* HouseConfig).current
  const guardFor = yield* StrategyGuard.client
  const accountFor = yield* Account.client
  const sessionFor = yield* BrokerSession.client
  const dispatcherFor = yield* Dispatcher.client
  const apart = { concurrency: "unbounded", discard: true } as const
  yield* Effect.forEach(strategies.keys(), (id) => guardFor(id).Wake(), apart)
  yield* Effect.forEach(accounts.keys(), (id) => accountFor(id).Wake(), apart)
  yield* Effect.forEach(logins.keys(), (id) => sessionFor(id).Wake(), apart)
  yield* dispatcherFor(theOne).Wake()
}).pipe(Effect.orDie)
