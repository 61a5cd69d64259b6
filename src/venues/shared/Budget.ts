/**
 * How much of a login's request limit is left, and for what: the last minute's (or hour's) requests are counted, and what can wait leaves room for what
 * cannot. Nothing waits here: who finds no room is told when there will be some, and surely nothing left.
 */
import { Clock, Effect } from "effect"
import type { Order } from "#schemas/Order.ts"
import { RateLimited } from "#src/ports/Venue.ts"

/** `urgent`: cancels, closes and what protects. */
export type Urgency = "urgent" | "entry" | "query"
export const urgencyOf = ({ leg }: Order): Urgency => leg === "entry" || leg === "target" ? "entry" : "urgent"

/** Parts of the venue's own limit. The last tenth is never used: its clock and ours count different minutes. */
const shares: Readonly<Record<Urgency, number>> = { urgent: 0.9, entry: 0.6, query: 0.5 }
const minuteMs = 60_000
const oneMillisecond = 1_000_000n

export interface Budget {
  /** Takes one request's place, or says no. `reserved`: so many have to be left for what is urgent. */
  readonly take: (urgency: Urgency, reserved?: number) => Effect.Effect<void, RateLimited>
  /** The venue wants silence: what can wait keeps it. What cannot is still tried. */
  readonly quiet: (forMs: number) => Effect.Effect<void>
}

const nowMs = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / oneMillisecond))

/** `requests` within `windowMs`; absent: no limit but the venue's word. */
export const make = (requests?: number, windowMs = minuteMs): Budget => {
  /** Those before `first` have left the window. */
  let sent: Array<number> = []
  let first = 0
  let quietUntilMs = -Infinity

  const take = Effect.fnUntraced(function*(urgency: Urgency, reserved = 0) {
    const now = yield* nowMs
    if (urgency !== "urgent" && now < quietUntilMs) return yield* new RateLimited({ retryAfterMs: quietUntilMs - now })
    if (requests === undefined) return
    while (first < sent.length && now - (sent[first] ?? now) >= windowMs) first += 1
    if (first > sent.length / 2) {
      sent = sent.slice(first)
      first = 0
    }
    const most = Math.max(reserved > 0 ? 0 : 1, Math.floor(Math.min(requests * shares[urgency], requests * shares.urgent - reserved)))
    if (most === 0) return yield* new RateLimited({ retryAfterMs: windowMs })
    const leaves = sent.length - most < first ? undefined : sent[sent.length - most]
    if (leaves !== undefined) return yield* new RateLimited({ retryAfterMs: leaves + windowMs - now })
    sent.push(now)
  })

  return {
    take,
    quiet: (forMs) => Effect.map(nowMs, (now) => { quietUntilMs = Math.max(quietUntilMs, now + forMs) })
  }
}
