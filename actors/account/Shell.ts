/** What every message of an account has in common: gather facts, decide, commit, then ask the session and set the timer. */
import { Effect } from "effect"
import * as Gather from "#actors/account/Gather.ts"
import * as Line from "#actors/account/Line.ts"
import * as Runner from "#actors/account/Runner.ts"
import * as Targets from "#actors/account/Targets.ts"
import * as Timer from "#actors/account/Timer.ts"
import * as Turns from "#actors/account/Turns.ts"
import * as Watch from "#actors/account/Watch.ts"
import * as NoteText from "#actors/NoteText.ts"
import type * as Memory from "#actors/Memory.ts"
import { Clocks } from "#config/Clocks.ts"
import type { AccountId, AlertId, InstrumentId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import { type ApprovedSignal, isReducing } from "#schemas/Signal.ts"
import type { Outcome, Reason } from "#schemas/Verdict.ts"
import * as Alarm from "#src/lifecycle/Alarm.ts"
import type * as Book from "#src/lifecycle/Book.ts"
import * as Decide from "#src/lifecycle/Decide.ts"
import { evolve } from "#src/lifecycle/Evolve.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import type { Facts, Powers } from "#src/lifecycle/Facts.ts"
import { settle } from "#src/lifecycle/Settle.ts"
import * as Wire from "#src/lifecycle/Wire.ts"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"
import type { JournalUnavailable } from "#src/ports/Journal.ts"
import { Supervision } from "#src/ports/Supervision.ts"

const { AccountRecovering } = JournalEvent.cases

/** How often a journal that has no room is tried while something is held for it. */
const lookForRoomMs = 1_000

/** Less than this is the time service at work. */
const stepMsMin = 100

export const notConfigured: Reason = { rule: "NotConfigured", message: "the account is not configured any more", facts: {} }

export type Happened = (book: Book.Book, facts: Facts) => ReadonlyArray<JournalEvent>

type Remembered = Effect.Success<ReturnType<typeof Memory.recall<Book.Book>>>

/** What follows a commit; and what is known of the venue in this life. */
const makeHands = Effect.fnUntraced(function*(id: AccountId, memory: Remembered, ring: Effect.Effect<void>) {
  const clocks = yield* Clocks
  const supervision = yield* Supervision
  const line = yield* Line.make(id)
  const timer = yield* Timer.make(ring)
  const watchTargets = yield* Targets.make(ring)
  const runner = yield* Runner.make(ring)
  const watch = Watch.make(yield* clocks.wallMs, yield* Watch.PictureEveryMs)
  let powers: Powers | undefined
  let upSinceMs = -Infinity
  let aheadMs: number | undefined

  /** Times of this life are kept on the wall clock, and follow it where it is stepped: deadlines are monotonic. */
  const followClock = Effect.gen(function*() {
    const nowAheadMs = (yield* clocks.wallMs) - (yield* clocks.monotonicMs)
    const byMs = nowAheadMs - (aheadMs ?? nowAheadMs)
    if (aheadMs !== undefined && Math.abs(byMs) < stepMsMin) return
    aheadMs = nowAheadMs
    watch.shift(byMs)
    runner.shift(byMs)
    upSinceMs += byMs
  })

  const showState = Effect.suspend(() => {
    const { isReconciled, isReduceOnly } = memory.state()
    const open = isReduceOnly ? "reduceOnly" : isReconciled ? "open" : "reconciling"
    return supervision.setAccount(id, powers === undefined ? "connecting" : open)
  })

  const askPicture = Effect.suspend(() => Effect.flatMap(clocks.wallMs, (nowMs) => {
    watch.asked(nowMs)
    return line.askPicture(memory.state(), nowMs)
  }))

  const act = Effect.fnUntraced(function*(committed: ReadonlyArray<JournalEvent>, facts: Facts) {
    const book = memory.state()
    watch.happened(book, committed, facts.nowMs)
    watch.look(book, facts.nowMs)
    yield* watchTargets(book, facts)
    yield* runner.look(book, facts)
    yield* line.askAll(book, committed, facts, memory.isHolding() ? 0 : memory.seq())
    if (powers === undefined && Exposure.cannotWait(book)) yield* line.need
    yield* showState
    yield* timer.set(Math.min(
      Alarm.next(book, { ...facts, exposedSinceMs: watch.exposedSinceMs }) ?? Infinity,
      powers === undefined ? Infinity : watch.nextPictureMs(book),
      memory.isHolding() ? facts.nowMs + lookForRoomMs : Infinity,
      Turns.nextLookMs(book, facts, upSinceMs)
    ), facts.nowMs)
  })

  return {
    act,
    followClock,
    askPicture,
    showState,
    watch,
    seen: runner.seen,
    heard: line.heard,
    join: line.join,
    rang: timer.rang,
    powers: () => powers,
    upSinceMs: () => upSinceMs,
    setPowers: (now: Powers | undefined, nowMs: number) => {
      powers = now
      upSinceMs = nowMs
      watch.forget()
    },
    isPictureDue: (nowMs: number) => powers !== undefined && watch.nextPictureMs(memory.state()) <= nowMs
  }
})

export const make = Effect.fnUntraced(function*(
  id: AccountId,
  memory: Remembered,
  ring: Effect.Effect<void>,
  crashes: Turns.Crashes,
  /** What a defect of a turn does: not to the message that came with it. */
  contain: (turn: Effect.Effect<void>) => Effect.Effect<void>
) {
  const notes = yield* EmergencyNotes
  const gatherFor = yield* Gather.make(id)
  const hands = yield* makeHands(id, memory, ring)
  const { act, askPicture, upSinceMs, watch } = hands
  const gather = (ids: ReadonlyArray<InstrumentId> = []) => Effect.andThen(
    hands.followClock,
    Effect.suspend(() => gatherFor(memory.state(), ids, hands.powers(), { ...watch, seen: hands.seen }))
  )

  /** No room in the journal: protection goes on unjournaled, noted, and is written with the next commit that succeeds. */
  const withoutJournal = Effect.fnUntraced(function*(decide: Happened, facts: Facts) {
    const held = yield* memory.hold((book) => decide(book, facts))
    for (const request of Wire.requests(memory.state(), held, id)) yield* notes.note(NoteText.of(id, request, facts.nowMs))
    yield* act(held, facts)
  })

  const takeTurns = Turns.make(memory, crashes, act)
  const turns = Effect.suspend(() => {
    const { queue } = memory.state()
    if (queue.length === 0 || memory.isHolding()) return Effect.void
    for (const { approved } of queue) hands.heard(approved)
    return Effect.flatMap(gather(), (facts) => facts === undefined ? Effect.void : contain(takeTurns(facts, upSinceMs())))
  })

  /** What the venue says counts even while the journal has no room. Afterwards the venue is asked before anything is traded. */
  const regardless = Effect.fnUntraced(function*(happened: Happened, ids: ReadonlyArray<InstrumentId> = []) {
    const facts = yield* gather(ids)
    if (facts === undefined) return
    const wasHolding = memory.isHolding()
    const decide = (hasRoom: boolean): Happened => (before, at) => {
      const first = wasHolding && hasRoom ? [AccountRecovering.make({ atMs: at.nowMs })] : []
      const book = first.reduce(evolve, before)
      const events = happened(book, at)
      watch.heed(book, events, at.nowMs)
      return settle(before, [...first, ...events], at)
    }
    yield* memory.commit((book) => decide(true)(book, facts)).pipe(
      Effect.flatMap((committed) => act(committed, facts)),
      Effect.andThen(Effect.suspend(() => wasHolding ? askPicture : Effect.void)),
      Effect.catchTag("JournalUnavailable", () => withoutJournal(decide(false), facts))
    )
    yield* turns
  })

  /** Decide and commit, or nothing: `JournalUnavailable` is the caller's. */
  const durably = Effect.fnUntraced(function*(happened: Happened, ids: ReadonlyArray<InstrumentId> = []) {
    if (memory.isHolding()) yield* regardless(() => [])
    const facts = yield* gather(ids)
    if (facts === undefined) return
    yield* act(yield* memory.commit((book) => settle(book, happened(book, facts), facts)), facts)
    yield* turns
  })

  /** Needs no facts: an account that left the configuration can still end its alerts. */
  const concluded = Effect.fnUntraced(function*(alertId: AlertId, outcome: Outcome, reason: Reason) {
    const isGone = (yield* gather()) === undefined
    if (isGone) yield* memory.commit((book) => Decide.conclude(book, alertId, outcome, reason))
    else yield* durably((book) => Decide.conclude(book, alertId, outcome, reason))
    return "Taken" as const
  }, Effect.catchTag("JournalUnavailable", () => Effect.succeed("NotDurable" as const)))

  /** What reduces risk does not wait for room in the journal; an entry does, and while the house leaves it waits for its next life. */
  const considered = Effect.fnUntraced(function*(approved: ApprovedSignal): Effect.fn.Return<"Taken" | "NotDurable", JournalUnavailable> {
    const ids = [approved.instrument.id]
    const facts = yield* gather(ids)
    if (facts === undefined) return yield* concluded(approved.alertId, "skipped", notConfigured)
    hands.heard(approved)
    const happened: Happened = (book, at) => Decide.consider(book, approved, asKnown(approved, at))
    if (isReducing(approved.signal.action)) yield* regardless(happened, ids)
    else if (facts.isLeaving || facts.entriesWait === true) return "NotDurable"
    else yield* durably(happened, ids)
    return "Taken"
  }, Effect.catchTag("JournalUnavailable", () => Effect.succeed("NotDurable" as const)))

  /** An entry whose market has not spoken since the connection came up is put as if the venue were not there yet. */
  const asKnown = (approved: ApprovedSignal, facts: Facts): Facts =>
    Turns.awaitsQuote(approved, facts, upSinceMs()) ? { ...facts, powers: undefined } : facts

  return { ...hands, concluded, considered, durably, regardless }
})
