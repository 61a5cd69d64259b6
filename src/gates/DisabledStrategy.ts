/** Is its strategy switched off, in the configuration or at run time? */
import { blocks, type Gate, passes } from "#src/gates/Gate.ts"
import * as Resume from "#src/gates/Resume.ts"

export const disabledStrategy: Gate = {
  name: "disabledStrategy",
  appliesTo: "entries",
  outcome: "skipped",
  judge: ({ isPaused, strategy }) => {
    const inputs = { strategy: strategy.id, enabled: String(strategy.enabled) }
    if (!strategy.enabled) return blocks(`strategy ${strategy.id} is disabled in strategies.json`, inputs)
    return isPaused(`strategy/${strategy.id}`)
      ? blocks(`strategy ${strategy.id} is paused: ${Resume.command(`strategy/${strategy.id}`)} lifts it`, inputs)
      : passes("the strategy is enabled", inputs)
  }
}
