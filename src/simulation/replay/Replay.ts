/** A recorded journal once more: every decision that is a function of what it holds is made again, and every one that differs is named. */
import { HashMap, Option, Result } from "effect"
import type { JournalRow } from "#schemas/JournalEvent.ts"
import * as Book from "#src/lifecycle/Book.ts"
import * as Books from "#src/projections/Books.ts"
import * as Positions from "#src/projections/Positions.ts"
import { gates, delivery, guard } from "#src/simulation/replay/Arrivals.ts"
import * as Decisions from "#src/simulation/replay/Decisions.ts"
import type { Recorded } from "#src/simulation/replay/Recorded.ts"
import * as Scene from "#src/simulation/replay/Scene.ts"
import * as Tally from "#src/simulation/replay/Tally.ts"

/** Rows after an entry's in which its orders stand. */
const followingMax = 8

/** What is not looked at, whatever the journal holds. */
export const notMade: ReadonlyArray<string> = [
  "what a venue answered, filled or reported: it is taken as recorded",
  "stops, targets, exits and cancels that follow from those answers and from the clock",
  "verdicts of a gate or guard that an alert met again after a restart: only the first one is journaled",
  "sizes against the daily loss where a position was open: its marks are not journaled"
]

const configuration = (tally: Tally.Tally, row: JournalRow): void => {
  if (row.event._tag !== "ConfigApplied") return
  const house = Scene.houseOf(row.event.body)
  tally.compare("configuration", row, row.event.hash, Result.isSuccess(house) ? house.success.hash : `not valid any more: ${String(house.failure)}`)
}

/** Two folds of one journal: what accounts act on, what people are shown. */
const views = (tally: Tally.Tally, scene: Scene.Scene, shown: Books.State, last: JournalRow): void => {
  for (const [account, book] of scene.books()) {
    for (const bracket of book.brackets.values()) {
      const holding = HashMap.get(shown.positions.holdings, `${account} ${bracket.instrument.id}`)
      const seen = Option.match(holding, { onNone: () => 0, onSome: Positions.netOf })
      tally.compare("view", last, `${account} ${bracket.instrument.id} ${Book.netOf(book, bracket)}`, `${account} ${bracket.instrument.id} ${seen}`)
    }
  }
}

export interface Replayed extends ReturnType<Tally.Tally["result"]> {
  readonly rows: number
  readonly unreadable: number
  readonly notMade: ReadonlyArray<string>
}

export const run = ({ installationId, rows, unreadable }: Recorded): Replayed => {
  const tally = Tally.make()
  const scene = Scene.make()
  let shown = Books.empty
  const perStream = new Map<string, Array<JournalRow>>()
  for (const row of rows) {
    const found = perStream.get(row.stream)
    if (found === undefined) perStream.set(row.stream, [row])
    else found.push(row)
  }
  rows.forEach((row) => {
    configuration(tally, row)
    delivery(scene, tally, row)
    gates(scene, tally, row)
    guard(scene, tally, row)
    if (row.event._tag === "EntryDecided") {
      Decisions.entry(scene, tally, installationId, row, perStream.get(row.stream)?.slice(row.version, row.version + followingMax) ?? [])
    }
    Decisions.close(scene, tally, installationId, row)
    Decisions.outcome(scene, tally, installationId, row)
    scene.evolve(row)
    shown = Books.evolve(shown, row)
  })
  const last = rows.at(-1)
  if (last !== undefined) views(tally, scene, shown, last)
  return { rows: rows.length, unreadable, ...tally.result(), notMade }
}
