/** Alerts that waited and whose turn has come, each decided in a commit of its own: one that kills its handler is known by that. */
import { Effect } from "effect"
import type * as Memory from "#actors/Memory.ts"
import type { AlertId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import { type ApprovedSignal, isReducing } from "#schemas/Signal.ts"
import type { Reason } from "#schemas/Verdict.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import * as Decide from "#src/lifecycle/Decide.ts"
import { quoteAgeMsMax } from "#src/lifecycle/Enter.ts"
import type { Facts } from "#src/lifecycle/Facts.ts"
import { settle } from "#src/lifecycle/Settle.ts"

/** An alert that killed its handler so often ends `failed`. */
const crashesMax = 2
/** Alerts whose crashes are remembered. */
const alertsMax = 1_000

/** A connection gets this long to show an instrument's first quote before an entry is denied for want of one. */
const firstQuoteWithinMs = 2_000
/** How often it is looked whether it is there. */
const lookEveryMs = 100

/** An entry just after the connection came up: its market has not spoken yet. */
export const awaitsQuote = ({ instrument, signal }: ApprovedSignal, facts: Facts, upSinceMs: number): boolean => {
  if (isReducing(signal.action) || facts.strategies.get(signal.strategy)?.quotes !== "live") return false
  const quote = facts.quote(instrument.id)
  const isFresh = quote !== undefined && facts.nowMs - quote.atMs <= quoteAgeMsMax
  return !isFresh && facts.nowMs - upSinceMs < firstQuoteWithinMs
}

const someAwaitsQuote = ({ queue }: Book, facts: Facts, upSinceMs: number) => queue.some(({ approved }) => awaitsQuote(approved, facts, upSinceMs))

export const nextLookMs = (book: Book, facts: Facts, upSinceMs: number): number =>
  someAwaitsQuote(book, facts, upSinceMs) ? facts.nowMs + lookEveryMs : Infinity

/** How often an alert killed this account's handler. Outlives the account's lives: the next one must know. */
export type Crashes = Map<AlertId, number>

export const noteCrash = (crashes: Crashes, alertId: AlertId): void => {
  crashes.set(alertId, (crashes.get(alertId) ?? 0) + 1)
  const oldest = crashes.keys().next().value
  if (crashes.size > alertsMax && oldest !== undefined) crashes.delete(oldest)
}

const crashed: Reason = {
  rule: "Crashed",
  message: `the account's handler died ${crashesMax} times on this alert: see the log`,
  facts: { attempts: String(crashesMax) }
}

/** While the house leaves or its configuration is changed, what reduces risk still has its turn; entries keep their place. */
const nextReducing = (book: Book, facts: Facts): ReadonlyArray<JournalEvent> => {
  const reducing = book.queue.filter(({ approved }) => isReducing(approved.signal.action))
  const events = Decide.next({ ...book, queue: [...reducing, ...book.queue.filter((queued) => !reducing.includes(queued))] }, facts)
  const taken = events[0]
  return taken?._tag === "SignalTaken" && reducing.some(({ approved }) => approved.alertId === taken.alertId) ? events : []
}

const decided = (book: Book, facts: Facts, crashes: Crashes): ReadonlyArray<JournalEvent> => {
  const given = book.queue.find(({ approved }) => (crashes.get(approved.alertId) ?? 0) >= crashesMax)
  if (given === undefined) return facts.isLeaving || facts.entriesWait === true ? nextReducing(book, facts) : Decide.next(book, facts)
  return Decide.conclude(book, given.approved.alertId, "failed", crashed)
}

const dies = (work: () => unknown): boolean => {
  try {
    work()
    return false
  } catch {
    return true
  }
}

export const make = (
  memory: Effect.Success<ReturnType<typeof Memory.recall<Book>>>,
  crashes: Crashes,
  act: (committed: ReadonlyArray<JournalEvent>, facts: Facts) => Effect.Effect<void>
) => {
  /** Whose turn it was: as far as the decision came, else the one that cannot be decided even alone. */
  const blame = (events: ReadonlyArray<JournalEvent>, facts: Facts) => {
    const book = memory.state()
    const named = events.find(({ _tag }) => _tag === "SignalTaken")
    const alertId = named?._tag === "SignalTaken"
      ? named.alertId
      : book.queue.find((one) => dies(() => Decide.next({ ...book, queue: [one] }, facts)))?.approved.alertId
    if (alertId !== undefined) noteCrash(crashes, alertId)
  }

  const one = (facts: Facts) =>
    Effect.suspend(() => {
      let events: ReadonlyArray<JournalEvent> = []
      return memory.commit((book) => {
        events = []
        events = decided(book, facts, crashes)
        return settle(book, events, facts)
      }).pipe(
        Effect.tap((committed) => act(committed, facts)),
        Effect.tap((committed) =>
          Effect.forEach(committed, (event) =>
            event._tag === "OutcomeReached" && event.reason?.rule === crashed.rule
              ? Effect.logError(`alert ${event.alertId} crashed this account ${crashesMax} times: it ends failed`)
              : Effect.void, { discard: true })),
        Effect.tapDefect(() => Effect.sync(() => blame(events, facts)))
      )
    })

  /** Without room in the journal they wait on. */
  const all = Effect.fnUntraced(function*(facts: Facts, upSinceMs: number) {
    if (someAwaitsQuote(memory.state(), facts, upSinceMs)) return
    for (let n = 0; n < Decide.queueMax && memory.state().queue.length > 0; n++) {
      if ((yield* one(facts)).length === 0) return
    }
  })
  return (facts: Facts, upSinceMs: number) => Effect.ignore(all(facts, upSinceMs))
}
