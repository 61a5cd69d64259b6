/** Is the house, this lane or this asset class paused? Accounts and logins answer for themselves. */
import { Option } from "effect"
import type { RiskScope } from "#schemas/RiskScope.ts"
import { blocks, type Gate, passes } from "#src/gates/Gate.ts"
import * as Resume from "#src/gates/Resume.ts"
import * as Resolve from "#src/symbols/Resolve.ts"

export const ingressPause: Gate = {
  name: "ingressPause",
  appliesTo: "entries",
  outcome: "skipped",
  judge: ({ house, isPaused, lane, nowMs, signal }) => {
    const instrument = Resolve.resolve(house.instruments, signal.symbol, nowMs, house.calendars)
    const assets = Option.match(instrument, { onNone: () => [], onSome: ({ asset }): ReadonlyArray<RiskScope> => [`asset/${asset}`] })
    const scopes: ReadonlyArray<RiskScope> = ["all", `lane/${lane.id}`, ...assets]
    const paused = scopes.find((scope) => isPaused(scope))
    const inputs = { asked: scopes.join(" "), ...(paused === undefined ? {} : { paused }) }
    return paused === undefined
      ? passes("not paused", inputs)
      : blocks(`${paused} is paused: entries are skipped until ${Resume.command(paused)} and are not made up for`, inputs)
  }
}
