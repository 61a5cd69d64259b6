/**
 * What an answer proves. Pure. Owns: when a request was certainly not executed, and when nobody can tell. An answer that cannot be read proves
 * nothing, whatever its status promises.
 */
import { Result, Schema } from "effect"
import * as Wire from "#src/venues/reference/Wire.ts"
import { Ambiguous, RateLimited, Refused, Unauthenticated, Unavailable, Unsupported, type VenueError } from "#src/ports/Venue.ts"
import type { Answer } from "#src/venues/shared/Request.ts"

/** How long the venue is left alone after a 429 that says nothing of it, and the longest that it may ask for. */
export const quietMs = 1_000
const quietMsMax = 3_600_000

type Clean = (said: string) => string

const decodeFailure = Schema.decodeUnknownResult(Wire.Failure)
const decodePenalty = Schema.decodeUnknownResult(Wire.Penalty)

const parse = (body: string): Result.Result<unknown, undefined> => Result.try({ try: (): unknown => JSON.parse(body), catch: () => undefined })

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value)

/** Whole seconds; a date is not among what this venue says. */
const retryAfterMs = (header: string | undefined): number =>
  header !== undefined && /^\d{1,9}$/.test(header) ? Math.min(quietMsMax, Number(header) * 1_000) : quietMs

/** The venue's own no: by its code, not by the status around it. */
const refusalOf = ({ error: { code, message } }: typeof Wire.Failure.Type, answer: Answer, clean: Clean): VenueError => {
  const reason = clean(message ?? code)
  switch (code) {
    case "invalid":
    case "margin":
      return new Refused({ kind: code, reason })
    case "market_closed":
      return new Refused({ kind: "marketClosed", reason })
    case "not_found":
      return new Refused({ kind: "notFound", reason })
    case "unauthenticated":
      return new Unauthenticated({ reason })
    case "rate_limited":
      return new RateLimited({ retryAfterMs: retryAfterMs(answer.retryAfter) })
    case "maintenance":
      return new Unavailable({ reason: `maintenance: ${reason}` })
    case "unsupported":
      return new Unsupported({ what: reason })
    default:
      return new Refused({ kind: "other", reason: `${clean(code)}: ${reason}` })
  }
}

const failureIn = (body: Result.Result<unknown, undefined>) => Result.flatMap(body, decodeFailure)

/** Says that nothing was done, and that something was. */
const isContradictory = (body: Readonly<Record<string, unknown>>): boolean =>
  ("orderId" in body || "order" in body || "token" in body) || ("error" in body && "penalty" in body)

const notDone = (body: Readonly<Record<string, unknown>>, answer: Answer, clean: Clean): VenueError => {
  if (isContradictory(body)) return new Ambiguous({ cause: "an answer that contradicts itself" })
  const penalty = decodePenalty(body)
  if (Result.isSuccess(penalty)) return new RateLimited({ retryAfterMs: Math.min(quietMsMax, penalty.success.penalty.waitMs) })
  const failure = decodeFailure(body)
  if (Result.isSuccess(failure)) return refusalOf(failure.success, answer, clean)
  return new Ambiguous({ cause: "an answer that cannot be read" })
}

const unreadable = new Ambiguous({ cause: "an answer that cannot be read" })

/** A reader of answers that should look like this. */
export const reader = <A>(schema: Schema.ConstraintDecoder<A>) => {
  const decode = Schema.decodeUnknownResult(schema)
  return (answer: Answer, clean: Clean): Result.Result<A, VenueError> => {
    const { retryAfter, status } = answer
    const body = parse(answer.body)
    if (status >= 200 && status < 300) {
      if (Result.isFailure(body) || !isObject(body.success)) return Result.fail(unreadable)
      if ("error" in body.success || "penalty" in body.success) return Result.fail(notDone(body.success, answer, clean))
      return Result.mapError(decode(body.success), () => unreadable)
    }
    const failure = failureIn(body)
    if (status === 401) return Result.fail(new Unauthenticated({ reason: Result.isSuccess(failure) ? clean(failure.success.error.message ?? "") || "401" : "401" }))
    if (status === 429) return Result.fail(new RateLimited({ retryAfterMs: retryAfterMs(retryAfter) }))
    if (status >= 400 && status < 500 && status !== 408) {
      return Result.fail(Result.isSuccess(failure) ? refusalOf(failure.success, answer, clean) : new Refused({ kind: "other", reason: `status ${status}` }))
    }
    // A gate in front of the venue may say 5xx of what the venue did. Only its own word that it rests says that it did not.
    if (status === 503 && Result.isSuccess(failure) && failure.success.error.code === "maintenance") return Result.fail(refusalOf(failure.success, answer, clean))
    return Result.fail(new Ambiguous({ cause: `status ${status}` }))
  }
}
export type Reader<A> = (answer: Answer, clean: Clean) => Result.Result<A, VenueError>

export const signedIn = reader(Wire.SignedIn)
export const renewed = reader(Wire.Renewed)
export const instruments = reader(Wire.Instruments)
export const placed = reader(Wire.Placed)
export const done = reader(Wire.Done)
export const cancelled = reader(Wire.Cancelled)
export const oneOrder = reader(Wire.OneOrder)
export const orders = reader(Wire.Orders)
export const positions = reader(Wire.Positions)
export const balance = reader(Wire.Balance)
export const fills = reader(Wire.Fills)
export const bars = reader(Wire.Bars)
