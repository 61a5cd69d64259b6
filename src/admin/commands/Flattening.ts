/** Flat, proven by the venue: a block, then all accounts side by side, each step told as it is taken. What was begun goes on, whoever hangs up. */
import { type Cause, Deferred, Duration, Effect, Option, Queue, Stream } from "effect"
import { HouseConfig } from "#config/House.ts"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import { NotFound } from "#schemas/contracts/AdminRpc.ts"
import { type Asker, FlattenProgress } from "#schemas/contracts/Commands.ts"
import type { AccountId, AlertId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { RiskScope } from "#schemas/RiskScope.ts"
import * as Resume from "#src/gates/Resume.ts"
import { RiskLatch } from "#src/ports/RiskLatch.ts"
import * as Status from "../Status.ts"
import * as Closing from "./Closing.ts"
import * as Flat from "./Flat.ts"
import * as Given from "./Given.ts"

/** How long a receipt waits to say whether the block is on disk. */
const durableWithinMs = 1_000

const { Receipt, Step } = FlattenProgress.cases

const notDurable = "NOT ON DISK: the journal cannot be written. The block holds now and is written as soon as there is room; what was closed is noted apart"

/** Whoever asked is told before the house is gone: nobody takes silence for flat. */
const interrupted = {
  state: "unknown",
  reason: "the house left before its venue had said flat twice: what was decided goes on at its next start; flatten again then"
} as const

interface Asked extends Asker {
  readonly accountId?: AccountId
}

export const make = Effect.gen(function*() {
  const config = yield* HouseConfig
  const latch = yield* RiskLatch
  const { given, writeSurely } = yield* Given.make
  const flatten = yield* Flat.maker
  const lifetime = yield* Effect.scope

  /** Its row goes ahead of every close that follows from it; nobody waits for the disk. */
  const journaled = Effect.fnUntraced(function*(commandId: AlertId, scope: RiskScope, asker: Asker) {
    const isDurable = yield* Deferred.make<boolean>()
    const rows = [
      given(commandId, "flatten", asker, { scope }),
      JournalEvent.cases.SwitchSet.make({ kind: "block", scope, on: true, ...Given.askerOf(asker) })
    ]
    const isHeld = Effect.map(latch.all, (held) => held.some((one) => one.kind === "block" && one.scope === scope))
    const writing = Effect.catchCause(writeSurely(rows, isHeld), () => Effect.succeed(false))
    yield* Effect.forkIn(Deferred.complete(isDurable, writing), lifetime, { startImmediately: true })
    return Deferred.await(isDurable)
  })

  const one = Effect.fnUntraced(function*(
    commandId: AlertId,
    scope: RiskScope,
    account: AccountConfig,
    isSimulated: boolean,
    isDurable: Effect.Effect<boolean>,
    tell: (progress: FlattenProgress) => Effect.Effect<unknown>
  ) {
    const accountId = account.id
    const run = yield* flatten(commandId, account, (step) => Effect.asVoid(tell(Step.make({ accountId, ...step }))))
    yield* run.note(`no new risk leaves until ${Resume.command(scope)}: ${commandId}`)
    const leaving = Effect.suspend(() => tell(Receipt.make({ receipt: { accountId, isSimulated, steps: run.steps, ...interrupted } })))
    const end = yield* Effect.onInterrupt(run.ended, () => leaving)
    const durable = yield* Effect.timeoutOption(isDurable, Duration.millis(durableWithinMs))
    if (!Option.getOrElse(durable, () => false)) yield* run.note(notDurable)
    yield* Effect.logWarning(`flatten ${commandId}: account ${accountId} is ${end.state}${end.reason === undefined ? "" : `: ${end.reason}`}`)
    yield* tell(Receipt.make({ receipt: { accountId, isSimulated, steps: run.steps, ...end } }))
  })

  const Flatten = (asked: Asked) => Stream.unwrap(Effect.gen(function*() {
    const house = yield* config.current
    const { accountId } = asked
    const accounts = [...house.accounts.values()].filter(({ id }) => accountId === undefined || id === accountId)
    if (accounts.length === 0) {
      return yield* new NotFound({ what: accountId ?? "accounts", message: `no account ${accountId ?? ""} is configured: \`interlock accounts\` lists them` })
    }
    const scope: RiskScope = accountId === undefined ? "all" : `account/${accountId}`
    yield* latch.set(scope, "block")
    const commandId = yield* Given.nextId
    const progress = yield* Queue.unbounded<FlattenProgress, Cause.Done>() // of each account a bounded number of steps, and one receipt
    const isDurable = yield* journaled(commandId, scope, asked)
    const tell = (told: FlattenProgress) => Queue.offer(progress, told)
    yield* Effect.forEach(accounts, (account) => one(commandId, scope, account, Status.isSimulated(house, account.id), isDurable, tell), {
      concurrency: "unbounded",
      discard: true
    }).pipe(Effect.ensuring(Queue.end(progress)), Effect.forkIn(lifetime, { startImmediately: true }))
    return Stream.fromQueue(progress)
  }))

  return { Flatten, Close: yield* Closing.make }
})
