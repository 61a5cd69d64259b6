/** What an account knows only of this life: since when a position is exposed, what must wait, when to ask the venue again. */
import type { InstrumentId } from "#schemas/Ids.ts"
import type { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Book } from "#src/lifecycle/Book.ts"
import * as Exposure from "#src/lifecycle/Exposure.ts"
import type { Suspicions } from "#src/lifecycle/Reconcile.ts"

/** The venue is asked for its picture this often, milliseconds; sooner while something is uncertain. */
export const pictureEveryMs = 30_000
const suspicionMs = 1_000
const uncertainMinMs = 1_000
const backOffMinMs = 500
const backOffMaxMs = 30_000
/** A picture not answered in this time is asked for again. */
const pictureWithinMs = 15_000

export const make = () => {
  const exposedSince = new Map<InstrumentId, number>()
  const notBefore = new Map<InstrumentId, { readonly atMs: number; readonly times: number }>()
  let pictureAskedMs: number | undefined
  let pictureAtMs = 0
  let uncertainTimes = 0
  let isDoubtful = false
  let suspicions: Suspicions = new Map()

  return {
    exposedSinceMs: (id: InstrumentId) => exposedSince.get(id),
    notBeforeMs: (id: InstrumentId) => notBefore.get(id)?.atMs,
    suspicions: () => suspicions,

    /** After each commit. */
    look: (book: Book, nowMs: number) => {
      for (const id of exposedSince.keys()) if (!book.brackets.has(id)) exposedSince.delete(id)
      for (const [id, bracket] of book.brackets) {
        if (!Exposure.isExposed(book, bracket)) exposedSince.delete(id)
        else if (!exposedSince.has(id)) exposedSince.set(id, nowMs)
      }
    },

    /** Before a commit: a no to a stop or an exit delays its next try; a yes ends the delay. */
    heed: (book: Book, events: ReadonlyArray<JournalEvent>, nowMs: number) => {
      for (const event of events) {
        if (event._tag === "ChangeRefused") isDoubtful = true
        if (event._tag !== "OrderRejected" && event._tag !== "OrderWithheld" && event._tag !== "OrderAccepted") continue
        const order = book.orders.get(event.orderId)?.order
        if (order === undefined || order.leg === "entry") continue
        const times = (notBefore.get(order.instrumentId)?.times ?? 0) + 1
        if (event._tag === "OrderAccepted") notBefore.delete(order.instrumentId)
        else notBefore.set(order.instrumentId, { atMs: nowMs + Math.min(backOffMaxMs, backOffMinMs * 2 ** (times - 1)), times })
      }
    },

    pictured: (seen: Suspicions | undefined, nowMs: number) => {
      pictureAskedMs = undefined
      pictureAtMs = nowMs
      isDoubtful = false
      if (seen !== undefined) suspicions = seen
    },
    asked: (nowMs: number) => {
      pictureAskedMs = nowMs
      uncertainTimes += 1
    },
    /** A new connection: everything is to be asked anew. */
    forget: () => {
      pictureAskedMs = undefined
      suspicions = new Map()
      uncertainTimes = 0
    },

    /** When the venue is to be asked for its picture. */
    nextPictureMs: (book: Book): number => {
      if (pictureAskedMs !== undefined) return pictureAskedMs + pictureWithinMs
      const isUncertain = [...book.orders.values()].some(({ status }) => status === "Unknown")
      uncertainTimes = isUncertain ? uncertainTimes : 0
      if (!book.isReconciled || suspicions.size > 0 || isDoubtful) return pictureAtMs + suspicionMs
      return pictureAtMs + (isUncertain ? Math.min(pictureEveryMs, uncertainMinMs * 2 ** uncertainTimes) : pictureEveryMs)
    }
  }
}
