/**
 * What an alert's symbol means: one instrument of the catalogue at one instant. Owns: the ways to write a symbol.
 * The id of a delivery month is root, month code and two digits of the year: `MESZ26`.
 */
import { Option } from "effect"
import type { CalendarConfig, InstrumentConfig } from "#schemas/config/InstrumentConfig.ts"
import { InstrumentId } from "#schemas/Ids.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import * as LocalTime from "#src/symbols/LocalTime.ts"
import * as Roll from "#src/symbols/Roll.ts"

/** By id: their closed days move last days. Without them only weekends count. */
export type Calendars = ReadonlyMap<string, CalendarConfig>

/** A month written with one digit may lie this far back; it then reaches nine years ahead. */
const yearsBackMax = 1

type Year = { readonly digits: 1 | 2 | 4; readonly value: number }
type Match =
  | { readonly _tag: "Whole"; readonly config: InstrumentConfig }
  | { readonly _tag: "Month"; readonly config: InstrumentConfig; readonly month: number; readonly year: Year }

/** As compared everywhere: without exchange prefix and spaces, in capitals. */
export const normalize = (symbol: string): string => symbol.slice(symbol.lastIndexOf(":") + 1).trim().toUpperCase()

const monthIn = (config: InstrumentConfig, text: string): Match | undefined => {
  const found = /^([A-Z])(\d|\d{2}|20\d{2})$/.exec(text)
  const month = Roll.monthOfCode(found?.[1] ?? "")
  const digits = found?.[2]
  if (config.roll === undefined || month === undefined || digits === undefined || !Roll.isListed(config.roll, month)) return undefined
  const length = digits.length === 1 ? 1 : digits.length === 2 ? 2 : 4
  return { _tag: "Month", config, month, year: { digits: length, value: Number(digits) } }
}

const matchOf = (config: InstrumentConfig, symbol: string): Match | undefined => {
  const root = config.root.toUpperCase()
  const isWhole = symbol === root || (config.roll !== undefined && symbol === `${root}1!`) ||
    config.aliases.some((alias) => normalize(alias) === symbol)
  if (isWhole) return { _tag: "Whole", config }
  return symbol.startsWith(root) ? monthIn(config, symbol.slice(root.length)) : undefined
}

/** A whole name before a month: a root that looks like another's month is still that root. */
const find = (instruments: ReadonlyArray<InstrumentConfig>, written: string): Match | undefined => {
  const symbol = normalize(written)
  const matches = instruments.flatMap((config) => matchOf(config, symbol) ?? [])
  return matches.find((match) => match._tag === "Whole") ?? matches[0]
}

const yearOf = (year: Year, currentYear: number): number => {
  if (year.digits === 4) return year.value
  if (year.digits === 2) return 2000 + year.value
  const earliest = currentYear - yearsBackMax
  return earliest + ((((year.value - earliest) % 10) + 10) % 10)
}

const base = (config: InstrumentConfig, id: string): Instrument => ({
  id: InstrumentId.make(id),
  version: config.version,
  root: config.root,
  asset: config.asset,
  exchange: config.exchange,
  tickSize: config.tickSize,
  tickValue: config.tickValue,
  currency: config.currency,
  lotSize: config.lotSize,
  calendar: config.calendar
})

const monthly = (config: InstrumentConfig, contract: Roll.ContractMonth, calendars: Calendars | undefined): Option.Option<Instrument> =>
  config.roll === undefined ? Option.none() : Option.some({
    ...base(config, config.root + Roll.suffixOf(contract)),
    expiresAtMs: Roll.expiresAtMs(config.roll, contract, calendars?.get(config.calendar))
  })

/** Could this symbol name an instrument of the catalogue at all? */
export const isKnown = (instruments: ReadonlyArray<InstrumentConfig>, symbol: string): boolean => find(instruments, symbol) !== undefined

const resolveAnew = (
  instruments: ReadonlyArray<InstrumentConfig>,
  symbol: string,
  atMs: number,
  calendars: Calendars | undefined
): Option.Option<Instrument> => {
  const match = find(instruments, symbol)
  if (match === undefined) return Option.none()
  const { config } = match
  if (config.roll === undefined) return Option.some(base(config, config.root))
  if (match._tag === "Month") {
    const { year: currentYear } = LocalTime.partsOf(LocalTime.dayAt(atMs, config.roll.zone))
    return monthly(config, { year: yearOf(match.year, currentYear), month: match.month }, calendars)
  }
  const front = Roll.frontMonth(config.roll, atMs, calendars?.get(config.calendar))
  return front === undefined ? Option.none() : monthly(config, front, calendars)
}

/** A front month changes at a local midnight, and no zone is off by less than a quarter of an hour: within one an answer holds. */
const holdsMs = 900_000
const answersMax = 1_000

interface Answers {
  readonly calendars: Calendars | undefined
  readonly byAsked: Map<string, Option.Option<Instrument>>
}
/** A catalogue is replaced as a whole, so its answers live as long as it does. */
const answers = new WeakMap<ReadonlyArray<InstrumentConfig>, Answers>()

/** The instrument at that instant. A month that has ended still resolves: its `expiresAtMs` tells. */
export const resolve = (
  instruments: ReadonlyArray<InstrumentConfig>,
  symbol: string,
  atMs: number,
  calendars?: Calendars
): Option.Option<Instrument> => {
  let known = answers.get(instruments)
  if (known === undefined || known.calendars !== calendars || known.byAsked.size >= answersMax) {
    known = { calendars, byAsked: new Map() }
    answers.set(instruments, known)
  }
  const asked = `${Math.floor(atMs / holdsMs)} ${symbol}`
  const answer = known.byAsked.get(asked) ?? resolveAnew(instruments, symbol, atMs, calendars)
  known.byAsked.set(asked, answer)
  return answer
}

/** An instrument by its id, in front or not: what an order or a position names. */
export const byId = (instruments: ReadonlyArray<InstrumentConfig>, id: InstrumentId, calendars?: Calendars): Option.Option<Instrument> => {
  for (const config of instruments) {
    if (config.roll === undefined) {
      if (config.root === id) return Option.some(base(config, config.root))
      continue
    }
    const match = id.startsWith(config.root) ? monthIn(config, id.slice(config.root.length)) : undefined
    if (match?._tag === "Month" && match.year.digits === 2) {
      return monthly(config, { year: 2000 + match.year.value, month: match.month }, calendars)
    }
  }
  return Option.none()
}
