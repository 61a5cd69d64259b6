/** A small catalogue with real months, and the exchange's calendar. */
import { DateTime, Option, Schema } from "effect"
import { CalendarConfig, InstrumentConfig } from "#schemas/config/InstrumentConfig.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

const decodeInstrument = Schema.decodeUnknownSync(InstrumentConfig)
const simulation = { price: "100", dayRangePercent: "1" }
const futures = { version: 1, asset: "futures", currency: "USD", lotSize: "1", calendar: "cme", aliases: [], simulation }
const zone = "America/Chicago"

export const mes = decodeInstrument({
  ...futures,
  root: "MES",
  exchange: "CME",
  tickSize: "0.25",
  tickValue: "1.25",
  roll: { months: ["H", "M", "U", "Z"], expiry: "thirdFriday", daysBefore: 5, zone }
})
export const crude = decodeInstrument({
  ...futures,
  root: "CL",
  exchange: "NYMEX",
  tickSize: "0.01",
  tickValue: "10",
  roll: { months: ["F", "G", "H", "J", "K", "M", "N", "Q", "U", "V", "X", "Z"], expiry: "threeBusinessDaysBefore25thOfMonthBefore", daysBefore: 2, zone }
})
export const gold = decodeInstrument({
  ...futures,
  root: "MGC",
  exchange: "COMEX",
  tickSize: "0.1",
  tickValue: "1",
  roll: { months: ["G", "J", "M", "Q", "V", "Z"], expiry: "thirdLastBusinessDay", daysBefore: 3, zone }
})
export const bitcoin = decodeInstrument({
  root: "PF_XBTUSD",
  version: 3,
  asset: "crypto",
  exchange: "KRAKEN",
  tickSize: "0.5",
  tickValue: "0.00005",
  currency: "USD",
  lotSize: "0.0001",
  calendar: "always",
  aliases: ["BTCUSD", "XBTUSD"],
  simulation
})
export const catalogue = [mes, crude, gold, bitcoin]

export const cme = Schema.decodeUnknownSync(CalendarConfig)({
  id: "cme",
  zone,
  always: false,
  windows: [["sun", "mon"], ["mon", "tue"], ["tue", "wed"], ["wed", "thu"], ["thu", "fri"]].map(([from, to]) => ({
    from: { day: from, time: "17:00" },
    to: { day: to, time: "16:00" }
  })),
  closedOn: ["2025-12-25", "2026-06-19", "2026-12-25"],
  earlyCloses: [{ date: "2026-11-26", at: "12:00" }, { date: "2026-12-24", at: "12:15" }]
})
export const always = Schema.decodeUnknownSync(CalendarConfig)({ id: "always", zone: "UTC", always: true, windows: [], closedOn: [], earlyCloses: [] })
export const calendars = new Map([["cme", cme], ["always", always]])

/** An instant in UTC: `2026-12-18T15:00Z`. */
export const utc = (text: string): number => DateTime.toEpochMillis(DateTime.makeUnsafe(text))

const winter = utc("2026-01-15T15:00Z")
export const instrument = (symbol: string): Instrument => Option.getOrThrow(Resolve.resolve(catalogue, symbol, winter, calendars))
