/** What SQLite's error codes mean to us. Owns: which failure surely wrote nothing, which ends the process, which keeps a file shut. */
import { Schema } from "effect"

/** What was written is unknown: the process ends, and start-up finds out. */
export class StoreFatal extends Schema.TaggedError<StoreFatal>()("StoreFatal", {
  path: Schema.String,
  operation: Schema.String,
  /** SQLite's extended code; 0 where the failure was not SQLite's. */
  code: Schema.Int,
  detail: Schema.String
}) {
  override get message() {
    return `${this.path}: ${this.operation} failed (code ${this.code}): ${this.detail}`
  }
}

const openFailure = {
  path: Schema.String,
  reason: Schema.Literals(["corrupt", "notADatabase", "notOurs", "newerFormat", "unwritable", "diskFull", "busy", "other"]),
  remedy: Schema.String,
  detail: Schema.String
}
const openMessage = (error: { readonly path: string; readonly detail: string; readonly remedy: string }): string =>
  `${error.path} cannot be opened (${error.detail}). ${error.remedy}`

/** A file that cannot be opened, and what the operator can do about it. */
export class StoreOpenError extends Schema.TaggedError<StoreOpenError>()("StoreOpenError", openFailure) {
  override get message() {
    return openMessage(this)
  }
}

/** The one file nothing but `status` and `flatten` can do without. */
export class JournalOpenError extends Schema.TaggedError<JournalOpenError>()("JournalOpenError", openFailure) {
  override get message() {
    return openMessage(this)
  }
}

type OpenReason = StoreOpenError["reason"]

const busy = 5
const readOnly = 8
const corrupt = 11
const full = 13
const cannotOpen = 14
const notADatabase = 26
const ioErrorWrite = 778

/** Below this a failed write is lack of space, whatever it was called. */
const fullBytes = 1_048_576

const primary = (code: number): number => code & 0xff

export const detailOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The extended result code, if SQLite made this error. */
export const codeOf = (error: unknown): number | undefined =>
  typeof error === "object" && error !== null && "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined

const systemCodeOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : undefined

/** The write met a full disk: the commit surely did not happen. A failed sync is never this: what it left is unknown. */
export const isFull = (error: unknown, freeBytes: () => number | undefined): boolean => {
  const code = codeOf(error)
  if (code === undefined) return systemCodeOf(error) === "ENOSPC"
  if (primary(code) === full) return true
  return code === ioErrorWrite && (freeBytes() ?? Infinity) < fullBytes
}

export const fatalOf = (path: string, operation: string, error: unknown): StoreFatal =>
  error instanceof StoreFatal ? error : new StoreFatal({ path, operation, code: codeOf(error) ?? 0, detail: detailOf(error) })

const startOver = "put an older copy of it back, or, once every account is flat, start over with an empty data folder."

const remedies: Record<OpenReason, string> = {
  corrupt: `Move this file away and keep it; ${startOver} \`status\` and \`flatten\` still work.`,
  notADatabase: `Another program wrote this file. Move it away; ${startOver}`,
  notOurs: "Another program's database lies at this place. Name another data folder.",
  newerFormat: "A newer version wrote it. Start that version again.",
  unwritable: "Give this user write permission to the folder and the file, or name another data folder.",
  diskFull: "Free at least 1 GB on this volume, then start again.",
  busy: "Another program holds the file. Close it, then start again.",
  other: `Read the detail; if the file is damaged, ${startOver}`
}

const reasonOf = (error: unknown): OpenReason => {
  const code = codeOf(error)
  if (code === undefined) {
    const system = systemCodeOf(error)
    if (system === "ENOSPC") return "diskFull"
    return system !== undefined && /^E(ACCES|PERM|ROFS|NOTDIR|EXIST|ISDIR)$/.test(system) ? "unwritable" : "other"
  }
  switch (primary(code)) {
    case busy: return "busy"
    case readOnly:
    case cannotOpen: return "unwritable"
    case corrupt: return "corrupt"
    case full: return "diskFull"
    case notADatabase: return "notADatabase"
    default: return "other"
  }
}

export const openError = (path: string, reason: OpenReason, detail: string): StoreOpenError =>
  new StoreOpenError({ path, reason, remedy: remedies[reason], detail })

export const openErrorOf = (path: string, error: unknown): StoreOpenError =>
  error instanceof StoreOpenError ? error : openError(path, reasonOf(error), detailOf(error))
