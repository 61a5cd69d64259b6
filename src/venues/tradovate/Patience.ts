/**
 * What the venue wants waited for: tickets of penalised requests, warnings and lock-outs. Owns: that a request penalised is repeated with its
 * ticket and not before its time, and that nothing at all is sent while a call would only lengthen a lock-out. It outlives connections.
 */
import { Clock, Effect } from "effect"
import * as Answers from "#src/venues/tradovate/Answers.ts"
import { RateLimited } from "#src/ports/Venue.ts"
import * as Bounded from "#src/venues/shared/Bounded.ts"
import type { Asked } from "#src/venues/shared/Request.ts"

const ticketsMax = 256
/** The venue counts seconds by its own clock. */
const marginMs = 250
const oneMillisecond = 1_000_000n

export const nowMs = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / oneMillisecond))

interface Ticket {
  readonly text: string
  readonly atMs: number
}

const keyOf = ({ body, method, path, query }: Asked): string => JSON.stringify([method, path, query, body])

const withTicket = (asked: Asked, ticket: string): Asked => asked.method === "GET"
  ? { ...asked, query: { ...asked.query, "p-ticket": ticket } }
  : { ...asked, body: { ...(typeof asked.body === "object" ? asked.body : {}), "p-ticket": ticket } }

export const make = () => {
  const tickets = new Map<string, Ticket>()
  let lockedUntilMs = -Infinity
  return {
    lockedUntilMs: (): number => lockedUntilMs,
    lock: (untilMs: number): void => { lockedUntilMs = Math.max(lockedUntilMs, untilMs) },
    /** The request as it may leave now. */
    ready: Effect.fnUntraced(function*(asked: Asked) {
      const now = yield* nowMs
      if (now < lockedUntilMs) return yield* new RateLimited({ retryAfterMs: lockedUntilMs - now })
      const key = keyOf(asked)
      const ticket = tickets.get(key)
      if (ticket === undefined) return asked
      if (now < ticket.atMs) return yield* new RateLimited({ retryAfterMs: ticket.atMs - now })
      tickets.delete(key)
      return withTicket(asked, ticket.text)
    }),
    /** A penalty without a captcha is the request's, one with it the login's. */
    penalised: (asked: Asked, { isCaptcha, ticket, waitMs }: Answers.Penalised) => Effect.map(nowMs, (now) => {
      const afterMs = isCaptcha ? Answers.lockedMs : waitMs + marginMs
      if (isCaptcha) lockedUntilMs = now + afterMs
      else Bounded.put(tickets, keyOf(asked), { text: ticket, atMs: now + afterMs }, ticketsMax)
      return new RateLimited({ retryAfterMs: afterMs })
    }),
    locked: Effect.map(nowMs, (now) => { lockedUntilMs = now + Answers.lockedMs })
  }
}
export type Patience = ReturnType<typeof make>
