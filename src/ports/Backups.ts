/** Copies of all that the house must not lose, made while it trades. Never of a secret. */
import { Context, type Effect, Schema } from "effect"

/** No backup was made, and nothing of one is left. */
export class BackupRefused extends Schema.TaggedError<BackupRefused>()("BackupRefused", {
  rule: Schema.Literals(["BackupRunning", "BackupTarget", "BackupRoom", "BackupFailed"]),
  /** What was wrong and what to do. */
  message: Schema.String,
  facts: Schema.Record(Schema.String, Schema.String)
}) {}

export interface Backup {
  /** Its folder. */
  readonly path: string
  /** The journal's last row in it. */
  readonly seq: number
  readonly files: ReadonlyArray<{ readonly name: string; readonly bytes: number; readonly sha256: string }>
  /** Backups beside it, itself included. None is ever deleted by the house. */
  readonly kept: number
}

export class Backups extends Context.Service<Backups, {
  /** One moment of journal and books, on disk and verified when it returns. `to`: an absolute path that is new or empty; absent: by its time, in the data folder. */
  make(asked: { readonly version: string; readonly to?: string }): Effect.Effect<Backup, BackupRefused>
}>()("src/ports/Backups") {}
