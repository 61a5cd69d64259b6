/** One account: a thin shell around its book. Recover, decide, commit, then ask its session; timers send messages back. */
import { Duration, Effect, FiberHandle, Schedule } from "effect"
import { Entity } from "effect/cluster"
import { Rpc } from "effect/rpc"
import { Account } from "#actors/account/Protocol.ts"
import * as Gather from "#actors/account/Gather.ts"
import * as Watch from "#actors/account/Watch.ts"
import { BrokerSession } from "#actors/broker-session/Protocol.ts"
import * as Contain from "#actors/Contain.ts"
import { surely } from "#actors/Deliver.ts"
import * as Memory from "#actors/Memory.ts"
import { Clocks } from "#config/Clocks.ts"
import { HouseConfig } from "#config/House.ts"
import { AccountId, type InstrumentId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { SessionRequest } from "#schemas/SessionRequest.ts"
import * as Alarm from "#src/lifecycle/Alarm.ts"
import * as Book from "#src/lifecycle/Book.ts"
import * as Decide from "#src/lifecycle/Decide.ts"
import { evolve } from "#src/lifecycle/Evolve.ts"
import type { Facts, Powers } from "#src/lifecycle/Facts.ts"
import * as Reconcile from "#src/lifecycle/Reconcile.ts"
import * as Report from "#src/lifecycle/Report.ts"
import { settle } from "#src/lifecycle/Settle.ts"
import * as Wire from "#src/lifecycle/Wire.ts"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"
import { Supervision } from "#src/ports/Supervision.ts"

const mailboxCapacity = 16_384
/** Fills are asked for from this long before the last one known. */
const fillsOverlapMs = 60_000

type Happened = (book: Book.Book, facts: Facts) => ReadonlyArray<JournalEvent>

export const layer = Account.toLayer(Effect.gen(function*() {
  const { entityId } = yield* Entity.CurrentAddress
  const id = AccountId.make(entityId)
  const clocks = yield* Clocks
  const supervision = yield* Supervision
  const notes = yield* EmergencyNotes
  const house = yield* HouseConfig
  const gather = yield* Gather.make(id)
  const self = (yield* Account.client)(id)
  const sessionFor = yield* BrokerSession.client
  const alarm = yield* FiberHandle.make()
  const watch = Watch.make()
  let powers: Powers | undefined
  let alarmAtMs: number | undefined

  const memory = yield* Memory.recall(`account/${id}`, Book.empty, evolve)
  const { contain, restart } = Contain.make({
    lives: () => memory.state().lives,
    restartSelf: (life, defect) => self.Restart({ life, defect }, { discard: true }),
    record: (event) => memory.commit(() => [event])
  })

  const session = Effect.map(house.current, ({ accounts }) => {
    const login = accounts.get(id)?.login
    return login === undefined ? undefined : sessionFor(login)
  })

  const ask = Effect.fnUntraced(function*(request: SessionRequest) {
    const to = yield* session
    if (to !== undefined) yield* surely(to.Ask({ request }, { discard: true }))
  })

  const askPicture = Effect.fnUntraced(function*(nowMs: number) {
    const book = memory.state()
    const sinceMs = book.lastFillAtMs === 0 ? nowMs - fillsOverlapMs : book.lastFillAtMs - fillsOverlapMs
    const opened = [...book.brackets.values()].map(({ openedAtMs }) => openedAtMs)
    watch.asked(nowMs)
    watch.uncertain()
    yield* ask(SessionRequest.cases.Snapshot.make({
      accountId: id,
      orderIds: Reconcile.openOrders(book).map(({ order }) => order.id),
      sinceMs: Math.min(sinceMs, ...opened)
    }))
  })

  /** One timer: the earliest thing to look at, then a message to itself. */
  const arm = Effect.fnUntraced(function*(facts: Facts) {
    const book = memory.state()
    const atMs = Math.min(Alarm.next(book, facts) ?? Infinity, powers === undefined ? Infinity : watch.nextPictureMs(book))
    if (atMs === alarmAtMs) return
    alarmAtMs = atMs
    if (!Number.isFinite(atMs)) return yield* FiberHandle.clear(alarm)
    const ring = surely(self.Tick(undefined, { discard: true }))
    yield* FiberHandle.run(alarm, Effect.delay(ring, Duration.millis(Math.max(1, atMs - facts.nowMs))))
  })

  const showState = Effect.suspend(() => {
    const { isReconciled, isReduceOnly } = memory.state()
    const open = isReduceOnly ? "reduceOnly" : isReconciled ? "open" : "reconciling"
    return supervision.setAccount(id, powers === undefined ? "connecting" : open)
  })

  const act = Effect.fnUntraced(function*(committed: ReadonlyArray<JournalEvent>, facts: Facts) {
    watch.look(memory.state(), facts.nowMs)
    yield* Effect.forEach(Wire.requests(memory.state(), committed, id), ask, { discard: true })
    yield* showState
    yield* arm({ ...facts, exposedSinceMs: watch.exposedSinceMs })
  })

  const factsFor = (ids: ReadonlyArray<InstrumentId>) => gather(memory.state(), ids, powers, watch)

  /** Decide and commit; `JournalUnavailable` is the caller's. */
  const durably = Effect.fnUntraced(function*(happened: Happened, ids: ReadonlyArray<InstrumentId> = []) {
    const facts = yield* factsFor(ids)
    if (facts === undefined) return
    yield* act(yield* memory.commit((book) => settle(book, happened(book, facts), facts)), facts)
  })

  /** What the venue says counts even while the journal has no room: protection goes on unjournaled, noted, and is written later. */
  const regardless = Effect.fnUntraced(function*(happened: Happened) {
    const facts = yield* factsFor([])
    if (facts === undefined) return
    const wasHolding = memory.isHolding()
    const heeded = (book: Book.Book, at: Facts) => {
      const events = happened(book, at)
      watch.heed(book, events, at.nowMs)
      return settle(book, events, at)
    }
    yield* memory.commit((book) => heeded(book, facts)).pipe(
      Effect.tap((committed) => act(committed, facts)),
      Effect.tap(() => wasHolding ? askPicture(facts.nowMs) : Effect.void),
      Effect.catchTag("JournalUnavailable", () => {
        const reducing = { ...facts, mayEnter: false }
        return Effect.flatMap(memory.hold((book) => heeded(book, reducing)), (held) =>
          Effect.gen(function*() {
            for (const request of Wire.requests(memory.state(), held, id)) yield* notes.note(JSON.stringify({ account: id, request: request._tag, atMs: facts.nowMs }))
            yield* act(held, reducing)
          }))
      })
    )
  })

  const considering = (happened: Happened, ids: ReadonlyArray<InstrumentId>) =>
    durably(happened, ids).pipe(
      Effect.as("Taken" as const),
      Effect.catchTag("JournalUnavailable", () => Effect.succeed("NotDurable" as const)),
      contain("Unconfirmed" as const)
    )

  yield* supervision.setAccount(id, "connecting")
  const joined = yield* session
  if (joined !== undefined) yield* surely(joined.Join({ accountId: id }, { discard: true }))

  return Account.of({
    Consider: ({ payload: { approved } }) =>
      considering((book, facts) => Decide.consider(book, approved, facts), [approved.instrument.id]),

    Conclude: ({ payload: { alertId, outcome, reason } }) =>
      considering((book) => Decide.conclude(book, alertId, outcome, reason), []),

    Answered: ({ payload: { request, result } }) =>
      regardless((book) => Report.ofAnswer(book, request, result)).pipe(contain(undefined)),

    Reported: ({ payload: { events } }) =>
      regardless((book, facts) => {
        const all: Array<JournalEvent> = []
        let now = book
        for (const event of events) {
          const news = Report.ofEvent(now, event, facts.nowMs)
          all.push(...news)
          now = news.reduce(evolve, now)
        }
        return all
      }).pipe(contain(undefined)),

    Pictured: ({ payload: { snapshot } }) =>
      Effect.gen(function*() {
        const nowMs = yield* clocks.wallMs
        if (snapshot === undefined) {
          watch.pictured(undefined, nowMs)
          return yield* regardless(() => [])
        }
        const before = watch.suspicions()
        let seen: Reconcile.Suspicions = new Map()
        yield* regardless((book, facts) => {
          const judged = Reconcile.reconcile(book, snapshot, before, facts)
          seen = judged.suspicions
          watch.pictured(seen, nowMs)
          return judged.events
        })
      }).pipe(contain(undefined)),

    SessionUp: ({ payload }) =>
      Effect.gen(function*() {
        const nowMs = yield* clocks.wallMs
        watch.forget()
        powers = payload.powers
        yield* regardless((book) => Reconcile.recover(book, nowMs))
        yield* askPicture(nowMs)
      }).pipe(contain(undefined)),

    SessionDown: () =>
      Effect.gen(function*() {
        powers = undefined
        yield* showState
        yield* regardless(() => [])
      }).pipe(contain(undefined)),

    Tick: () =>
      Effect.gen(function*() {
        alarmAtMs = undefined
        const nowMs = yield* clocks.wallMs
        if (powers !== undefined && watch.nextPictureMs(memory.state()) <= nowMs) yield* askPicture(nowMs)
        yield* regardless(() => [])
      }).pipe(contain(undefined)),

    Wake: () => Effect.void,
    Restart: ({ payload }) => Rpc.fork(restart(payload.life, payload.defect))
  })
}), { maxIdleTime: Duration.infinity, mailboxCapacity, defectRetryPolicy: Schedule.spaced("1 second") })
