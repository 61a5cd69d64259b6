/** Makes deliveries durable, once each. Owns: who is first and who a duplicate, how long an answer waits for the disk, and when it left. */
import { Cause, Deferred, Effect, Exit, Fiber, Option, Queue, type Scope } from "effect"
import { Clocks } from "#config/Clocks.ts"
import type { Delivery, Refusal } from "#schemas/Alert.ts"
import { statusOf } from "#schemas/contracts/Webhook.ts"
import type { LaneId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Signal } from "#schemas/Signal.ts"
import * as Identity from "#src/ingress/Identity.ts"
import { restore } from "#src/ingress/Restore.ts"
import { Journal } from "#src/ports/Journal.ts"

/** Beyond these the house is overloaded: 503. */
const inFlightMax = 1_024
/** The sender gives up after 3 s; a 503 before that brings it back. */
const durableWithin = "2500 millis"
const answersMax = 1_024

/** One authenticated delivery, its secrets masked; accepted unless `refusal` says why not. */
export interface Keepable {
  readonly lane: LaneId
  readonly delivery: Delivery
  readonly signal: Signal | undefined
  /** Of one that is no signal: what its row in the inbox can show. */
  readonly partial: { readonly strategy?: string; readonly action?: string; readonly symbol?: string } | undefined
  readonly refusal: Refusal | undefined
  /** Of a refused one, as far as it could be read. */
  readonly strategy: string
  readonly explicitId: string | undefined
  readonly repeat: Identity.Repeat
}

export interface Kept {
  readonly first: Identity.First
  readonly isDuplicate: boolean
}

type Arrival = ReturnType<Identity.Identity["arrive"]>
type Answered = { readonly lane: LaneId; readonly event: JournalEvent }

const streamOf = (lane: LaneId): string => `ingress/${lane}`

const { AlertAccepted, AlertAnswered, AlertDuplicated, AlertRefused } = JournalEvent.cases

const noted = (delivery: Delivery, notes: ReadonlyArray<string>): Delivery => notes.length === 0 ? delivery : { ...delivery, notes: [...delivery.notes, ...notes] }

/** The row of a delivery nobody sent before. */
const firstRow = Effect.fnUntraced(function*({ delivery, partial, signal, refusal }: Keepable, notes: ReadonlyArray<string>) {
  const alertId = yield* Identity.nextAlertId
  const base = { alertId, delivery: noted(delivery, notes) }
  if (refusal !== undefined) {
    return AlertRefused.make({ ...base, refusal, ...(signal === undefined ? {} : { signal }), ...(partial === undefined ? {} : { partial }) })
  }
  return signal === undefined ? yield* Effect.die("an accepted alert has a signal") : AlertAccepted.make({ ...base, signal })
})

const tellFailure = (cause: Cause.Cause<unknown>): Effect.Effect<void> =>
  Cause.hasDies(cause)
    ? Effect.logError("an alert was not journaled", cause)
    : Effect.logWarning("an alert was not journaled: its sender was asked to send it again")

/** Journals first deliveries and duplicates. */
const recorder = (journal: Journal["Service"], scope: Scope.Scope) => {
  const duplicate = Effect.fnUntraced(function*(item: Keepable, first: Identity.First, by: "id" | "resend", notes: ReadonlyArray<string>) {
    const event = AlertDuplicated.make({ alertId: first.alertId, delivery: noted(item.delivery, notes), by })
    yield* journal.append(streamOf(item.lane), "any", [event])
    return { first, isDuplicate: true }
  })

  const firstOf = (item: Keepable, alertId: Identity.First["alertId"]): Kept => ({
    first: { alertId, ...(item.refusal === undefined ? {} : { refusal: item.refusal }) },
    isDuplicate: false
  })

  const byId = Effect.fnUntraced(function*(item: Keepable, explicitId: string) {
    const event = yield* firstRow(item, [])
    const key = Identity.keyOf(item.lane, item.strategy, explicitId)
    return yield* journal.appendOnce(streamOf(item.lane), key, [event]).pipe(
      Effect.as(firstOf(item, event.alertId)),
      Effect.catchTag("JournalKeyTaken", ({ seq }) =>
        Effect.gen(function*() {
          const row = yield* journal.rowAt(seq)
          const first = row === undefined ? undefined : Identity.firstOf(row.event)
          if (first === undefined) return yield* Effect.die(`the holder of ${key} at ${seq} is no alert`)
          return yield* duplicate(item, first, "id", [])
        }))
    )
  })

  /** Undefined: it hangs on another delivery that hangs. */
  const byBody = Effect.fnUntraced(function*(item: Keepable, { own, judgement }: Arrival) {
    const judged = yield* judgement
    if (judged._tag === "Undecided") {
      yield* Effect.forkIn(Effect.flatMap(judged.fate, (first) => Deferred.succeed(own.fate, first)), scope)
      return undefined
    }
    if (judged._tag === "Resend") {
      yield* Deferred.succeed(own.fate, judged.first)
      return yield* duplicate(item, judged.first, "resend", judged.notes)
    }
    const event = yield* firstRow(item, judged.notes)
    const kept = firstOf(item, event.alertId)
    const { seq } = yield* journal.stage(streamOf(item.lane), "any", [event])
    yield* Deferred.succeed(own.fate, kept.first) // it has its place: whatever becomes of the answer, a resend is one
    yield* journal.durable(seq)
    return kept
  }, (effect, _item, { own }) => Effect.onError(effect, () => Deferred.succeed(own.fate, undefined)))

  return { byId, byBody }
}

/** `AlertAnswered` rows, behind the answers and awaited by nobody. What does not fit is dropped: such an alert counts as unanswered. */
const answerLog = Effect.fnUntraced(function*(journal: Journal["Service"]) {
  const queue = yield* Queue.dropping<Answered>(answersMax)
  const write = ({ lane, event }: Answered) =>
    journal.stage(streamOf(lane), "any", [event]).pipe(
      Effect.catchCause((cause) => Effect.logWarning("an answer was not journaled", cause))
    )
  const writeAll = (answers: ReadonlyArray<Answered>) => Effect.forEach(answers, write, { concurrency: "unbounded", discard: true })
  // Taken and written in one step: closing loses none between the two.
  const writeWaiting = Effect.uninterruptible(Effect.flatMap(Queue.clear(queue), writeAll))
  yield* Effect.addFinalizer(() => writeWaiting)
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Queue.peek(queue), writeWaiting)))
  return (answered: Answered): void => { Queue.offerUnsafe(queue, answered) }
})

export const make = Effect.gen(function*() {
  const journal = yield* Journal
  const clocks = yield* Clocks
  const scope = yield* Effect.scope
  const identity = Identity.make()
  yield* restore(journal, identity, { wallMs: yield* clocks.wallMs, monotonicMs: yield* clocks.monotonicMs })
  const record = recorder(journal, scope)
  const logAnswer = yield* answerLog(journal)
  let inFlight = 0

  const begin = Effect.fnUntraced(function*(item: Keepable, arrival: Arrival | undefined) {
    inFlight++
    const work = arrival === undefined ? record.byId(item, item.explicitId ?? "") : record.byBody(item, arrival)
    return yield* work.pipe(
      Effect.ensuring(Effect.sync(() => { inFlight-- })),
      Effect.uninterruptible,
      Effect.forkIn(scope, { startImmediately: true })
    )
  })

  /** Once the answer has left, or surely has not. */
  const settle = Effect.fnUntraced(function*(item: Keepable, arrival: Arrival | undefined, { first }: Kept, written: Effect.Effect<boolean>) {
    const wasWritten = yield* written
    if (arrival !== undefined) yield* Deferred.succeed(arrival.own.answered, wasWritten)
    if (!wasWritten) return
    const status = first.refusal === undefined ? 200 : statusOf[first.refusal.error]
    logAnswer({ lane: item.lane, event: AlertAnswered.make({ alertId: first.alertId, status, answeredAtMs: yield* clocks.wallMs }) })
  })

  /** Undefined: not durable, or not soon enough (it may be after all). `written` tells whether the answer left the house. */
  const keep = Effect.fnUntraced(function*(item: Keepable, written: Effect.Effect<boolean>) {
    if (inFlight >= inFlightMax) return undefined
    const arrival = item.explicitId === undefined ? identity.arrive(item.delivery.bodyHash, yield* clocks.monotonicMs, item.repeat) : undefined
    const fiber = yield* begin(item, arrival)
    const exit = yield* Effect.timeoutOption(Fiber.await(fiber), durableWithin)
    const kept = Option.isSome(exit) && Exit.isSuccess(exit.value) ? exit.value.value : undefined
    if (Option.isSome(exit) && Exit.isFailure(exit.value)) yield* tellFailure(exit.value.cause)
    if (kept !== undefined) yield* Effect.forkIn(settle(item, arrival, kept, written), scope, { startImmediately: true })
    else if (arrival !== undefined) yield* Deferred.succeed(arrival.own.answered, false)
    return kept
  })

  return { keep }
})
/** But for a scope. */
export type Needs = Journal | Clocks
