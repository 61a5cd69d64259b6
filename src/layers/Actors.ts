/** All kinds of actors, and who must be awake. Nothing above knows where they are hosted. */
import { Effect, Layer } from "effect"
import * as Account from "#actors/account/Account.ts"
import * as BrokerSession from "#actors/broker-session/BrokerSession.ts"
import * as Dispatcher from "#actors/dispatcher/Dispatcher.ts"
import * as Roster from "#actors/Roster.ts"
import * as StrategyGuard from "#actors/strategy-guard/StrategyGuard.ts"

const kinds = Layer.mergeAll(StrategyGuard.layer, Account.layer, BrokerSession.layer, Dispatcher.layer)

/** Provide the hosting below it. Waking goes on beside: no door waits for it. */
export const layer = Layer.effectDiscard(Effect.forkScoped(Roster.wakeAll)).pipe(Layer.provideMerge(kinds))
