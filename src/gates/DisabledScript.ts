/** Is the script that sent it switched off? */
import { blocks, type Gate, passes } from "#src/gates/Gate.ts"
import * as Resume from "#src/gates/Resume.ts"

export const disabledScript: Gate = {
  name: "disabledScript",
  appliesTo: "entries",
  outcome: "skipped",
  judge: ({ isPaused, signal, strategy }) => {
    const { scriptId } = signal
    if (scriptId === undefined) return passes("the alert names no script")
    const inputs = { scriptId }
    if (isPaused(`script/${scriptId}`)) return blocks(`script ${scriptId} is paused: ${Resume.command(`script/${scriptId}`)} lifts it`, inputs)
    const listed = strategy.scripts?.find(({ id }) => id === scriptId)
    return listed?.enabled === false
      ? blocks(`script ${scriptId} is disabled in strategy ${strategy.id}`, inputs)
      : passes("the script is not disabled", inputs)
  }
}
