/** Pages of the inbox: from memory, and from the journal where they are older than that. */
import { Effect } from "effect"
import type { AlertView } from "#schemas/contracts/Views.ts"
import type { AlertId } from "#schemas/Ids.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import type { Journal } from "#src/ports/Journal.ts"
import * as Alerts from "#src/projections/Alerts.ts"

export interface Asked {
  readonly since?: number
  readonly limit?: number
}

const limitDefault = 1_000
const scanRows = 1_000

type Reader = Journal["Service"]

/** Rows after `since`, oldest first; without it the newest ones. */
export const page = Effect.fnUntraced(function*(state: Alerts.State, journal: Reader, asked: Asked, causeOf: Alerts.CauseOf) {
  const older = asked.since === undefined ? [] : yield* scan(state, journal, asked.since, asked.limit ?? limitDefault)
  const rest = (asked.limit ?? limitDefault) - older.length
  const since = asked.since === undefined ? undefined : Math.max(asked.since, state.rows.droppedThrough)
  const newer = rest <= 0 ? [] : Alerts.page(state, { ...(since === undefined ? {} : { since }), limit: rest }, limitDefault)
  return yield* Effect.forEach([...older, ...newer], (row) => complete(state, journal, row, causeOf))
})

/** What memory dropped lies before `droppedThrough`: there the journal is read itself. */
const scan = Effect.fnUntraced(function*(state: Alerts.State, journal: Reader, since: number, limit: number) {
  const end = state.rows.droppedThrough
  const found: Array<Alerts.Row> = []
  let seq = since
  while (seq < end && found.length < limit) {
    const rows: ReadonlyArray<JournalRow> = yield* journal.readAfter(seq, Math.min(scanRows, end - seq))
    const last = rows.at(-1)
    if (last === undefined) break
    found.push(...Alerts.page(rows.reduce(Alerts.evolve, Alerts.empty), {}, scanRows))
    seq = last.seq
  }
  return found.slice(0, limit)
})

const complete = Effect.fnUntraced(function*(state: Alerts.State, journal: Reader, row: Alerts.Row, causeOf: Alerts.CauseOf) {
  const known = Alerts.view(state, row, causeOf)
  if (known !== undefined) return known
  const alone = (yield* journal.readAlert(row.alertId)).reduce(Alerts.evolve, Alerts.empty)
  return Alerts.view(alone, row, causeOf) ?? unknownOf(row)
})

/** Its first delivery is not in the journal at all. */
const unknownOf = (row: Alerts.Row): AlertView => ({ ...row, strategy: null, symbol: null, action: null, outcomes: [] })

/** The alert itself, with the rows that tell it; `undefined`: nobody knows it. */
export const one = Effect.fnUntraced(function*(journal: Reader, alertId: AlertId, causeOf: Alerts.CauseOf) {
  const rows = yield* journal.readAlert(alertId)
  const command = Alerts.ofCommand(rows)
  if (command !== undefined) return { alert: Alerts.view(command.state, command.row, causeOf) ?? unknownOf(command.row), rows }
  const state = rows.reduce(Alerts.evolve, Alerts.empty)
  const first = Alerts.firstRow(state, alertId)
  const alert = first === undefined ? undefined : Alerts.view(state, first, causeOf) ?? unknownOf(first)
  return alert === undefined ? undefined : { alert, rows }
})
