/** How often a strategy may fire in one of its trading days. */
import { Option } from "effect"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as LocalTime from "#src/symbols/LocalTime.ts"

type FireRule = StrategyConfig["fires"]

const startOf = (rule: FireRule, day: LocalTime.Day): number => LocalTime.instantOf(day, LocalTime.minuteOf(rule.dayStartsAt), rule.zone)

const dayInProgress = (rule: FireRule, atMs: number): LocalTime.Day => {
  const today = LocalTime.dayAt(atMs, rule.zone)
  return startOf(rule, today) <= atMs ? today : today - 1
}

/** The local date on which the trading day in progress began, `YYYY-MM-DD`. */
export const tradingDay = (rule: FireRule, atMs: number): string => LocalTime.formatDay(dayInProgress(rule, atMs))

/** `fired`: in the trading day of `atMs`. */
export const check = (rule: FireRule, fired: number, atMs: number): Option.Option<Reason> => {
  if (rule.max === undefined || fired < rule.max) return Option.none()
  return Option.some({
    rule: "fires",
    message: `Fired ${fired} times this trading day; at most ${rule.max}`,
    facts: { fired: String(fired), max: String(rule.max), tradingDay: tradingDay(rule, atMs) },
    clearsAtMs: startOf(rule, dayInProgress(rule, atMs) + 1)
  })
}
