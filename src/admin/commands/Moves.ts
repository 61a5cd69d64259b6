/** What one flatten does to one account: entries cancelled at once, its own book told to close, the rest swept at the venue. Told step by step. */
import { Clock, Duration, Effect, Option } from "effect"
import { Account } from "#actors/account/Protocol.ts"
import { BrokerSession, type Look } from "#actors/broker-session/Protocol.ts"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import { AccountCommand, type CommandAnswer } from "#schemas/AccountCommand.ts"
import type { FlattenReceipt } from "#schemas/contracts/Views.ts"
import type { AlertId, ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import * as ClientId from "#src/orders/ClientId.ts"
import * as Units from "#src/orders/Units.ts"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"
import { Installation } from "#src/ports/Installation.ts"
import * as Given from "./Given.ts"
import type * as Judge from "./Judge.ts"

/** Longest time for all of it; what is not flat then is said. */
export const flatWithinMs = 10_000
/** An account or a session that is there answers in this time. */
const answerWithinMs = 1_000
/** What was asked of the venue or the account shows within this time, or it is asked again. */
const againMs = 1_000
/** A disk that takes longer holds up nothing: what is swept is noted apart then. */
const journaledWithin = "1 second"
/** Steps kept of one account; more would be the same ones again and again. */
const stepsMax = 100

export type Step = FlattenReceipt["steps"][number]

const nanosPerMs = 1_000_000
/** From an arbitrary start; never goes back. */
export const monotonicMs = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / nanosPerMs)

const orNothing = <A, E, R>(question: Effect.Effect<A, E, R>, withinMs: number) =>
  Effect.map(Effect.timeoutOption(Effect.option(question), Duration.millis(Math.max(1, withinMs))), Option.flatten)

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

const closeText = (answer: CommandAnswer): string => {
  switch (answer._tag) {
    case "Done":
      return answer.text
    case "Denied":
      return answer.reason.rule === "NothingToClose" ? "nothing of ours is open" : answer.reason.message
    case "NotDurable":
    case "Unconfirmed":
      return "the account did not take the close: it is told again"
  }
}

/** Keeps the steps as they are told; the same one again is not news. */
const makeNotes = (told: (step: Step) => Effect.Effect<void>) => {
  const steps: Array<Step> = []
  const note = Effect.fnUntraced(function*(text: string) {
    if (steps.at(-1)?.text === text || steps.length >= stepsMax) return
    const step = { atMs: yield* Clock.currentTimeMillis, text }
    steps.push(step)
    yield* told(step)
  })
  return { note, steps }
}

/** What was asked when: nothing is asked again sooner than it can show. */
const makePatience = () => {
  const askedMs = new Map<string, number>()
  return (key: string, nowMs: number): boolean => {
    if (nowMs - (askedMs.get(key) ?? -Infinity) < againMs) return false
    askedMs.set(key, nowMs)
    return true
  }
}

/** Orders that close what is in no book: a new one only when it is certain that the one before is over. */
const makeRemainders = (idOf: (instrumentId: InstrumentId, generation: number) => ClientOrderId) => {
  const closes = new Map<string, { readonly generation: number; readonly isUnsure: boolean }>()
  const ids = new Set<ClientOrderId>()
  return {
    ids,
    next: (instrumentId: InstrumentId) => {
      const { generation, isUnsure } = closes.get(instrumentId) ?? { generation: 0, isUnsure: false }
      const next = isUnsure ? generation : generation + 1
      closes.set(instrumentId, { generation: next, isUnsure: true })
      const orderId = idOf(instrumentId, next)
      ids.add(orderId)
      return { instrumentId, orderId }
    },
    ended: (what: string, isUnsure: boolean) => {
      const before = closes.get(what)
      if (before !== undefined) closes.set(what, { ...before, isUnsure })
    }
  }
}

interface Hands {
  readonly account: AccountClient
  readonly session: SessionClient
  readonly installationId: string
  /** Before it leaves: on disk, or noted where the disk has no room. */
  readonly record: (commandId: AlertId, detail: SweepDetail) => Effect.Effect<void>
}

interface SweepDetail {
  readonly account: string
  readonly cancels: ReadonlyArray<ClientOrderId>
  readonly closes: ReadonlyArray<{ readonly instrumentId: InstrumentId; readonly orderId: ClientOrderId }>
}

const recorder = Effect.gen(function*() {
  const notes = yield* EmergencyNotes
  const { given, write } = yield* Given.make
  return (commandId: AlertId, detail: SweepDetail): Effect.Effect<void> =>
    Effect.gen(function*() {
      const written = yield* Effect.timeoutOption(write([given(commandId, "sweep", { who: "flatten" }, detail)]), journaledWithin)
      if (Option.getOrElse(written, () => false)) return
      yield* notes.note(JSON.stringify({ command: commandId, sweep: detail, atMs: yield* Clock.currentTimeMillis }))
    })
})

type AccountClient = ReturnType<Effect.Success<typeof Account.client>>
type SessionClient = ReturnType<Effect.Success<typeof BrokerSession.client>>

export type Moves = Effect.Success<ReturnType<typeof make>>

export const maker = Effect.gen(function*() {
  const accountFor = yield* Account.client
  const sessionFor = yield* BrokerSession.client
  const { id: installationId } = yield* Installation
  const record = yield* recorder
  return (commandId: AlertId, account: AccountConfig, told: (step: Step) => Effect.Effect<void>) =>
    make(commandId, account, { account: accountFor(account.id), session: sessionFor(account.login), installationId, record }, told)
})

const make = Effect.fnUntraced(function*(
  commandId: AlertId,
  { id, login }: AccountConfig,
  { account, installationId, record, session }: Hands,
  told: (step: Step) => Effect.Effect<void>
) {
  const startedMs = yield* monotonicMs
  const leftMs = Effect.map(monotonicMs, (nowMs) => startedMs + flatWithinMs - nowMs)
  const { note, steps } = makeNotes(told)
  const isDue = makePatience()
  const remainders = makeRemainders((instrumentId, generation) =>
    ClientId.make({ installationId, cause: commandId, accountId: id, instrumentId, leg: "remainder", generation }))
  let seenBefore: ReadonlySet<string> = new Set()
  let isClosing = false

  const cancelEntries = (orderIds: ReadonlyArray<ClientOrderId>) =>
    Effect.flatMap(orNothing(session.CancelEntries({ accountId: id, orderIds }), answerWithinMs), (count) =>
      Option.isSome(count) && count.value > 0
        ? note(`asked the venue at once to cancel ${counted(count.value, "entry", "entries")}`)
        : Effect.void)

  /** In the account's own mailbox: it may stand there behind others. */
  const close = Effect.gen(function*() {
    isClosing = true
    const answer = yield* orNothing(account.Command({ command: AccountCommand.cases.Close.make({ commandId }) }), flatWithinMs)
    if (Option.isSome(answer)) yield* note(closeText(answer.value))
  }).pipe(Effect.ensuring(Effect.sync(() => {
    isClosing = false
  })))

  const sweep = Effect.fnUntraced(function*(judged: Judge.Judged, nowMs: number) {
    const orderIds = judged.strangers.filter((key) => seenBefore.has(key) && isDue(key, nowMs))
    const rests = judged.remainders.filter(({ instrumentId, net }) => seenBefore.has(`${instrumentId} ${net}`) && isDue(instrumentId, nowMs))
    seenBefore = new Set([...judged.strangers, ...judged.remainders.map(({ instrumentId, net }) => `${instrumentId} ${net}`)])
    if (orderIds.length + rests.length === 0) return
    if (orderIds.length > 0) yield* note(`asked the venue to cancel ${counted(orderIds.length, "order that is", "orders that are")} not ours`)
    for (const { instrumentId, net } of rests) {
      yield* note(`asked the venue to close ${Units.lotsText(net)} of ${instrumentId} that no order of ours explains`)
    }
    const closing = rests.map(({ instrumentId }) => remainders.next(instrumentId))
    yield* record(commandId, { account: id, cancels: orderIds, closes: closing })
    const results = yield* orNothing(session.Sweep({ accountId: id, orderIds, remainders: closing }), yield* leftMs)
    for (const { result, text, what } of Option.getOrElse(results, () => [])) {
      remainders.ended(what, result === "unsure")
      if (result !== "accepted") yield* note(`${what}: the venue ${result === "unsure" ? "gave no sure answer" : "refused"}: ${text}`)
    }
  })

  return {
    note,
    steps,
    leftMs,
    ownIds: remainders.ids,
    /** What is known to work is cancelled first; the rest need not wait for the answer. */
    begin: Effect.gen(function*() {
      yield* Effect.forkChild(cancelEntries([]), { startImmediately: true })
      isDue("close", startedMs)
      yield* Effect.forkChild(close, { startImmediately: true })
    }),
    /** Nobody waits out a pause between two tries to connect while somebody wants to be flat. */
    reconnect: orNothing(session.Reconnect(undefined, { discard: true }), answerWithinMs),
    holds: (withinMs: number) => orNothing(account.Holds(), withinMs),
    look: Effect.flatMap(leftMs, (withinMs) => Effect.map(
      orNothing(session.Look({ accountId: id }), withinMs),
      Option.getOrElse((): Look => ({ _tag: "Unreachable", reason: `login ${login} does not answer` }))
    )),
    act: Effect.fnUntraced(function*(judged: Judge.Judged) {
      const nowMs = yield* monotonicMs
      const entries = judged.entries.filter((key) => isDue(key, nowMs))
      if (entries.length > 0) yield* cancelEntries(entries)
      if (judged.isToBeClosed && !isClosing && isDue("close", nowMs)) yield* Effect.forkChild(close, { startImmediately: true })
      yield* sweep(judged, nowMs)
    })
  }
})
