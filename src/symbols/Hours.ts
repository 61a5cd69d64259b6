/**
 * When a market trades. A window belongs to the local day on which it ends, as exchanges count (Sunday evening is Monday's session): a closed
 * day drops its whole window, the evening before included; an early close ends it at that time. A window longer than a day is cut at
 * each local midnight and counts day by day.
 */
import { Option } from "effect"
import type { CalendarConfig } from "#schemas/config/InstrumentConfig.ts"
import * as LocalTime from "#src/symbols/LocalTime.ts"

/** How far ahead the next opening is looked for. */
const daysAheadMax = 30
/** A window reaches back at most a week. */
const daysBack = 8

type Window = CalendarConfig["windows"][number]

/** Local minutes from the beginning of `day`; `toMinute` may lie in later days. */
interface Piece {
  readonly day: LocalTime.Day
  readonly fromMinute: number
  readonly toMinute: number
}

const pieces = (window: Window, startDay: LocalTime.Day): ReadonlyArray<Piece> => {
  const from = LocalTime.minuteOf(window.from.time)
  const daysLong = (LocalTime.indexOfWeekday(window.to.day) - LocalTime.indexOfWeekday(window.from.day) + 7) % 7
  const end = daysLong * LocalTime.minutesPerDay + LocalTime.minuteOf(window.to.time)
  const to = end > from ? end : end + 7 * LocalTime.minutesPerDay
  if (to - from <= LocalTime.minutesPerDay) return [{ day: startDay, fromMinute: from, toMinute: to }]

  const cut: Array<Piece> = []
  for (let at = from; at < to; at = (Math.floor(at / LocalTime.minutesPerDay) + 1) * LocalTime.minutesPerDay) {
    const midnight = (Math.floor(at / LocalTime.minutesPerDay) + 1) * LocalTime.minutesPerDay
    cut.push({ day: startDay, fromMinute: at, toMinute: Math.min(to, midnight) })
  }
  return cut
}

const trimmed = (calendar: CalendarConfig, piece: Piece): LocalTime.Interval | undefined => {
  const sessionDay = piece.day + Math.floor((piece.toMinute - 1) / LocalTime.minutesPerDay)
  const date = LocalTime.formatDay(sessionDay)
  if (calendar.closedOn.includes(date)) return undefined
  const fromMs = LocalTime.instantOf(piece.day, piece.fromMinute, calendar.zone)
  const toMs = LocalTime.instantOf(piece.day, piece.toMinute, calendar.zone)
  const early = calendar.earlyCloses.find((close) => close.date === date)
  return early === undefined
    ? { fromMs, toMs }
    : { fromMs, toMs: Math.min(toMs, LocalTime.instantOf(sessionDay, LocalTime.minuteOf(early.at), calendar.zone)) }
}

/** Open times from an instant on. */
const openings = (calendar: CalendarConfig, atMs: number, daysAhead: number): ReadonlyArray<LocalTime.Interval> => {
  const today = LocalTime.dayAt(atMs, calendar.zone)
  const found: Array<LocalTime.Interval> = []
  for (let day = today - daysBack; day <= today + daysAhead; day += 1) {
    for (const window of calendar.windows) {
      if (window.from.day !== LocalTime.weekdayOf(day)) continue
      for (const piece of pieces(window, day)) {
        if (piece.day * LocalTime.minutesPerDay + piece.toMinute < today * LocalTime.minutesPerDay) continue
        const interval = trimmed(calendar, piece)
        if (interval !== undefined) found.push(interval)
      }
    }
  }
  return LocalTime.merge(found)
}

export const isOpen = (calendar: CalendarConfig, atMs: number): boolean =>
  calendar.always || openings(calendar, atMs, 0).some((interval) => LocalTime.contains(interval, atMs))

/** The first instant from `atMs` on at which it trades: `atMs` itself while open. None: not within the next 30 days. */
export const nextOpenMs = (calendar: CalendarConfig, atMs: number): Option.Option<number> => {
  if (calendar.always) return Option.some(atMs)
  const next = openings(calendar, atMs, daysAheadMax).find(({ toMs }) => toMs > atMs)
  return Option.map(Option.fromUndefinedOr(next), ({ fromMs }) => Math.max(fromMs, atMs))
}

/** When the session in progress ends. None: shut now, or never shut. */
export const nextCloseMs = (calendar: CalendarConfig, atMs: number): Option.Option<number> => {
  if (calendar.always) return Option.none()
  const current = openings(calendar, atMs, daysBack).find((interval) => LocalTime.contains(interval, atMs))
  return Option.map(Option.fromUndefinedOr(current), ({ toMs }) => toMs)
}
