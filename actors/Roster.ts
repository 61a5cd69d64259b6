/** Who must be awake: an entity exists only once it was told something, and a strategy that sleeps guards nothing. */
import { Effect } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { Dispatcher, theOne } from "#actors/dispatcher/Protocol.ts"
import { StrategyGuard } from "#actors/strategy-guard/Protocol.ts"
import { HouseConfig } from "#config/House.ts"

/** At boot and after a move, all beside each other: one that cannot recall its stream keeps nobody else asleep. */
export const wakeAll = Effect.gen(function*() {
  const { accounts, logins, strategies } = yield* (yield* HouseConfig).current
  const guardFor = yield* StrategyGuard.client
  const accountFor = yield* Account.client
  const sessionFor = yield* BrokerSession.client
  const dispatcherFor = yield* Dispatcher.client
  const wakings = [
    ...Array.from(strategies.keys(), (id) => guardFor(id).Wake()),
    ...Array.from(accounts.keys(), (id) => accountFor(id).Wake()),
    ...Array.from(logins.keys(), (id) => sessionFor(id).Wake()),
    dispatcherFor(theOne).Wake()
  ]
  yield* Effect.forEach(wakings, Effect.orDie, { concurrency: "unbounded", discard: true })
})
