/** What the generator is told and what it tells. */

export type Pace =
  /** Each connection sends again once it was answered. */
  | { readonly kind: "closed"; readonly seconds: number }
  | { readonly kind: "paced"; readonly perSecond: number; readonly seconds: number }
  /** All at once, each on a connection of its own. */
  | { readonly kind: "burst"; readonly count: number }

export interface Plan {
  readonly port: number
  readonly connections: number
  /** Whole HTTP requests, sent in turn. */
  readonly requests: ReadonlyArray<string>
  /** What the first request's number is; the next run goes on where this one ended. */
  readonly firstNumber: number
  readonly pace: Pace
  /** Not measured (`closed`). */
  readonly warmSeconds: number
  /** Tell when each request left. */
  readonly stamps: boolean
}

export interface Result {
  readonly answered: number
  /** Connections that ended without an answer. */
  readonly lost: number
  readonly statuses: Readonly<Record<string, number>>
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  readonly nextNumber: number
  /** Number of a request, and when it left (CLOCK_MONOTONIC, ns). */
  readonly sent: ReadonlyArray<readonly [number: number, atNs: number]>
}
