/** Which fakes a run needs, and how each is set: one per host that a login of the configuration names, made from that configuration. */
import { BigDecimal, type Effect, Option, Result, type Scope } from "effect"
import type { House } from "#config/House.ts"
import type { InstrumentConfig } from "#schemas/config/InstrumentConfig.ts"
import type { LoginConfig, ReferenceLogin, TradovateLogin } from "#schemas/config/LoginConfig.ts"
import type { SecretRef } from "#schemas/config/Secret.ts"
import type { Instrument } from "#schemas/Instrument.ts"
import type { Prices } from "#src/simulation/Prices.ts"
import type { Scenario } from "#src/simulation/Scenario.ts"
import * as Reference from "#src/simulation/venues/reference/Reference.ts"
import type { Venue } from "#src/simulation/venues/shared/Venue.ts"
import * as Contracts from "#src/simulation/venues/tradovate/Contracts.ts"
import * as Switches from "#src/simulation/venues/tradovate/Switches.ts"
import * as Tradovate from "#src/simulation/venues/tradovate/Tradovate.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

const text = (value: BigDecimal.BigDecimal): string => BigDecimal.format(value)

/** Months of a family that may come to the front within a run. */
const frontsAheadMs = 40 * 86_400_000

export interface Listed {
  readonly instrument: Instrument
  readonly config: InstrumentConfig
}

export const listed = ({ calendars, instruments }: House, startMs: number): ReadonlyArray<Listed> => {
  const found = new Map<string, Listed>()
  for (const config of instruments) {
    for (const atMs of [startMs, startMs + frontsAheadMs]) {
      const instrument = Option.getOrUndefined(Resolve.resolve(instruments, config.root, atMs, calendars))
      if (instrument !== undefined) found.set(instrument.id, { instrument, config })
    }
  }
  return [...found.values()]
}

type Account = House["accounts"] extends ReadonlyMap<infer _, infer Config> ? Config : never

/** What an account is called at its venue. */
export const accountsOf = ({ accounts }: House, login: string): ReadonlyArray<{ readonly account: string; readonly venueAccount: string; readonly config: Account }> =>
  [...accounts.values()].filter((one) => one.login === login).map((config) => ({ account: config.id, venueAccount: config.venueAccount ?? config.id, config }))

/** The name of the ledger that a login's accounts stand in: its venue's host; paper has one per login. */
export const ledgerOf = (login: LoginConfig): string => {
  switch (login.venue) {
    case "paper":
      return login.id
    case "reference":
      return new URL(login.reference.url).hostname
    case "tradovate":
      return new URL(login.tradovate.url).hostname
  }
}

export interface Settings {
  readonly house: House
  readonly scenario: Scenario
  readonly seed: number
  readonly startMs: number
  readonly prices: Prices
  readonly secretOf: (ref: SecretRef) => string
}

export interface Planned {
  readonly ledger: string
  /** All names it answers at. */
  readonly hosts: ReadonlyArray<string>
  readonly trades: (symbol: string) => boolean
  readonly make: Effect.Effect<Venue, never, Scope.Scope>
}

const accountOptions = (house: House, login: string) =>
  accountsOf(house, login).map(({ config: { balance, feePerLot }, venueAccount }) =>
    ({ id: venueAccount, currency: balance.currency, cash: text(balance.amount), feePerLot: text(feePerLot.futures ?? feePerLot.crypto ?? BigDecimal.make(0n, 0)) }))

/** Tradovate tells no fee with a fill: with none there is nothing that the house could not know. */
const withoutFees = (house: House, login: string) => accountOptions(house, login).map((account) => ({ ...account, feePerLot: "0" }))

const common = ({ house, prices: { stepMs }, seed, startMs }: Settings, trades: Planned["trades"]) => ({
  seed,
  instruments: listed(house, startMs).map(({ instrument }) => instrument).filter(({ id }) => trades(id)).map(({ id, lotSize, tickSize, tickValue }) =>
    ({ symbol: id, tick: text(tickSize), pointValue: text(BigDecimal.divideUnsafe(tickValue, BigDecimal.multiply(tickSize, lotSize))), step: text(lotSize) })),
  market: { everyMs: stepMs }
})

const reference = (settings: Settings, ledger: string, logins: ReadonlyArray<ReferenceLogin>): Planned => {
  const { house, scenario, secretOf } = settings
  const trades = () => true
  return {
    ledger, hosts: [ledger], trades,
    make: Reference.make({
      ...common(settings, trades),
      style: logins.some(({ id }) => scenario.venues?.[id]?.style === "plain") ? "plain" : "native",
      logins: logins.map(({ id, reference: { key, secret } }) => ({ key, secret: secretOf(secret), accounts: accountOptions(house, id) }))
    })
  }
}

const tradovate = (settings: Settings, ledger: string, logins: ReadonlyArray<TradovateLogin>): Planned => {
  const { house, scenario, secretOf } = settings
  const switches = logins.map(({ id }) => Result.getOrThrow(Switches.parse(scenario.venues?.[id]?.switches ?? "")))
  const marketData = logins.flatMap(({ tradovate: { marketDataUrl } }) => marketDataUrl ?? [])
  return {
    ledger, hosts: [...new Set([ledger, ...marketData.map((url) => new URL(url).hostname)])], trades: Contracts.isContract,
    make: Tradovate.make({
      ...common(settings, Contracts.isContract),
      switches: Object.assign({}, ...switches),
      users: logins.map(({ id, tradovate: { cid, marketDataUrl, name, password, sec } }) => ({
        name, password: secretOf(password), hasMarketData: marketDataUrl !== undefined, accounts: withoutFees(house, id),
        ...(cid === undefined ? {} : { cid }), ...(sec === undefined ? {} : { sec: secretOf(sec) })
      }))
    })
  }
}

const grouped = <Login extends LoginConfig>(logins: ReadonlyArray<Login>): ReadonlyMap<string, ReadonlyArray<Login>> => Map.groupBy(logins, ledgerOf)

export const of = (settings: Settings): ReadonlyArray<Planned> => {
  const logins = [...settings.house.logins.values()]
  return [
    ...Array.from(grouped(logins.filter((login) => login.venue === "reference")), ([ledger, of]) => reference(settings, ledger, of)),
    ...Array.from(grouped(logins.filter((login) => login.venue === "tradovate")), ([ledger, of]) => tradovate(settings, ledger, of))
  ]
}
