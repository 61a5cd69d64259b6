/** What the venue says unasked and what our own orders did, kept for as long as a picture may not show it yet. */
import type { InstrumentId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { VenueEvent } from "#schemas/VenueEvent.ts"
import { type Book, type Bracket, netOf } from "#src/lifecycle/Book.ts"
import type { Heard } from "#src/lifecycle/Facts.ts"
import * as Missing from "#src/lifecycle/Missing.ts"
import type * as Reconcile from "#src/lifecycle/Reconcile.ts"
import * as Report from "#src/lifecycle/Report.ts"

/** The venue's hints at fills that have not come, by what they speak of: as many as it has open orders and positions. */
const makeOwed = () => {
  const owed = new Map<string, { readonly event: VenueEvent; readonly atMs: number }>()
  const keyOf = (event: VenueEvent): string =>
    event._tag === "OrderChanged" ? event.report.clientOrderId : event._tag === "PositionChanged" ? event.position.instrumentId : event.fill.id
  /** What an order has filled never falls. */
  const isOlder = (event: VenueEvent, before: VenueEvent | undefined): boolean =>
    event._tag === "OrderChanged" && before?._tag === "OrderChanged" && event.report.filledLots < before.report.filledLots
  return {
    hear: (book: Book, events: ReadonlyArray<VenueEvent>, nowMs: number) => {
      for (const event of events) {
        const key = keyOf(event)
        if (isOlder(event, owed.get(key)?.event)) continue
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
  /** What was there before, and is not ours, explains it as well. */
  const isKnown = (book: Book, id: InstrumentId, bracket: Bracket, net: number) => net === netOf(book, bracket) + (book.drift.get(id) ?? 0)
  const isLess = (book: Book, id: InstrumentId, net: number) => {
    const bracket = book.brackets.get(id)
    return bracket !== undefined && Missing.lotsOf(book, bracket, net) > 0 && !isKnown(book, id, bracket, net)
  }
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

/** When something of ours last happened on an instrument, and what the venue last told unasked of its position: pictures may be older. */
const makeTouches = (bornMs: number) => {
  const touched = new Map<InstrumentId, number>()
  const heard = new Map<InstrumentId, Heard>()
  let firstMs = bornMs
  return {
    touchedMs: (id: InstrumentId) => touched.get(id) ?? firstMs,
    heard: (id: InstrumentId) => heard.get(id),
    happened: (book: Book, events: ReadonlyArray<JournalEvent>, nowMs: number) => {
      for (const event of events) {
        const id = event._tag === "OrderIntended" ? event.order.instrumentId : "orderId" in event ? book.orders.get(event.orderId)?.order.instrumentId : undefined
        if (id !== undefined) touched.set(id, nowMs)
      }
    },
    hear: (book: Book, events: ReadonlyArray<VenueEvent>, nowMs: number) => {
      for (const event of events) {
        if (event._tag === "PositionChanged") heard.set(event.position.instrumentId, { net: event.position.net, atMs: nowMs })
        else if (event._tag === "Filled" && (event.fill.clientOrderId === undefined || !book.orders.has(event.fill.clientOrderId))) {
          heard.set(event.fill.instrumentId, { net: undefined, atMs: nowMs })
        }
      }
    },
    shift: (byMs: number) => {
      firstMs += byMs
      for (const [id, atMs] of touched) touched.set(id, atMs + byMs)
      for (const [id, one] of heard) heard.set(id, { ...one, atMs: one.atMs + byMs })
    }
  }
}

/** `bornMs`: what happened in the life before may be as young as this one. */
export const make = (bornMs: number) => {
  const [doubts, owed, touches] = [makeDoubts(), makeOwed(), makeTouches(bornMs)]
  return {
    doubts,
    owed,
    touches,
    /** Something may be there that our book does not have, or gone. */
    isOpen: () => Math.min(owed.sinceMs(), doubts.firstMs()) < Infinity,
    hear: (book: Book, events: ReadonlyArray<VenueEvent>, nowMs: number) => {
      owed.hear(book, events, nowMs)
      doubts.hear(book, events, nowMs)
      touches.hear(book, events, nowMs)
    },
    look: (book: Book) => {
      owed.look(book)
      doubts.look(book)
    },
    shift: (byMs: number) => {
      owed.shift(byMs)
      doubts.shift(byMs)
      touches.shift(byMs)
    }
  }
}
