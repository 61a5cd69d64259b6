/** What every message of an account has in common: gather facts, decide, commit, then ask the session and set the timer. */
import { Duration, Effect, FiberHandle } from "effect"
import * as Gather from "#actors/account/Gather.ts"
import * as Line from "#actors/account/Line.ts"
import * as Watch from "#actors/account/Watch.ts"
import type * as Memory from "#actors/Memory.ts"
import { Clocks } from "#config/Clocks.ts"
import type { AccountId, InstrumentId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Alarm from "#src/lifecycle/Alarm.ts"
import type * as Book from "#src/lifecycle/Book.ts"
import type { Facts, Powers } from "#src/lifecycle/Facts.ts"
import { settle } from "#src/lifecycle/Settle.ts"
import * as Wire from "#src/lifecycle/Wire.ts"
import { EmergencyNotes } from "#src/ports/EmergencyNotes.ts"
import { Supervision } from "#src/ports/Supervision.ts"

export type Happened = (book: Book.Book, facts: Facts) => ReadonlyArray<JournalEvent>

/** One timer: the earliest thing to look at, then a message to itself. */
const makeTimer = Effect.fnUntraced(function*(ring: Effect.Effect<void>) {
  const handle = yield* FiberHandle.make()
  let setForMs = Infinity
  return {
    rang: () => {
      setForMs = Infinity
    },
    set: Effect.fnUntraced(function*(atMs: number, nowMs: number) {
      if (atMs === setForMs) return
      setForMs = atMs
      if (!Number.isFinite(atMs)) return yield* FiberHandle.clear(handle)
      yield* FiberHandle.run(handle, Effect.delay(ring, Duration.millis(Math.max(1, atMs - nowMs))))
    })
  }
})

export const make = Effect.fnUntraced(function*(
  id: AccountId,
  memory: Effect.Success<ReturnType<typeof Memory.recall<Book.Book>>>,
  ring: Effect.Effect<void>
) {
  const clocks = yield* Clocks
  const supervision = yield* Supervision
  const notes = yield* EmergencyNotes
  const gather = yield* Gather.make(id)
  const line = yield* Line.make(id)
  const timer = yield* makeTimer(ring)
  const watch = Watch.make()
  let powers: Powers | undefined

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
    watch.look(book, facts.nowMs)
    yield* Effect.forEach(Wire.requests(book, committed, id), line.ask, { discard: true })
    yield* showState
    const nextMs = Alarm.next(book, { ...facts, exposedSinceMs: watch.exposedSinceMs }) ?? Infinity
    yield* timer.set(Math.min(nextMs, powers === undefined ? Infinity : watch.nextPictureMs(book)), facts.nowMs)
  })

  /** Decide and commit, or nothing: `JournalUnavailable` is the caller's. */
  const durably = Effect.fnUntraced(function*(happened: Happened, ids: ReadonlyArray<InstrumentId> = []) {
    const facts = yield* gather(memory.state(), ids, powers, watch)
    if (facts === undefined) return
    yield* act(yield* memory.commit((book) => settle(book, happened(book, facts), facts)), facts)
  })

  /** No room in the journal: protection goes on unjournaled, noted, and is written with the next commit that succeeds. */
  const withoutJournal = Effect.fnUntraced(function*(decide: Happened, facts: Facts) {
    const held = yield* memory.hold((book) => decide(book, facts))
    for (const request of Wire.requests(memory.state(), held, id)) yield* notes.note(JSON.stringify({ account: id, request, atMs: facts.nowMs }))
    yield* act(held, facts)
  })

  /** What the venue says counts even while the journal has no room. Afterwards the venue is asked before anything is traded. */
  const regardless = Effect.fnUntraced(function*(happened: Happened) {
    const facts = yield* gather(memory.state(), [], powers, watch)
    if (facts === undefined) return
    const wasHolding = memory.isHolding()
    const decide: Happened = (book, at) => {
      const events = happened(book, at)
      watch.heed(book, events, at.nowMs)
      return settle(book, events, at)
    }
    yield* memory.commit((book) => decide(book, facts)).pipe(
      Effect.flatMap((committed) => act(committed, facts)),
      Effect.andThen(Effect.suspend(() => wasHolding ? askPicture : Effect.void)),
      Effect.catchTag("JournalUnavailable", () => withoutJournal(decide, { ...facts, mayEnter: false }))
    )
  })

  return {
    watch,
    join: line.join,
    askPicture,
    durably,
    regardless,
    showState,
    rang: timer.rang,
    setPowers: (now: Powers | undefined) => {
      powers = now
      watch.forget()
    },
    isPictureDue: (nowMs: number) => powers !== undefined && watch.nextPictureMs(memory.state()) <= nowMs
  }
})
