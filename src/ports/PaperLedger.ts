/** The paper venue's own memory, apart from the journal: a venue that forgets when we die would prove nothing. */
import { Context, type Effect } from "effect"
import type { LoginId } from "#schemas/Ids.ts"

/** Rows are opaque JSON text, per login, in order. Survives the death of the process; a power cut may cost the last rows. */
export class PaperLedger extends Context.Service<PaperLedger, {
  append(login: LoginId, rows: ReadonlyArray<string>): Effect.Effect<void>
  /** The last snapshot, if any, then the rows after it. */
  readonly read: (login: LoginId) => Effect.Effect<{ readonly snapshot: string | undefined; readonly rows: ReadonlyArray<string> }>
  /** Replaces all rows so far by their fold. */
  compact(login: LoginId, snapshot: string): Effect.Effect<void>
}>()("src/ports/PaperLedger") {}
