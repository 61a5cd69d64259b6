/**
 * What one login has in hand: what waits for its wire, the most urgent first, then the oldest; and what is on the wire. Outlives the lives
 * of its session: what the next life finds waiting surely never left, what it finds on the wire may have.
 */
import { Effect, Option, TxPriorityQueue } from "effect"
import * as Ordering from "effect/Order"
import type { AccountId, ClientOrderId, StrategyId } from "#schemas/Ids.ts"
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

const ordersIn = (request: SessionRequest): ReadonlyArray<ClientOrderId> => {
  switch (request._tag) {
    case "Submit":
      return [request.order.id]
    case "SubmitBracket": {
      const { entry, stop, target } = request.bracket
      return [entry, stop, target].flatMap((order) => order === undefined ? [] : [order.id])
    }
    default:
      return []
  }
}

/** A request, whose it is, and the journal's place that must be on disk before it leaves. */
export interface Asked {
  readonly request: SessionRequest
  readonly afterSeq: number
  /** A kill of it stops the entry here. */
  readonly strategy?: StrategyId
}

export const accountOf = (request: SessionRequest): AccountId => {
  switch (request._tag) {
    case "Submit":
      return request.order.accountId
    case "SubmitBracket":
      return request.bracket.entry.accountId
    default:
      return request.accountId
  }
}

export interface InHand {
  request: SessionRequest
  readonly afterSeq: number
  readonly strategy: StrategyId | undefined
  readonly urgency: number
  readonly place: number
  /** Since when it has been on the wire. */
  sentAtMs: number | undefined
}

/** Something else to be done on the wire when its turn comes. Its asker waits for it: no later life does it for him. */
export interface Errand {
  readonly urgency: number
  readonly place: number
  readonly run: Effect.Effect<void>
}
export type Waiting = InHand | Errand

const byUrgency = Ordering.combine(
  Ordering.mapInput(Ordering.Number, ({ urgency }: Waiting) => urgency),
  Ordering.mapInput(Ordering.Number, ({ place }: Waiting) => place)
)

/** Entries and queries: they leave some of the wire to the others. */
const isPatient = ({ urgency }: Waiting) => urgency >= urgencies.indexOf("entry")

/** More entries than this never wait; what reduces risk always may. */
export const entriesMax = 2_000

/** In the order they came. */
export interface Hand {
  readonly items: Set<InHand>
  /** Since when this process knows what it sends: what a process before it sent may arrive a little later still. */
  readonly bornAtMs: number
  /** Entries that left and are not known to have ended. */
  readonly afoot: Map<ClientOrderId, AccountId>
  place: number
}
export const emptyHand = (bornAtMs: number): Hand => ({ items: new Set(), bornAtMs, afoot: new Map(), place: 0 })

/** For one life of the session. */
export const make = Effect.fnUntraced(function*(hand: Hand) {
  const left = [...hand.items]
  const unsent = left.filter(({ sentAtMs }) => sentAtMs === undefined)
  const urgent = yield* TxPriorityQueue.fromIterable<Waiting>(byUrgency, unsent.filter((item) => !isPatient(item)))
  const patient = yield* TxPriorityQueue.fromIterable<Waiting>(byUrgency, unsent.filter(isPatient))

  /** A picture that still waits for the wire is asked for once, as it was asked for last. */
  const merged = (request: SessionRequest) => {
    if (request._tag !== "Snapshot") return false
    for (const item of hand.items) {
      if (item.sentAtMs !== undefined || item.request._tag !== "Snapshot" || item.request.accountId !== request.accountId) continue
      item.request = request
      return true
    }
    return false
  }

  return {
    /** On the wire as the life before ended. */
    adrift: left.filter(({ sentAtMs }) => sentAtMs !== undefined),
    /** False: too many wait, and nothing was taken. */
    offer: Effect.fnUntraced(function*({ afterSeq, request, strategy }: Asked) {
      const urgency = urgencyOf(request)
      if (urgency === "entry" && (yield* TxPriorityQueue.size(patient)) >= entriesMax) return false
      if (merged(request)) return true
      hand.place += 1
      const item: InHand = { request, afterSeq, strategy, urgency: urgencies.indexOf(urgency), place: hand.place, sentAtMs: undefined }
      hand.items.add(item)
      yield* TxPriorityQueue.offer(isPatient(item) ? patient : urgent, item)
      return true
    }),
    /** Never among what waits patiently. */
    offerErrand: Effect.fnUntraced(function*(urgency: "cancel" | "exit", run: Effect.Effect<void>) {
      hand.place += 1
      yield* TxPriorityQueue.offer(urgent, { urgency: urgencies.indexOf(urgency), place: hand.place, run })
    }),
    /** The most urgent. It stays in hand until it is dropped. */
    take: Effect.tx(Effect.flatMap(TxPriorityQueue.takeOption(urgent), Option.match({
      onNone: () => TxPriorityQueue.take(patient),
      onSome: Effect.succeed
    }))),
    /** Only what must never stand behind a slow entry or picture. */
    takeUrgent: TxPriorityQueue.take(urgent),
    drop: (item: InHand) => hand.items.delete(item),
    /** Orders of which a look-up proves nothing: they have not left, or nobody knows yet where they are. */
    orderIds: (account?: AccountId): ReadonlySet<ClientOrderId> => new Set(Array.from(hand.items).flatMap(({ request }) =>
      account === undefined || accountOf(request) === account ? ordersIn(request) : []))
  }
})
export type Outbox = Effect.Success<ReturnType<typeof make>>
