/** Local dates and times of day in a zone, and the instants they name. Owns: what happens to a time that a clock change skips or repeats. */
import { DateTime } from "effect"

const dayMs = 86_400_000
export const minutesPerDay = 1_440

/** A local date as whole days since 1970-01-01: dates compare and step as integers. */
export type Day = number

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const
export type Weekday = (typeof weekdays)[number]

/** `month` from 1. A day past the month's end runs into the next month. */
export const dayOf = (year: number, month: number, day: number): Day =>
  Math.floor(DateTime.toEpochMillis(DateTime.makeUnsafe({ year, month, day })) / dayMs)

export const partsOf = (day: Day): { readonly year: number; readonly month: number; readonly day: number } =>
  DateTime.toPartsUtc(DateTime.makeUnsafe(day * dayMs))

export const formatDay = (day: Day): string => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(day * dayMs))

/** 0 is Monday. */
export const weekdayIndexOf = (day: Day): number => (((day + 3) % 7) + 7) % 7
export const weekdayOf = (day: Day): Weekday => weekdays[weekdayIndexOf(day)] ?? "mon"
export const indexOfWeekday = (weekday: Weekday): number => weekdays.indexOf(weekday)

/** `HH:MM` as minutes since midnight. */
export const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))

/** Zones are computed anew for each answer, and the same few are asked for all day. */
const answersMax = 2_000
const remembered = <A>(answers: Map<string, A>, asked: string, find: () => A): A => {
  const known = answers.get(asked)
  if (known !== undefined) return known
  const found = find()
  if (answers.size >= answersMax) answers.clear()
  answers.set(asked, found)
  return found
}

/** No zone is off by less than a quarter of an hour: within one the local date stays. */
const sameDateMs = 900_000
const days = new Map<string, Day>()

/** The local date at an instant. */
export const dayAt = (atMs: number, zone: string): Day =>
  remembered(days, `${Math.floor(atMs / sameDateMs)} ${zone}`, () => {
    const { day, month, year } = DateTime.toParts(DateTime.makeZonedUnsafe(atMs, { timeZone: zone }))
    return dayOf(year, month, day)
  })

const instants = new Map<string, number>()

/**
 * The instant of a local time. Minutes may lie outside one day. A time that the clock skips moves on by the gap's length (02:30
 * becomes 03:30); of a time that comes twice the first counts.
 */
export const instantOf = (day: Day, minute: number, zone: string): number =>
  remembered(instants, `${day} ${minute} ${zone}`, () => computedInstant(day, minute, zone))

const computedInstant = (day: Day, minute: number, zone: string): number => {
  const at = partsOf(day + Math.floor(minute / minutesPerDay))
  const rest = ((minute % minutesPerDay) + minutesPerDay) % minutesPerDay
  return DateTime.toEpochMillis(DateTime.makeZonedUnsafe(
    { year: at.year, month: at.month, day: at.day, hour: Math.floor(rest / 60), minute: rest % 60 },
    { timeZone: zone, adjustForTimeZone: true, disambiguation: "compatible" }
  ))
}

/** Half open: `fromMs` belongs to it, `toMs` does not. */
export interface Interval {
  readonly fromMs: number
  readonly toMs: number
}

/** Sorted, without overlaps; what touches becomes one. */
export const merge = (intervals: ReadonlyArray<Interval>): ReadonlyArray<Interval> => {
  const merged: Array<Interval> = []
  for (const next of intervals.filter(({ fromMs, toMs }) => fromMs < toMs).sort((a, b) => a.fromMs - b.fromMs)) {
    const last = merged.at(-1)
    if (last === undefined || next.fromMs > last.toMs) merged.push(next)
    else merged[merged.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, next.toMs) }
  }
  return merged
}

export const contains = (interval: Interval, atMs: number): boolean => interval.fromMs <= atMs && atMs < interval.toMs
