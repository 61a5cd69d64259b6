/** Before the house's own program (`node --expose-gc --import`): tells its parent what lives on its heap when it asks. */
import { queryObjects } from "node:v8"
import { Effect } from "effect"

const fiberClass: unknown = Effect.runFork(Effect.void).constructor

process.on("message", (word) => {
  if (word !== "census" || typeof fiberClass !== "function") return
  globalThis.gc?.()
  globalThis.gc?.()
  // Counts what can still be reached; what died but was not collected is not there.
  const fibers = queryObjects(fiberClass as never, { format: "count" })
  process.send?.({ heapBytes: process.memoryUsage().heapUsed, residentBytes: process.memoryUsage().rss, fibers })
})
process.channel?.unref()
