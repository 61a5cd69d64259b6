/** The causal chain of one alert, from its bytes to its end on each account: what `why` answers. */
import { Schema } from "effect"
import type { StoryLine } from "#schemas/contracts/Views.ts"
import { JournalRow } from "#schemas/JournalEvent.ts"
import * as Catalog from "./Catalog.ts"
import * as Orders from "./Orders.ts"
import * as Sentences from "./Sentences.ts"

interface Told {
  readonly lines: ReadonlyArray<StoryLine>
  readonly known: Orders.State
  readonly signal: Sentences.Scene["signal"]
}

const encodeRow = Schema.encodeSync(JournalRow)

/** `rows` of one alert, oldest first; `known`: orders and instruments of other alerts that its rows may name. */
export const tell = (rows: ReadonlyArray<JournalRow>, known: Orders.State): ReadonlyArray<StoryLine> => {
  const startMs = arrivedAtMs(rows) ?? rows[0]?.atMs ?? 0
  const begun: Told = { lines: [], known, signal: undefined }
  return nothingMore(rows, gatesFirst(rows.reduce((told, row) => append(learn(told, row), row, startMs), begun).lines))
}

/** An order by hand that nothing follows: the house ended first, or it is a moment old. A later life never carries it out. */
const nothingMore = (rows: ReadonlyArray<JournalRow>, lines: ReadonlyArray<StoryLine>): ReadonlyArray<StoryLine> => {
  const last = lines.at(-1)
  const [given] = rows
  return rows.length === 1 && given?.event._tag === "CommandGiven" && given.event.command.startsWith("order ") && last !== undefined
    ? [...lines, { ...last, event: "Nothing", text: "Nothing has followed it: no order was sent for it, and none will be.", detail: null }]
    : lines
}

const isOfGuard = ({ event }: StoryLine): boolean => event === "GuardApproved" || event === "GuardBlocked"

/**
 * The guard is asked once the gates have passed, but its row is on disk before theirs, which says how both ended. Told in the order in
 * which it happened: gates, guard, end. Times stay those of the rows.
 */
const gatesFirst = (lines: ReadonlyArray<StoryLine>): ReadonlyArray<StoryLine> => {
  const end = lines.findLastIndex(({ event }) => event === "AlertGated")
  if (end < 0) return lines
  const before = lines.slice(0, end)
  return [...before.filter((line) => !isOfGuard(line)), ...before.filter(isOfGuard), ...lines.slice(end)]
}

/** When its first delivery came in. */
const arrivedAtMs = (rows: ReadonlyArray<JournalRow>): number | undefined => {
  for (const { event } of rows) if ("delivery" in event) return event.delivery.receivedAtMs
  return undefined
}

const learn = (told: Told, row: JournalRow): Told => ({
  ...told,
  known: Orders.evolve(told.known, row),
  signal: row.event._tag === "AlertAccepted" ? row.event.signal : told.signal
})

const append = (told: Told, row: JournalRow, startMs: number): Told => {
  const { atMs, event, seq, stream } = row
  const scene: Sentences.Scene = {
    signal: told.signal,
    orderOf: (id) => Orders.find(told.known, id)?.order,
    instrumentOf: (id, version) => Catalog.find(told.known.catalog, id, version)
  }
  const beforeMs = told.lines.at(-1)?.atMs ?? startMs
  const lines = Sentences.of(row, scene).map(({ of, text }, index): StoryLine => ({
    seq,
    atMs,
    sinceFirstMs: atMs - startMs,
    sinceBeforeMs: index === 0 ? atMs - beforeMs : 0,
    stream,
    event: event._tag,
    text,
    detail: of ?? encodeRow(row)
  }))
  return { ...told, lines: [...told.lines, ...lines] }
}

/** The body of its first delivery, as it came, secrets masked. */
export const bodyOf = (rows: ReadonlyArray<JournalRow>): string => {
  for (const { event } of rows) if ("delivery" in event) return event.delivery.body
  return ""
}
