/** Secrets, resolved once, redacted inside, masked by value wherever text leaves. */
import { Context, type Effect, type Redacted } from "effect"
import type { SecretRef } from "#schemas/config/Secret.ts"

export class Secrets extends Context.Service<Secrets, {
  /** The value behind a reference; a missing one was an error at start. */
  get(ref: SecretRef): Effect.Effect<Redacted.Redacted>
  /** What the owner shows to the operator's listener. */
  readonly operatorToken: Redacted.Redacted
  /** Every known secret in the text, replaced by `***`. */
  mask(text: string): string
}>()("config/Secrets") {}
