/** `venue fake`: a simulated venue on this machine, for as long as the command runs. Nothing it is sent reaches a market. */
import { parseArgs } from "node:util"
import { Clock, Console, DateTime, Effect, Option, Result, type Scope } from "effect"
import * as BigDecimal from "effect/BigDecimal"
import * as HouseLive from "#config/HouseLive.ts"
import { Settings } from "#config/Settings.ts"
import type { House } from "#config/House.ts"
import * as Offline from "#src/layers/offline/Offline.ts"
import * as Reference from "#src/simulation/venues/reference/Reference.ts"
import * as Faults from "#src/simulation/venues/shared/Faults.ts"
import type { InstrumentOptions } from "#src/simulation/venues/shared/Ledger.ts"
import * as Serve from "#src/simulation/venues/shared/Serve.ts"
import type { Venue } from "#src/simulation/venues/shared/Venue.ts"
import * as Contracts from "#src/simulation/venues/tradovate/Contracts.ts"
import * as Switches from "#src/simulation/venues/tradovate/Switches.ts"
import * as Tradovate from "#src/simulation/venues/tradovate/Tradovate.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

interface Asked {
  readonly fake: Fake
  readonly port: number
  readonly seed: number | undefined
  readonly faults: Faults.FaultPlan
}

/** A venue as it is set by its own flag. */
interface Fake {
  readonly name: string
  readonly setting: string
  readonly accounts: ReadonlyArray<string>
  readonly lists: (instrument: InstrumentOptions) => boolean
  readonly make: (given: { readonly seed: number; readonly faults: Faults.FaultPlan; readonly instruments: ReadonlyArray<InstrumentOptions> }) => Effect.Effect<Venue, never, Scope.Scope>
  /** To be pasted: a login, what an account says to be on it, and the secrets. */
  readonly hint: (url: string) => ReadonlyArray<string>
}

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

const accountsOf = (prefix: string) => Array.from({ length: accountsMax }, (_, index) => ({ id: `${prefix}${index + 1}`, currency: "USD", cash: "50000", feePerLot: "0.62" }))

/** Long enough for the house to take it: what is shorter could not be masked. */
const secret = "demo-secret"

const referenceOf = (style: "native" | "plain"): Fake => {
  const accounts = accountsOf("REF")
  return {
    name: "reference", setting: `style ${style}`, accounts: accounts.map(({ id }) => id), lists: () => true,
    make: (given) => Reference.make({ ...given, style, logins: [{ key: "demo", secret, accounts }] }),
    hint: (url) => [
      "venues.json, a login:",
      `  { "id": "reference-demo", "venue": "reference", "enabled": true, "reference": { "url": "${url}", "key": "demo", "secret": { "$env": "REFERENCE_SECRET" } } }`,
      "accounts.json, in an account:",
      "  \"login\": \"reference-demo\", \"venueAccount\": \"REF1\"",
      "environment or .env:",
      `  REFERENCE_SECRET=${secret}`
    ]
  }
}

const tradovateOf = (switches: Partial<Switches.Switches>): Fake => {
  const accounts = accountsOf("DEMO")
  return {
    name: "Tradovate", setting: Object.entries({ ...Switches.usual, ...switches }).map(([name, value]) => `${name}=${value}`).join(" "),
    accounts: accounts.map(({ id }) => id), lists: ({ symbol }) => Contracts.isContract(symbol),
    make: (given) => Tradovate.make({ ...given, switches, users: [{ name: "demo", password: secret, accounts }] }),
    hint: (url) => [
      "venues.json, a login:",
      `  { "id": "tradovate-demo", "venue": "tradovate", "enabled": true, "tradovate": { "url": "${url}", "marketDataUrl": "${url}", "name": "demo", "password": { "$env": "TRADOVATE_PASSWORD" },`,
      "    \"appId\": \"interlock\", \"appVersion\": \"1.0\", \"deviceId\": \"this-machine\" } }",
      "accounts.json, in an account:",
      "  \"login\": \"tradovate-demo\", \"venueAccount\": \"DEMO1\"",
      "environment or .env:",
      `  TRADOVATE_PASSWORD=${secret}`
    ]
  }
}

const serve = ({ fake, faults, port, seed }: Asked) =>
  Effect.scoped(Effect.gen(function*() {
    const nowMs = yield* Clock.currentTimeMillis
    const house = yield* Effect.option(HouseLive.read)
    const instruments = Option.match(house, { onNone: () => usual, onSome: (found) => instrumentsOf(found, nowMs) }).filter(fake.lists)
    const chosen = seed ?? nowMs % 1_000_000
    const venue = yield* fake.make({ seed: chosen, faults, instruments })
    const { url } = yield* Serve.serve(venue, { port })
    const today = DateTime.formatIsoDateUtc(DateTime.makeUnsafe(nowMs))
    yield* Console.log([
      `SIMULATED ${fake.name} venue at ${url}, ${fake.setting}, seed ${chosen}, ${instruments.length} instruments of ${today}, accounts ${fake.accounts.join(" ")}`,
      `console: ${url}/console`,
      `faults: ${faults.length === 0 ? "none" : Faults.format(faults)}`,
      ...fake.hint(url),
      "Ctrl+C ends it; its books are not kept."
    ].join("\n"))
    return yield* Effect.never
  })).pipe(Effect.provide(Settings.layer))

const usage = [
  "venue fake reference [--port 8490] [--seed <n>] [--faults \"F3:p=0.02 F24:n=5\"] [--style native|plain]",
  "venue fake tradovate [--port 8491] [--seed <n>] [--faults \"F3:p=0.02 F24:n=5\"] [--switches \"activation=proportional frames=single\"]"
].join("\n")

const common = { port: { type: "string" }, seed: { type: "string" }, faults: { type: "string" } } as const

const whole = (given: string | undefined, most: number): number | undefined => {
  const value = given === undefined || !/^\d{1,15}$/.test(given) ? undefined : Number(given)
  return value !== undefined && value <= most ? value : undefined
}

const styled = (style: string): Result.Result<Fake, string> => style === "native" || style === "plain" ? Result.succeed(referenceOf(style)) : Result.fail(usage)

/** A fake by its name and its own flag; a text says what is wrong. */
const fakeOf = (venue: string | undefined, args: ReadonlyArray<string>) => {
  if (venue === "reference") {
    const { values } = parseArgs({ args: [...args], options: { ...common, style: { type: "string" } } })
    return { values, portUsual: 8490, fake: styled(values.style ?? "native") }
  }
  if (venue !== "tradovate") return undefined
  const { values } = parseArgs({ args: [...args], options: { ...common, switches: { type: "string" } } })
  return { values, portUsual: 8491, fake: Result.mapBoth(Switches.parse(values.switches ?? ""), { onFailure: (wrong) => `--switches ${wrong}`, onSuccess: tradovateOf }) }
}

/** A text that says what is wrong, or what was asked for. */
const parse = ([what, venue, ...rest]: ReadonlyArray<string>): Asked | string => {
  try {
    const found = what === "fake" ? fakeOf(venue, rest) : undefined
    if (found === undefined) return usage
    const { fake, portUsual, values } = found
    if (Result.isFailure(fake)) return fake.failure
    const port = values.port === undefined ? portUsual : whole(values.port, portMax)
    const seed = whole(values.seed, Number.MAX_SAFE_INTEGER)
    if (port === undefined || (values.seed !== undefined && seed === undefined)) return usage
    const faults = Faults.parse(values.faults ?? "")
    return Result.isFailure(faults) ? `--faults ${faults.failure}` : { fake: fake.success, port, seed, faults: faults.success }
  } catch {
    return usage
  }
}

export const run = (args: ReadonlyArray<string>): void => {
  const asked = parse(args)
  if (typeof asked === "string") return Offline.usage(asked, false)
  Offline.run(serve(asked), false)
}
