/** Instruments by id and the months in front, remembered. Owns: how long a resolved name is believed. */
import { Option } from "effect"
import type { House } from "#config/House.ts"
import type { InstrumentId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

const instrumentsKeptMax = 1_024
const frontsKeptMs = 60_000

export interface Catalogue {
  readonly byId: (house: House, id: InstrumentId) => Option.Option<Instrument>
  /** The catalogue's perpetuals and front months. */
  readonly fronts: (house: House, atMs: number) => ReadonlyArray<Instrument>
}

export const make = (): Catalogue => {
  let known: Pick<House, "instruments"> | undefined
  let fronts: { readonly atMs: number; readonly instruments: ReadonlyArray<Instrument> } | undefined
  const kept = new Map<InstrumentId, Instrument>()

  const follow = (house: House) => {
    if (known?.instruments !== house.instruments || kept.size >= instrumentsKeptMax) {
      known = house
      fronts = undefined
      kept.clear()
    }
  }
  return {
    byId: (house, id) => {
      follow(house)
      const found = Option.orElse(Option.fromUndefinedOr(kept.get(id)), () => Resolve.byId(house.instruments, id, house.calendars))
      if (Option.isSome(found)) kept.set(id, found.value)
      return found
    },
    fronts: (house, atMs) => {
      follow(house)
      if (fronts === undefined || atMs < fronts.atMs || atMs - fronts.atMs >= frontsKeptMs) {
        const instruments = house.instruments.flatMap(({ root }) => Option.toArray(Resolve.resolve(house.instruments, root, atMs, house.calendars)))
        fronts = { atMs, instruments }
      }
      return fronts.instruments
    }
  }
}
