/** What lets a login in at its venue, kept over restarts: whoever counts sign-ins would lock out a house that died too often. */
import { Context, type Effect, type Option, type Redacted } from "effect"
import type { LoginId } from "#schemas/Ids.ts"

export class SessionTokens extends Context.Service<SessionTokens, {
  /** What was kept last, in the adapter's own words. Never fails: what cannot be read is as good as not there. */
  read(login: LoginId): Effect.Effect<Option.Option<Redacted.Redacted>>
  /** In place of what was kept before. Never fails: without it the next life signs in anew. */
  keep(login: LoginId, text: Redacted.Redacted): Effect.Effect<void>
}>()("src/ports/SessionTokens") {}
