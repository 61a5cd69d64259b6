/** From the command to the first cancel on the wire, in real time, with a thousand commands in both mailboxes. The figure is printed, never judged; that the mailbox was still full is. */
import { assert, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Layer, Option, Stream } from "effect"
import * as NodePath from "node:path"
import { Account } from "#actors/account/Protocol.ts"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import { AccountId, AlertId } from "#schemas/Ids.ts"
import { SessionRequest } from "#schemas/SessionRequest.ts"
import * as Flattening from "#src/admin/commands/Flattening.ts"
import { Journal } from "#src/ports/Journal.ts"
import { Supervision } from "#src/ports/Supervision.ts"
import * as SqliteJournal from "#src/stores/SqliteJournal.ts"
import { folder } from "#test/support/folder.ts"
import { installationId } from "#test/support/journal.ts"
import { onConnection, silent, wired } from "#test/support/lives.ts"
import * as TestMarket from "#test/support/market.ts"
import * as TestLedger from "#test/support/paperLedger.ts"
import { until } from "#test/support/process.ts"
import { lifeAt, post, rows } from "#test/support/runtime.ts"

const queued = 1_000

interface Instant {
  readonly ms: number
  readonly cpuMs: number
}
const now = Effect.map(Clock.currentTimeNanos, (nanos): Instant => {
  const { system, user } = process.cpuUsage()
  return { ms: Number(nanos) / 1_000_000, cpuMs: (system + user) / 1_000 }
})
const id = AccountId.make("paper-1")

it.live("measured", () => Effect.gen(function*() {
  const path = NodePath.join(yield* folder, "journal.sqlite")
  const first = yield* Deferred.make<Instant>()
  const venues = wired(onConnection(({ cancel }) => ({
    cancel: (account, order) => Effect.andThen(Deferred.complete(first, now), cancel(account, order))
  })))
  let isBusy = false
  /** Each command of the account takes a millisecond once it is told so. */
  const slow = Layer.effect(Journal, Effect.map(Journal, (journal) => Journal.of({
    ...journal,
    stage: (stream, expected, events) => isBusy && stream === `account/${id}`
      ? Effect.andThen(Effect.sleep("1 millis"), journal.stage(stream, expected, events))
      : journal.stage(stream, expected, events)
  })))
  const world = Layer.mergeAll(
    SqliteJournal.layer({ path, installationId: () => installationId, onFatal: Effect.die }).pipe(Layer.orDie),
    TestLedger.layer,
    TestMarket.layer
  )
  const story = Effect.gen(function*() {
    const supervision = yield* Supervision
    yield* until("open", 5_000, Effect.map(supervision.account(id), (state) => state === "open" ? Option.some(state) : state))
    yield* post("crypto", { action: "buy", symbol: "BTCUSD", strategy: "demo-crypto", orderType: "limit", limitPrice: "40000", sl: "1%" })
    yield* until("working", 5_000, Effect.map(rows, (all) => all.some(({ event }) => event._tag === "OrderAccepted") ? Option.some(true) : "nothing works"))

    const account = (yield* Account.client)(id)
    const session = (yield* BrokerSession.client)("paper-demo")
    const { Flatten } = yield* Flattening.make
    isBusy = true
    const reason = { rule: "Busy", message: "one of many", facts: {} }
    yield* Effect.forEach(Array.from({ length: queued }, (_, n) => n), (n) => Effect.all([
      account.Conclude({ alertId: AlertId.make(`busy-${n}`), outcome: "skipped", reason }, { discard: true }),
      session.Ask({ afterSeq: 0, request: SessionRequest.cases.Snapshot.make({ accountId: id, orderIds: [], sinceMs: 0 }) }, { discard: true })
    ]), { discard: true })
    const started = yield* now
    yield* Effect.forkChild(Stream.runDrain(Flatten({ accountId: id })), { startImmediately: true })
    const { cpuMs, ms } = yield* Deferred.await(first)
    const done = (yield* rows).filter(({ event }) => event._tag === "OutcomeReached").length
    isBusy = false
    process.stdout.write(
      `flatten: first cancel on the wire ${(ms - started.ms).toFixed(1)} ms after the command (${(cpuMs - started.cpuMs).toFixed(1)} ms of CPU), ` +
        `${queued - done} of ${queued} commands still queued\n`
    )
    assert.isBelow(done, queued / 2)
  })
  yield* Effect.provide(story, Layer.provideMerge(lifeAt<never>({ accounts: { "paper-2": null, "paper-3": null } }, venues), Layer.provideMerge(slow, silent))).pipe(Effect.provide(world))
}).pipe(Effect.scoped), 60_000)
