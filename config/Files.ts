/** The files a configuration consists of, and what each holds. */
import { AccountsFile } from "#schemas/config/AccountConfig.ts"
import { CalendarsFile, InstrumentsFile } from "#schemas/config/InstrumentConfig.ts"
import { LanesFile } from "#schemas/config/LaneConfig.ts"
import { VenuesFile } from "#schemas/config/LoginConfig.ts"
import { StrategiesFile } from "#schemas/config/StrategyConfig.ts"

export const files = {
  lanes: LanesFile,
  strategies: StrategiesFile,
  accounts: AccountsFile,
  venues: VenuesFile,
  instruments: InstrumentsFile,
  calendars: CalendarsFile
} as const

export type FileName = keyof typeof files

export const names: ReadonlyArray<FileName> = ["lanes", "strategies", "accounts", "venues", "instruments", "calendars"]

export const fileOf = (name: FileName): string => `${name}.json`
export const schemaFileOf = (name: FileName): string => `${name}.schema.json`

/** What the files say, decoded, before they are held against each other. */
export type Decoded = { readonly [Name in FileName]: (typeof files)[Name]["Type"] }
