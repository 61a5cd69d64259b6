/** What waits for one login's wire: the most urgent first, then the oldest. */
import { Effect, TxPriorityQueue } from "effect"
import * as Ordering from "effect/Order"
import type { Leg } from "#schemas/Order.ts"
import type { SessionRequest } from "#schemas/SessionRequest.ts"

const urgencies = ["cancel", "protective", "exit", "entry", "query"] as const
type Urgency = (typeof urgencies)[number]

const ofLeg: Record<Leg, Urgency> = { stop: "protective", target: "exit", exit: "exit", entry: "entry" }

export const urgencyOf = (request: SessionRequest): Urgency => {
  switch (request._tag) {
    case "Submit":
      return ofLeg[request.order.leg]
    case "SubmitBracket":
      return "entry"
    case "Modify":
      return request.stop === undefined ? "exit" : "protective"
    case "Cancel":
      return "cancel"
    case "Snapshot":
      return "query"
  }
}

interface Waiting {
  readonly request: SessionRequest
  readonly urgency: number
  readonly place: number
}

const byUrgency = Ordering.combine(
  Ordering.mapInput(Ordering.Number, ({ urgency }: Waiting) => urgency),
  Ordering.mapInput(Ordering.Number, ({ place }: Waiting) => place)
)

/** More entries than this never wait; what reduces risk always may. */
export const entriesMax = 2_000

export const make = Effect.gen(function*() {
  const queue = yield* TxPriorityQueue.empty(byUrgency)
  let place = 0
  return {
    /** False: too many wait, and nothing was taken. */
    offer: (request: SessionRequest) =>
      Effect.gen(function*() {
        const urgency = urgencyOf(request)
        if (urgency === "entry" && (yield* TxPriorityQueue.size(queue)) >= entriesMax) return false
        place += 1
        yield* TxPriorityQueue.offer(queue, { request, urgency: urgencies.indexOf(urgency), place })
        return true
      }),
    take: Effect.map(TxPriorityQueue.take(queue), ({ request }) => request)
  }
})
