/** Keeps `trades.jsonl` in step with the journal: an export, never a source. A disk that refuses delays it, no more. */
import { Effect, Layer, Schedule, Stream } from "effect"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import { HouseConfig } from "#config/House.ts"
import type { AccountId, AlertId } from "#schemas/Ids.ts"
import { Journal } from "#src/ports/Journal.ts"
import * as AuditLine from "#src/reports/AuditLine.ts"
import * as JsonLines from "./JsonLines.ts"
import * as RecentAlerts from "./RecentAlerts.ts"

const retryEvery = "10 seconds"

/** From the last line on: after a death in between nothing is missing and nothing twice. */
const keep = (path: string) =>
  Effect.gen(function*() {
    const journal = yield* Journal
    const config = yield* HouseConfig
    const { seq: newest } = yield* journal.status
    const file = yield* Effect.acquireRelease(Effect.try(() => JsonLines.open(path, newest)), ({ close }) => Effect.sync(close))
    // Lines that the disk refused are tried again, in their place.
    const append = (lines: ReadonlyArray<string>) =>
      Effect.try(() => file.append(lines)).pipe(
        Effect.tapError((error) => Effect.logWarning(`${path} cannot be written`, error.cause)),
        Effect.retry(Schedule.spaced(retryEvery))
      )

    const recent = RecentAlerts.make()
    const lineOf = Effect.fnUntraced(function*(row: JournalRow, alertId: AlertId) {
      const rows = recent.beside(alertId, row.stream) ?? (yield* journal.readAlert(alertId, row.stream))
      const { accounts, logins } = yield* config.current
      const placeOf = (accountId: string): AuditLine.Place | undefined => {
        const login = accounts.get(accountId as AccountId)?.login
        const venue = login === undefined ? undefined : logins.get(login)?.venue
        return login === undefined || venue === undefined ? undefined : { login, venue }
      }
      return AuditLine.lineOf(row, rows.filter(({ seq }) => seq <= row.seq), placeOf)
    })

    const exportAll = Effect.fnUntraced(function*(rows: ReadonlyArray<JournalRow>) {
      const lines: Array<string> = []
      for (const row of rows) {
        recent.add(row)
        const alertId = AuditLine.subjectOf(row)
        const line = alertId === undefined ? undefined : yield* lineOf(row, alertId)
        if (line !== undefined) lines.push(JSON.stringify(line))
      }
      if (lines.length > 0) yield* append(lines)
    })
    yield* Stream.runForEachArray(journal.follow(file.lastSeq), exportAll)
  }).pipe(
    Effect.scoped,
    Effect.tapError((error) => Effect.logWarning(`${path} cannot be opened`, error.cause)),
    Effect.retry(Schedule.spaced(retryEvery)),
    Effect.catchDefect((defect) => Effect.logError(`${path} is no longer kept`, defect))
  )

/** In the background until its scope closes. */
export const layer = (path: string) => Layer.effectDiscard(Effect.forkScoped(keep(path)))
