/** Local time as the judge reckons it: is a market open, is a strategy's session on, when did an account's day begin. */
import { DateTime } from "effect"
import type { AccountSettings, Calendar, StrategySettings } from "./Settings.ts"

const dayMs = 86_400_000
const minuteMs = 60_000
const dayMinutes = 1_440
const weekMinutes = 7 * dayMinutes
const names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

/** No zone changes its offset within a quarter of an hour that begins on one. */
const pieceMs = 900_000
const offsetsMax = 5_000
const offsets = new Map<string, number>()

/** Local time less UTC, milliseconds. */
const offsetAt = (atMs: number, zone: string): number => {
  const key = `${Math.floor(atMs / pieceMs)} ${zone}`
  const before = offsets.get(key)
  if (before !== undefined) return before
  const { day, hour, minute, month, second, year } = DateTime.toParts(DateTime.makeZonedUnsafe(Math.floor(atMs / pieceMs) * pieceMs, { timeZone: zone }))
  const local = DateTime.toEpochMillis(DateTime.makeUnsafe({ year, month, day, hour, minute, second }))
  const offset = local - Math.floor(atMs / pieceMs) * pieceMs
  if (offsets.size >= offsetsMax) offsets.clear()
  offsets.set(key, offset)
  return offset
}

interface Local {
  /** Days since 1970-01-01 there. */
  readonly day: number
  /** Minutes since midnight there, with a fraction. */
  readonly minute: number
}

const localAt = (atMs: number, zone: string): Local => {
  const local = atMs + offsetAt(atMs, zone)
  const day = Math.floor(local / dayMs)
  return { day, minute: (local - day * dayMs) / minuteMs }
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7
const dateOf = (day: number): string => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(day * dayMs))

/** Is minute `at` of the week inside a window that may run over the week's end? */
const within = (at: number, from: number, to: number): { readonly left: number; readonly length: number } | undefined => {
  const length = ((to - from) % weekMinutes + weekMinutes) % weekMinutes || weekMinutes
  const since = ((at - from) % weekMinutes + weekMinutes) % weekMinutes
  return since < length ? { left: length - since, length } : undefined
}

/** A session belongs to the local day on which it ends, and a window longer than a day is counted day by day. */
const isOpenOn = (calendar: Calendar, { day, minute }: Local, { left, length }: { readonly left: number; readonly length: number }): boolean => {
  const dayOfEnd = length <= dayMinutes && minute + left > dayMinutes ? day + 1 : day
  const date = dateOf(dayOfEnd)
  if (calendar.closedOn.includes(date)) return false
  const early = calendar.earlyCloses.find((close) => close.date === date)
  return early === undefined || dayOfEnd > day || minute < minuteOf(early.at)
}

export const isOpen = (calendar: Calendar | undefined, atMs: number): boolean => {
  if (calendar === undefined || calendar.always) return true
  const local = localAt(atMs, calendar.zone)
  const at = weekdayOf(local.day) * dayMinutes + local.minute
  return calendar.windows.some(({ from, to }) => {
    const inside = within(at, names.indexOf(from.day) * dayMinutes + minuteOf(from.time), names.indexOf(to.day) * dayMinutes + minuteOf(to.time))
    return inside !== undefined && isOpenOn(calendar, local, inside)
  })
}

export const isInSession = ({ session }: StrategySettings, atMs: number): boolean => {
  if (session === undefined) return true
  const { day, minute } = localAt(atMs, session.zone)
  return session.windows.some(({ days, from, to }) => {
    const [begins, ends] = [minuteOf(from), minuteOf(to)]
    const isOn = (of: number) => days.includes(names[weekdayOf(of)] ?? "")
    return ends > begins
      ? isOn(day) && minute >= begins && minute < ends
      : (isOn(day) && minute >= begins) || (isOn(day - 1) && minute < ends)
  })
}

/** When the account's day in progress began. */
export const dayStartMs = ({ dayStartsAt: { time, zone } }: AccountSettings, atMs: number): number => {
  const { day, minute } = localAt(atMs, zone)
  const started = minute >= minuteOf(time) ? day : day - 1
  const guess = started * dayMs + minuteOf(time) * minuteMs
  return guess - offsetAt(guess - offsetAt(atMs, zone), zone)
}
