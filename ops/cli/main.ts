/** The `interlock` command. Loads the rest only after its compiled code may be cached: most of a short command is loading. */
import { enableCompileCache } from "node:module"
import * as NodePath from "node:path"

enableCompileCache(NodePath.resolve(import.meta.dirname, "../../node_modules/.cache/interlock"))

const args = process.argv.slice(2)

if (args.length === 1 && args[0] === "start") {
  const { run } = await import("./Start.ts")
  process.exitCode = await run()
} else {
  const { runAndExit } = await import("./Run.ts")
  runAndExit(args)
}
