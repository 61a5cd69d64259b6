/** A configuration and a data folder of the bench's own, on the disk of the checkout. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { home } from "./Child.ts"

export const lane = "bench"
export const strategy = "bench"

export interface Wanted {
  readonly accounts: number
  readonly instruments: number
  /** Where a simulated venue listens, and over how many logins its accounts are spread; absent: all is paper. */
  readonly venue?: { readonly kind: "reference" | "tradovate"; readonly port: number; readonly logins?: number }
  /** Where Tradovate's fake listens for one account more, which gets every order too. */
  readonly beside?: { readonly port: number }
}

/** The variable that holds the venue's secret. */
export const venueSecret = "BENCH_VENUE_SECRET"

export const accountName = (n: number): string => `acct-${String(n).padStart(2, "0")}`
export const symbolName = (n: number): string => `BE${String(n).padStart(2, "0")}`
export const symbols = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, n) => symbolName(n))

/** The month that they trade in, of this year and the next: one of them is in front. */
export const contracts = (count: number): ReadonlyArray<string> => {
  const year = new Date().getUTCFullYear() % 100
  return symbols(count).flatMap((root) => [`${root}Z${year}`, `${root}Z${year + 1}`])
}

export const loginName = (n: number): string => n === 0 ? "bench" : `bench-${n + 1}`

/** Of the account beside the others, and of its login. */
export const besideName = "beside"

const account = (id: string, login: string) => ({
  id, enabled: true, login, balance: { amount: "100000000", currency: "USD" }, assets: ["futures"],
  sizing: { futures: { kind: "fixed", quantity: "1" } }, caps: {}, dayStartsAt: { time: "17:00", zone: "America/Chicago" },
  restingTargets: false, feePerLot: { futures: "0.62" }
})

/** At a venue that trades months: one a year. */
const yearly = { roll: { months: ["Z"], expiry: "thirdFriday", daysBefore: 6, zone: "America/Chicago" } }

const instrument = (isRolling: boolean) => (root: string) => ({
  root, ...(isRolling ? yearly : {}), version: 1, asset: "futures", exchange: "CME", tickSize: "0.25", tickValue: "1.25", currency: "USD", lotSize: "1",
  calendar: "always", aliases: [], simulation: { price: "6900.00", dayRangePercent: "1.2" }
})

const paper = {
  id: "bench", venue: "paper", enabled: true,
  paper: {
    seed: 20260101, slippage: { unit: "ticks", value: 1 }, latencyMs: 2, quoteEveryMs: 250,
    nativeBrackets: true, reduceOnly: true, oca: true, modify: true
  }
}

/** Without a limit of requests: it is not what is measured. */
const reference = (port: number) => ({
  id: "bench", venue: "reference", enabled: true,
  reference: { url: `http://127.0.0.1:${port}`, key: "bench", secret: { $env: venueSecret } }
})

const tradovate = (port: number, id: string) => ({
  id, venue: "tradovate", enabled: true,
  tradovate: {
    url: `http://127.0.0.1:${port}`, marketDataUrl: `http://127.0.0.1:${port}`, name: id, password: { $env: venueSecret }, appId: "bench", appVersion: "1",
    deviceId: `device-${id}`, requestsPerHour: 10_000_000
  }
})

const loginsOf = ({ beside, venue }: Wanted) => {
  if (venue === undefined) return [paper]
  const more = beside === undefined ? [] : [tradovate(beside.port, besideName)]
  return [...venue.kind === "reference" ? [reference(venue.port)] : Array.from({ length: venue.logins ?? 1 }, (_, n) => tradovate(venue.port, loginName(n))), ...more]
}

const accountsOf = ({ accounts, beside, venue }: Wanted) => [
  ...Array.from({ length: accounts }, (_, n) => account(accountName(n), loginName(n % (venue?.logins ?? 1)))),
  ...(beside === undefined ? [] : [account(besideName, besideName)])
]

const filesOf = (wanted: Wanted) => ({
  "accounts.json": { accounts: accountsOf(wanted) },
  "calendars.json": { calendars: [{ id: "always", zone: "Etc/UTC", always: true, windows: [], closedOn: [], earlyCloses: [] }] },
  "instruments.json": { instruments: symbols(wanted.instruments).map(instrument(wanted.venue?.kind === "tradovate" || wanted.beside !== undefined)) },
  "lanes.json": { lanes: [{ id: lane, enabled: true, secret: { $file: "secrets/webhook-secret" }, formats: ["canonical"] }] },
  "strategies.json": {
    strategies: [{
      id: strategy, enabled: true, lanes: [lane], symbols: symbols(wanted.instruments),
      exitProfile: { stop: true, target: true, runner: true, signalExit: true },
      defaultStop: { _tag: "Distance", ticks: 400 }, defaultTarget: { _tag: "Distance", ticks: 800 },
      protection: "required", quotes: "any", onSameSide: "add", onOppositeSide: "exit",
      entryAgeMsMax: 600_000, entryDeadlineMs: 30_000,
      fires: { zone: "America/New_York", dayStartsAt: "00:00" }, coolDownMs: 0, expectation: "ignore"
    }]
  },
  "venues.json": { logins: loginsOf(wanted) }
})

export interface Folder {
  readonly path: string
  readonly config: string
  readonly data: string
  readonly remove: () => void
}

/** `data/` of the checkout is on a real disk, where /tmp may be memory. */
export const make = (wanted: Wanted): Folder => {
  const above = join(home, "data")
  mkdirSync(above, { recursive: true })
  const path = mkdtempSync(join(above, "bench-"))
  const config = join(path, "config")
  mkdirSync(config)
  for (const [name, content] of Object.entries(filesOf(wanted))) writeFileSync(join(config, name), JSON.stringify(content))
  return { path, config, data: join(path, "data"), remove: () => rmSync(path, { recursive: true, force: true }) }
}
