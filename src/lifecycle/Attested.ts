/** Orders that a person's word settled: as long as the venue has said nothing of its own, its word may still overrule it. */
import { BigDecimal } from "effect"
import type { ClientOrderId, InstrumentId } from "#schemas/Ids.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { OrderReport } from "#schemas/Order.ts"
import type { AccountSnapshot } from "#schemas/VenueEvent.ts"
import * as Book from "./Book.ts"
import * as Filled from "./Filled.ts"

export const overrule = ({ order }: Book.BookedOrder, reason: string): JournalEvent =>
  JournalEvent.cases.AttestationOverruled.make({ alertId: order.alertId, orderId: order.id, reason })

const withoutWord = (known: Book.BookedOrder): Book.BookedOrder => {
  const { lots, price } = known.inferred
  return {
    ...known,
    status: "Unknown",
    attested: undefined,
    counted: 0,
    filled: known.filled - lots,
    cost: BigDecimal.subtract(known.cost, BigDecimal.multiply(price, BigDecimal.fromBigInt(BigInt(lots)))),
    inferred: { ...known.inferred, lots: 0 },
    wasInferred: false
  }
}

/** The fold: the word no longer counts, and its bracket lives again. */
export const overruled = (book: Book.Book, id: ClientOrderId): Book.Book => {
  const known = book.orders.get(id)
  return known === undefined ? book : Book.withOrder(Filled.revived(book, known.order) ?? book, id, withoutWord)
}

const isThere = ({ status }: OrderReport): boolean => status === "Held" || status === "Accepted" || status === "PartlyFilled"

/** What the venue says that cannot be true if the person's word is. */
export const contradiction = (known: Book.BookedOrder, report: OrderReport): string | undefined => {
  if (known.attested === undefined) return undefined
  if (isThere(report)) return Book.isTerminal(known.status) ? `the venue says that it is ${report.status}` : undefined
  const isWrong = known.attested === "executed"
    ? report.status !== "Filled" && report.filledLots < known.filled
    : report.filledLots > known.filled
  return isWrong ? `the venue counts ${report.filledLots} as filled (${report.status})` : undefined
}

/** Said to be executed, and the venue has never named it: its proof that it never saw it counts more. */
export const mayBeDisproven = ({ attested, inferred, venueOrderId }: Book.BookedOrder): boolean =>
  attested === "executed" && inferred.lots > 0 && venueOrderId === undefined

/** The one whose attested lots are what the venue's position lacks, the venue not reporting it either. */
export const behind = (book: Book.Book, snapshot: AccountSnapshot, id: InstrumentId, difference: number): Book.BookedOrder | undefined => {
  const side = difference > 0 ? "sell" : "buy"
  const candidates = [...book.orders.values()].filter(({ attested, inferred, order }) =>
    attested === "executed" && order.instrumentId === id && order.side === side && inferred.lots === Math.abs(difference) &&
    !snapshot.orders.some(({ clientOrderId }) => clientOrderId === order.id))
  return candidates.length === 1 ? candidates[0] : undefined
}
