/** When a strategy may open positions: weekly windows in local time of a zone. */
import { Option } from "effect"
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import type { Reason } from "#schemas/Verdict.ts"
import * as LocalTime from "#src/symbols/LocalTime.ts"

type Session = NonNullable<StrategyConfig["session"]>

const daysAhead = 8

/** From yesterday on: a window may have begun the evening before. One whose `to` is not after its `from` ends the next day. */
const openings = ({ windows, zone }: Session, atMs: number): ReadonlyArray<LocalTime.Interval> => {
  const today = LocalTime.dayAt(atMs, zone)
  const found: Array<LocalTime.Interval> = []
  for (let day = today - 1; day <= today + daysAhead; day += 1) {
    for (const window of windows) {
      if (!window.days.includes(LocalTime.weekdayOf(day))) continue
      const from = LocalTime.minuteOf(window.from)
      const to = LocalTime.minuteOf(window.to)
      found.push({
        fromMs: LocalTime.instantOf(day, from, zone),
        toMs: LocalTime.instantOf(day, to > from ? to : to + LocalTime.minutesPerDay, zone)
      })
    }
  }
  return LocalTime.merge(found)
}

export const check = (session: Session | undefined, atMs: number): Option.Option<Reason> => {
  if (session === undefined) return Option.none()
  const opening = openings(session, atMs).find(({ toMs }) => toMs > atMs)
  if (opening !== undefined && opening.fromMs <= atMs) return Option.none()
  const windows = session.windows.map(({ days, from, to }) => `${days.join(",")} ${from}-${to}`).join("; ")
  return Option.some({
    rule: "session",
    message: `Outside the strategy's session (${windows} ${session.zone})`,
    facts: { zone: session.zone, windows },
    ...(opening === undefined ? {} : { clearsAtMs: opening.fromMs })
  })
}
