/** What an account knows only of this life: since when a position is exposed, what must wait, when to ask the venue again. */
import { Context } from "effect"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import * as Hints from "#actors/account/Hints.ts"
import * as Uncovered from "#actors/account/Uncovered.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import * as Foreign from "#src/lifecycle/Foreign.ts"
import * as Reconcile from "#src/lifecycle/Reconcile.ts"

/** The venue is asked for its picture this often, milliseconds; sooner while something is uncertain. */
export const pictureEveryMs = 30_000
/** In its place, for a whole house: a simulation asks as often as its scenario says. */
export const PictureEveryMs = Context.Reference<number>("actors/account/PictureEveryMs", { defaultValue: () => pictureEveryMs })
const suspicionMs = 1_000
const uncertainMinMs = 1_000
/** A hint may be of a position without its stop: after so many failed pictures in a row the next one comes very soon, after so many soon. */
const hintedTries = { verySoon: 4, soon: 4 }
/** A fill that the venue hinted at gets this long to come by itself. */
const owedMs = 500
const backOffMinMs = 500
const exitUnknownMs = 1_000
const backOffMaxMs = 30_000
/** Three tries to change a stop, and the one to add another beside it, end within the time that a stop may take. */
const changeAgainMs = 250
/** A stop whose fate is unknown is looked up first: a picture is asked for at once or a second after the last one. */
const stopUnknownMs = 1_200
/** A picture not answered in this time is asked for again: longer than a slow venue's four answers take. */
const pictureWithinMs = 60_000

/** A beat that all accounts share: what a venue tells of a whole login is asked once for all of them. */
const beatAfter = (ms: number, everyMs: number): number => (Math.floor(ms / everyMs) + 1) * everyMs

/** After so many failed pictures in a row. */
const againMs = (failedTimes: number, isHinted: boolean): number =>
  isHinted && failedTimes <= hintedTries.verySoon
    ? owedMs
    : Math.min(pictureEveryMs, suspicionMs * 2 ** Math.max(0, failedTimes - 1 - (isHinted ? hintedTries.soon : 0)))

type Waits = Map<InstrumentId, { readonly atMs: number; readonly times: number }>

/** A no to a stop or an exit delays its next try; a yes ends the delay. What became of an entry delays nothing. */
const heedNo = (notBefore: Waits, book: Book, event: JournalEvent, nowMs: number): void => {
  if (!("orderId" in event)) return
  const known = book.orders.get(event.orderId)
  if (known === undefined || known.order.leg === "entry") return
  const { instrumentId, leg } = known.order
  const times = notBefore.get(instrumentId)?.times ?? 0
  const soon = () => notBefore.set(instrumentId, { atMs: nowMs + changeAgainMs, times })
  switch (event._tag) {
    case "OrderAccepted":
    case "OrderModified":
    case "FillReceived":
      notBefore.delete(instrumentId)
      return
    case "OrderRejected":
    case "OrderWithheld":
      // It was waited for already, as long as nobody knew.
      if (event._tag === "OrderWithheld" && event.reason.rule === Reconcile.neverArrivedRule && leg === "exit") {
        notBefore.delete(instrumentId)
        return
      }
      // What the venue will not have as a stop goes flat: its exit does not wait for another try.
      if (leg === "stop" && event._tag === "OrderRejected") soon()
      else notBefore.set(instrumentId, { atMs: nowMs + Math.min(backOffMaxMs, backOffMinMs * 2 ** times), times: times + 1 })
      return
    case "OrderUnknown":
      // Time for its answer to come after all, before another one is sent.
      if (leg === "stop") notBefore.set(instrumentId, { atMs: nowMs + stopUnknownMs, times })
      if (leg === "exit") notBefore.set(instrumentId, { atMs: nowMs + exitUnknownMs, times })
      return
    case "ChangeRefused":
      // Never longer: an exit of this instrument waits with it. A refused cancel holds up nothing.
      if (leg === "stop" && known.modifyAsked && !known.cancelAsked) soon()
  }
}

/** `bornMs`: what happened in the life before may be as young as this one. */
export const make = (bornMs = -Infinity, everyMs = pictureEveryMs) => {
  const hints = Hints.make(bornMs)
  const { doubts, owed, touches } = hints
  const uncovered = new Map<InstrumentId, ReadonlyArray<Uncovered.Part>>()
  const notBefore: Waits = new Map()
  let pictureAskedMs: number | undefined
  let [pictureAtMs, uncertainTimes] = [0, 0]
  let doubtfulAtMs: number | undefined
  /** Pictures in a row that could not be had. */
  let failedTimes = 0
  let suspicions = Reconcile.noSuspicions

  return {
    exposedSinceMs: (id: InstrumentId) => uncovered.get(id)?.[0]?.sinceMs,
    notBeforeMs: (id: InstrumentId) => notBefore.get(id)?.atMs,
    doubtedSinceMs: doubts.sinceMs,
    touchedMs: touches.touchedMs,
    heard: touches.heard,
    happened: touches.happened,
    suspicions: () => suspicions,
    /** When the picture that is awaited was asked for. */
    askedMs: () => pictureAskedMs,

    /** After each commit. */
    look: (book: Book, nowMs: number) => {
      hints.look(book)
      for (const id of uncovered.keys()) if (!book.brackets.has(id)) uncovered.delete(id)
      for (const id of notBefore.keys()) if (!book.brackets.has(id)) notBefore.delete(id)
      for (const [id, bracket] of book.brackets) {
        if (!Exposure.isExposed(book, bracket)) uncovered.delete(id)
        else uncovered.set(id, Uncovered.look(uncovered.get(id) ?? [], Exposure.of(book, bracket), nowMs))
      }
    },

    /** Before a commit. */
    heed: (book: Book, events: ReadonlyArray<JournalEvent>, nowMs: number) => {
      for (const event of events) {
        if (event._tag === "ChangeRefused") doubtfulAtMs = nowMs
        heedNo(notBefore, book, event, nowMs)
      }
    },

    /** What the venue said, beside the book that heard it: is there more to come? */
    hear: hints.hear,

    /** One that could not be had settles nothing. */
    pictured: (seen: Reconcile.Suspicions | undefined, nowMs: number) => {
      if (seen !== undefined) {
        const askedMs = pictureAskedMs ?? nowMs
        owed.pictured(askedMs)
        doubts.pictured(seen, askedMs)
        if (doubtfulAtMs !== undefined && doubtfulAtMs < askedMs) doubtfulAtMs = undefined
        suspicions = seen
      }
      failedTimes = seen === undefined ? failedTimes + 1 : 0
      pictureAskedMs = undefined
      pictureAtMs = nowMs
    },
    asked: (nowMs: number) => {
      pictureAskedMs = nowMs
      uncertainTimes += 1
    },
    /** The wall clock was stepped: what was to last two seconds still lasts two. */
    shift: (byMs: number) => {
      for (const [id, parts] of uncovered) uncovered.set(id, parts.map((part) => ({ ...part, sinceMs: part.sinceMs + byMs })))
      for (const [id, wait] of notBefore) notBefore.set(id, { ...wait, atMs: wait.atMs + byMs })
      hints.shift(byMs)
      suspicions = Reconcile.shifted(suspicions, byMs)
      pictureAtMs += byMs
      if (pictureAskedMs !== undefined) pictureAskedMs += byMs
      if (doubtfulAtMs !== undefined) doubtfulAtMs += byMs
    },
    /** A new connection: everything is to be asked anew. */
    forget: () => {
      pictureAskedMs = undefined
      suspicions = Reconcile.noSuspicions
      uncertainTimes = 0
      failedTimes = 0
    },

    /** When the venue is to be asked for its picture. */
    nextPictureMs: (book: Book): number => {
      if (pictureAskedMs !== undefined) return pictureAskedMs + pictureWithinMs
      const isUncertain = Reconcile.isUncertain(book)
      uncertainTimes = isUncertain ? uncertainTimes : 0
      const soon = pictureAtMs + suspicionMs
      if (failedTimes > 0) return pictureAtMs + againMs(failedTimes, hints.isOpen())
      const isToBeProven = suspicions.positions.size + suspicions.orders.size > 0 || Foreign.awaitsProof(book)
      if (!book.isReconciled || isToBeProven || doubtfulAtMs !== undefined) return soon
      const onBeat = beatAfter(soon, everyMs)
      const inTurn = isUncertain ? Math.min(onBeat, pictureAtMs + uncertainMinMs * 2 ** uncertainTimes) : onBeat
      return Math.min(inTurn, Math.max(soon, Math.min(owed.sinceMs() + owedMs, doubts.firstMs() + owedMs, suspicions.foreign.againAtMs ?? Infinity)))
    }
  }
}
