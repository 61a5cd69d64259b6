/** Why something may or may not happen, in words and numbers. A quiet "no" is a defect. */
import { Schema } from "effect"

/** A "no" (or a remark) with its facts: rule, numbers and when it clears. Facts are decimal strings, names or instants. */
export const Reason = Schema.Struct({
  rule: Schema.NonEmptyString,
  message: Schema.String,
  facts: Schema.Record(Schema.String, Schema.String),
  clearsAtMs: Schema.optionalKey(Schema.Finite)
})
export type Reason = typeof Reason.Type

/** One gate's answer, with what it looked at. */
export const Verdict = Schema.Struct({
  gate: Schema.NonEmptyString,
  passed: Schema.Boolean,
  message: Schema.String,
  inputs: Schema.Record(Schema.String, Schema.String)
})
export type Verdict = typeof Verdict.Type

/** How an (alert, account) pair ends: exactly one of these. `rejected` is the venue's no, `denied` is ours, `skipped` names the filter. */
export const Outcome = Schema.Literals([
  "filled", "partlyFilled", "canceled", "rejected", "denied", "skipped", "expired", "nothingToDo", "done", "failed"
])
export type Outcome = typeof Outcome.Type

/** Why an (alert, account) pair has not ended yet. */
export const PendingCause = Schema.Literals(["working", "restingLimit", "waitingForOpen", "reconciling", "unknown"])
export type PendingCause = typeof PendingCause.Type
