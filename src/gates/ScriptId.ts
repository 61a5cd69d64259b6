/** May this script speak for the strategy? Entries of a strategy that lists scripts must say theirs. */
import { blocks, type Gate, passes } from "#src/gates/Gate.ts"

export const scriptId: Gate = {
  name: "scriptId",
  appliesTo: "entries",
  outcome: "skipped",
  judge: ({ signal, strategy }) => {
    const script = signal.scriptId
    if (strategy.scripts === undefined) return passes("the strategy allows any script", script === undefined ? {} : { scriptId: script })
    const inputs = { scriptId: script ?? "", allowed: strategy.scripts.map(({ id }) => id).join(" ") }
    if (script === undefined) {
      return blocks(`the alert has no script_id, and strategy ${strategy.id} allows some scripts only: add it to the alert's template`, inputs)
    }
    return strategy.scripts.some(({ id }) => id === script)
      ? passes("the script may speak for the strategy", inputs)
      : blocks(`strategy ${strategy.id} does not list script ${script}`, inputs)
  }
}
