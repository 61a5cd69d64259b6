/** `instruments.json`: the catalogue, how continuous symbols roll, other names of the same thing. `calendars.json`: trading hours. */
import { Schema } from "effect"
import { PositiveDecimal } from "../Decimal.ts"
import { Asset } from "../Instrument.ts"
import { Currency } from "../Money.ts"
import { TimeOfDay, Weekday, ZoneName } from "./StrategyConfig.ts"

/** CME month codes, F = January. */
export const MonthCode = Schema.Literals(["F", "G", "H", "J", "K", "M", "N", "Q", "U", "V", "X", "Z"])

/** How the front month moves on: `expiryDay` of the contract month less `daysBefore` business days. */
export const RollRule = Schema.Struct({
  months: Schema.Array(MonthCode),
  /** The contract's last day: third Friday; third-last business day; or three (crude oil) or four (its micro) business days before the 25th of the month before. */
  expiry: Schema.Literals(["thirdFriday", "thirdLastBusinessDay", "threeBusinessDaysBefore25thOfMonthBefore", "fourBusinessDaysBefore25thOfMonthBefore"]),
  /** Business days before the last day on which the next month becomes the front. */
  daysBefore: Schema.Int,
  zone: ZoneName
})
export type RollRule = typeof RollRule.Type

export const InstrumentConfig = Schema.Struct({
  /** `MES` for a family of months, `PF_XBTUSD` for a perpetual. */
  root: Schema.NonEmptyString,
  version: Schema.Int,
  asset: Asset,
  exchange: Schema.NonEmptyString,
  tickSize: PositiveDecimal,
  tickValue: PositiveDecimal,
  currency: Currency,
  lotSize: PositiveDecimal,
  calendar: Schema.NonEmptyString,
  /** Other names in alerts: `BTCUSD`, `XBTUSD`. A family also answers to `<root>1!` and to a month such as `MESZ6` or `MESZ2026`. */
  aliases: Schema.Array(Schema.NonEmptyString),
  /** Absent: a perpetual. */
  roll: Schema.optionalKey(RollRule),
  /** Where the simulated market starts, and how far it moves in a day, percent. */
  simulation: Schema.Struct({ price: PositiveDecimal, dayRangePercent: PositiveDecimal })
})
export type InstrumentConfig = typeof InstrumentConfig.Type

export const InstrumentsFile = Schema.Struct({
  $schema: Schema.optionalKey(Schema.String),
  instruments: Schema.Array(InstrumentConfig)
})

/** `YYYY-MM-DD` where the exchange is. */
export const LocalDate = Schema.String.check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}$/u, { expected: "a date, YYYY-MM-DD" }))

/** Weekly hours in exchange time, daily breaks between windows, closed days by local date `YYYY-MM-DD`. */
export const CalendarConfig = Schema.Struct({
  id: Schema.NonEmptyString,
  zone: ZoneName,
  /** Always open: windows are ignored. */
  always: Schema.Boolean,
  windows: Schema.Array(Schema.Struct({ from: Schema.Struct({ day: Weekday, time: TimeOfDay }), to: Schema.Struct({ day: Weekday, time: TimeOfDay }) })),
  closedOn: Schema.Array(LocalDate),
  /** Days that end early, at a local time. */
  earlyCloses: Schema.Array(Schema.Struct({ date: LocalDate, at: TimeOfDay }))
})
export type CalendarConfig = typeof CalendarConfig.Type

export const CalendarsFile = Schema.Struct({ $schema: Schema.optionalKey(Schema.String), calendars: Schema.Array(CalendarConfig) })
