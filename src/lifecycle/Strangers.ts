/** Orders at work at the venue that no intent of ours explains: found on two pictures, shown, and cancelled only where the account says so. */
import { AlertId, type ClientOrderId, type InstrumentId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { OrderReport } from "#schemas/Order.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"
import * as ClientId from "#src/orders/ClientId.ts"
import * as Book from "./Book.ts"
import type { Facts } from "./Facts.ts"
import * as Foreign from "./Foreign.ts"
import * as Picture from "./Picture.ts"

type EventOf<Tag extends JournalEvent["_tag"]> = Extract<JournalEvent, { readonly _tag: Tag }>

const { CancelIntended, ForeignOrderEnded, ForeignOrderFound } = JournalEvent.cases

/** A cancel that the venue accepted shows within this time, milliseconds. */
const cancelWithinMs = 2_000
/** Tries in one life: then it is only shown. */
const cancelsMax = 3

export const found = (book: Book.Book, { alertId, isOurShape, mayOpen, report }: EventOf<"ForeignOrderFound">): Book.Book => ({
  ...book,
  strangers: Book.put(book.strangers, report.clientOrderId, {
    alertId, report, isOurShape, mayOpen, cancels: book.strangers.get(report.clientOrderId)?.cancels ?? 0
  })
})

export const cancelAsked = (book: Book.Book, id: ClientOrderId): Book.Book => {
  const stranger = book.strangers.get(id)
  return stranger === undefined ? book : { ...book, strangers: Book.put(book.strangers, id, { ...stranger, cancels: stranger.cancels + 1 }) }
}

export const forgiven = (strangers: Book.Book["strangers"]): Book.Book["strangers"] =>
  strangers.size === 0 ? strangers : new Map([...strangers].map(([id, one]) => [id, { ...one, cancels: 0 }]))

export const ofInstrument = (book: Book.Book, id: InstrumentId): ReadonlyArray<Book.Stranger> =>
  book.strangers.size === 0 ? [] : [...book.strangers.values()].filter(({ report }) => report.instrumentId === id)

const isAtWork = ({ status }: OrderReport): boolean => status === "Held" || status === "Accepted" || status === "PartlyFilled"

/** Its fill would not only bring the position nearer to flat. */
const mayOpenWith = ({ filledLots, lots, side }: OrderReport, theirs: number): boolean =>
  theirs === 0 || (side === "sell") !== theirs > 0 || lots - filledLots > Math.abs(theirs)

const isSame = (a: OrderReport, b: OrderReport): boolean => a.lots === b.lots && a.side === b.side
/** As often as its owner likes: noted with each picture, and no reason to ask for the next one soon. */
const isMoved = (a: OrderReport, b: OrderReport): boolean => a.limit !== b.limit || a.stop !== b.stop

interface Look {
  readonly snapshot: AccountSnapshot
  /** Since when, at each, the picture has shown what is not journaled yet. */
  readonly before: ReadonlyMap<ClientOrderId, number>
  readonly facts: Facts
}

/** An order of ours may be known there by another name: while one is in doubt on the instrument, nothing is cancelled. */
const mayCancel = (book: Book.Book, { cancels, isOurShape, mayOpen, report }: Book.Stranger, facts: Facts): boolean =>
  facts.account.reconciliation === "flatten" && !Foreign.isStopped(facts) && mayOpen && !isOurShape && report.isOutOfReach !== true && cancels < cancelsMax &&
  Foreign.isStill(book, report.instrumentId)

export const look = (book: Book.Book, { before, facts, snapshot }: Look) => {
  const suspicions = new Map<ClientOrderId, number>()
  const names = new Set([...book.orders.live.values()].flatMap(({ venueOrderId }) => venueOrderId ?? []))
  const shown = snapshot.orders.filter((report) => isAtWork(report) && !book.orders.has(report.clientOrderId) && !names.has(report.venueOrderId))
  /** Twice, with time between. */
  const again = <A>(id: ClientOrderId, afterMs: number, events: () => ReadonlyArray<A>): ReadonlyArray<A> => {
    const sinceMs = before.get(id)
    if (sinceMs !== undefined && snapshot.atMs - sinceMs >= afterMs) return events()
    suspicions.set(id, sinceMs ?? snapshot.atMs)
    return []
  }
  const cancelled = (stranger: Book.Stranger): ReadonlyArray<JournalEvent> => {
    if (!mayCancel(book, stranger, facts)) return []
    const orderId = stranger.report.clientOrderId
    suspicions.set(orderId, snapshot.atMs)
    return [CancelIntended.make({ alertId: stranger.alertId, orderId, why: "drift" })]
  }
  const news = shown.flatMap((report): ReadonlyArray<JournalEvent> => {
    const { clientOrderId: id } = report
    const known = book.strangers.get(id)
    const isOurShape = id.startsWith(ClientId.prefix)
    const mayOpen = mayOpenWith(report, Picture.theirsOf(snapshot, report.instrumentId))
    if (known === undefined || known.mayOpen !== mayOpen || !isSame(known.report, report)) {
      const alertId = AlertId.make(`reconcile-${facts.account.id}-${id}`)
      return again(id, Picture.apartMs, () => [
        ForeignOrderFound.make({ alertId, report, isOurShape, mayOpen, atMs: snapshot.atMs }),
        ...cancelled({ alertId, report, isOurShape, mayOpen, cancels: known?.cancels ?? 0 })
      ])
    }
    const moved = isMoved(known.report, report) ? [ForeignOrderFound.make({ alertId: known.alertId, report, isOurShape, mayOpen, atMs: snapshot.atMs })] : []
    if (moved.length > 0) return moved
    return known.cancels === 0 ? cancelled(known) : mayCancel(book, known, facts) ? again(id, cancelWithinMs, () => cancelled(known)) : []
  })
  const ids = new Set(shown.map(({ clientOrderId }) => clientOrderId))
  const gone = [...book.strangers.values()].filter(({ report }) => !ids.has(report.clientOrderId)).flatMap(({ alertId, report }) =>
    again(report.clientOrderId, Picture.apartMs, () => [
      ForeignOrderEnded.make({ alertId, instrumentId: report.instrumentId, foreignId: report.clientOrderId })
    ]))
  return { events: [...news, ...gone], suspicions }
}
