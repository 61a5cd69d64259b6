/** `strategies.json`: what may fire, when, and how it protects itself. */
import { Schema } from "effect"
import { PositiveDecimal } from "../Decimal.ts"
import { LaneId, StrategyId } from "../Ids.ts"
import { Level } from "../Signal.ts"
import { RunnerConfig } from "./RunnerConfig.ts"

/** Local time of day, `HH:MM`. */
export const TimeOfDay = Schema.String.check(Schema.isPattern(/^([01]\d|2[0-3]):[0-5]\d$/u, { expected: "a time of day, HH:MM" }))
/** An IANA zone: `America/New_York`. */
export const ZoneName = Schema.String.check(Schema.isPattern(/^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/u, { expected: "a time zone such as America/New_York" }))

export const Weekday = Schema.Literals(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])

/** Local times of `zone`; a window whose `to` is not after its `from` ends the next day. */
export const SessionWindow = Schema.Struct({ days: Schema.Array(Weekday), from: TimeOfDay, to: TimeOfDay })

export const StrategyConfig = Schema.Struct({
  id: StrategyId,
  enabled: Schema.Boolean,
  lanes: Schema.Array(LaneId),
  /** Symbols as its alerts write them. */
  symbols: Schema.Array(Schema.NonEmptyString),
  /** Chart symbols (`CME_MINI:MES1!`) its alerts may come from; absent: any. */
  sourceSymbols: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** Scripts that may speak for it; absent: any. */
  scripts: Schema.optionalKey(Schema.Array(Schema.Struct({ id: Schema.NonEmptyString, enabled: Schema.Boolean }))),
  /** What its alerts may use to get out; an alert that uses another is skipped. */
  exitProfile: Schema.Struct({ stop: Schema.Boolean, target: Schema.Boolean, runner: Schema.Boolean, signalExit: Schema.Boolean }),
  defaultStop: Schema.optionalKey(Level),
  defaultTarget: Schema.optionalKey(Level),
  /** How its open positions are run on; its exit profile must allow it. Absent: stop and target stay where they are. */
  runner: Schema.optionalKey(RunnerConfig),
  /** `external`: its positions are protected elsewhere; shown amber everywhere. */
  protection: Schema.Literals(["required", "external"]),
  /** Quote an entry needs: fresh from a market (`live`), any with the alert's own price allowed (`any`), or `none`. */
  quotes: Schema.Literals(["live", "any", "none"]),
  onSameSide: Schema.Literals(["deny", "add", "replace"]),
  onOppositeSide: Schema.Literals(["exit", "reverse", "deny"]),
  /** Oldest age, milliseconds, at which an entry may still act. */
  entryAgeMsMax: Schema.Int.check(Schema.isGreaterThan(0)),
  /** After this, what is left of a market entry is cancelled and what filled keeps its stop. */
  entryDeadlineMs: Schema.Int.check(Schema.isGreaterThan(0)),
  /** Most contracts or coins of one entry over any account. */
  maxQuantity: Schema.optionalKey(PositiveDecimal),
  /** When it may open positions; absent: at any hour. */
  session: Schema.optionalKey(Schema.Struct({ zone: ZoneName, windows: Schema.Array(SessionWindow) })),
  /** Fires are counted per trading day; with a cap they also block. */
  fires: Schema.Struct({ zone: ZoneName, dayStartsAt: TimeOfDay, max: Schema.optionalKey(Schema.Int) }),
  /** Least time between two fires, milliseconds. */
  coolDownMs: Schema.Int,
  /** What to do when the sender's own position disagrees with what its last alert left. */
  expectation: Schema.Literals(["ignore", "flag", "hold"])
})
export type StrategyConfig = typeof StrategyConfig.Type

export const StrategiesFile = Schema.Struct({
  $schema: Schema.optionalKey(Schema.String),
  strategies: Schema.Array(StrategyConfig)
})
