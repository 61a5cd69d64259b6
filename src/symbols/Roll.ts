/** Delivery months: when each ends and which one is in front. Owns: expiry rules and month codes. Not here: symbols as alerts write them. */
import type { CalendarConfig, RollRule } from "#schemas/config/InstrumentConfig.ts"
import * as LocalTime from "#src/symbols/LocalTime.ts"

const codes = ["F", "G", "H", "J", "K", "M", "N", "Q", "U", "V", "X", "Z"] as const

export interface ContractMonth {
  readonly year: number
  /** From 1. */
  readonly month: number
}

/** More months than any rule can skip: it ends the search for a front month. */
const monthsAheadMax = 26

export const monthOfCode = (code: string): number | undefined => {
  const index = codes.findIndex((known) => known === code)
  return index < 0 ? undefined : index + 1
}

/** `Z26`: two digits of the year, so that no two contracts within a century share a name. */
export const suffixOf = ({ month, year }: ContractMonth): string => `${codes[month - 1] ?? ""}${String(year % 100).padStart(2, "0")}`

export const isListed = (rule: RollRule, month: number): boolean => rule.months.some((code) => monthOfCode(code) === month)

/** Monday to Friday, less the calendar's closed days where one is given. */
export const isBusinessDay = (day: LocalTime.Day, calendar?: CalendarConfig): boolean =>
  LocalTime.weekdayIndexOf(day) < 5 && !(calendar?.closedOn.includes(LocalTime.formatDay(day)) ?? false)

/** The `count`-th business day before a day; 0: the day itself, or the last business day before it. */
const businessDaysBefore = (day: LocalTime.Day, count: number, calendar?: CalendarConfig): LocalTime.Day => {
  let at = day
  while (!isBusinessDay(at, calendar)) at -= 1
  for (let left = count; left > 0; left -= 1) {
    at -= 1
    while (!isBusinessDay(at, calendar)) at -= 1
  }
  return at
}

/** A 25th that is no business day counts as the one before it. */
const before25th = (year: number, month: number, days: number, calendar?: CalendarConfig): LocalTime.Day =>
  businessDaysBefore(businessDaysBefore(LocalTime.dayOf(year, month - 1, 25), 0, calendar), days, calendar)

/** A contract's last day. A last day that is a holiday moves to the business day before. */
export const lastDayOf = (rule: RollRule, { month, year }: ContractMonth, calendar?: CalendarConfig): LocalTime.Day => {
  const first = LocalTime.dayOf(year, month, 1)
  switch (rule.expiry) {
    case "thirdFriday": {
      const firstFriday = first + ((4 - LocalTime.weekdayIndexOf(first) + 7) % 7)
      return businessDaysBefore(firstFriday + 14, 0, calendar)
    }
    case "thirdLastBusinessDay":
      return businessDaysBefore(LocalTime.dayOf(year, month + 1, 1) - 1, 2, calendar)
    case "threeBusinessDaysBefore25thOfMonthBefore":
      return before25th(year, month, 3, calendar)
    case "fourBusinessDaysBefore25thOfMonthBefore":
      return before25th(year, month, 4, calendar)
  }
}

/** The day from which the next month is in front. */
export const rollDayOf = (rule: RollRule, contract: ContractMonth, calendar?: CalendarConfig): LocalTime.Day =>
  businessDaysBefore(lastDayOf(rule, contract, calendar), rule.daysBefore, calendar)

/** Counted in the rule's zone: the front changes at local midnight. Undefined only for a rule without months. */
export const frontMonth = (rule: RollRule, atMs: number, calendar?: CalendarConfig): ContractMonth | undefined => {
  const today = LocalTime.dayAt(atMs, rule.zone)
  const { month, year } = LocalTime.partsOf(today)
  for (let ahead = 0; ahead < monthsAheadMax; ahead += 1) {
    const contract = { year: year + Math.floor((month - 1 + ahead) / 12), month: ((month - 1 + ahead) % 12) + 1 }
    if (isListed(rule, contract.month) && today < rollDayOf(rule, contract, calendar)) return contract
  }
  return undefined
}

/** The end of the last day: an exchange may stop earlier on it, and then says so itself. */
export const expiresAtMs = (rule: RollRule, contract: ContractMonth, calendar?: CalendarConfig): number =>
  LocalTime.instantOf(lastDayOf(rule, contract, calendar) + 1, 0, rule.zone)
