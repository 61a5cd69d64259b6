/** Which exchanges are shut, and until when. */
import { Option } from "effect"
import type { House } from "#config/House.ts"
import type { InstrumentId } from "#schemas/Ids.ts"
import * as Hours from "#src/symbols/Hours.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

/** Undefined: it trades now, or nobody knows its hours. */
export const until = ({ calendars, instruments }: Pick<House, "calendars" | "instruments">, atMs: number) => (id: InstrumentId) => {
  const instrument = Option.getOrUndefined(Resolve.byId(instruments, id, calendars))
  const calendar = instrument === undefined ? undefined : calendars.get(instrument.calendar)
  if (calendar === undefined || Hours.isOpen(calendar, atMs)) return undefined
  return { opensAtMs: Option.getOrUndefined(Hours.nextOpenMs(calendar, atMs)) }
}
