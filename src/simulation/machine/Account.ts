/**
 * One account of the machine: the shell of `actors/account` as plain calls, around the same book, watch and rules. Owns: the order in which
 * they are called, and that a picture which surely shows nothing new is only counted.
 */
import * as Ages from "#actors/account/Ages.ts"
import * as Turns from "#actors/account/Turns.ts"
import * as Watch from "#actors/account/Watch.ts"
import type { AccountCommand } from "#schemas/AccountCommand.ts"
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import type { AccountId, AlertId, InstrumentId, StrategyId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Quote } from "#schemas/Quote.ts"
import { type RequestResult, SessionRequest } from "#schemas/SessionRequest.ts"
import { type ApprovedSignal, isReducing } from "#schemas/Signal.ts"
import type { AccountSnapshot, VenueEvent } from "#schemas/VenueEvent.ts"
import type { Outcome, Reason } from "#schemas/Verdict.ts"
import * as Alarm from "#src/lifecycle/Alarm.ts"
import type * as Book from "#src/lifecycle/Book.ts"
import * as Command from "#src/lifecycle/commands/Command.ts"
import * as Decide from "#src/lifecycle/Decide.ts"
import { evolve } from "#src/lifecycle/Evolve.ts"
import type { Facts, Powers } from "#src/lifecycle/Facts.ts"
import * as Reconcile from "#src/lifecycle/Reconcile.ts"
import * as Report from "#src/lifecycle/Report.ts"
import { settle } from "#src/lifecycle/Settle.ts"
import * as Wire from "#src/lifecycle/Wire.ts"
import { latchesOf, type World } from "#src/simulation/machine/World.ts"

const fillsOverlapMs = 60_000
const stepMsMin = 100

type Happened = (book: Book.Book, facts: Facts) => ReadonlyArray<JournalEvent>
const nothing: Happened = () => []

/** Its session, as far as it asks it anything. */
export interface Line {
  readonly ask: (request: SessionRequest, afterSeq: number, strategy?: StrategyId) => void
  readonly quote: (id: InstrumentId) => Quote | undefined
}

export class Account {
  readonly id: AccountId
  readonly #world: World
  readonly #line: Line
  readonly #count: (pictures: number) => void
  readonly #watch: ReturnType<typeof Watch.make>
  readonly #ages = Ages.make()
  readonly #lasting: Omit<Facts, "nowMs" | "powers">
  #book: Book.Book
  #powers: Powers | undefined
  #upSinceMs = -Infinity
  #aheadMs: number | undefined
  #timerMs = Infinity
  #timers = 0
  /** Since then nothing has happened here or at the venue: its picture shows what the one before showed. */
  #parkedMs: number | undefined
  #isPictureQuiet = false

  constructor(world: World, config: AccountConfig, recalled: Book.Book, line: Line, count: (pictures: number) => void) {
    this.id = config.id
    this.#world = world
    this.#line = line
    this.#count = count
    this.#book = recalled
    this.#watch = Watch.make(world.wallMs())
    const { doubtedSinceMs, exposedSinceMs, heard, notBeforeMs, touchedMs } = this.#watch
    const { installationId, market, settled: { house, strategies } } = world
    this.#lasting = {
      installationId, configHash: house.hash, account: config, strategies, calendars: house.calendars, quote: line.quote, ...latchesOf(world), mode: "paper",
      doubtedSinceMs, exposedSinceMs, heard, notBeforeMs, touchedMs, instrument: (id) => market.get(id)?.instrument,
      isLowOnDisk: false, entriesWait: false, isLeaving: false, mayEnter: false
    }
  }

  book(): Book.Book {
    return this.#book
  }

  considered(approved: ApprovedSignal): void {
    this.#ages.heard(approved)
    const happened: Happened = (book, at) =>
      Decide.consider(book, approved, Turns.awaitsQuote(approved, at, this.#upSinceMs) ? { ...at, powers: undefined } : at)
    this.#handle(happened, isReducing(approved.signal.action))
  }

  concluded(alertId: AlertId, outcome: Outcome, reason: Reason): void {
    this.#handle((book) => Decide.conclude(book, alertId, outcome, reason), false)
  }

  commanded(command: AccountCommand): void {
    this.#handle((book, facts) => Command.decide(book, command, facts).events, Command.isReducing(command))
  }

  answered(request: SessionRequest, result: RequestResult): void {
    this.#handle((book) => Report.ofAnswer(book, request, result))
  }

  reported(events: ReadonlyArray<VenueEvent>): void {
    this.#handle((book, { nowMs }) => {
      const news = Report.ofEvents(book, events, nowMs)
      this.#watch.hear(news.reduce(evolve, book), events, nowMs)
      return news
    })
  }

  pictured(snapshot: AccountSnapshot | undefined): void {
    const nowMs = this.#world.wallMs()
    this.#unpark()
    if (snapshot === undefined) {
      this.#watch.pictured(undefined, nowMs)
      return this.#handle(nothing)
    }
    const before = this.#watch.suspicions()
    const askedMs = this.#watch.askedMs()
    this.#handle((book, facts) => {
      const { events, suspicions } = Reconcile.reconcile(book, snapshot, before, facts, askedMs)
      this.#watch.pictured(suspicions, nowMs)
      this.#isPictureQuiet = events.length === 0 && suspicions.orders.size === 0 && suspicions.positions.size === 0
      return events
    })
  }

  up(powers: Powers): void {
    const nowMs = this.#world.wallMs()
    this.#unpark()
    this.#connected(powers, nowMs)
    this.#handle((book) => Reconcile.recover(book, nowMs))
    this.#askPicture()
  }

  down(): void {
    this.#unpark()
    this.#connected(undefined, this.#world.wallMs())
    this.#handle(nothing)
  }

  /** Something changed at its venue that it may not have heard of. */
  stir(): void {
    if (this.#parkedMs === undefined) return
    this.#unpark()
    this.#setTimer(Math.min(this.#timerMs, this.#watch.nextPictureMs(this.#book)), this.#world.wallMs())
  }

  #tick(): void {
    this.#unpark()
    this.#timerMs = Infinity
    this.#timers += 1
    if (this.#powers !== undefined && this.#watch.nextPictureMs(this.#book) <= this.#world.wallMs()) this.#askPicture()
    this.#handle(nothing)
  }

  /** Every message: what is known now, what happened, what follows, in one commit. `isHeeded`: a venue's no delays the next try. */
  #handle(happened: Happened, isHeeded = true): void {
    this.#unpark()
    this.#isPictureQuiet = false
    const facts = this.#gather()
    const before = happened(this.#book, facts)
    if (isHeeded) this.#watch.heed(this.#book, before, facts.nowMs)
    this.#commit(settle(this.#book, before, facts), facts)
    this.#turns()
  }

  #gather(): Facts {
    return { ...this.#lasting, nowMs: this.#world.wallMs(), powers: this.#powers }
  }

  #commit(events: ReadonlyArray<JournalEvent>, facts: Facts): number {
    const { broken, journal } = this.#world
    const kept = broken.settled === undefined ? events : broken.settled(events, this.#book, facts)
    if (kept.length > 0) {
      journal.stage(`account/${this.id}`, kept)
      for (const event of kept) this.#book = evolve(this.#book, event)
      this.#isPictureQuiet = false
    }
    this.#act(kept, facts)
    return kept.length
  }

  #act(committed: ReadonlyArray<JournalEvent>, facts: Facts): void {
    this.#watch.happened(this.#book, committed, facts.nowMs)
    this.#watch.look(this.#book, facts.nowMs)
    this.#askAll(committed, facts)
    this.#setTimer(Math.min(
      Alarm.next(this.#book, facts) ?? Infinity,
      this.#pictureDueMs(facts.nowMs),
      Turns.nextLookMs(this.#book, facts, this.#upSinceMs)
    ), facts.nowMs)
  }

  #turns(): void {
    if (this.#book.queue.length === 0) return
    for (const { approved } of this.#book.queue) this.#ages.heard(approved)
    const facts = this.#gather()
    if (this.#book.queue.some(({ approved }) => Turns.awaitsQuote(approved, facts, this.#upSinceMs))) return
    for (let n = 0; n < Decide.queueMax && this.#book.queue.length > 0; n++) {
      if (this.#commit(settle(this.#book, Decide.next(this.#book, facts), facts), facts) === 0) return
    }
  }

  #askAll(committed: ReadonlyArray<JournalEvent>, facts: Facts): void {
    for (const request of Wire.requests(this.#book, committed, this.id)) {
      const instrument = "instrument" in request ? request.instrument : undefined
      const strategy = instrument === undefined ? undefined : this.#book.brackets.get(instrument.id)?.strategy
      this.#line.ask(this.#ages.limited(request, strategy, committed, facts), this.#world.journal.seq(), strategy)
    }
  }

  #askPicture(): void {
    const nowMs = this.#world.wallMs()
    this.#watch.asked(nowMs)
    const { brackets, lastFillAtMs } = this.#book
    const sinceMs = (lastFillAtMs === 0 ? nowMs : lastFillAtMs) - fillsOverlapMs
    this.#line.ask(SessionRequest.cases.Snapshot.make({
      accountId: this.id,
      orderIds: Reconcile.askedOrders(this.#book).map(({ order }) => order.id),
      sinceMs: Math.min(sinceMs, ...Array.from(brackets.values(), ({ openedAtMs }) => openedAtMs))
    }), 0)
  }

  /** Never, where the next picture would show what the last one did. */
  #pictureDueMs(nowMs: number): number {
    this.#parkedMs = undefined
    if (this.#powers === undefined) return Infinity
    const dueMs = this.#watch.nextPictureMs(this.#book)
    if (!this.#isPictureQuiet || this.#watch.askedMs() !== undefined || dueMs - nowMs !== Watch.pictureEveryMs) return dueMs
    this.#parkedMs = nowMs
    return Infinity
  }

  /** As if all pictures meanwhile had been taken. */
  #unpark(): void {
    this.#followClock()
    const parkedMs = this.#parkedMs
    if (parkedMs === undefined) return
    this.#parkedMs = undefined
    const skipped = Math.floor((this.#world.wallMs() - parkedMs) / Watch.pictureEveryMs)
    if (skipped <= 0) return
    const atMs = parkedMs + skipped * Watch.pictureEveryMs
    this.#watch.asked(atMs)
    this.#watch.pictured(this.#watch.suspicions(), atMs)
    this.#count(skipped)
  }

  #connected(powers: Powers | undefined, nowMs: number): void {
    this.#powers = powers
    this.#upSinceMs = nowMs
    this.#watch.forget()
  }

  #followClock(): void {
    const nowAheadMs = this.#world.wallMs() - this.#world.heap.nowMs()
    const byMs = nowAheadMs - (this.#aheadMs ?? nowAheadMs)
    if (this.#aheadMs !== undefined && Math.abs(byMs) < stepMsMin) return
    this.#aheadMs = nowAheadMs
    this.#watch.shift(byMs)
    this.#upSinceMs += byMs
    if (this.#parkedMs !== undefined) this.#parkedMs += byMs
  }

  #setTimer(atMs: number, nowMs: number): void {
    if (atMs === this.#timerMs) return
    this.#timerMs = atMs
    this.#timers += 1
    if (!Number.isFinite(atMs)) return
    const mine = this.#timers
    this.#world.soon(() => {
      if (mine === this.#timers) this.#tick()
    }, this.#world.heap.nowMs() + Math.max(1, atMs - nowMs))
  }
}
