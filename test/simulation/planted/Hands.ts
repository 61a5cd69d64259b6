/** What a run's hands do. */
import { Effect, Schema, Stream } from "effect"
import { AccountId } from "#schemas/Ids.ts"
import { RiskScope } from "#schemas/RiskScope.ts"
import * as Operator from "#src/simulation/Operator.ts"
import type { Hands, Options } from "#src/simulation/Runtime.ts"
import { type FaultName, names } from "#src/simulation/venues/shared/Faults.ts"
import type { Hand } from "#test/simulation/planted/Bug.ts"

const host = "reference.test"

const isFault = (name: string): name is FaultName => Object.hasOwn(names, name)
const scopeOf = Schema.decodeUnknownSync(RiskScope)
const accountPrefix = "account/"

const tell = (hands: Hands, { scope, tell: what }: Extract<Hand, { readonly tell: string }>): void =>
  hands.life()?.inside(Effect.flatMap(Operator.commands, ({ Flatten, SetSwitch }): Effect.Effect<unknown, unknown> => {
    if (what === "flatten") {
      return Stream.runDrain(Flatten(scope.startsWith(accountPrefix) ? { accountId: AccountId.make(scope.slice(accountPrefix.length)) } : {}))
    }
    return SetSwitch({ kind: what === "pause" || what === "resume" ? "pause" : "kill", scope: scopeOf(scope), on: what === "pause" || what === "kill" })
  }))

const act = (hand: Hand) => (hands: Hands): void => {
  if ("tell" in hand) return tell(hands, hand)
  if ("diskFullSeconds" in hand) return hands.diskFull(hand.diskFullSeconds * 1_000)
  if ("dies" in hand) return hands.life()?.kill()
  const venue = hands.venue(host)
  if (venue === undefined) throw new Error(`no venue ${host}`)
  if ("strike" in hand) {
    if (!isFault(hand.strike)) throw new Error(`no fault ${hand.strike}`)
    return venue.faults.strike(hand.strike, hand.ms)
  }
  if ("outageSeconds" in hand) {
    venue.outage("refused")
    return hands.later(hand.outageSeconds * 1_000, () => venue.outage(undefined))
  }
  if ("price" in hand) return venue.market.walkTo(hand.symbol, hand.price)
  const { account, qty, symbol, trade: side } = hand
  venue.byHand.trade({ account, symbol, side, qty })
}

export const of = (hand: Hand): NonNullable<Options["hands"]>[number] => ({ at: hand.at, act: act(hand) })
