/** A reference scenario: a few minutes of virtual time in which one thing happens to one or two accounts. Owns: what all of them have in common. */
import { Result, type Schema } from "effect"
import type { Between } from "#src/simulation/Life.ts"
import type { Hands } from "#src/simulation/Runtime.ts"
import * as Scenario from "#src/simulation/Scenario.ts"

export interface Story {
  readonly name: string
  readonly scenario: Scenario.Scenario
  readonly hands?: ReadonlyArray<{ readonly at: string; readonly act: (hands: Hands) => void }>
  readonly between?: Between
}

type Json = Schema.Json
type Fields = Readonly<Record<string, Json>>
type Change = { readonly [key: string]: Json }

export interface Told {
  readonly name: string
  readonly about: string
  readonly style?: "native" | "plain" | "paper"
  /** Of the second account, if there is one. */
  readonly second?: Change
  readonly account?: Change
  readonly strategy?: Change
  /** Beside the one that all alerts are of, unless they say otherwise. */
  readonly strategies?: Change
  readonly instrument?: Change
  readonly calendars?: Change
  readonly start?: string
  readonly steps?: ReadonlyArray<{ readonly at: string; readonly price: string }>
  /** By instant; strategy, symbol and price are added: an entry that is decided late still knows where the market was. */
  readonly alerts: ReadonlyArray<readonly [at: string, body: Fields]>
  readonly faults?: string
  readonly hands?: Story["hands"]
  readonly seconds?: number
  readonly settleMinutes?: number
  /** What happens to the house itself. */
  readonly own?: ReadonlyArray<{ readonly [key: string]: Json }>
}

export const host = "reference.test"
const login = "ref-1"

const reference: Change = {
  venue: "reference",
  enabled: true,
  reference: { url: `https://${host}`, key: "demo", secret: { $file: "secrets/reference" } }
}

const idle = { lanes: ["futures"], assets: ["futures"], sizing: { futures: { kind: "fixed", quantity: "2" }, crypto: null } }
/** What nobody trades costs time in every run. */
const unused = Object.fromEntries(["MNQ", "ES", "NQ", "MGC", "MCL", "PF_XBTUSD", "PF_ETHUSD"].map((root) => [root, null]))

const venues = (style: Told["style"]): Change => style === "paper" ? {} : { "paper-demo": null, [login]: reference }

const accounts = ({ account = {}, second, style }: Told): Change => {
  const at = (venueAccount: string): Change => style === "paper" ? {} : { login, venueAccount }
  return { "paper-1": { ...idle, ...at("A1"), ...account }, "paper-2": second === undefined ? null : { ...idle, ...at("A2"), ...second }, "paper-3": null }
}

const market = "6900"
const dayHours = 24
const secondsAnHour = 3_600
const secondsDefault = 50
const settleMinutesDefault = 2

export const tell = (told: Told): Story => {
  const { about, alerts, calendars, faults, hands, instrument = {}, name, own, seconds = secondsDefault, settleMinutes = settleMinutesDefault, start = "2026-11-16T00:00:00Z", steps = [], strategies = {}, strategy = {}, style = "native" } = told
  const scenario = {
    name,
    about,
    start,
    sessionHours: Math.min(dayHours, seconds / secondsAnHour),
    settleMinutes,
    config: {
      overrides: {
        lanes: { crypto: null },
        accounts: accounts(told),
        venues: venues(style),
        ...(calendars === undefined ? {} : { calendars }),
        instruments: { ...unused, MES: instrument },
        strategies: { "demo-crypto": null, "demo-futures": { symbols: ["MES1!"], quotes: "none", ...strategy }, ...strategies }
      }
    },
    ...(style === "paper" ? {} : { venues: { [login]: { style } } }),
    market: { stepSeconds: 5, symbols: { MES: { price: market, dayRangePercent: 0, steps } } },
    alerts: { list: alerts.map(([at, body]) => ({ at, lane: "futures", body: { strategy: "demo-futures", symbol: "MES1!", price: market, ...body } })) },
    ...(faults === undefined ? {} : { faults }),
    ...(own === undefined ? {} : { own })
  }
  return { name, scenario: Result.getOrThrow(Scenario.fromText(name, JSON.stringify(scenario))), ...(hands === undefined ? {} : { hands }) }
}
