/** A moved stop or target that the venue will not move: the plan goes back to where the order rests, and the alert that asked is told. */
import type { Ticks } from "#schemas/Instrument.ts"
import { JournalEvent } from "#schemas/JournalEvent.ts"
import type { Order } from "#schemas/Order.ts"
import type * as Book from "./Book.ts"
import * as Exposure from "./Exposure.ts"
import { changesRefusedMax } from "./Protect.ts"

const { OutcomeReached, ProtectionMoved } = JournalEvent.cases

type PriceOf = (order: Order) => Ticks | undefined

/** Where the order rests that refuses to go where the plan says. */
const restingPlace = (orders: ReadonlyArray<Book.BookedOrder>, plan: Ticks | undefined, priceOf: PriceOf, isGivenUp: boolean): Ticks | undefined => {
  const stray = orders.find((order) =>
    Exposure.isWorking(order) && !order.cancelAsked && priceOf(order.order) !== plan && (isGivenUp || order.refusals >= changesRefusedMax)
  )
  return stray === undefined ? undefined : priceOf(stray.order)
}

const asking = (book: Book.Book, bracket: Book.Bracket) =>
  [...book.alerts].filter(([, { instrumentIds, kind }]) => kind === "update" && instrumentIds.includes(bracket.instrument.id))

export const undo = (book: Book.Book, bracket: Book.Bracket, x: Exposure.Exposure): ReadonlyArray<JournalEvent> => {
  const { plan } = bracket
  const isStray = ({ order }: Book.BookedOrder) => order.leg === "stop" ? order.stop !== plan.stop : order.limit !== plan.target
  if (!x.stops.some(isStray) && !x.targets.some(isStray)) return []
  const newest = x.all.findLast(({ order }) => order.leg === "stop")
  const isCovered = x.plannedStop >= x.held // else it is not a move that failed but a stop that is missing
  const isRefused = newest?.status === "Rejected" && newest.refusals > 0
  const stop = isCovered ? restingPlace(x.stops, plan.stop, (order) => order.stop, isRefused) : undefined
  const target = restingPlace(x.targets, plan.target, (order) => order.limit, false)
  if (stop === undefined && target === undefined) return []
  const alerts = asking(book, bracket)
  const said = [...x.stops, ...x.targets, ...newest === undefined ? [] : [newest]].findLast(({ refusals }) => refusals > 0)?.reason
  const message = `the venue refused to move the order: ${said ?? "no reason given"}`
  return [
    ...alerts.flatMap(([alertId, { orderIds, outcome }]) => outcome === undefined
      ? [OutcomeReached.make({ alertId, outcome: "rejected", orderIds, reason: { rule: "Venue", message, facts: {} } })]
      : []),
    ProtectionMoved.make({
      alertId: alerts.at(-1)?.[0] ?? bracket.alertId,
      instrumentId: bracket.instrument.id,
      ...(stop === undefined ? {} : { stop }),
      ...(target === undefined ? {} : { target })
    })
  ]
}
