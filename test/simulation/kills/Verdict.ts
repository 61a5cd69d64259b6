/** Everything that happened, handed to the judge in the order in which it did, as far as two processes on one clock can tell. */
import * as Judge from "#src/simulation/oracle/Judge.ts"
import type { Encoded, Row } from "#src/simulation/oracle/Shapes.ts"
import type { LedgerRecord } from "#src/simulation/venues/shared/Records.ts"
import * as Config from "./Config.ts"
import type { Answered } from "./Sender.ts"

export interface Life {
  readonly atMs: number
  readonly kind: "start" | "kill"
}

interface Seen {
  readonly rows: ReadonlyArray<Encoded>
  readonly ledger: ReadonlyArray<LedgerRecord>
  readonly answers: ReadonlyArray<Answered>
  readonly lives: ReadonlyArray<Life>
  /** The house was ready to run and was not let: promises of time have so much more. */
  readonly starvedMs: number
}

/** A loaded machine gives neither process its turn at once. */
const slackMs = 1_000
const venue = "reference"

/** Where in the journal an order was intended. */
const intentsOf = (rows: ReadonlyArray<Encoded>): ReadonlyMap<string, number> => new Map(rows.flatMap((encoded) => {
  const { event, seq } = encoded as Row
  return event._tag === "OrderIntended" ? [[event.order.id, seq] as const] : []
}))

/** A life counts from where its accounts know that they have to recover: until then they look as the one before left them. How long a start takes is measured by itself. */
const awake = (lives: ReadonlyArray<Life>, rows: ReadonlyArray<Encoded>): ReadonlyArray<Life> => lives.flatMap((life, n) => {
  if (life.kind === "kill") return [life]
  const endMs = lives[n + 1]?.atMs ?? Infinity
  const first = rows.find(({ atMs, event }) => event._tag === "AccountRecovering" && atMs >= life.atMs && atMs <= endMs)
  return first === undefined ? [] : [{ kind: "start", atMs: first.atMs }]
})

export const of = ({ answers, ledger, lives, rows, starvedMs }: Seen): Judge.Judge => {
  const judge = Judge.make({ venues: { [venue]: Config.directory }, secrets: [Config.secret], slackMs: slackMs + starvedMs })
  const intents = intentsOf(rows)
  const told = [
    ...awake(lives, rows).map((life) => ({ atMs: life.atMs, tell: () => judge.life(life) })),
    ...answers.map((answer) => ({ atMs: answer.atMs, tell: () => judge.answered(answer) }))
  ].toSorted((one, other) => one.atMs - other.atMs)

  let [atRow, atRecord, atTold] = [0, 0, 0]
  /** Within one millisecond: an intent comes before its order, any other row after what the venue did. */
  const isRowNext = (row: Encoded, record: LedgerRecord | undefined): boolean => {
    if (record === undefined || row.atMs < record.atMs) return true
    const intent = record.kind === "order" ? intents.get(record.clientId ?? "") : undefined
    return row.atMs === record.atMs && intent !== undefined && intent >= row.seq
  }
  while (true) {
    const [row, record, other] = [rows[atRow], ledger[atRecord], told[atTold]]
    const nextMs = Math.min(row?.atMs ?? Infinity, record?.atMs ?? Infinity)
    if (other !== undefined && other.atMs < nextMs) {
      other.tell()
      atTold += 1
    } else if (row !== undefined && isRowNext(row, record)) {
      judge.row(row)
      atRow += 1
    } else if (record !== undefined) {
      judge.ledger(record, venue)
      atRecord += 1
    } else return judge
  }
}
