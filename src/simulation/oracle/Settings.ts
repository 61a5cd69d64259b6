/** The house's configuration as its own journal tells it, by hash. Owns: finding the account, strategy, calendar that a decision stood on. */
import type { EventOf } from "./Shapes.ts"

export interface AccountSettings {
  readonly id: string
  readonly enabled: boolean
  readonly login: string
  readonly venueAccount?: string
  readonly assets: ReadonlyArray<string>
  readonly caps: {
    readonly maxContracts?: Readonly<Record<string, string>>
    readonly maxContractsBySymbol?: Readonly<Record<string, string>>
    readonly maxPositions?: number
    readonly maxTradesPerDay?: number
    readonly dailyLoss?: string
  }
  readonly dayStartsAt: { readonly time: string; readonly zone: string }
}

export interface StrategySettings {
  readonly id: string
  readonly enabled: boolean
  readonly protection: string
  readonly quotes: string
  readonly entryAgeMsMax: number
  readonly maxQuantity?: string
  readonly fires?: { readonly max?: number }
  readonly session?: {
    readonly zone: string
    readonly windows: ReadonlyArray<{ readonly days: ReadonlyArray<string>; readonly from: string; readonly to: string }>
  }
}

export interface Calendar {
  readonly id: string
  readonly zone: string
  readonly always: boolean
  readonly windows: ReadonlyArray<{
    readonly from: { readonly day: string; readonly time: string }
    readonly to: { readonly day: string; readonly time: string }
  }>
  readonly closedOn: ReadonlyArray<string>
  readonly earlyCloses: ReadonlyArray<{ readonly date: string; readonly at: string }>
}

interface Login {
  readonly id: string
  readonly venue: string
  readonly reference?: { readonly requestsPerMinute?: number }
}

interface LaneSettings {
  readonly id: string
  readonly repeat?: string
  readonly trustedProxies?: ReadonlyArray<string>
}

interface InstrumentSettings {
  readonly root: string
  readonly lotSize: string
  readonly tickSize: string
}

interface Body {
  readonly lanes?: { readonly lanes?: ReadonlyArray<LaneSettings> }
  readonly accounts?: { readonly accounts?: ReadonlyArray<AccountSettings> }
  readonly strategies?: { readonly strategies?: ReadonlyArray<StrategySettings> }
  readonly venues?: { readonly logins?: ReadonlyArray<Login> }
  readonly calendars?: { readonly calendars?: ReadonlyArray<Calendar> }
  readonly instruments?: { readonly instruments?: ReadonlyArray<InstrumentSettings> }
}

export interface Settings {
  readonly lanes: ReadonlyMap<string, LaneSettings>
  readonly accounts: ReadonlyMap<string, AccountSettings>
  readonly strategies: ReadonlyMap<string, StrategySettings>
  readonly logins: ReadonlyMap<string, Login>
  readonly calendars: ReadonlyMap<string, Calendar>
}

const byId = <A extends { readonly id: string }>(all: ReadonlyArray<A> | undefined): ReadonlyMap<string, A> =>
  new Map((all ?? []).map((one) => [one.id, one]))

const isBody = (value: unknown): value is Body => typeof value === "object" && value !== null

const settingsOf = (body: Body): Settings => ({
  lanes: byId(body.lanes?.lanes),
  accounts: byId(body.accounts?.accounts),
  strategies: byId(body.strategies?.strategies),
  logins: byId(body.venues?.logins),
  calendars: byId(body.calendars?.calendars)
})

/** More than a day's reloads. */
const appliedMax = 200

export interface Known {
  readonly apply: (event: Pick<EventOf<"ConfigApplied">, "hash" | "body">) => void
  /** Of that hash; the one in force where it is not known. */
  readonly of: (hash: string | undefined) => Settings | undefined
  readonly current: () => Settings | undefined
}

export const make = (): Known => {
  const applied = new Map<string, Settings>()
  let current: Settings | undefined
  return {
    apply: ({ body, hash }) => {
      if (!isBody(body)) return
      current = applied.get(hash) ?? settingsOf(body)
      const oldest = applied.keys().next().value
      if (applied.size >= appliedMax && oldest !== undefined) applied.delete(oldest)
      applied.set(hash, current)
    },
    of: (hash) => (hash === undefined ? undefined : applied.get(hash)) ?? current,
    current: () => current
  }
}
