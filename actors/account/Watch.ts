/** What an account knows only of this life: since when a position is exposed, what must wait, when to ask the venue again. */
import type { InstrumentId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { VenueEvent } from "#schemas/VenueEvent.ts"
import * as Uncovered from "#actors/account/Uncovered.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import * as Missing from "#src/lifecycle/Missing.ts"
import * as Reconcile from "#src/lifecycle/Reconcile.ts"
import * as Report from "#src/lifecycle/Report.ts"

/** The venue is asked for its picture this often, milliseconds; sooner while something is uncertain. */
export const pictureEveryMs = 30_000
const suspicionMs = 1_000
const uncertainMinMs = 1_000
/** A fill that the venue hinted at gets this long to come by itself. */
const owedMs = 500
const backOffMinMs = 500
const backOffMaxMs = 30_000
/** Three tries to change a stop, and the one to add another beside it, end within the time that a stop may take. */
const changeAgainMs = 250
/** A picture not answered in this time is asked for again: longer than a slow venue's four answers take. */
const pictureWithinMs = 60_000

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
      notBefore.delete(instrumentId)
      return
    case "OrderRejected":
    case "OrderWithheld":
      // What the venue will not have as a stop goes flat: its exit does not wait for another try.
      if (leg === "stop" && event._tag === "OrderRejected") soon()
      else notBefore.set(instrumentId, { atMs: nowMs + Math.min(backOffMaxMs, backOffMinMs * 2 ** times), times: times + 1 })
      return
    case "ChangeRefused":
      // Never longer: an exit of this instrument waits with it. A refused cancel holds up nothing.
      if (leg === "stop" && known.modifyAsked && !known.cancelAsked) soon()
  }
}

/** The venue's hints at fills that have not come, by what they speak of: as many as it has open orders and positions. */
const makeOwed = () => {
  const owed = new Map<string, { readonly event: VenueEvent; readonly atMs: number }>()
  const keyOf = (event: VenueEvent): string =>
    event._tag === "OrderChanged" ? event.report.clientOrderId : event._tag === "PositionChanged" ? event.position.instrumentId : event.fill.id
  return {
    hear: (book: Book, events: ReadonlyArray<VenueEvent>, nowMs: number) => {
      for (const event of events) {
        const key = keyOf(event)
        if (Report.isOwed(book, event)) owed.set(key, { event, atMs: owed.get(key)?.atMs ?? nowMs })
        else owed.delete(key)
      }
    },
    look: (book: Book) => {
      for (const [key, { event }] of owed) if (!Report.isOwed(book, event)) owed.delete(key)
    },
    shift: (byMs: number) => {
      for (const [key, { atMs, event }] of owed) owed.set(key, { event, atMs: atMs + byMs })
    },
    /** What came after it was asked for, the picture may not show. */
    pictured: (askedMs: number) => {
      for (const [key, { atMs }] of owed) if (atMs < askedMs) owed.delete(key)
    },
    sinceMs: () => Math.min(Infinity, ...[...owed.values()].map(({ atMs }) => atMs))
  }
}

/** Since when the venue has hinted that it holds less than our book: unasked, or by a picture that no second one has borne out. */
const makeDoubts = () => {
  const doubts = new Map<InstrumentId, { readonly net: number; readonly sinceMs: number }>()
  const isLess = (book: Book, id: InstrumentId, net: number) => Missing.lotsOf(book, book.brackets.get(id), net) > 0
  return {
    sinceMs: (id: InstrumentId) => doubts.get(id)?.sinceMs,
    firstMs: () => Math.min(Infinity, ...[...doubts.values()].map(({ sinceMs }) => sinceMs)),
    hear: (book: Book, events: ReadonlyArray<VenueEvent>, nowMs: number) => {
      for (const event of events) {
        if (event._tag !== "PositionChanged") continue
        const { instrumentId, net } = event.position
        const before = doubts.get(instrumentId)
        if (isLess(book, instrumentId, net)) doubts.set(instrumentId, before?.net === net ? before : { net, sinceMs: nowMs })
        else doubts.delete(instrumentId)
      }
    },
    look: (book: Book) => {
      for (const [id, { net }] of doubts) if (!isLess(book, id, net)) doubts.delete(id)
    },
    /** What came after it was asked for, the picture may not show. */
    pictured: (seen: Reconcile.Suspicions, askedMs: number) => {
      for (const [id, { sinceMs }] of doubts) if (sinceMs < askedMs && seen.positions.get(id)?.isLess !== true) doubts.delete(id)
      for (const [id, { difference, isLess: less, ours }] of seen.positions) {
        if (less) doubts.set(id, { net: ours + difference, sinceMs: doubts.get(id)?.sinceMs ?? askedMs })
      }
    },
    shift: (byMs: number) => {
      for (const [id, doubt] of doubts) doubts.set(id, { ...doubt, sinceMs: doubt.sinceMs + byMs })
    }
  }
}

export const make = () => {
  const doubts = makeDoubts()
  const uncovered = new Map<InstrumentId, ReadonlyArray<Uncovered.Part>>()
  const notBefore: Waits = new Map()
  const owed = makeOwed()
  let pictureAskedMs: number | undefined
  let pictureAtMs = 0
  let uncertainTimes = 0
  let doubtfulAtMs: number | undefined
  let suspicions = Reconcile.noSuspicions

  return {
    exposedSinceMs: (id: InstrumentId) => uncovered.get(id)?.[0]?.sinceMs,
    notBeforeMs: (id: InstrumentId) => notBefore.get(id)?.atMs,
    doubtedSinceMs: doubts.sinceMs,
    suspicions: () => suspicions,
    /** When the picture that is awaited was asked for. */
    askedMs: () => pictureAskedMs,

    /** After each commit. */
    look: (book: Book, nowMs: number) => {
      owed.look(book)
      doubts.look(book)
      for (const id of uncovered.keys()) if (!book.brackets.has(id)) uncovered.delete(id)
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
    hear: (book: Book, events: ReadonlyArray<VenueEvent>, nowMs: number) => {
      owed.hear(book, events, nowMs)
      doubts.hear(book, events, nowMs)
    },

    /** One that could not be had settles nothing. */
    pictured: (seen: Reconcile.Suspicions | undefined, nowMs: number) => {
      if (seen !== undefined) {
        const askedMs = pictureAskedMs ?? nowMs
        owed.pictured(askedMs)
        doubts.pictured(seen, askedMs)
        if (doubtfulAtMs !== undefined && doubtfulAtMs < askedMs) doubtfulAtMs = undefined
        suspicions = seen
      }
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
      owed.shift(byMs)
      doubts.shift(byMs)
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
    },

    /** When the venue is to be asked for its picture. */
    nextPictureMs: (book: Book): number => {
      if (pictureAskedMs !== undefined) return pictureAskedMs + pictureWithinMs
      const isUncertain = Reconcile.isUncertain(book)
      uncertainTimes = isUncertain ? uncertainTimes : 0
      const soon = pictureAtMs + suspicionMs
      if (!book.isReconciled || suspicions.positions.size + suspicions.orders.size > 0 || doubtfulAtMs !== undefined) return soon
      const inTurn = pictureAtMs + (isUncertain ? Math.min(pictureEveryMs, uncertainMinMs * 2 ** uncertainTimes) : pictureEveryMs)
      return Math.min(inTurn, Math.max(soon, Math.min(owed.sinceMs(), doubts.firstMs()) + owedMs))
    }
  }
}
