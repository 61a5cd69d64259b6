/** When a day order ends: as the account's next day begins. */
import type { AccountConfig } from "#schemas/config/AccountConfig.ts"
import * as LocalTime from "#src/symbols/LocalTime.ts"

export const endsAtMs = ({ time, zone }: AccountConfig["dayStartsAt"], atMs: number): number => {
  const minute = LocalTime.minuteOf(time)
  const today = LocalTime.dayAt(atMs, zone)
  const startsAtMs = LocalTime.instantOf(today, minute, zone)
  return startsAtMs > atMs ? startsAtMs : LocalTime.instantOf(today + 1, minute, zone)
}
