/** Flatten and close as the operator's door hands them on, inside a life of the house. */
import { Clock, Effect, Fiber, Stream } from "effect"
import type { FlattenReceipt } from "#schemas/contracts/Views.ts"
import { AccountId } from "#schemas/Ids.ts"
import * as Flattening from "#src/admin/commands/Flattening.ts"
import { pass } from "#test/support/runtime.ts"

export interface Flattened {
  readonly receipts: ReadonlyArray<FlattenReceipt>
  /** Virtual milliseconds until each receipt came. */
  readonly afterMs: Readonly<Record<string, number>>
}

/** Begins it; time passes for as long as told. */
export const begun = Effect.fnUntraced(function*(accountId?: string) {
  const { Flatten } = yield* Flattening.make
  const startedMs = yield* Clock.currentTimeMillis
  const receipts: Array<FlattenReceipt> = []
  const afterMs: Record<string, number> = {}
  const asked = Flatten({ who: "test", why: "drill", ...(accountId === undefined ? {} : { accountId: AccountId.make(accountId) }) })
  const running = yield* Effect.forkChild(Stream.runForEach(asked, (progress) => Effect.map(Clock.currentTimeMillis, (nowMs) => {
    if (progress._tag !== "Receipt") return
    receipts.push(progress.receipt)
    afterMs[progress.receipt.accountId] = nowMs - startedMs
  })), { startImmediately: true })
  const flattened: Flattened = { receipts, afterMs }
  return { flattened, running }
})

export const flatten = Effect.fnUntraced(function*(seconds: number, accountId?: string) {
  const { flattened, running } = yield* begun(accountId)
  yield* pass(seconds)
  yield* Fiber.join(running)
  return flattened
})

export const states = ({ receipts }: Flattened): Record<string, string> => Object.fromEntries(receipts.map(({ accountId, state }) => [accountId, state]))
export const texts = ({ receipts }: Flattened) => receipts.flatMap(({ steps }) => steps.map(({ text }) => text))
