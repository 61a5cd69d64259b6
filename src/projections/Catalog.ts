/** Instruments as they were when something was decided on them: what turns a row's ticks and lots into prices and quantities. */
import { HashMap } from "effect"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { JournalRow } from "#schemas/JournalEvent.ts"

/** By `id@version`, and by id alone for the newest: as many as were ever traded. */
export type State = HashMap.HashMap<string, Instrument>

export const empty: State = HashMap.empty()

export const evolve = (state: State, { event }: JournalRow): State => {
  if (event._tag !== "EntryDecided" && event._tag !== "PositionAdopted") return state
  const { instrument } = event
  return state.pipe(HashMap.set(`${instrument.id}@${instrument.version}`, instrument), HashMap.set<string, Instrument>(instrument.id, instrument))
}

export const find = (state: State, id: InstrumentId, version?: number): Instrument | undefined => {
  const exact = version === undefined ? undefined : at(state, `${id}@${version}`)
  return exact ?? at(state, id)
}

const at = (state: State, key: string): Instrument | undefined => {
  const found = HashMap.get(state, key)
  return found._tag === "Some" ? found.value : undefined
}
