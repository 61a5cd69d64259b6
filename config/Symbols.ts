/** Which names the catalogue answers to: enough to refuse a name that can never be resolved. Not here: which month is in front. */
import type { InstrumentConfig } from "#schemas/config/InstrumentConfig.ts"

const monthAndYear = /^([FGHJKMNQUVXZ])(\d{1,2}|20\d{2})$/

/** An exchange's prefix is left out: `CME_MINI:MES1!` is `MES1!`. */
const bare = (symbol: string): string => symbol.slice(symbol.indexOf(":") + 1)

const answers = ({ root, aliases, roll }: InstrumentConfig, symbol: string): boolean => {
  if (symbol === root || aliases.includes(symbol)) return true
  if (roll === undefined || !symbol.startsWith(root)) return false
  const rest = symbol.slice(root.length)
  const month = monthAndYear.exec(rest)?.[1]
  return rest === "1!" || roll.months.some((code) => code === month)
}

export const resolves = (instruments: ReadonlyArray<InstrumentConfig>, symbol: string): boolean =>
  instruments.some((instrument) => answers(instrument, symbol) || answers(instrument, bare(symbol)))

/** Names to offer in place of one that resolves to nothing. */
export const known = (instruments: ReadonlyArray<InstrumentConfig>): ReadonlyArray<string> =>
  instruments.flatMap(({ root, aliases, roll }) => [...(roll === undefined ? [root] : [`${root}1!`]), ...aliases])
