/** The built-in strategy `manual` of order tickets. It stands in no file: no alert can speak for it, and every account knows it. */
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import type { StrategyId } from "#schemas/Ids.ts"
import { manualLane, manualStrategy } from "#schemas/Manual.ts"
import type { ConfigProblem } from "./ConfigInvalid.ts"
import { type Decoded, fileOf, type FileName } from "./Files.ts"
import { show } from "./Problems.ts"

/** A ticket acts now or not at all: a person is watching. */
const ticketAgeMsMax = 10_000
const ticketDeadlineMs = 30_000

export const manual: StrategyConfig = {
  id: manualStrategy,
  enabled: true,
  lanes: [],
  symbols: [],
  exitProfile: { stop: true, target: true, runner: true, signalExit: true },
  protection: "required",
  quotes: "any",
  onSameSide: "add",
  onOppositeSide: "deny",
  entryAgeMsMax: ticketAgeMsMax,
  entryDeadlineMs: ticketDeadlineMs,
  fires: { zone: "UTC", dayStartsAt: "00:00" },
  coolDownMs: 0,
  expectation: "ignore"
}

type Strategies = ReadonlyMap<StrategyId, StrategyConfig>

/** As an account sees them. One map per configuration, made when it is first asked for. */
export const makeWith = (): (strategies: Strategies) => Strategies => {
  let of: Strategies = new Map()
  let all: Strategies = new Map([[manual.id, manual]])
  return (strategies) => {
    if (strategies !== of) {
      of = strategies
      all = new Map([...strategies, [manual.id, manual]])
    }
    return all
  }
}

const taken = (file: FileName, list: string, ids: ReadonlyArray<string>, name: string): ReadonlyArray<ConfigProblem> =>
  ids.flatMap((id, index) => id !== name ? [] : [{
    file: fileOf(file), path: `${list}[${index}].id`, entry: id, expected: "another name: this one belongs to orders by hand", got: show(id)
  }])

export const problems = ({ lanes: { lanes }, strategies: { strategies } }: Decoded): ReadonlyArray<ConfigProblem> => [
  ...taken("strategies", "strategies", strategies.map(({ id }) => id), manualStrategy),
  ...taken("lanes", "lanes", lanes.map(({ id }) => id), manualLane)
]
