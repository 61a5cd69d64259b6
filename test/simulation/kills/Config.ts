/** A house with five accounts, each on a login of its own at one reference venue, and instruments enough that alerts become orders. */
import { Schema } from "effect"
import type { Options } from "#src/simulation/venues/reference/Core.ts"

/** Every account listens to this one, and each to one of its own. */
export const laneOfAll = "all"
export const strategy = "kills"
export const secret = "kills-webhook-secret"
const venueSecret = "kills-venue-secret"
const accountsCount = 5
const instrumentsCount = 96
/** From a request to its answer. */
const answerMs = 50

export const accounts: ReadonlyArray<string> = Array.from({ length: accountsCount }, (_, n) => `acct-${n + 1}`)
export const symbols: ReadonlyArray<string> = Array.from({ length: instrumentsCount }, (_, n) => `KILL${String(n + 1).padStart(2, "0")}`)
export const price = "6900.00"

const laneOf = (account: string): string => `lane-${account}`
export const lanes: ReadonlyArray<string> = accounts.map(laneOf)

const loginOf = (account: string): string => `login-${account}`
const venueAccountOf = (account: string): string => `V-${account}`

/** Whose book at the venue is whose. */
export const directory = Object.fromEntries(accounts.map((account) => [venueAccountOf(account), { account, login: loginOf(account) }]))

/** Read by the house under these names. */
export const environment = (port: number): Readonly<Record<string, string>> => ({
  KILLS_WEBHOOK_SECRET: secret,
  KILLS_VENUE_SECRET: venueSecret,
  INTERLOCK_WEBHOOK_PORT: String(port),
  INTERLOCK_ADMIN_HOST: "127.0.0.1"
})

const accountOf = (id: string) => ({
  id, enabled: true, login: loginOf(id), venueAccount: venueAccountOf(id), balance: { amount: "100000000", currency: "USD" }, assets: ["futures"],
  lanes: [laneOfAll, laneOf(id)], sizing: { futures: { kind: "fixed", quantity: "1" } }, caps: {}, dayStartsAt: { time: "17:00", zone: "America/Chicago" },
  restingTargets: false, feePerLot: { futures: "0.62" }
})

const instrumentOf = (root: string) => ({
  root, version: 1, asset: "futures", exchange: "CME", tickSize: "0.25", tickValue: "1.25", currency: "USD", lotSize: "1",
  calendar: "always", aliases: [], simulation: { price, dayRangePercent: "1.2" }
})

const encode = Schema.encodeSync(Schema.fromJsonString(Schema.Unknown))

/** The files of `INTERLOCK_CONFIG`. */
export const files = (venueUrl: string): Readonly<Record<string, string>> => Object.fromEntries(Object.entries({
  "accounts.json": { accounts: accounts.map(accountOf) },
  "calendars.json": { calendars: [{ id: "always", zone: "Etc/UTC", always: true, windows: [], closedOn: [], earlyCloses: [] }] },
  "instruments.json": { instruments: symbols.map(instrumentOf) },
  "lanes.json": { lanes: [laneOfAll, ...lanes].map((id) => ({ id, enabled: true, secret: { $env: "KILLS_WEBHOOK_SECRET" }, formats: ["canonical"] })) },
  "strategies.json": {
    strategies: [{
      id: strategy, enabled: true, lanes: [laneOfAll, ...lanes], symbols,
      exitProfile: { stop: true, target: true, runner: true, signalExit: true },
      defaultStop: { _tag: "Distance", ticks: 40 }, defaultTarget: { _tag: "Distance", ticks: 40 },
      protection: "required", quotes: "any", onSameSide: "add", onOppositeSide: "exit",
      entryAgeMsMax: 60_000, entryDeadlineMs: 30_000,
      fires: { zone: "America/New_York", dayStartsAt: "00:00" }, coolDownMs: 0, expectation: "ignore"
    }]
  },
  "venues.json": {
    logins: accounts.map((account) => ({
      id: loginOf(account), venue: "reference", enabled: true,
      reference: { url: venueUrl, key: loginOf(account), secret: { $env: "KILLS_VENUE_SECRET" } }
    }))
  }
}).map(([name, content]) => [name, encode(content)]))

export const venue = (seed: number, style: Options["style"]): Options => ({
  seed, style,
  logins: accounts.map((account) => ({
    key: loginOf(account), secret: venueSecret, accounts: [{ id: venueAccountOf(account), currency: "USD", cash: "100000000", feePerLot: "0.62" }]
  })),
  instruments: symbols.map((symbol) => ({ symbol, tick: "0.25", pointValue: "5", step: "1", startTicks: 27_600, swingTicks: 300 })),
  latency: { answerMs }
})
