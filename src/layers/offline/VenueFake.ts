/** `venue fake reference`: the simulated venue on this machine, for as long as the command runs. Nothing it is sent reaches a market. */
import { parseArgs } from "node:util"
import { Clock, Console, DateTime, Effect, Option, Result } from "effect"
import * as BigDecimal from "effect/BigDecimal"
import * as HouseLive from "#config/HouseLive.ts"
import { Settings } from "#config/Settings.ts"
import type { House } from "#config/House.ts"
import * as Offline from "#src/layers/offline/Offline.ts"
import * as Faults from "#src/simulation/venues/reference/Faults.ts"
import type { InstrumentOptions } from "#src/simulation/venues/reference/Ledger.ts"
import * as Reference from "#src/simulation/venues/reference/Reference.ts"
import * as Serve from "#src/simulation/venues/reference/Serve.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

interface Asked {
  readonly port: number
  readonly seed: number | undefined
  readonly style: "native" | "plain"
  readonly faults: Faults.FaultPlan
}

const portUsual = 8490
const portMax = 65_535
const accountsMax = 5
const ticksPerPercent = 100
/** Where no configuration can be read. */
const usual: ReadonlyArray<InstrumentOptions> = [
  { symbol: "MESZ26", tick: "0.25", pointValue: "5", step: "1", startTicks: 27_600 },
  { symbol: "MNQZ26", tick: "0.25", pointValue: "2", step: "1", startTicks: 101_600 }
]

const text = BigDecimal.format

/** What the house would trade now: the months in front and the perpetuals. */
const instrumentsOf = ({ calendars, instruments }: House, nowMs: number): ReadonlyArray<InstrumentOptions> =>
  instruments.flatMap((config) => {
    const found = Resolve.resolve(instruments, config.root, nowMs, calendars)
    if (Option.isNone(found)) return []
    const { id, lotSize, tickSize, tickValue } = found.value
    const { dayRangePercent, price } = config.simulation
    const startTicks = Math.round(BigDecimal.toNumberUnsafe(BigDecimal.divideUnsafe(price, tickSize)))
    const swingTicks = Math.round(startTicks * BigDecimal.toNumberUnsafe(dayRangePercent) / ticksPerPercent)
    return [{ symbol: id, tick: text(tickSize), step: text(lotSize), pointValue: text(BigDecimal.divideUnsafe(tickValue, BigDecimal.multiply(tickSize, lotSize))), startTicks, swingTicks }]
  })

const accounts = Array.from({ length: accountsMax }, (_, index) => ({ id: `REF${index + 1}`, currency: "USD", cash: "50000", feePerLot: "0.62" }))

/** Long enough for the house to take it: what is shorter could not be masked. */
const secret = "demo-secret"

/** To be pasted: a login, and what an account says to be on it. */
const hint = (url: string): string => [
  "venues.json, a login:",
  `  { "id": "reference-demo", "venue": "reference", "enabled": true, "reference": { "url": "${url}", "key": "demo", "secret": { "$env": "REFERENCE_SECRET" } } }`,
  "accounts.json, in an account:",
  "  \"login\": \"reference-demo\", \"venueAccount\": \"REF1\"",
  "environment or .env:",
  `  REFERENCE_SECRET=${secret}`
].join("\n")

const serve = ({ faults, port, seed, style }: Asked) =>
  Effect.scoped(Effect.gen(function*() {
    const nowMs = yield* Clock.currentTimeMillis
    const house = yield* Effect.option(HouseLive.read)
    const instruments = Option.match(house, { onNone: () => usual, onSome: (found) => instrumentsOf(found, nowMs) })
    const chosen = seed ?? nowMs % 1_000_000
    const venue = yield* Reference.make({ seed: chosen, style, faults, instruments, logins: [{ key: "demo", secret, accounts }] })
    const { url } = yield* Serve.serve(venue, { port })
    const today = DateTime.formatIsoDateUtc(DateTime.makeUnsafe(nowMs))
    yield* Console.log([
      `SIMULATED reference venue at ${url}, style ${style}, seed ${chosen}, ${instruments.length} instruments of ${today}, accounts ${accounts.map(({ id }) => id).join(" ")}`,
      `console: ${url}/console`,
      `faults: ${faults.length === 0 ? "none" : Faults.format(faults)}`,
      hint(url),
      "Ctrl+C ends it; its books are not kept."
    ].join("\n"))
    return yield* Effect.never
  })).pipe(Effect.provide(Settings.layer))

const usage = "venue fake reference [--port 8490] [--seed <n>] [--faults \"F3:p=0.02 F24:n=5\"] [--style native|plain]"

const options = { port: { type: "string" }, seed: { type: "string" }, faults: { type: "string" }, style: { type: "string" } } as const

const whole = (given: string | undefined, most: number): number | undefined => {
  const value = given === undefined || !/^\d{1,15}$/.test(given) ? undefined : Number(given)
  return value !== undefined && value <= most ? value : undefined
}

/** A text that says what is wrong, or what was asked for. */
const parse = ([what, venue, ...rest]: ReadonlyArray<string>): Asked | string => {
  try {
    const { values } = parseArgs({ args: rest, options })
    if (what !== "fake" || venue !== "reference") return usage
    const port = values.port === undefined ? portUsual : whole(values.port, portMax)
    const seed = whole(values.seed, Number.MAX_SAFE_INTEGER)
    const style = values.style ?? "native"
    if (port === undefined || (values.seed !== undefined && seed === undefined) || (style !== "native" && style !== "plain")) return usage
    const faults = Faults.parse(values.faults ?? "")
    return Result.isFailure(faults) ? `--faults ${faults.failure}` : { port, seed, style, faults: faults.success }
  } catch {
    return usage
  }
}

export const run = (args: ReadonlyArray<string>): void => {
  const asked = parse(args)
  if (typeof asked === "string") return Offline.usage(asked, false)
  Offline.run(serve(asked), false)
}
