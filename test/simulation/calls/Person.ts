/** Who says something to the house at its tools, and says it again until somebody has answered. */
import { BigDecimal, Effect, type Scope, Stream } from "effect"
import { AccountId, ClientOrderId } from "#schemas/Ids.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import type { Inside, Life } from "#src/simulation/Life.ts"
import * as Operator from "#src/simulation/Operator.ts"
import type { Hands } from "#src/simulation/Runtime.ts"

const againMs = 3_000
const triesMax = 10
const asker = { who: "cli:ann", why: "drill" }

/** To one life at most once: while it lives, its answer is waited for. */
export const insist = <A, E>(work: Effect.Effect<A, E, Inside | Scope.Scope>) => (hands: Hands): void => {
  let isAnswered = false
  let asked: Life | undefined
  const ask = (tries: number): void => {
    if (isAnswered || tries > triesMax) return
    const life = hands.life()
    if (life !== undefined && life !== asked) {
      asked = life
      life.inside(work, () => { isAnswered = true })
    }
    hands.later(againMs, () => ask(tries + 1))
  }
  ask(1)
}

export const flatten = insist(Effect.flatMap(Operator.commands, ({ Flatten }) => Stream.runDrain(Flatten(asker))))

export const kill = (scope: RiskScope, on = true) =>
  insist(Effect.flatMap(Operator.commands, ({ SetSwitch }) => SetSwitch({ kind: "kill", scope, on, ...asker })))

export const resume = (scope: RiskScope) =>
  insist(Effect.flatMap(Operator.commands, ({ SetSwitch }) => SetSwitch({ kind: "pause", scope, on: false, ...asker })))

/** Says of orders that may have been executed that they were not, having looked at the venue's own book. */
export const attest = (host: string, unknown: ReadonlySet<string>) => (hands: Hands): void => {
  const there = new Set((hands.venue(host)?.ledger ?? []).flatMap((record) => record.kind === "order" ? [record.clientId] : []))
  const never = [...unknown].filter((id) => !there.has(id)).map((id) => ClientOrderId.make(id))
  if (never.length === 0) return
  insist(Effect.flatMap(Operator.commands, ({ ResolveOrder }) =>
    Effect.forEach(never, (orderId) => Effect.ignore(ResolveOrder({ orderId, ...asker })), { discard: true })))(hands)
}

export const close = (accountId: string, symbol: string, quantity: string) =>
  insist(Effect.flatMap(Operator.commands, ({ Close }) =>
    Close({ accountId: AccountId.make(accountId), symbol, quantity: BigDecimal.fromStringUnsafe(quantity), ...asker })))
