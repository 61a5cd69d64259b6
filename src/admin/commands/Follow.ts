/**
 * What a changed configuration means for those who run: new ones wake, logins connect, end or start again, accounts find their login.
 * Nobody else hears of it.
 */
import { Effect, Schedule } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { StrategyGuard } from "#actors/strategy-guard/Protocol.ts"
import * as Diff from "#config/Diff.ts"
import type { House } from "#config/House.ts"
import type { AccountId, LoginId, StrategyId } from "#schemas/Ids.ts"

type Step = "connects" | "ends" | "starts again" | "stays away"

const again = Schedule.spaced("100 millis")

const added = <Id>(before: ReadonlyMap<Id, unknown>, after: ReadonlyMap<Id, unknown>): ReadonlyArray<Id> =>
  Array.from(after.keys()).filter((id) => !before.has(id))

const stepOf = (before: House, after: House, id: LoginId): Step | undefined => {
  const [old, now] = [before.logins.get(id), after.logins.get(id)]
  const [wasOn, isOn] = [old?.enabled === true, now?.enabled === true]
  if (!wasOn && !isOn) return old === undefined ? "stays away" : undefined
  if (wasOn !== isOn) return isOn ? "connects" : "ends"
  return Diff.isSame(old, now) ? undefined : "starts again"
}

const words: Readonly<Record<Step, string>> = {
  connects: "connects", ends: "ends its session", "starts again": "stops, then starts with its new settings", "stays away": "is disabled"
}

export const make = Effect.gen(function*() {
  const accountFor = yield* Account.client
  const guardFor = yield* StrategyGuard.client
  const sessionFor = yield* BrokerSession.client
  const surely = <E>(message: Effect.Effect<void, E>): Effect.Effect<void> => Effect.ignore(Effect.retry(message, again))

  const session = (id: LoginId, step: Step) =>
    step === "ends" || step === "starts again"
      ? surely(sessionFor(id).Reconnect(undefined, { discard: true }))
      : surely(sessionFor(id).Wake(undefined, { discard: true }))

  /** Whatever it knew of a login is over; its own tells it anew, at once or when it is there. */
  const join = Effect.fnUntraced(function*(id: AccountId, login: LoginId | undefined) {
    yield* surely(accountFor(id).SessionDown(undefined, { discard: true }))
    if (login !== undefined) yield* surely(sessionFor(login).Join({ accountId: id }, { discard: true }))
  })

  return (before: House, after: House) => {
    const strategies: ReadonlyArray<StrategyId> = added(before.strategies, after.strategies)
    const logins = new Set([...before.logins.keys(), ...after.logins.keys()])
    const steps = Array.from(logins, (id) => ({ id, step: stepOf(before, after, id) }))
    const accounts = new Set([...before.accounts.keys(), ...after.accounts.keys()])
    const joins = Array.from(accounts).flatMap((id) => {
      const login = after.accounts.get(id)?.login
      return before.accounts.get(id)?.login === login ? [] : [{ id, login }]
    })
    return {
      notes: [
        ...steps.flatMap(({ id, step }) => step === undefined ? [] : [`login ${id} ${words[step]}`]),
        ...joins.map(({ id, login }) => login === undefined ? `account ${id} is not ours any more` : `account ${id} joins login ${login}`)
      ],
      tell: Effect.all([
        Effect.forEach(strategies, (id) => surely(guardFor(id).Wake(undefined, { discard: true })), { discard: true }),
        Effect.forEach(steps, ({ id, step }) => step === undefined ? Effect.void : session(id, step), { concurrency: "unbounded", discard: true }),
        Effect.forEach(joins, ({ id, login }) => join(id, login), { concurrency: "unbounded", discard: true })
      ], { discard: true })
    }
  }
})
