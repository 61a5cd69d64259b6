/**
 * What an answer proves. Pure. Owns: when a request was certainly not executed, and when nobody can tell. The venue says no in a 200, too;
 * an answer that cannot be read proves nothing, whatever its status promises.
 */
import { Result, Schema } from "effect"
import * as Wire from "#src/venues/tradovate/Wire.ts"
import { Ambiguous, RateLimited, Refused, Unauthenticated, type VenueError } from "#src/ports/Venue.ts"

/** A penalty that no program can lift, and a lock-out: an hour without a call, and each call begins it anew. */
export const lockedMs = 3_600_000
/** The venue's last warning before it locks out. */
export const warnedMs = 60_000
/** One command of this order is on its way. */
export const commandPending = "AnotherCommandPending"

/** Certain: not executed. The same request is taken with this ticket, after the wait. */
export class Penalised extends Schema.TaggedError<Penalised>()("Penalised", { ticket: Schema.String, waitMs: Schema.Finite, isCaptcha: Schema.Boolean }) {}

export interface Said {
  readonly status: number
  readonly body: Result.Result<unknown, unknown>
}
export const ofText = (status: number, text: string): Said => ({ status, body: Result.try({ try: (): unknown => JSON.parse(text), catch: () => undefined }) })

type Clean = (said: string) => string
export type Reader<A> = (said: Said, clean: Clean) => Result.Result<A, VenueError | Penalised>

const decodePenalty = Schema.decodeUnknownResult(Wire.Penalty)
const decodeFailure = Schema.decodeUnknownResult(Wire.Failure)
const decodeViolations = Schema.decodeUnknownResult(Wire.Violations)

type Kind = Refused["kind"]
/** The reasons that the protocol names, each a sure no but those of `unsure`. Any other may be anything. */
const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...["InvalidContract", "InvalidPrice", "BackMonthProhibited", "Unsupported", "AdvancedTrailingStopUnsupported", "TrailingStopNonOrderQtyModify"].map((reason) => [reason, "invalid"] as const),
  ...["SessionClosed", "ExecutionProviderUnavailable"].map((reason) => [reason, "marketClosed"] as const),
  ...[
    "AccountClosed", commandPending, "ExecutionProviderNotConfigured", "KeyInformationDocumentRequired", "LiquidationOnly", "LiquidationOnlyBeforeExpiration",
    "MaxOrderQtyIsNotSpecified", "MaxOrderQtyLimitReached", "MaxPosLimitMisconfigured", "MaxPosLimitReached", "MaxTotalPosLimitReached",
    "MultipleAccountPlanRequired", "NoQuote", "NotEnoughLiquidity", "OtherExecutionRelated", "ParentRejected",
    "SSFRiskDisclosureAcknowledgmentRequired", "TooLate", "TradingLocked", "Unauthorized", "UnknownReason"
  ].map((reason) => [reason, "other"] as const)
])
const unsure = new Set(["RiskCheckTimeout"])
const success = "Success"

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value)
const isSaid = (value: unknown): boolean => value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
const unreadable = new Ambiguous({ cause: "an answer that cannot be read" })
const contradiction = new Ambiguous({ cause: "an answer that contradicts itself" })

const failed = (body: Readonly<Record<string, unknown>>, clean: Clean): VenueError => {
  const failure = decodeFailure(body)
  if (Result.isFailure(failure)) return unreadable
  const { failureReason, failureText } = failure.success
  const reason = clean(isSaid(failureText) ? `${failureReason}: ${failureText}` : failureReason)
  const kind = kinds.get(failureReason)
  return kind === undefined || unsure.has(failureReason) ? new Ambiguous({ cause: reason }) : new Refused({ kind, reason })
}

/** Undefined: nothing in it says no. */
const noIn = (body: Readonly<Record<string, unknown>>, clean: Clean): VenueError | Penalised | undefined => {
  const isDone = ["commandId", "accessToken"].some((key) => isSaid(body[key]))
  if ("p-ticket" in body) {
    const penalty = decodePenalty(body)
    if (Result.isFailure(penalty)) return unreadable
    if (isDone || isSaid(body["orderId"])) return contradiction
    return new Penalised({ ticket: penalty.success["p-ticket"], waitMs: penalty.success["p-time"] * 1_000, isCaptcha: penalty.success["p-captcha"] === true })
  }
  if (isSaid(body["failureReason"]) && body["failureReason"] !== success) return isDone ? contradiction : failed(body, clean) // an order's id may stand beside its refusal
  if (isSaid(body["violations"])) {
    const violations = decodeViolations(body)
    if (isDone || isSaid(body["orderId"])) return contradiction
    return new Refused({ kind: "invalid", reason: clean(Result.isSuccess(violations) ? violations.success.violations.map(({ description }) => description ?? "a field is wrong").join("; ") : "a field is wrong") })
  }
  if (isSaid(body["errorText"])) {
    if (isDone || isSaid(body["orderId"])) return contradiction
    return new Refused({ kind: "other", reason: clean(String(body["errorText"])) })
  }
  return undefined
}

/** A status that is no 200. */
const ofStatus = ({ body, status }: Said, clean: Clean): VenueError => {
  const words = Result.isSuccess(body) && isObject(body.success) && typeof body.success["errorText"] === "string" ? clean(body.success["errorText"]) : ""
  const reason = words === "" ? `status ${status}` : words
  if (status === 401) return new Unauthenticated({ reason })
  if (status === 404) return new Refused({ kind: "notFound", reason })
  if (status === 423) return new RateLimited({ retryAfterMs: warnedMs })
  if (status === 429) return new RateLimited({ retryAfterMs: lockedMs })
  if (status >= 400 && status < 500 && status !== 408) return new Refused({ kind: status === 400 ? "invalid" : "other", reason })
  return new Ambiguous({ cause: `status ${status}` })
}

/** A reader of answers that should look like this. */
export const reader = <A>(schema: Schema.ConstraintDecoder<A>): Reader<A> => {
  const decode = Schema.decodeUnknownResult(schema)
  return (said, clean) => {
    if (said.status < 200 || said.status >= 300) return Result.fail(ofStatus(said, clean))
    if (Result.isFailure(said.body)) return Result.fail(unreadable)
    const no = isObject(said.body.success) ? noIn(said.body.success, clean) : undefined
    return no === undefined ? Result.mapError(decode(said.body.success), () => unreadable) : Result.fail(no)
  }
}

export const signedIn = reader(Wire.SignedIn)
export const rows = reader(Wire.Rows)
export const placed = reader(Wire.Placed)
export const commanded = reader(Wire.Commanded)
export const balance = reader(Wire.Balance)
export const one = reader(Schema.Record(Schema.String, Schema.Unknown))
export const contract = reader(Wire.Contract)
export const maturity = reader(Wire.Maturity)
export const product = reader(Wire.Product)
export const chart = reader(Wire.ChartAsked)
