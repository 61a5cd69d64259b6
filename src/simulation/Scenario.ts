/** What is to be simulated: the format of a scenario file, and reading one. Offsets count from the beginning of a day, decimals are strings. */
import { readFileSync } from "node:fs"
import * as NodePath from "node:path"
import { Result, Schema } from "effect"
import { type ConfigProblem, lineOf } from "#config/ConfigInvalid.ts"
import * as Jsonc from "#config/Jsonc.ts"
import * as Problems from "#config/Problems.ts"
import { PositiveDecimal } from "#schemas/Decimal.ts"
import * as Switches from "#src/simulation/venues/tradovate/Switches.ts"

/** `01:30:00`, with milliseconds `01:30:00.250`; hours may go past 24. */
export const Offset = Schema.String.check(Schema.isPattern(/^\d{1,3}:[0-5]\d:[0-5]\d(\.\d{3})?$/u, { expected: "an offset such as 01:30:00 or 01:30:00.250" }))

export const offsetMs = (offset: string): number => {
  const [hours = "0", minutes = "0", seconds = "0"] = offset.split(":")
  return Math.round((Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000)
}

/** An instant in UTC, whole seconds. */
const Instant = Schema.String.check(Schema.isPattern(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/u, { expected: "an instant such as 2026-11-16T00:00:00Z" }))

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Positive = Schema.Int.check(Schema.isGreaterThan(0))
const Percent = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** Changes to configuration files by id (instruments: by root); objects are merged, lists replaced, `null` takes an entry away, an unknown id copies the first. */
const Changes = Schema.Record(Schema.String, Schema.Json)
export const Overrides = Schema.Struct({
  lanes: Schema.optionalKey(Changes),
  strategies: Schema.optionalKey(Changes),
  accounts: Schema.optionalKey(Changes),
  venues: Schema.optionalKey(Changes),
  instruments: Schema.optionalKey(Changes),
  calendars: Schema.optionalKey(Changes)
})
export type Overrides = typeof Overrides.Type

/** By instrument root: where the day starts and how far it goes; a step sets the price, which goes on from there. */
const SymbolMarket = Schema.Struct({
  price: Schema.optionalKey(PositiveDecimal),
  dayRangePercent: Schema.optionalKey(Percent),
  steps: Schema.optionalKey(Schema.Array(Schema.Struct({ at: Offset, price: PositiveDecimal })))
})

const ScriptedAlert = Schema.Struct({
  at: Offset,
  lane: Schema.String,
  /** As it is sent; the lane's secret is added where it has none. */
  body: Schema.Record(Schema.String, Schema.Json)
})

const Mixed = Schema.Struct({
  lane: Schema.String,
  strategy: Schema.String,
  symbols: Schema.NonEmptyArray(Schema.String),
  /** How often each action is drawn. */
  actions: Schema.Record(Schema.String, Count),
  /** How often this line is drawn. */
  weight: Schema.optionalKey(Positive),
  /** More fields of its bodies: `{ "sl": "40t" }`. */
  fields: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
})

const Generated = Schema.Struct({ perDay: Count, mix: Schema.NonEmptyArray(Mixed) })

const seconds = { forSeconds: Positive }
const OwnSide = Schema.Union([
  Schema.Struct({ at: Offset, what: Schema.Literal("kill"), downSeconds: Schema.optionalKey(Count) }),
  Schema.Struct({ at: Offset, what: Schema.Literals(["diskFull", "stall", "suspend"]), ...seconds }),
  Schema.Struct({ at: Offset, what: Schema.Literal("clockStep"), bySeconds: Schema.Int }),
  Schema.Struct({ at: Offset, what: Schema.Literal("reload"), overrides: Overrides })
])
export type OwnSide = typeof OwnSide.Type

/** Of the fake that a login is at: the style of a reference venue, the readings of Tradovate's protocol. */
const FakeSettings = Schema.Struct({
  style: Schema.optionalKey(Schema.Literals(["native", "plain"])),
  /** `activation=proportional frames=single`. */
  switches: Schema.optionalKey(Schema.String.check(Schema.makeFilter((text) => {
    const parsed = Switches.parse(text)
    return Result.isSuccess(parsed) ? undefined : parsed.failure
  })))
})

export const Scenario = Schema.Struct({
  $schema: Schema.optionalKey(Schema.String),
  name: Schema.NonEmptyString,
  about: Schema.optionalKey(Schema.String),
  /** When the first day begins. */
  start: Instant,
  days: Schema.optionalKey(Positive),
  seed: Schema.optionalKey(Schema.Int),
  /** Alerts come and faults happen for so long each day. */
  sessionHours: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 24 }))),
  /** After the last day: no faults, and time for everything to settle. */
  settleMinutes: Schema.optionalKey(Count),
  /** `folder`: configuration files, relative to the scenario's file; absent: the default ones. */
  config: Schema.optionalKey(Schema.Struct({ folder: Schema.optionalKey(Schema.String), overrides: Schema.optionalKey(Overrides) })),
  market: Schema.optionalKey(Schema.Struct({
    stepSeconds: Schema.optionalKey(Positive),
    symbols: Schema.optionalKey(Schema.Record(Schema.String, SymbolMarket))
  })),
  /** How often an account without any doubt asks its venue what it holds, as the live house does each 30 s. */
  reconcileSeconds: Schema.optionalKey(Positive),
  venues: Schema.optionalKey(Schema.Record(Schema.String, FakeSettings)),
  alerts: Schema.Struct({ list: Schema.optionalKey(Schema.Array(ScriptedAlert)), generate: Schema.optionalKey(Generated) }),
  /** `F3:p=0.02 F24:n=5,burst=3 F45:every=200`. */
  faults: Schema.optionalKey(Schema.String),
  own: Schema.optionalKey(Schema.Array(OwnSide))
})
export type Scenario = typeof Scenario.Type

export class ScenarioInvalid extends Schema.TaggedError<ScenarioInvalid>()("ScenarioInvalid", { lines: Schema.Array(Schema.String) }) {
  override get message() {
    return ["the scenario is not valid:", ...this.lines].join("\n")
  }
}

export const invalid = (...problems: ReadonlyArray<ConfigProblem>) => new ScenarioInvalid({ lines: problems.map(lineOf) })

/** `file`: what to call it in what is wrong with it. */
export const fromText = (file: string, text: string): Result.Result<Scenario, ScenarioInvalid> => {
  const parsed = Jsonc.parse(text)
  if (Result.isFailure(parsed)) {
    const { column, expected, got, line } = parsed.failure
    return Result.fail(invalid({ file, path: `line ${line}, column ${column}`, expected, got }))
  }
  return Schema.decodeUnknownResult(Scenario, { errors: "all", onExcessProperty: "error" })(parsed.success).pipe(
    Result.mapError(({ issue }) => invalid(...Problems.of(file, parsed.success, issue)))
  )
}

export interface Loaded {
  readonly scenario: Scenario
  /** Where its own paths begin. */
  readonly folder: string
}

export const fromFile = (path: string): Result.Result<Loaded, ScenarioInvalid> => {
  try {
    const text = readFileSync(path, "utf8")
    return Result.map(fromText(path, text), (scenario) => ({ scenario, folder: NodePath.dirname(NodePath.resolve(path)) }))
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown"
    return Result.fail(invalid({ file: path, path: "", expected: "a scenario file", got: code, remedy: "examples lie in test/simulation/scenarios" }))
  }
}
