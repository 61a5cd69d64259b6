/** Is the lane open, does the strategy listen on it, and does the body agree with the route? */
import { blocks, type Gate, passes } from "#src/gates/Gate.ts"

export const lane: Gate = {
  name: "lane",
  appliesTo: "entries",
  outcome: "skipped",
  judge: ({ lane: route, signal, strategy }) => {
    const inputs = { lane: route.id, listensOn: strategy.lanes.join(" "), ...(signal.bodyLane === undefined ? {} : { bodyLane: signal.bodyLane }) }
    if (!route.enabled) return blocks(`lane ${route.id} is disabled in lanes.json`, inputs)
    if (!strategy.lanes.includes(route.id)) return blocks(`strategy ${strategy.id} does not listen on lane ${route.id}`, inputs)
    return signal.bodyLane !== undefined && signal.bodyLane !== route.id
      ? blocks(`the alert says lane ${signal.bodyLane} but came through ${route.id}`, inputs)
      : passes("the strategy listens on this lane", inputs)
  }
}
