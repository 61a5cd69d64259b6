/** Runners that could never do what they say: told before anything starts. */
import type { StrategyConfig } from "#schemas/config/StrategyConfig.ts"
import type { ConfigProblem } from "./ConfigInvalid.ts"
import { type Decoded, fileOf } from "./Files.ts"

interface Wrong {
  readonly at: string
  readonly expected: string
  readonly got: string
}

const wrong = ({ exitProfile, protection, runner }: StrategyConfig): ReadonlyArray<Wrong> => {
  if (runner === undefined) return []
  const { breakEven, firstTarget } = runner
  return [
    ...exitProfile.runner ? [] : [{ at: "exitProfile.runner", expected: "true where the strategy has a runner", got: "false" }],
    ...protection === "required" ? [] : [{ at: "runner", expected: "nothing where positions are protected elsewhere", got: "a runner" }],
    ...breakEven !== undefined && "atFirstTarget" in breakEven && firstTarget === undefined
      ? [{ at: "runner.firstTarget", expected: "a first target, as breakEven waits for it", got: "nothing" }] : [],
    ...breakEven !== undefined && "afterTicks" in breakEven && breakEven.afterTicks <= breakEven.offsetTicks
      ? [{ at: "runner.breakEven.offsetTicks", expected: `less than afterTicks, ${breakEven.afterTicks}: a stop lies short of the market`, got: String(breakEven.offsetTicks) }] : [],
    ...breakEven !== undefined && "atFirstTarget" in breakEven && firstTarget !== undefined && firstTarget.ticks <= breakEven.offsetTicks
      ? [{ at: "runner.breakEven.offsetTicks", expected: `less than the first target's ticks, ${firstTarget.ticks}: a stop lies short of the market`, got: String(breakEven.offsetTicks) }] : []
  ]
}

export const problems = ({ strategies: { strategies } }: Decoded): ReadonlyArray<ConfigProblem> =>
  strategies.flatMap((strategy, index) => wrong(strategy).map(({ at, expected, got }) =>
    ({ file: fileOf("strategies"), path: `strategies[${index}].${at}`, entry: strategy.id, expected, got })))
